/* The network devices of this namespace. [any] */
#ifndef VS_NET_DEVICES_H
#define VS_NET_DEVICES_H

#include <stddef.h>

/* How many are switched on, loopback not counted. 0, or VS_ERR_SYSTEM when the kernel does not say. */
int vs_devices_count(size_t *up);

#endif
