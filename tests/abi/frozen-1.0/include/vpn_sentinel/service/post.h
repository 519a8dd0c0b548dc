/* Service post/1: come back to the loop from any thread. */
#ifndef VPN_SENTINEL_SERVICE_POST_H
#define VPN_SENTINEL_SERVICE_POST_H

#include "vpn_sentinel/host.h"

#define VPNS_POST_1 "post/1"

struct vpns_post_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * [any] Calls call(arg) on the loop soon, in the order posted. 0, or VPNS_E_BUSY when 1024
	 * wait. What is still waiting when the instance is destroyed never comes.
	 */
	int32_t (*post)(const struct vpns_host *host, void (*call)(void *arg), void *arg);
};

#endif
