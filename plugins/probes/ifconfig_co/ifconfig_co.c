/* Probe ifconfig_co: asks ifconfig.co, or a service that answers like it, where an address is. */
#include "vpn_sentinel/plugin.h"

#include "geo_probe.h"
#include "geo_url.h"
#include "ifconfig_co_reply.h"

#include <stdio.h>

static const struct vpns_option options[] = {GEO_OPTION_ROWS("https://ifconfig.co/json")};
static const char *const needs[] = {GEO_NEEDS};
static const struct vpns_fact_decl facts[] = {GEO_FACT_ROWS};

static int url(char *out, size_t size, const char *base, const char *about)
{
	char query[GEO_IP_SIZE + 4];

	snprintf(query, sizeof(query), "ip=%s", about != NULL ? about : "");
	return geo_url(out, size, base, NULL, about != NULL ? query : NULL);
}

static const struct geo_service service = {
	.name = "ifconfig.co",
	.url = url,
	.parse = ifconfig_co_reply_parse,
	.spacing_ms = 60000, /* one a minute from one address */
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return geo_probe_create(host, config, &service, error);
}

static const struct vpns_probe_ops ops = GEO_PROBE_OPS(create);

VPNS_PROBE_PLUGIN("ifconfig_co", "1.0.0", "address, place and network of the exit, from ifconfig.co", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct geo_config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
