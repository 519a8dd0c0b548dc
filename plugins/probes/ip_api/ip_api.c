/* Probe ip_api: asks ip-api.com, or a service that answers like it, where an address is. */
#include "vpn_sentinel/plugin.h"

#include "geo_probe.h"
#include "geo_url.h"
#include "ip_api_reply.h"

static const struct vpns_option options[] = {GEO_OPTION_ROWS("http://ip-api.com/json")};
static const char *const needs[] = {GEO_NEEDS};
static const struct vpns_fact_decl facts[] = {GEO_FACT_ROWS};

/* What is not named is not sent: the reply is a third as long. */
static const char fields[] =
	"fields=status,message,countryCode,regionName,city,timezone,isp,org,as,hosting,query";

static uint64_t wish(const struct vpns_http_reply *reply)
{
	return ip_api_rest_ms(vpns_http_header(reply, "X-Rl"), vpns_http_header(reply, "X-Ttl"));
}

static int url(char *out, size_t size, const char *base, const char *about)
{
	return geo_url(out, size, base, about, fields);
}

static const struct geo_service service = {
	.name = "ip-api.com",
	.url = url,
	.parse = ip_api_reply_parse,
	.wish = wish,
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return geo_probe_create(host, config, &service, error);
}

static const struct vpns_probe_ops ops = GEO_PROBE_OPS(create);

VPNS_PROBE_PLUGIN("ip_api", "1.0.0", "address, place and network of the exit, from ip-api.com", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct geo_config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
