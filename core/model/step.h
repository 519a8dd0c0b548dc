/*
 * The wall clock was set. What this process has seen happened between from and to, as the clock
 * told it before; as it tells it now all that was by_ms later. Whoever keeps such times moves
 * them, so that what lies between two of them stays what was measured. Times from before the
 * process began stand: which of the two clocks wrote them is not known.
 */
#ifndef VS_MODEL_STEP_H
#define VS_MODEL_STEP_H

#include <stdbool.h>
#include <stdint.h>

struct vs_step {
	int64_t from; /* wall, before: the beginning of the process */
	int64_t to; /* wall, before: now */
	int64_t by_ms; /* negative: the clock went back */
};

/* Moves *at when it lies within; 0, which is no time, never. Returns whether it moved. */
bool vs_step_time(const struct vs_step *step, int64_t *at);

#endif
