/* Service metric/1: numbers for /metrics, labelled with the instance. [any] */
#ifndef VPN_SENTINEL_SERVICE_METRIC_H
#define VPN_SENTINEL_SERVICE_METRIC_H

#include "vpn_sentinel/host.h"

#define VPNS_METRIC_1 "metric/1"

struct vpns_metric_service {
	uint32_t size;
	uint32_t revision;
	/* name: [a-z][a-z0-9_]*, at most 32 of them an instance; others are dropped with one sentence. */
	void (*add)(const struct vpns_host *host, const char *name, double amount); /* a counter */
	void (*set)(const struct vpns_host *host, const char *name, double value);  /* a gauge */
};

#endif
