/* `quiet` of a notifier: hours at which it tells nothing that can wait. */
#ifndef VS_CONFIG_QUIET_CONF_H
#define VS_CONFIG_QUIET_CONF_H

#include <stdint.h>

#include "config/conf.h"
#include "config/problem.h"

struct vs_arena;

struct vs_quiet_conf {
	uint8_t severities; /* bit 1 << VS_ROUTE_*: what waits; 0: there are no such hours */
	uint8_t weekdays; /* on which they begin: bit 1 << 0 is Monday */
	uint16_t from; /* minutes of the day */
	uint16_t to; /* before from: on the next day */
	const char *zone; /* NULL: the channel's */
};

/* instance: the notifier's map. */
void vs_quiet_read(const struct vs_node *instance, struct vs_quiet_conf *out, struct vs_arena *arena,
	struct vs_problems *problems);

#endif
