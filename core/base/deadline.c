#include "base/deadline.h"

#include "base/require.h"

struct timespec vs_deadline_in(uint64_t ms)
{
	struct timespec at;

	VS_REQUIRE(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
	at.tv_sec += (time_t)(ms / 1000);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}
