#include "server/steps.h"

#include "base/log.h"
#include "base/text.h"
#include "model/step.h"
#include "server/ledger.h"
#include "server/registry.h"

#define READ_MS 20 /* between two readings of one clock: longer, and the other in between says little */
#define READINGS 5

/* Read between two looks at the monotonic clock, so that being stopped there is not taken for a step. */
static int64_t ahead_now(const struct vs_clock *clock, uint64_t *mono_ms)
{
	int64_t ahead = 0;
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t before = clock->mono_ms();
		int64_t wall = clock->wall_ms();

		*mono_ms = clock->mono_ms();
		ahead = wall - (int64_t)*mono_ms;
		if (*mono_ms - before <= READ_MS)
			break;
	}
	return ahead;
}

void vs_steps_init(struct vs_steps *steps, const struct vs_clock *clock)
{
	steps->clock = *clock;
	steps->ahead_ms = ahead_now(clock, &steps->started_ms);
}

bool vs_steps_note(struct vs_steps *steps, struct vs_step *step)
{
	uint64_t now;
	int64_t ahead = ahead_now(&steps->clock, &now);
	int64_t by = ahead - steps->ahead_ms;

	if (by > -VS_STEPS_MIN_MS && by < VS_STEPS_MIN_MS)
		return false;
	*step = (struct vs_step){
		.from = (int64_t)steps->started_ms + steps->ahead_ms,
		.to = (int64_t)now + steps->ahead_ms,
		.by_ms = by,
	};
	steps->ahead_ms = ahead;
	return true;
}

void vs_steps_move(const struct vs_step *step, struct vs_registry *registry, struct vs_ledger *ledger)
{
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);
	struct vs_entry *entry;
	char length[32];

	vs_duration_format(length, sizeof(length), step->by_ms < 0 ? -step->by_ms : step->by_ms);
	vs_log(VS_LOG_WARN, "monitor",
		"the wall clock was set %s by %s: durations go on as they were measured, and the times of "
		"what this run has seen move with it",
		step->by_ms < 0 ? "back" : "ahead", length);
	while ((entry = vs_registry_cursor_next_entry(cursor)) != NULL) {
		vs_client_step(&entry->client, step);
		vs_registry_changed(registry, entry);
		if (entry->client.incident_count > 0)
			vs_ledger_touch(ledger, entry);
	}
	vs_registry_cursor_close(cursor);
}
