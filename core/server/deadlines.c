#include "server/deadlines.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/wheel.h"
#include "loop/loop.h"
#include "model/rules.h"
#include "server/registry.h"

#define WHEEL_TICK_MS 100

struct vs_deadlines {
	struct vs_wheel *wheel;
	struct vs_timer *timer;
	uint64_t asked_ms; /* mono: for a stall */
	void (*tick)(void *arg);
	void *arg;
	struct vs_registry_cursor *review; /* where it stands; NULL: none is under way */
	uint64_t (*at)(void *arg, const struct vs_entry *entry);
	void *at_arg;
};

static void end_review(struct vs_deadlines *deadlines)
{
	vs_registry_cursor_close(deadlines->review);
	deadlines->review = NULL;
}

/* Whoever has no deadline now is being looked at, and gets one then. */
static void review_some(struct vs_deadlines *deadlines)
{
	struct vs_entry *entry = NULL;
	unsigned budget = VS_DEADLINES_CHUNK;

	while (budget-- > 0 && (entry = vs_registry_cursor_next_entry(deadlines->review)) != NULL)
		if (vs_wheel_is_set(&entry->deadline))
			vs_wheel_set(
				deadlines->wheel, &entry->deadline, deadlines->at(deadlines->at_arg, entry));
	if (entry == NULL)
		end_review(deadlines);
	else
		vs_timer_start(deadlines->timer, 0); /* after everybody else had a turn */
}

void vs_deadlines_review(struct vs_deadlines *deadlines, struct vs_registry *registry,
	uint64_t (*at)(void *arg, const struct vs_entry *entry), void *arg)
{
	end_review(deadlines);
	deadlines->review = vs_registry_cursor_open(registry, NULL);
	deadlines->at = at;
	deadlines->at_arg = arg;
	vs_timer_start(deadlines->timer, 0);
}

static void on_timer(void *arg)
{
	struct vs_deadlines *deadlines = arg;

	vs_timer_start(deadlines->timer, VS_DEADLINES_TICK_MS);
	if (deadlines->review != NULL)
		review_some(deadlines);
	deadlines->tick(deadlines->arg);
}

struct vs_deadlines *vs_deadlines_create(
	struct vs_loop *loop, uint64_t now, void (*tick)(void *arg), void *arg)
{
	struct vs_deadlines *deadlines = vs_zalloc(sizeof(*deadlines));

	deadlines->wheel = vs_wheel_create(now, WHEEL_TICK_MS);
	deadlines->asked_ms = now;
	deadlines->tick = tick;
	deadlines->arg = arg;
	deadlines->timer = vs_timer_create(loop, on_timer, deadlines);
	vs_timer_start(deadlines->timer, VS_DEADLINES_TICK_MS);
	return deadlines;
}

void vs_deadlines_destroy(struct vs_deadlines *deadlines)
{
	if (deadlines == NULL)
		return;
	end_review(deadlines);
	vs_timer_destroy(deadlines->timer);
	vs_wheel_destroy(deadlines->wheel);
	vs_free(deadlines);
}

void vs_deadlines_set(struct vs_deadlines *deadlines, struct vs_entry *entry, uint64_t at)
{
	vs_wheel_set(deadlines->wheel, &entry->deadline, at);
}

void vs_deadlines_drop(struct vs_deadlines *deadlines, struct vs_entry *entry)
{
	vs_wheel_drop(deadlines->wheel, &entry->deadline);
}

struct vs_entry *vs_deadlines_next(struct vs_deadlines *deadlines, uint64_t now)
{
	struct vs_deadline *due = vs_wheel_next_due(deadlines->wheel, now);

	if (due == NULL)
		return NULL;
	return (struct vs_entry *)(void *)((char *)due - offsetof(struct vs_entry, deadline));
}

uint64_t vs_deadlines_next_of(
	const struct vs_entry *entry, const struct vs_rules *rules, int64_t forget_after_ms)
{
	const struct vs_client *client = &entry->client;

	switch ((enum vs_liveness)client->liveness) {
	case VS_LIVENESS_ALIVE:
		return entry->heard_ms + (uint64_t)vs_rules_late_after(rules, client->interval_ms);
	case VS_LIVENESS_LATE:
		return entry->heard_ms + (uint64_t)vs_rules_lost_after(rules, client->interval_ms);
	case VS_LIVENESS_LOST:
	default:
		return entry->heard_ms + (uint64_t)forget_after_ms;
	}
}

void vs_deadlines_hurry(struct vs_deadlines *deadlines)
{
	vs_timer_start(deadlines->timer, 0);
}

uint64_t vs_deadlines_stall(struct vs_deadlines *deadlines, uint64_t now)
{
	uint64_t gap = now - deadlines->asked_ms;

	deadlines->asked_ms = now;
	if (gap <= VS_DEADLINES_TICK_MS + VS_DEADLINES_STALL_MS)
		return 0;
	gap -= VS_DEADLINES_TICK_MS;
	vs_log(VS_LOG_WARN, "monitor",
		"the server stood still for %.1f s (stopped, or its machine was paused): all deadlines move "
		"by that",
		(double)gap / 1000);
	return gap;
}

void vs_deadlines_shift(struct vs_deadlines *deadlines, struct vs_registry *registry, uint64_t ms)
{
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);
	struct vs_entry *entry;

	while ((entry = vs_registry_cursor_next_entry(cursor)) != NULL) {
		uint64_t at = entry->deadline.at_ms;

		entry->heard_ms += ms;
		if (vs_wheel_is_set(&entry->deadline))
			vs_wheel_set(deadlines->wheel, &entry->deadline, at + ms);
	}
	vs_registry_cursor_close(cursor);
}

void vs_deadlines_drop_all(struct vs_deadlines *deadlines, struct vs_registry *registry)
{
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);
	struct vs_entry *entry;

	while ((entry = vs_registry_cursor_next_entry(cursor)) != NULL)
		vs_deadlines_drop(deadlines, entry);
	vs_registry_cursor_close(cursor);
}
