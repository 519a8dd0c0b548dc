/* When a wait for a condition ends. [any thread] */
#ifndef VS_BASE_DEADLINE_H
#define VS_BASE_DEADLINE_H

#include <stdint.h>
#include <time.h>

/* In so many ms, for pthread_cond_timedwait() with a condition that is on CLOCK_MONOTONIC. */
struct timespec vs_deadline_in(uint64_t ms);

#endif
