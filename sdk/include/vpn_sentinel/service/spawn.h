/*
 * Service spawn/1: run a program and read what it says. [loop]
 * No shell, no descriptor but its three, no variable but those given, a session of its own.
 */
#ifndef VPN_SENTINEL_SERVICE_SPAWN_H
#define VPN_SENTINEL_SERVICE_SPAWN_H

#include "vpn_sentinel/host.h"

#define VPNS_SPAWN_1 "spawn/1"

/* Everything is copied before run() returns. */
struct vpns_spawn_request {
	uint32_t size;
	uint32_t timeout_ms;     /* then TERM to the whole group, KILL a second later; 0: 10 s */
	const char *const *argv; /* ends with NULL; the first is a path, or a name to look for in PATH */
	const char *const *env;  /* "NAME=value", ends with NULL; NULL: a PATH of the usual folders */
	const void *input;       /* for its standard input; NULL: empty */
	uint64_t input_len;      /* at most 64 KiB */
	uint32_t max_output;     /* bytes kept of each output; the rest is read and dropped; 0: 16 KiB; at most 1 MiB */
	uint32_t reserved;
};

#define VPNS_SPAWN_OK INT32_C(0)        /* it ran and ended by itself, whatever its exit code */
#define VPNS_SPAWN_E_PROGRAM INT32_C(1) /* there is no such program, or it cannot be run */
#define VPNS_SPAWN_E_TIMEOUT INT32_C(2) /* it was killed at the timeout */
#define VPNS_SPAWN_E_SIGNAL INT32_C(3)  /* a signal that was not ours ended it */
#define VPNS_SPAWN_E_SYSTEM INT32_C(4)  /* no process or pipe could be had */

struct vpns_spawn_reply {
	uint32_t size;
	int32_t error;     /* VPNS_SPAWN_* */
	int32_t exit_code; /* of VPNS_SPAWN_OK */
	int32_t signal;    /* that ended it; 0: none */
	const char *output; /* standard output; followed by a NUL that output_len does not count; never NULL */
	const char *errors; /* standard error, likewise */
	uint64_t output_len;
	uint64_t errors_len;
	uint32_t cut; /* 1: something was dropped */
	uint32_t reserved;
	const char *error_text; /* a sentence; "" when error is 0 */
	uint64_t elapsed_ms;
};

struct vpns_spawn_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Starts the program; done(arg, reply) comes exactly once, never from inside this call. Returns a
	 * handle, 0 when it cannot be (2 run, no argv, too much input).
	 */
	uint64_t (*run)(const struct vpns_host *host, const struct vpns_spawn_request *request,
		void (*done)(void *arg, const struct vpns_spawn_reply *reply), void *arg);
	/* The group is killed, and done() does not come. A finished run, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
};

#endif
