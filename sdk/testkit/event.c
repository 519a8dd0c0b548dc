/* The queue of what happens later, and the clock that drives it. */
#include "kit.h"

#include <stdlib.h>

enum { ENDLESS = 1000000 };

struct event *event_add(struct vpnt *kit, enum event_kind kind, uint64_t delay_ms,
	void (*run)(struct vpnt *kit, struct event *event), void *arg)
{
	struct event *event = kit_alloc(sizeof(*event));
	struct event **at = &kit->events;

	event->due = delay_ms > UINT64_MAX - kit->mono ? UINT64_MAX : kit->mono + delay_ms;
	event->id = ++kit->next_event;
	event->kind = kind;
	event->run = run;
	event->arg = arg;
	while (*at != NULL && (*at)->due <= event->due)
		at = &(*at)->next;
	event->next = *at;
	*at = event;
	return event;
}

static void event_free(struct event *event)
{
	if (event->payload_free != NULL)
		event->payload_free(event->payload);
	free(event);
}

void event_remove(struct vpnt *kit, enum event_kind kind, uint64_t id)
{
	struct event **at = &kit->events;
	struct event *event;

	for (; *at != NULL; at = &(*at)->next) {
		event = *at;
		if (event->id != id || event->kind != kind)
			continue;
		*at = event->next;
		event_free(event);
		return;
	}
}

uint32_t event_count(const struct vpnt *kit, enum event_kind kind)
{
	const struct event *event;
	uint32_t count = 0;

	for (event = kit->events; event != NULL; event = event->next)
		count += event->kind == kind;
	return count;
}

void event_free_all(struct vpnt *kit)
{
	struct event *event;

	while ((event = kit->events) != NULL) {
		kit->events = event->next;
		event_free(event);
	}
}

static void clock_set(struct vpnt *kit, uint64_t mono)
{
	kit->wall += (int64_t)(mono - kit->mono);
	kit->mono = mono;
}

void vpnt_advance(struct vpnt *kit, uint64_t ms)
{
	uint64_t until = kit->mono + ms;
	struct event *event;
	uint32_t rounds = 0;

	while ((event = kit->events) != NULL && event->due <= until) {
		if (++rounds > ENDLESS)
			fail_msg("the plugin keeps itself busy: %d events without an end", ENDLESS);
		kit->events = event->next;
		clock_set(kit, event->due);
		event->run(kit, event);
		event_free(event);
	}
	clock_set(kit, until);
}
