/* One alert on its way through one channel, as the outbox keeps and stores it. */
#ifndef VS_SERVER_DELIVERY_H
#define VS_SERVER_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "model/transition.h"

struct vs_buf;
struct vs_unit;

struct vs_delivery {
	char id[VS_ULID_TEXT]; /* the same for every attempt */
	char *channel; /* owned: the notifier instance's name */
	struct vs_transition transition; /* owned */
	int64_t planned_at; /* wall */
	int64_t waits_since; /* mono, of its channel; before a restart as far as the wall clock knows */
	uint64_t expires_ms; /* mono; of its channel */
	int64_t held_until; /* wall: then it was no longer silenced; 0: it never was */
	uint32_t attempts; /* begun */
	int64_t refused_at; /* wall: then its channel asked to be left alone for patience_ms; 0: never */
	int64_t patience_ms;
	bool combined; /* tells the whole incident: its beginning was never sent */
	bool unsure; /* an attempt may have arrived although nobody said so */
	bool under_way; /* an attempt has begun, and its end is not known */
	bool withdrawn; /* of no use any more, unless that attempt may have arrived */
	bool released; /* committed: may be sent */
	bool quieted; /* planned in quiet hours of its channel, and not told yet: it can wait, and is not late
		       */
	bool hushed; /* a silence covered it, in the epoch that the queue of its channel knows as */
	uint64_t hush_epoch;
	bool untried; /* from before a restart, and no attempt since: does not expire */
	uint8_t lane; /* this and all below: the queue of its channel */
	struct vs_delivery *prev;
	struct vs_delivery *next;
	struct vs_delivery *prev_notice;
	struct vs_delivery *next_notice;
	struct vs_delivery *prev_same; /* of the same incident */
	struct vs_delivery *next_same;
	UT_hash_handle hh; /* by the transition's id */
	UT_hash_handle hh_incident; /* of those resolved, by the incident's id */
	UT_hash_handle hh_same; /* of the first of each incident, by its id */
};

/* Copies all. id: a ULID greater than those planned before, since it is the order after a restart. */
struct vs_delivery *vs_delivery_create(
	const char *id, const char *channel, const struct vs_transition *transition, int64_t now);
void vs_delivery_destroy(struct vs_delivery *delivery); /* NULL is fine */

/* What is left of its channel's wish to be left alone. A clock that went back makes it no longer than it was.
 */
uint64_t vs_delivery_patience_left(const struct vs_delivery *delivery, int64_t now);

/*
 * JSON both ways, for the store. Of a delivery that was under way when it was stored nobody knows whether it
 * arrived: it comes back as unsure.
 */
void vs_delivery_encode(const struct vs_delivery *delivery, struct vs_buf *out);
struct vs_delivery *vs_delivery_decode(const char *id, struct vs_view text, struct vs_err *err);
/* Its row of the outbox, and that read back. */
void vs_delivery_put(const struct vs_delivery *delivery, struct vs_unit *unit);
struct vs_delivery *vs_delivery_read(struct vs_view key, struct vs_view value, struct vs_err *err);

#endif
