#include "loop/watch.h"

#include <time.h>

#include "base/log.h"

/* Not vs_mono_ms(): milliseconds are too coarse for a limit of five. */
static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void vs_watch_enter(struct vs_watch *watch, const char *name)
{
	watch->name = name;
	watch->since_us = now_us();
}

uint64_t vs_watch_leave(const struct vs_watch *watch)
{
	uint64_t took = now_us() - watch->since_us;

	if (took >= VS_WATCH_SLOW_US)
		vs_log(VS_LOG_WARN, "loop", "%s held up everything else for %llu.%llu ms (limit %d ms)",
			watch->name, (unsigned long long)(took / 1000),
			(unsigned long long)(took % 1000 / 100), VS_WATCH_SLOW_US / 1000);
	return took;
}
