/*
 * When the next round is due. Pure: the caller brings time and chance.
 *
 * A round starts at once, the following ones an interval after the start of the one before,
 * up to 5 % early: fleets that were switched on together spread, and nobody is ever late
 * because of it. For a while after the first round and after vs_schedule_stir() they come closer together.
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
	uint64_t dense_ms; /* between rounds while they are dense; 0: never */
	uint64_t dense_for_ms;
	uint64_t dense_until_ms; /* mono */
	uint64_t dense_left_ms; /* of what may be dense; grows again by a tenth of the time that goes by */
	uint64_t dense_counted_ms; /* mono, when it was reckoned last */
};

void vs_schedule_init(struct vs_schedule *schedule, uint64_t own_ms);

/* Another configured interval; 0: the server may say. True when the interval in force changed. */
bool vs_schedule_own(struct vs_schedule *schedule, uint64_t own_ms);

/* Dense rounds from the next start or change on; for_ms 0: never, and what is dense now ends. */
void vs_schedule_dense(struct vs_schedule *schedule, uint64_t interval_ms, uint64_t for_ms);
/*
 * Something changed: rounds are dense for as long as was said, from now on. Where something changes at every
 * look, such as an exit that is another for each request, five times in a row and then for a tenth of the
 * time.
 */
void vs_schedule_stir(struct vs_schedule *schedule, uint64_t now_ms);

/* What reports state, dense or not: the server waits for nothing sooner. */
uint64_t vs_schedule_interval(const struct vs_schedule *schedule);
/* Between the round of now and the next. */
uint64_t vs_schedule_gap(const struct vs_schedule *schedule, uint64_t now_ms);

/* The server's wish, brought into bounds; 0 is none. True when the interval in force changed. */
bool vs_schedule_learn(struct vs_schedule *schedule, uint64_t interval_ms);

void vs_schedule_start(struct vs_schedule *schedule, uint64_t now_ms); /* a round starts now */

/* Milliseconds until the next round; chance is any random number. */
uint64_t vs_schedule_delay(const struct vs_schedule *schedule, uint64_t now_ms, uint32_t chance);

#endif
