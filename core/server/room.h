/* How many connections there is room for: each needs a file descriptor. */
#ifndef VS_SERVER_ROOM_H
#define VS_SERVER_ROOM_H

#include <stdint.h>

struct vs_http_limits;
struct vs_limits_conf;

#define VS_ROOM_FOR_OURSELVES 256 /* descriptors for the store, probes, channels and the log */

/*
 * Raises the limit of descriptors as far as wanted connections need it and may be had. Returns how many
 * there is room for: less than wanted when the hard limit is too low, which is said once a call.
 */
uint32_t vs_room_make(uint32_t wanted);
/* What the configuration says, with only as many connections as there is room for. */
void vs_room_limits(struct vs_http_limits *limits, const struct vs_limits_conf *conf);

#endif
