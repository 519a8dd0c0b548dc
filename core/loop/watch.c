#include "loop/watch.h"

#include <inttypes.h>
#include <stdio.h>
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

/* How slow things are is up to peers and to the machine, so not every time gets a line. */
static void tell(struct vs_watch *watch, uint64_t took)
{
	char more[96] = "";

	if (watch->untold > 0)
		(void)snprintf(more, sizeof(more),
			"; %" PRIu64 " more times since the last such line, %" PRIu64 ".%" PRIu64
			" ms at the most",
			watch->untold, watch->worst_us / 1000, watch->worst_us % 1000 / 100);
	vs_log(VS_LOG_WARN, "loop",
		"%s held up everything else for %" PRIu64 ".%" PRIu64 " ms (limit %d ms)%s", watch->name,
		took / 1000, took % 1000 / 100, VS_WATCH_SLOW_US / 1000, more);
	watch->untold = 0;
	watch->worst_us = 0;
}

uint64_t vs_watch_leave(struct vs_watch *watch)
{
	uint64_t now = now_us();
	uint64_t took = now - watch->since_us;

	if (took < VS_WATCH_SLOW_US)
		return took;
	if (watch->told_us != 0 && now - watch->told_us < VS_WATCH_QUIET_US) {
		watch->untold++;
		watch->worst_us = took > watch->worst_us ? took : watch->worst_us;
		return took;
	}
	tell(watch, took);
	watch->told_us = now;
	return took;
}
