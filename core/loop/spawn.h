/*
 * Running a program: no shell, no descriptor but its three, its own session, its output bounded, and an end
 * that comes whatever it does. [loop]
 */
#ifndef VS_LOOP_SPAWN_H
#define VS_LOOP_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_loop;
struct vs_spawn;

#define VS_SPAWN_INPUT_MAX 65536
#define VS_SPAWN_KILL_MS 1000 /* between TERM and KILL */

/* The numbers of the first column are those of the SDK's spawn/1. */
#define VS_SPAWN_ERROR_ROWS(X)                                                                               \
	X(OK, 0, "")                                                                                         \
	X(PROGRAM, 1, "the program cannot be run")                                                           \
	X(TIMEOUT, 2, "the program did not end in time and was killed")                                      \
	X(SIGNAL, 3, "the program was ended by a signal")                                                    \
	X(SYSTEM, 4, "no process could be started")

enum vs_spawn_error {
#define VS_SPAWN_ENUM(name, code, text) VS_SPAWN_E_##name = code,
	VS_SPAWN_ERROR_ROWS(VS_SPAWN_ENUM)
#undef VS_SPAWN_ENUM
};

/* Everything is copied before vs_spawn_start() returns. */
struct vs_spawn_request {
	const char *const *argv; /* ends with NULL; the first is a path, or a name to look for in PATH */
	const char *const *env; /* "NAME=value", ends with NULL; NULL: a PATH of the usual folders */
	const void *input; /* for its standard input; at most VS_SPAWN_INPUT_MAX */
	size_t input_len;
	uint32_t timeout_ms; /* then TERM to the whole group, and KILL; 0: 10 s */
	uint32_t max_output; /* bytes kept of each output, the rest is read and dropped; 0: 16 KiB */
};

/* Valid during done() only. output and errors are followed by a NUL and never NULL. */
struct vs_spawn_outcome {
	enum vs_spawn_error error;
	int exit_code; /* of OK */
	int signal; /* that ended it; 0: none */
	const char *output;
	size_t output_len;
	const char *errors;
	size_t errors_len;
	bool cut; /* more was said than was kept */
	const char *error_text; /* a sentence; "" when OK */
	uint64_t elapsed_ms;
};

typedef void vs_spawn_done(void *arg, const struct vs_spawn_outcome *outcome);

/*
 * done(arg, outcome) comes exactly once, never from inside this call, also when the program could not be
 * started. What it left running in the background with its output open is not waited for. NULL when argv is
 * empty or the input is too long: then nothing comes.
 */
struct vs_spawn *vs_spawn_start(
	struct vs_loop *loop, const struct vs_spawn_request *request, vs_spawn_done *done, void *arg);
/* Kills the group; done() does not come. Not after done(), and not from inside it. NULL is fine. */
void vs_spawn_cancel(struct vs_spawn *spawn);

#endif
