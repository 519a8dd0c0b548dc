/*
 * A probe around one geo_ask: its options and its verbs. What differs is in a struct geo_service, which the
 * probe's own create() hands to geo_probe_create(). [loop]
 */
#ifndef GEO_PROBE_H
#define GEO_PROBE_H

#include "geo_ask.h"

struct geo_config {
	const char *url;
	uint32_t family; /* 0 any, 1 IPv4, 2 IPv6 */
};

/* The rows of a struct geo_config; address: of the service. */
#define GEO_OPTION_ROWS(address)                                                                             \
	{"url", VPNS_URL(struct geo_config, url), VPNS_OPTION_LIVE, address, 0, 0, 0, NULL,                  \
		"where to ask; a service of your own must answer in the same form"},                         \
	{                                                                                                    \
		"family", VPNS_CHOICE(struct geo_config, family), VPNS_OPTION_LIVE, "any", 0, 0, 0,          \
			"any|4|6", "ask over IPv4 or IPv6 only"                                              \
	}

/* The instance, or NULL with a sentence in error. Borrows config and service. */
void *geo_probe_create(const struct vpns_host *host, const void *config, const struct geo_service *service,
	struct vpns_error *error);

/* The other verbs of struct vpns_probe_ops, on what that returned. */
int32_t geo_probe_start(void *state, vpns_op op, const struct vpns_probe_request *request);
int32_t geo_probe_locate(void *state, vpns_op op, const struct vpns_locate_request *request);
void geo_probe_cancel(void *state, vpns_op op);
void geo_probe_destroy(void *state);
int32_t geo_probe_reconfigure(void *state, const void *config);

/* Their table, with the probe's own create(). */
#define GEO_PROBE_OPS(create)                                                                                \
	{                                                                                                    \
		sizeof(struct vpns_probe_ops), 0, create, geo_probe_start, geo_probe_cancel,                 \
			geo_probe_destroy, geo_probe_reconfigure, geo_probe_locate                           \
	}

#endif
