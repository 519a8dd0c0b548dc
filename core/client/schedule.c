#include "client/schedule.h"

#define JITTER_DIVISOR 20
#define DENSE_IN_A_ROW 5
#define DENSE_DIVISOR 10

void vs_schedule_init(struct vs_schedule *schedule, uint64_t own_ms)
{
	*schedule = (struct vs_schedule){.own_ms = own_ms};
}

bool vs_schedule_own(struct vs_schedule *schedule, uint64_t own_ms)
{
	uint64_t before = vs_schedule_interval(schedule);

	schedule->own_ms = own_ms;
	return vs_schedule_interval(schedule) != before;
}

uint64_t vs_schedule_interval(const struct vs_schedule *schedule)
{
	if (schedule->own_ms != 0)
		return schedule->own_ms;
	return schedule->learned_ms != 0 ? schedule->learned_ms : VS_SCHEDULE_DEFAULT_MS;
}

void vs_schedule_dense(struct vs_schedule *schedule, uint64_t interval_ms, uint64_t for_ms)
{
	schedule->dense_ms = for_ms == 0 ? 0 : interval_ms;
	schedule->dense_for_ms = for_ms;
	schedule->dense_left_ms = DENSE_IN_A_ROW * for_ms;
}

void vs_schedule_stir(struct vs_schedule *schedule, uint64_t now_ms)
{
	uint64_t from = schedule->dense_until_ms > now_ms ? schedule->dense_until_ms : now_ms;
	uint64_t most = DENSE_IN_A_ROW * schedule->dense_for_ms;
	uint64_t more = now_ms + schedule->dense_for_ms > from ? now_ms + schedule->dense_for_ms - from : 0;

	schedule->dense_left_ms += (now_ms - schedule->dense_counted_ms) / DENSE_DIVISOR;
	if (schedule->dense_left_ms > most)
		schedule->dense_left_ms = most;
	schedule->dense_counted_ms = now_ms;
	if (more > schedule->dense_left_ms) /* what begins anew gets its whole time or none */
		more = from > now_ms ? schedule->dense_left_ms : 0;
	schedule->dense_left_ms -= more;
	schedule->dense_until_ms = from + more;
}

uint64_t vs_schedule_gap(const struct vs_schedule *schedule, uint64_t now_ms)
{
	uint64_t interval = vs_schedule_interval(schedule);
	bool dense = schedule->dense_ms != 0 && now_ms < schedule->dense_until_ms;

	return dense && schedule->dense_ms < interval ? schedule->dense_ms : interval;
}

bool vs_schedule_learn(struct vs_schedule *schedule, uint64_t interval_ms)
{
	uint64_t before = vs_schedule_interval(schedule);

	if (interval_ms == 0)
		return false;
	if (interval_ms < VS_SCHEDULE_MIN_MS)
		interval_ms = VS_SCHEDULE_MIN_MS;
	if (interval_ms > VS_SCHEDULE_MAX_MS)
		interval_ms = VS_SCHEDULE_MAX_MS;
	schedule->learned_ms = interval_ms;
	return vs_schedule_interval(schedule) != before;
}

void vs_schedule_start(struct vs_schedule *schedule, uint64_t now_ms)
{
	if (!schedule->started)
		vs_schedule_stir(schedule, now_ms);
	schedule->started_ms = now_ms;
	schedule->started = true;
}

uint64_t vs_schedule_delay(const struct vs_schedule *schedule, uint64_t now_ms, uint32_t chance)
{
	uint64_t gap = vs_schedule_gap(schedule, now_ms);
	uint64_t due;

	if (!schedule->started)
		return 0;
	due = schedule->started_ms + gap - chance % (gap / JITTER_DIVISOR + 1);
	return due > now_ms ? due - now_ms : 0;
}
