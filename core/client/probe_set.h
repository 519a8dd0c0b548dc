/*
 * The client's probes: plugins found, loaded and made instances of, run in rounds, and ended
 * together. A new set may take over from an old one what has not changed. [loop]
 */
#ifndef VS_CLIENT_PROBE_SET_H
#define VS_CLIENT_PROBE_SET_H

#include <stddef.h>
#include <stdint.h>

#include "plug/round.h"

struct vs_buf;
struct vs_client_conf;
struct vs_err;
struct vs_locate_source;
struct vs_probe_set;
struct vs_probe_world;

/*
 * Every probe that cannot be used is logged with its position in the configuration; err says how many.
 * NULL then, and those that were made are ended: see vs_probe_world_wait().
 *
 * old (NULL: there is none): probes of the same plugin file and options are lent to the new set, which must
 * be ended or take them. An EXCLUSIVE one whose options changed is refused: there cannot be two.
 */
struct vs_probe_set *vs_probe_set_create(struct vs_probe_world *world, const struct vs_client_conf *conf,
	const struct vs_probe_set *old, struct vs_err *err);

/*
 * The same of the sources that this client asks where its exit is; none unless `locate.by` is client. They
 * are in no round.
 */
struct vs_probe_set *vs_probe_set_create_sources(struct vs_probe_world *world,
	const struct vs_client_conf *conf, const struct vs_probe_set *old, struct vs_err *err);
/* Who they are and how often they may be asked, for locating.h; to be freed. */
struct vs_locate_source *vs_probe_set_sources(const struct vs_probe_set *set, size_t *count);

/* What old has lent belongs to set from now on: old is to be ended next. */
void vs_probe_set_take(struct vs_probe_set *set, struct vs_probe_set *old);

/*
 * Cancels what runs, ends the instances that are its own within timeout_ms, and frees the set; the world
 * knows when. Not while a round of it is alive. NULL is fine.
 */
void vs_probe_set_end(struct vs_probe_set *set, uint32_t timeout_ms);

void vs_probe_set_names(const struct vs_probe_set *set, struct vs_buf *names); /* appends "a, b"; "none" */
/* Appends " +new ~changed -gone" for the probes in which set differs from old; nothing when in none. */
void vs_probe_set_differences(
	const struct vs_probe_set *set, const struct vs_probe_set *old, struct vs_buf *out);

/* A round of all of them; destroyed by the caller before the set is ended. */
struct vs_round *vs_probe_set_round(struct vs_probe_set *set, vs_round_done *done, void *arg);

#endif
