#include "base/clock.h"

#include <time.h>

#include "base/require.h"

static int64_t to_ms(const struct timespec *at)
{
	return (int64_t)at->tv_sec * 1000 + at->tv_nsec / 1000000;
}

uint64_t vs_mono_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
		VS_REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)to_ms(&now);
}

uint64_t vs_mono_us(void)
{
	struct timespec now;

	VS_REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int64_t vs_wall_ms(void)
{
	struct timespec now;

	VS_REQUIRE(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return to_ms(&now);
}
