/*
 * The server's own probes: they learn the home set, and they are the witnesses that tell
 * whether the server itself is cut off. [loop]
 */
#ifndef VS_SERVER_HOME_WATCH_H
#define VS_SERVER_HOME_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/round.h"

struct vs_home;
struct vs_home_watch;
struct vs_http_client;
struct vs_loop;

/*
 * probes is copied; home and http (the client that the probes use) are borrowed. As long as one of the
 * probes has never measured anything, or no exit is known, rounds come sooner and ask them all: after 30 s,
 * then twice as long each time, up to the interval.
 */
struct vs_home_watch *vs_home_watch_create(struct vs_loop *loop, struct vs_home *home,
	const struct vs_http_client *http, const struct vs_round_probe *probes, size_t count,
	uint64_t interval_ms);
void vs_home_watch_destroy(struct vs_home_watch *watch); /* NULL is fine */
/*
 * Other probes from now on; a round begins at once if any of them is new. What was learned of the home set
 * stays, and so does what is known of a witness whose instance stays; of one with the same name, that it has
 * measured something. The instances that are not among them are not used any more when this returns.
 */
void vs_home_watch_change(
	struct vs_home_watch *watch, const struct vs_round_probe *probes, size_t count, uint64_t interval_ms);
void vs_home_watch_start(struct vs_home_watch *watch); /* the first round begins now */
/*
 * Asks all of them again now, whatever their intervals, unless a round is running: when silence made somebody
 * doubt the server's own line. A probe that is left out would be no witness.
 */
void vs_home_watch_hurry(struct vs_home_watch *watch);
/* The way out is another one: as before, and a round that runs, whose answers are of the old one, is followed
 * by another. */
void vs_home_watch_anew(struct vs_home_watch *watch);
/* learned(arg) after each round, when the home set knows what it brought; before asked. */
void vs_home_watch_learned(struct vs_home_watch *watch, void (*learned)(void *arg), void *arg);
/* asked(arg) after each round. */
void vs_home_watch_listen(struct vs_home_watch *watch, void (*asked)(void *arg), void *arg);

/*
 * Of those who have measured something since the start: how many were asked in the last round, and
 * how many of them did not get out. Whoever never got out proves nothing by failing again. A reply
 * to anybody since that round began, a refusal too, proves that the server reaches the world.
 */
void vs_home_watch_witnesses(const struct vs_home_watch *watch, uint32_t *asked, uint32_t *failed);
/* How many replies anybody here had so far: probes, channels. */
uint64_t vs_home_watch_replies(const struct vs_home_watch *watch);

struct vs_probe_state {
	const char *name;
	const char *status; /* "pass" "warn" "fail" "unknown"; "" before the first answer */
	const char *reason; /* "" when there is nothing to say */
	int64_t observed_at; /* wall; 0: never */
};
size_t vs_home_watch_count(const struct vs_home_watch *watch);
void vs_home_watch_probe(const struct vs_home_watch *watch, size_t index, struct vs_probe_state *state);

#endif
