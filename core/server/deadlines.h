/* The deadlines of all clients in one wheel, and the one timer that turns it. [loop] */
#ifndef VS_SERVER_DEADLINES_H
#define VS_SERVER_DEADLINES_H

#include <stdint.h>

struct vs_deadlines;
struct vs_entry;
struct vs_loop;
struct vs_registry;
struct vs_rules;

#define VS_DEADLINES_TICK_MS 200
#define VS_DEADLINES_STALL_MS 2000 /* a tick that is later than this: the process stood still */
#define VS_DEADLINES_CHUNK 256 /* deadlines handled in one turn of the loop */

/* tick(arg) comes every VS_DEADLINES_TICK_MS. All times are mono. */
struct vs_deadlines *vs_deadlines_create(
	struct vs_loop *loop, uint64_t now, void (*tick)(void *arg), void *arg);
void vs_deadlines_destroy(struct vs_deadlines *deadlines); /* NULL is fine; none may be set */

void vs_deadlines_set(
	struct vs_deadlines *deadlines, struct vs_entry *entry, uint64_t at); /* moves one set */
void vs_deadlines_drop(struct vs_deadlines *deadlines, struct vs_entry *entry);
struct vs_entry *vs_deadlines_next(
	struct vs_deadlines *deadlines, uint64_t now); /* taken off; NULL: none due */
/* When entry is late, or lost, or forgotten, whichever it is not yet. */
uint64_t vs_deadlines_next_of(
	const struct vs_entry *entry, const struct vs_rules *rules, int64_t forget_after_ms);
void vs_deadlines_hurry(struct vs_deadlines *deadlines); /* there is more: tick again at once */

/*
 * To be asked at each tick, and before anything that came meanwhile is looked at: how long the
 * process stood still since it was asked last (stopped, or its machine paused), which is logged; 0: it did
 * not.
 */
uint64_t vs_deadlines_stall(struct vs_deadlines *deadlines, uint64_t now);

/*
 * Everybody's deadline is another one: at(arg, entry), asked for VS_DEADLINES_CHUNK of them a turn. A second
 * call begins again.
 */
void vs_deadlines_review(struct vs_deadlines *deadlines, struct vs_registry *registry,
	uint64_t (*at)(void *arg, const struct vs_entry *entry), void *arg);

/* Everybody gets ms more: their deadlines and the moments they were heard move. Linear. */
void vs_deadlines_shift(struct vs_deadlines *deadlines, struct vs_registry *registry, uint64_t ms);
void vs_deadlines_drop_all(struct vs_deadlines *deadlines, struct vs_registry *registry); /* linear */

#endif
