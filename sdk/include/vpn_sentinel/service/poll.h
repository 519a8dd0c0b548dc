/* Service poll/1: be called when a descriptor of your own is ready. [loop] */
#ifndef VPN_SENTINEL_SERVICE_POLL_H
#define VPN_SENTINEL_SERVICE_POLL_H

#include "vpn_sentinel/host.h"

#define VPNS_POLL_1 "poll/1"

#define VPNS_POLL_READ (UINT32_C(1) << 0)
#define VPNS_POLL_WRITE (UINT32_C(1) << 1)
#define VPNS_POLL_ERROR (UINT32_C(1) << 2) /* told, never asked: the descriptor failed, and the watch has ended */

struct vpns_poll_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Calls ready(arg, events) as long as fd is ready for some of events, which may be 0 for a pause. fd stays
	 * yours: it must be open until the watch ends. Returns a watch, 0 when it cannot be: 16 are set,
	 * fd is watched already, or is no socket, pipe or terminal.
	 */
	uint64_t (*watch)(const struct vpns_host *host, int32_t fd, uint32_t events,
		void (*ready)(void *arg, uint32_t events), void *arg);
	/* From now on these events. VPNS_E_INVALID when there is no such watch. */
	int32_t (*change)(const struct vpns_host *host, uint64_t watch, uint32_t events);
	/* After this ready() does not come, and fd may be closed. An ended watch, or 0, is fine. */
	void (*end)(const struct vpns_host *host, uint64_t watch);
};

#endif
