/* Service timer/1: call me later. [loop] */
#ifndef VPN_SENTINEL_SERVICE_TIMER_H
#define VPN_SENTINEL_SERVICE_TIMER_H

#include "vpn_sentinel/host.h"

#define VPNS_TIMER_1 "timer/1"

struct vpns_timer_service {
	uint32_t size;
	uint32_t revision;
	/* Calls fire(arg) once, delay_ms from now or later. Returns a timer, 0 when too many are set (64). */
	uint64_t (*set)(const struct vpns_host *host, uint64_t delay_ms, void (*fire)(void *arg), void *arg);
	/* After this fire() does not come. A timer that has fired, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t timer);
};

#endif
