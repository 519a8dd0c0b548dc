/* Whether the wall clock goes evenly with the monotonic one, and what is to be done when it does not. [loop]
 */
#ifndef VS_SERVER_STEPS_H
#define VS_SERVER_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/clock.h"

struct vs_ledger;
struct vs_registry;
struct vs_step;

#define VS_STEPS_MIN_MS 500 /* less is no step yet; it adds up */

/* Read nothing in it. */
struct vs_steps {
	struct vs_clock clock;
	uint64_t started_ms; /* mono */
	int64_t ahead_ms; /* wall before mono, as noted last */
};

void vs_steps_init(struct vs_steps *steps, const struct vs_clock *clock);

/* True when the wall clock was set since the last call, or the first one's init; step says how. */
bool vs_steps_note(struct vs_steps *steps, struct vs_step *step);

/*
 * Moves the times of all clients by step, and writes those whose incidents moved with them:
 * a restart would measure by the new clock what began by the old. Linear; clocks are set rarely.
 */
void vs_steps_move(const struct vs_step *step, struct vs_registry *registry, struct vs_ledger *ledger);

#endif
