/*
 * What the files of silences share: silences.c keeps them, silences_hold.c holds back and tells afterwards.
 * Nobody else includes this.
 */
#ifndef VS_SERVER_SILENCES_INSIDE_H
#define VS_SERVER_SILENCES_INSIDE_H

#include "server/held.h"
#include "server/silences.h"

struct vs_silence_release;
struct vs_timer;
struct vs_transition;
struct vs_zone;

struct vs_silence_item {
	struct vs_mute mute;
	struct vs_zone *zone; /* NULL: it does not recur */
	bool on; /* as of the last tick */
	struct vs_silence_item *prev;
	struct vs_silence_item *next;
};

struct vs_silences {
	struct vs_silences_parts parts;
	struct vs_silence_item *items;
	size_t count;
	char last_id[VS_ULID_TEXT];
	bool started;
	struct vs_timer *timer; /* the next tick */
	struct vs_held_book held;
	struct vs_timer *walk; /* the next part of a walk through what is held */
	struct vs_silence_release *releases; /* units under way */
};

/* silences.c */
const struct vs_mute *vs_silences_covering(const struct vs_silences *silences, const char *client,
	uint8_t kind, uint8_t severity, const char *tags);

/* silences_hold.c: as filters of the outbox have them; arg is the silences. */
bool vs_silences_hold(void *arg, const struct vs_transition *transition, const char *tags, const char *except,
	struct vs_unit *unit);
void vs_silences_gone(void *arg, const char *incident, struct vs_unit *unit);
void vs_silences_review(struct vs_silences *silences); /* one is off: what is held may have to be told */
void vs_silences_walk(void *arg);
void vs_silences_detach(struct vs_silences *silences);

#endif
