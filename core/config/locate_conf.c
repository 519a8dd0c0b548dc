#include "config/locate_conf.h"

#include <string.h>

#include "config/outline.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct vpns_option options[] = {
	{"by", VPNS_CHOICE(struct vs_locate_conf, by), 0, "server", 0, 0, 0, "server|client|off",
		"which role asks where addresses are; off: nobody does"},
	{"quorum", VPNS_INT(struct vs_locate_conf, quorum), 0, "2", 1, 8, 0, NULL,
		"how many sources must agree; one more is asked when they do not"},
	{"fresh", VPNS_DURATION(struct vs_locate_conf, fresh_ms), 0, "24h", MINUTE, 30 * DAY, 0, NULL,
		"how long an answer counts before it is asked for again"},
};

static const char *const maps[] = {"sources", NULL};
const struct vs_rows vs_locate_rows = VS_ROWS(options, "locate", maps);
static const struct vs_section section = {"locate", &vs_locate_rows, 0, sizeof(struct vs_locate_conf)};

/* What providers allow whom they do not know, as far as they say. 0 requests: no limit. */
static const struct {
	const char *plugin;
	struct vs_budget_conf budget;
} usual[] = {
	{"ipinfo", {800, DAY}},
	{"ip_api", {40, MINUTE}},
	{"ifconfig_co", {1, MINUTE}},
	{"ipwhois", {50, MINUTE}},
};

static struct vs_budget_conf usual_of(const char *plugin)
{
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].plugin, plugin) == 0)
			return usual[i].budget;
	return (struct vs_budget_conf){0, 0};
}

const struct vs_instances_conf *vs_locate_used(const struct vs_locate_conf *locate, enum vs_locate_by role)
{
	static const struct vs_instances_conf none = {NULL, 0};

	return locate->by == role ? &locate->sources : &none;
}

void vs_locate_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_locate_conf *locate)
{
	const struct vs_node *map;
	size_t i;

	vs_section_read(reading, &section, root, locate);
	map = vs_node_get(root, "locate");
	if (map != NULL && vs_node_kind(map) != VS_NODE_MAP)
		return; /* reported with the section */
	vs_sources_read(vs_node_get(map, "sources"), &locate->sources, reading->arena, reading->problems);
	if (locate->sources.count > 0 && (size_t)locate->quorum > locate->sources.count)
		vs_problems_warn(reading->problems, vs_mark_of(map, "quorum"),
			"'quorum' is %d, but there are not so many sources (%zu): what they say is never "
			"agreed on",
			(int)locate->quorum, locate->sources.count);
	for (i = 0; i < locate->sources.count; i++) {
		struct vs_instance_conf *source = &locate->sources.items[i];

		if (!source->budget_given)
			source->budget = usual_of(source->plugin);
	}
}
