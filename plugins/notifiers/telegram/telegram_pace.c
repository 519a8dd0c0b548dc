#include "telegram_pace.h"

enum { SECOND_GAP = 1000, SECOND_BURST = 20, MINUTE_GAP = 4000, MINUTE_BURST = 5 };

static uint64_t wait_for(uint64_t until_ms, uint64_t now_ms, uint64_t room_ms)
{
	return until_ms > now_ms + room_ms ? until_ms - now_ms - room_ms : 0;
}

uint64_t telegram_pace_wait(const struct telegram_pace *pace, uint64_t now_ms, int is_group)
{
	uint64_t second = wait_for(pace->second_ms, now_ms, (SECOND_BURST - 1) * SECOND_GAP);
	uint64_t minute = wait_for(pace->minute_ms, now_ms, (MINUTE_BURST - 1) * MINUTE_GAP);

	return is_group && minute > second ? minute : second;
}

static void push(uint64_t *until_ms, uint64_t now_ms, uint64_t gap_ms)
{
	*until_ms = (*until_ms > now_ms ? *until_ms : now_ms) + gap_ms;
}

void telegram_pace_take(struct telegram_pace *pace, uint64_t now_ms)
{
	push(&pace->second_ms, now_ms, SECOND_GAP);
	push(&pace->minute_ms, now_ms, MINUTE_GAP);
}

void telegram_pace_refused(struct telegram_pace *pace, uint64_t now_ms)
{
	uint64_t full_ms = now_ms + (SECOND_BURST - 1) * SECOND_GAP;

	if (pace->second_ms < full_ms)
		pace->second_ms = full_ms;
}
