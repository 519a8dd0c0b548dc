/* What the monitor makes of a canary. [loop] */
#ifndef VS_SERVER_MONITOR_CANARY_H
#define VS_SERVER_MONITOR_CANARY_H

#include <stddef.h>

struct vs_fact_value;
struct vs_monitor;

/* One of this client arrived: its kill switch is judged at once, and people are told. Facts are borrowed. */
void vs_monitor_canary(
	struct vs_monitor *monitor, const char *client_id, const struct vs_fact_value *facts, size_t count);

#endif
