/*
 * One question at a time to a service that tells where an address is: the request, what each status means,
 * how long to stay away, and the facts of the answer. A probe brings what differs in a struct geo_service.
 * [loop]
 */
#ifndef GEO_ASK_H
#define GEO_ASK_H

#include "vpn_sentinel/plugin.h"

#include "geo_place.h"

#define GEO_FACTS_MAX 8

struct geo_service {
	const char *name; /* "ip-api.com": whom sentences are about */
	/* The URL about an address (NULL: our own), made of the configured one. Returns 0, or -1: no room. */
	int (*url)(char *out, size_t size, const char *base, const char *about);
	geo_parse *parse; /* of a body that came with HTTP 200 */
	/*
	 * How long the service wants to be left alone after this reply, of any status, besides Retry-After;
	 * 0: no wish. NULL: it has none.
	 */
	uint64_t (*wish)(const struct vpns_http_reply *reply);
	uint64_t
		spacing_ms; /* from one request to the next; a short rest is waited for, a long one refused */
};

struct geo_ask {
	const struct vpns_host *host;
	const struct geo_service *service;
	const struct vpns_http_service *http;
	const struct vpns_state_service *state;
	const struct vpns_timer_service *timer;
	uint64_t not_before; /* mono */
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
	uint64_t rest; /* the timer until a request may go; 0: none */
	uint64_t deadline; /* mono: of the op */
	uint32_t family;
	char *url; /* of the request that waits */
	char about[GEO_IP_SIZE]; /* "": our own exit */
};

/* What a probe with a geo_ask needs, and the facts that it may tell. */
#define GEO_NEEDS VPNS_HTTP_1, VPNS_STATE_1, VPNS_TIMER_1
#define GEO_FACT_ROWS                                                                                        \
	{"exit.ip", VPNS_FACT_ADDR, 0, NULL, "the address the outside world sees"},                          \
		{"exit.city", VPNS_FACT_TEXT, 0, NULL, "city of that address"},                              \
		{"exit.region", VPNS_FACT_TEXT, 0, NULL, "region of that address"},                          \
		{"exit.country", VPNS_FACT_COUNTRY, 0, NULL, "country of that address"},                     \
		{"exit.asn", VPNS_FACT_ASN, 0, NULL, "autonomous system that announces it"},                 \
		{"exit.org", VPNS_FACT_TEXT, 0, NULL, "who runs that autonomous system"},                    \
		{"exit.timezone", VPNS_FACT_TEXT, 0, NULL, "time zone of that address"},                     \
		{"exit.hosting", VPNS_FACT_BOOL, 0, NULL, "that address is a data centre's"},                \
		{"exit6.ip", VPNS_FACT_ADDR, 0, NULL, "the same, when that address is of IPv6"},             \
		{"exit6.country", VPNS_FACT_COUNTRY, 0, NULL, "country of the IPv6 address"},                \
		{"exit6.asn", VPNS_FACT_ASN, 0, NULL, "autonomous system that announces it"},                \
		{"exit6.org", VPNS_FACT_TEXT, 0, NULL, "who runs that autonomous system"},

/* Takes up what an earlier run remembered of waits. */
void geo_ask_init(struct geo_ask *ask, const struct vpns_host *host, const struct geo_service *service);
/* No op is running. */
void geo_ask_fini(struct geo_ask *ask);

/*
 * Asks url, and finishes op with what it says about the address about (canonical or not; NULL: our own). A
 * reply about another address is no answer. Returns what the verb is to return.
 */
int32_t geo_ask_start(struct geo_ask *ask, vpns_op op, const char *url, uint32_t family, const char *about,
	uint32_t timeout_ms);
void geo_ask_cancel(struct geo_ask *ask, vpns_op op);

/* Writes the facts of place: as exit6.* when it is of IPv6 and our own. Returns how many of GEO_FACTS_MAX. */
uint32_t geo_facts(struct vpns_fact facts[GEO_FACTS_MAX], const struct geo_place *place, int own);

#endif
