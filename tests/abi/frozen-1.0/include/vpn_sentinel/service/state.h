/*
 * Service state/1: small values that outlive the process: budgets, offsets, moved ids. [loop]
 * At most 64 keys of 64 bytes and values of 4 KiB an instance.
 */
#ifndef VPN_SENTINEL_SERVICE_STATE_H
#define VPN_SENTINEL_SERVICE_STATE_H

#include "vpn_sentinel/host.h"

#define VPNS_STATE_1 "state/1"

struct vpns_state_service {
	uint32_t size;
	uint32_t revision;
	/* The value, borrowed until the next put or the end of this callback; NULL when there is none. */
	const char *(*get)(const struct vpns_host *host, const char *key);
	/* Remembers text (NULL forgets). get() sees it at once; it is written within a second. */
	int32_t (*put)(const struct vpns_host *host, const char *key, const char *text);
};

#endif
