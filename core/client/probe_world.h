/*
 * What probes live in for as long as the process does: the HTTP client, the thread pool, their memory, and
 * the count of those that are still ending. [loop]
 */
#ifndef VS_CLIENT_PROBE_WORLD_H
#define VS_CLIENT_PROBE_WORLD_H

#include <stddef.h>

struct vs_canary_sender;
struct vs_http_client;
struct vs_loop;
struct vs_plug_env;
struct vs_probe_world;

/*
 * folder: that paths among the options start from; copied. state_path NULL: probes remember nothing
 * beyond this process.
 */
struct vs_probe_world *vs_probe_world_create(
	struct vs_loop *loop, const char *folder, const char *state_path);
/* When every set has ended. NULL is fine. */
void vs_probe_world_destroy(struct vs_probe_world *world);

/* hurry(arg, reason) comes, no more often than plug/hurry.h says, when a probe wishes for a round now. Once.
 */
void vs_probe_world_hear(
	struct vs_probe_world *world, void (*hurry)(void *arg, const char *reason), void *arg);

/*
 * What probes told by nonce/1 since the last time, at most VS_REPORT_NONCES_MAX: for the report that is being
 * made. Borrowed until vs_probe_world_forget_nonces().
 */
size_t vs_probe_world_nonces(const struct vs_probe_world *world, const char *const **nonces);
void vs_probe_world_forget_nonces(struct vs_probe_world *world);

struct vs_canary_sender *vs_probe_world_canary(
	const struct vs_probe_world *world); /* to be told where to and by what */
struct vs_loop *vs_probe_world_loop(const struct vs_probe_world *world);
struct vs_http_client *vs_probe_world_http(const struct vs_probe_world *world); /* for keepalives, too */
const struct vs_plug_env *vs_probe_world_env(const struct vs_probe_world *world);

/* A set begins to end, and has ended. For probe_set.c. */
void vs_probe_world_ending(struct vs_probe_world *world);
void vs_probe_world_ended(struct vs_probe_world *world);

/* Calls done(arg) once no set is ending any more, never from inside this call. */
void vs_probe_world_wait(struct vs_probe_world *world, void (*done)(void *arg), void *arg);
/* The same where no loop runs yet: runs it until then. */
void vs_probe_world_settle(struct vs_probe_world *world);

#endif
