/*
 * When the next round is due. Pure: the caller brings time and chance.
 *
 * A round starts at once, the following ones an interval after the start of the one before,
 * up to 5 % early: fleets that were switched on together spread, and nobody is ever late
 * because of it.
 */
#ifndef VS_CLIENT_SCHEDULE_H
#define VS_CLIENT_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define VS_SCHEDULE_DEFAULT_MS UINT64_C(300000)
#define VS_SCHEDULE_MIN_MS UINT64_C(1000)
#define VS_SCHEDULE_MAX_MS UINT64_C(86400000)

struct vs_schedule {
	uint64_t own_ms; /* configured; 0: the server may say */
	uint64_t learned_ms; /* what the server said; 0: nothing yet */
	uint64_t started_ms; /* mono, of the latest round */
	bool started;
};

void vs_schedule_init(struct vs_schedule *schedule, uint64_t own_ms);

/* Another configured interval; 0: the server may say. True when the interval in force changed. */
bool vs_schedule_own(struct vs_schedule *schedule, uint64_t own_ms);

uint64_t vs_schedule_interval(const struct vs_schedule *schedule);

/* The server's wish, brought into bounds; 0 is none. True when the interval in force changed. */
bool vs_schedule_learn(struct vs_schedule *schedule, uint64_t interval_ms);

void vs_schedule_start(struct vs_schedule *schedule, uint64_t now_ms); /* a round starts now */

/* Milliseconds until the next round; chance is any random number. */
uint64_t vs_schedule_delay(const struct vs_schedule *schedule, uint64_t now_ms, uint32_t chance);

#endif
