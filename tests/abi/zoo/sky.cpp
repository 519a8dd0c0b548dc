// A probe in C++17: the same headers, the same macros.
#include <memory>
#include <string>

#include "vpn_sentinel/plugin.h"

namespace {

struct Config {
	const char *colour;
	int64_t wait;
	struct vpns_list clouds;
	uint32_t mood;
	uint8_t night;
	double light;
};

struct Sky {
	const vpns_host *host;
	const Config *config;
};

const vpns_option options[] = {
	{ "colour", VPNS_TEXT(Config, colour), 0, "blue", 0, 0, 0, nullptr, "what it looks like" },
	{ "wait", VPNS_DURATION(Config, wait), 0, "1s", 0, 60000, 1000, nullptr, "how long" },
	{ "clouds", VPNS_LIST(Config, clouds), 0, "cirrus, cumulus", 0, 0, 0, nullptr, "what hangs there" },
	{ "mood", VPNS_CHOICE(Config, mood), 0, "calm", 0, 0, 0, "calm|wild", "how it feels" },
	{ "night", VPNS_BOOL(Config, night), 0, "no", 0, 0, 0, nullptr, "whether it is dark" },
	{ "light", VPNS_REAL(Config, light), 0, "0.5", 0, 0, 0, nullptr, "how bright" },
};

const vpns_fact_decl facts[] = {
	{ "sky.colour", VPNS_FACT_TEXT, 0, nullptr, "what it looks like" },
	{ "sky.clouds", VPNS_FACT_INT, 0, nullptr, "how many kinds" },
};

void *create(const vpns_host *host, const void *config, vpns_error *)
{
	return new Sky{ host, static_cast<const Config *>(config) };
}

int32_t start(void *state, vpns_op op, const vpns_probe_request *)
{
	const Sky *sky = static_cast<Sky *>(state);
	const std::string clouds = std::to_string(sky->config->clouds.count);
	const vpns_fact list[] = { { "sky.colour", sky->config->colour }, { "sky.clouds", clouds.c_str() } };
	vpns_probe_result result{};

	result.head = { sizeof(result), VPNS_KIND_PROBE };
	result.status = VPNS_PROBE_PASS;
	result.fact_count = 2;
	result.facts = list;
	if (VPNS_HAS(sky->host, finish))
		sky->host->finish(sky->host, op, &result.head);
	return 0;
}

void destroy(void *state)
{
	delete static_cast<Sky *>(state);
}

const vpns_probe_ops ops = { sizeof(ops), 0, create, start, nullptr, destroy, nullptr, nullptr };

} // namespace

VPNS_PROBE_PLUGIN("sky", "1.0.0", "what the sky looks like", 0, 0, VPNS_OPTIONS(Config, options), VPNS_NO_NEEDS,
	VPNS_FACTS(facts), &ops);
