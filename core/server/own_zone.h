/*
 * The server's own DNS zone: sockets, answers, and facts for clients about who resolved their names. Without
 * a zone in the configuration it does nothing. [loop]
 */
#ifndef VS_SERVER_OWN_ZONE_H
#define VS_SERVER_OWN_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vs_buf;
struct vs_clock;
struct vs_extra_source;
struct vs_loop;
struct vs_own_zone;
struct vs_own_zone_change;
struct vs_stats;
struct vs_zone_conf;

#define VS_OWN_ZONE_SOURCE "zone" /* who observed these facts */

/* clock and stats are borrowed. */
struct vs_own_zone *vs_own_zone_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_stats *stats);
void vs_own_zone_destroy(struct vs_own_zone *zone); /* NULL is fine */

/*
 * Opens what conf has and the zone does not listen on yet; nobody is answered there before commit. NULL with
 * err: nothing happened. Exactly one of commit and undo follows. conf is borrowed until then.
 */
struct vs_own_zone_change *vs_own_zone_prepare(
	struct vs_own_zone *zone, const struct vs_zone_conf *conf, struct vs_err *err);
void vs_own_zone_commit(struct vs_own_zone *zone, struct vs_own_zone_change *change);
void vs_own_zone_undo(struct vs_own_zone *zone, struct vs_own_zone_change *change); /* NULL is fine */

/* What the monitor asks at each live report. */
struct vs_extra_source vs_own_zone_source(struct vs_own_zone *zone);

/* For health and metrics. name NULL: there is no zone. */
struct vs_own_zone_state {
	const char *name;
	size_t waiting; /* names that nobody has listed */
	size_t clients; /* whose names were seen */
	size_t connections;
	uint64_t dropped; /* queries beyond the rate that got nothing */
};
void vs_own_zone_look(const struct vs_own_zone *zone, struct vs_own_zone_state *state);

/* Adds the member "zone" to an object of JSON; without a zone, nothing. */
void vs_own_zone_write(const struct vs_own_zone *zone, struct vs_buf *json);
/* Appends "leak.example.net at 0.0.0.0:53, [::]:53", or nothing. */
void vs_own_zone_describe(const struct vs_own_zone *zone, struct vs_buf *out);

#endif
