/* Probe ipwhois: asks ipwho.is, or a service that answers like it, where an address is. */
#include "vpn_sentinel/plugin.h"

#include "geo_ask.h"
#include "geo_url.h"
#include "ipwhois_reply.h"

#include <stdio.h>
#include <stdlib.h>

struct config {
	const char *url;
	uint32_t family; /* index into family_codes */
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_LIVE, "https://ipwho.is/", 0, 0, 0, NULL,
		"where to ask; a service of your own must answer in the same form"},
	{"family", VPNS_CHOICE(struct config, family), VPNS_OPTION_LIVE, "any", 0, 0, 0, "any|4|6",
		"ask over IPv4 or IPv6 only"},
};

static const uint32_t family_codes[] = {VPNS_HTTP_FAMILY_ANY, VPNS_HTTP_FAMILY_4, VPNS_HTTP_FAMILY_6};
static const char *const needs[] = {GEO_NEEDS};
static const struct vpns_fact_decl facts[] = {GEO_FACT_ROWS};

static const struct geo_service service = {
	.name = "ipwho.is",
	.parse = ipwhois_reply_parse,
	.spacing_ms = 1000, /* one a second from one address */
};

struct ipwhois {
	struct geo_ask ask;
	const struct config *config;
};

static int32_t ask(struct ipwhois *self, vpns_op op, const char *about, uint32_t timeout_ms)
{
	char url[GEO_URL_SIZE];

	if (geo_url(url, sizeof(url), self->config->url, about, NULL) < 0)
		return VPNS_E_INVALID;
	return geo_ask_start(&self->ask, op, url, family_codes[self->config->family], about, timeout_ms);
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	return ask(state, op, NULL, request->timeout_ms);
}

static int32_t locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	char address[GEO_IP_SIZE];

	if (geo_ip(address, request->address) == 0)
		return VPNS_E_INVALID;
	return ask(state, op, address, request->timeout_ms);
}

static void cancel(void *state, vpns_op op)
{
	struct ipwhois *self = state;

	geo_ask_cancel(&self->ask, op);
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct ipwhois *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->config = config;
	geo_ask_init(&self->ask, host, &service);
	return self;
}

static void destroy(void *state)
{
	struct ipwhois *self = state;

	geo_ask_fini(&self->ask);
	free(self);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct ipwhois *self = state;

	self->config = config;
	return VPNS_OK;
}

static const struct vpns_probe_ops ops = {
	sizeof(ops),
	0,
	create,
	start,
	cancel,
	destroy,
	reconfigure,
	locate,
};

VPNS_PROBE_PLUGIN("ipwhois", "1.0.0", "address, place and network of the exit, from ipwho.is", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
