/*
 * For how long the wall clock has gone evenly: what may be destroyed because of its age asks this
 * first. Looked at from time to time; what was noted outlives restarts. Pure but for the clock it
 * is given.
 *
 * Between two looks of one process wall and monotonic clock must have gone the same way, within a
 * minute. Over a restart, which nobody measures, the wall clock must have gone on, by a day at most.
 * Else the time begins again.
 */
#ifndef VS_SERVER_STEADY_H
#define VS_SERVER_STEADY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"
#include "server/clock.h"

struct vs_buf;

#define VS_STEADY_SLACK_MS (60 * 1000)
#define VS_STEADY_DOWN_MS (24 * 3600 * 1000)

/* Zeroed: nothing is known yet. */
struct vs_steady {
	bool looked; /* in this process */
	int64_t wall_ms; /* at the last look; 0: there was none */
	uint64_t mono_ms; /* the same moment, of this process */
	int64_t even_ms; /* the clock has gone evenly so long, in running processes */
};

/* Before the first look: what the last process noted. Anything else counts as nothing. */
void vs_steady_decode(struct vs_steady *steady, struct vs_view text);
void vs_steady_encode(const struct vs_steady *steady, struct vs_buf *out); /* JSON */

/* Looks; false: the clock has jumped since the last look, by about jumped_ms. */
bool vs_steady_look(struct vs_steady *steady, const struct vs_clock *clock, int64_t *jumped_ms);

#endif
