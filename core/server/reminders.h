/*
 * What nobody acknowledges is told again, and by others. [loop]
 *
 * A channel with `remind` tells an open incident again after growing gaps. One with `escalate` is a step: it
 * hears of an incident for the first time when nobody acknowledged it for so long, and then as the others do.
 * Both end with an acknowledgment and with the incident, and wait while a silence holds it back. When it
 * comes back or becomes worse they begin anew.
 */
#ifndef VS_SERVER_REMINDERS_H
#define VS_SERVER_REMINDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vs_clock;
struct vs_ledger;
struct vs_loop;
struct vs_monitor;
struct vs_outbox;
struct vs_registry;
struct vs_reminders;
struct vs_stats;
struct vs_unit;

#define VS_REMINDERS_RETRY_MS                                                                                \
	(5 * 60 * 1000) /* after what is silenced, or not told yet, is looked at again */

/* All borrowed, and living longer; from create to destroy the outbox asks it who hears of what when. */
struct vs_reminders_parts {
	struct vs_loop *loop;
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_registry *registry;
	struct vs_monitor *monitor;
	struct vs_stats *stats;
};

struct vs_reminders *vs_reminders_create(const struct vs_reminders_parts *parts);
void vs_reminders_destroy(struct vs_reminders *reminders); /* NULL is fine */

/* Reads what is stored, once, before anything is told. done comes once, never from inside the call. */
int vs_reminders_load(
	struct vs_reminders *reminders, void (*done)(void *arg, bool ok, const char *reason), void *arg);
/* When all else has been read: open incidents are looked after from now on. */
void vs_reminders_start(struct vs_reminders *reminders);
/* The channels, or when they remind, have changed. Linear in what is open. */
void vs_reminders_review(struct vs_reminders *reminders);

/* Wall; 0: none. Of an incident that is looked after by nobody, the earliest of all channels. */
struct vs_reminder_times {
	int64_t next_reminder;
	int64_t escalates_at;
};
void vs_reminders_times(
	const struct vs_reminders *reminders, const char *incident, struct vs_reminder_times *times);

/* For a store that begins empty: adds all of them to unit. */
void vs_reminders_rewrite(const struct vs_reminders *reminders, struct vs_unit *unit);

/* What is due by now; its own timer calls it, tests do it by hand. True: there is more, in the next turn. */
bool vs_reminders_tick(struct vs_reminders *reminders);

#endif
