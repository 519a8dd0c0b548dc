/*
 * The client's probes: plugins found, loaded and made instances of, run in rounds, and ended
 * together. Also what they live in: the HTTP client, the thread pool, their memory. [loop]
 */
#ifndef VS_CLIENT_PROBE_SET_H
#define VS_CLIENT_PROBE_SET_H

#include <stddef.h>
#include <stdint.h>

#include "plug/round.h"

struct vs_buf;
struct vs_client_conf;
struct vs_err;
struct vs_http_client;
struct vs_loop;
struct vs_probe_set;

/*
 * state_path NULL: probes remember nothing beyond this process. Every probe that cannot be
 * used is logged with its position in the configuration; err says how many. NULL then.
 */
struct vs_probe_set *vs_probe_set_create(
	struct vs_loop *loop, const struct vs_client_conf *conf, const char *state_path, struct vs_err *err);

/*
 * Cancels a running round, ends the instances within timeout_ms, then calls done(arg), never
 * from inside this call.
 */
void vs_probe_set_drain(struct vs_probe_set *set, uint32_t timeout_ms, void (*done)(void *arg), void *arg);
/* After drain. NULL is fine. */
void vs_probe_set_destroy(struct vs_probe_set *set);

size_t vs_probe_set_count(const struct vs_probe_set *set);
void vs_probe_set_names(const struct vs_probe_set *set, struct vs_buf *names); /* appends "a, b"; "none" */
struct vs_http_client *vs_probe_set_http(const struct vs_probe_set *set); /* for the keepalives, too */

/* A round of all of them; destroyed by the caller before drain. */
struct vs_round *vs_probe_set_round(struct vs_probe_set *set, vs_round_done *done, void *arg);

#endif
