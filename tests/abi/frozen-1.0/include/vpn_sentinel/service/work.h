/* Service work/1: run something slow on another thread. At most 2 jobs an instance run or wait. */
#ifndef VPN_SENTINEL_SERVICE_WORK_H
#define VPN_SENTINEL_SERVICE_WORK_H

#include "vpn_sentinel/host.h"

#define VPNS_WORK_1 "work/1"

struct vpns_work_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * [loop] Runs run(arg) on a [worker] thread, then done(arg) on the loop, always. Returns a
	 * job, 0 when two are under way.
	 */
	uint64_t (*start)(const struct vpns_host *host, void (*run)(void *arg), void (*done)(void *arg), void *arg);
};

#endif
