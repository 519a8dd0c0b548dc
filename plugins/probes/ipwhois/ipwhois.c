/* Probe ipwhois: asks ipwho.is, or a service that answers like it, where an address is. */
#include "vpn_sentinel/plugin.h"

#include "geo_probe.h"
#include "geo_url.h"
#include "ipwhois_reply.h"

static const struct vpns_option options[] = {GEO_OPTION_ROWS("https://ipwho.is/")};
static const char *const needs[] = {GEO_NEEDS};
static const struct vpns_fact_decl facts[] = {GEO_FACT_ROWS};

static int url(char *out, size_t size, const char *base, const char *about)
{
	return geo_url(out, size, base, about, NULL);
}

static const struct geo_service service = {
	.name = "ipwho.is",
	.url = url,
	.parse = ipwhois_reply_parse,
	.spacing_ms = 1000, /* one a second from one address */
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return geo_probe_create(host, config, &service, error);
}

static const struct vpns_probe_ops ops = GEO_PROBE_OPS(create);

VPNS_PROBE_PLUGIN("ipwhois", "1.0.0", "address, place and network of the exit, from ipwho.is", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct geo_config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
