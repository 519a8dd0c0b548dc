/*
 * Names the callbacks that hold up the loop.
 *
 *	struct vs_watch watch;
 *
 *	vs_watch_enter(&watch, "ipinfo@main");
 *	...
 *	vs_watch_leave(&watch);
 */
#ifndef VS_LOOP_WATCH_H
#define VS_LOOP_WATCH_H

#include <stdint.h>

#define VS_WATCH_SLOW_US 5000

struct vs_watch {
	const char *name; /* borrowed until leave */
	uint64_t since_us;
};

void vs_watch_enter(struct vs_watch *watch, const char *name);
/* Warns when VS_WATCH_SLOW_US or more went by. Returns the microseconds since enter. */
uint64_t vs_watch_leave(const struct vs_watch *watch);

#endif
