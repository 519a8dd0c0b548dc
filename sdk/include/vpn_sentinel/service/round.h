/* Service round/1: what you saw should be measured now, not when the interval is over. Of probes. [loop] */
#ifndef VPN_SENTINEL_SERVICE_ROUND_H
#define VPN_SENTINEL_SERVICE_ROUND_H

#include "vpn_sentinel/host.h"

#define VPNS_ROUND_1 "round/1"

struct vpns_round_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Asks for a round soon. Wishes within 2 seconds are one, so a storm of them costs one round in 2 seconds; idle
	 * connections of http/1 are not used again. reason is a few words for the log. 0, VPNS_E_INVALID
	 * without a reason, or VPNS_E_UNAVAILABLE where nobody makes rounds.
	 */
	int32_t (*hurry)(const struct vpns_host *host, const char *reason);
};

#endif
