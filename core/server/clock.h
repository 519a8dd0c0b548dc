/* The clocks of the server's parts, so that tests can turn them. */
#ifndef VS_SERVER_CLOCK_H
#define VS_SERVER_CLOCK_H

#include <stdint.h>

struct vs_clock {
	uint64_t (*mono_ms)(void); /* vs_mono_ms */
	int64_t (*wall_ms)(void); /* vs_wall_ms */
};

#endif
