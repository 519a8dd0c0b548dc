/*
 * Names the callbacks that hold up the loop.
 *
 *	struct vs_watch watch = {0}; // kept with what it is about, so that its lines are spaced
 *
 *	vs_watch_enter(&watch, "ipinfo@main");
 *	...
 *	vs_watch_leave(&watch);
 */
#ifndef VS_LOOP_WATCH_H
#define VS_LOOP_WATCH_H

#include <stdint.h>

#define VS_WATCH_SLOW_US 5000
#define VS_WATCH_QUIET_US 10000000 /* after a line: what is slow meanwhile is counted for the next one */

struct vs_watch {
	const char *name; /* borrowed until leave */
	uint64_t since_us;
	uint64_t told_us; /* the last line; 0: none */
	uint64_t untold; /* times that it was slow since then */
	uint64_t worst_us; /* of those */
};

void vs_watch_enter(struct vs_watch *watch, const char *name);
/* Warns when VS_WATCH_SLOW_US or more went by. Returns the microseconds since enter. */
uint64_t vs_watch_leave(struct vs_watch *watch);

#endif
