/* The maps inside an instance, such as `route` and `locale`: their rows, and what they come to. */
#include "config/instance_inside.h"

#include <string.h>

#include "config/outline.h"
#include "config/rows.h"
#include "config/zone.h"

enum isolate { ISOLATE_NONE, ISOLATE_PROCESS };

struct route_text {
	uint32_t severity;
	struct vpns_list kind;
	struct vpns_list client;
	struct vpns_list tag;
};

struct group_text {
	uint32_t by;
	int64_t wait;
	int64_t interval;
};

struct locale_text {
	uint32_t language;
	const char *timezone;
};

struct run_text {
	uint32_t isolate;
	const char *sha256;
	struct vpns_list grant;
	const char *user;
};

static const struct vpns_option route_options[] = {
	{"severity", VPNS_CHOICE(struct route_text, severity), 0, "info", 0, 0, 0, "info|warning|critical",
		"the lowest severity that is delivered"},
	{"kind", VPNS_LIST(struct route_text, kind), 0, NULL, 0, 0, 0, NULL,
		"only these kinds; '!connected': all but this one"},
	{"client", VPNS_LIST(struct route_text, client), 0, NULL, 0, 0, 0, NULL,
		"only clients whose id matches one of these patterns; '!lab-*': none that matches this one"},
	{"tag", VPNS_LIST(struct route_text, tag), 0, NULL, 0, 0, 0, NULL,
		"only clients with one of these tags; '!lab': none with this one"},
};

/* One string for the rows, one word each for the rest. */
#define LANGUAGES "en|de|es|fr|pt|ro"
static const char *const languages[] = {"en", "de", "es", "fr", "pt", "ro"};

const char *vs_instance_language(size_t index)
{
	return index < sizeof(languages) / sizeof(languages[0]) ? languages[index] : NULL;
}

static const struct vpns_option group_options[] = {
	{"by", VPNS_CHOICE(struct group_text, by), 0, "kind", 0, 0, 0, "none|severity|kind|tag",
		"what messages have in common that are told as one; tag: kind and the client's tags. Where "
		"there is no 'group', channels that programs read tell each alone"},
	{"wait", VPNS_DURATION(struct group_text, wait), 0, "2s", 0, 60000, 1000, NULL,
		"how long after a message the next one of its sort may go"},
	{"interval", VPNS_DURATION(struct group_text, interval), 0, "1m", 1000, 86400000, 1000, NULL,
		"when there are many, how long after the first the others are told as one"},
};

static const struct vpns_option locale_options[] = {
	{"language", VPNS_CHOICE(struct locale_text, language), 0, "en", 0, 0, 0, LANGUAGES,
		"the language of messages"},
	{"timezone", VPNS_TEXT(struct locale_text, timezone), 0, NULL, 0, 0, 0, NULL,
		"the time zone of messages, such as Europe/Bucharest"},
};

static const struct vpns_option run_options[] = {
	{"isolate", VPNS_CHOICE(struct run_text, isolate), 0, "none", 0, 0, 0, "none|process",
		"where the plugin runs"},
	{"sha256", VPNS_TEXT(struct run_text, sha256), 0, NULL, 0, 0, 0, NULL,
		"the checksum that the plugin's file must have"},
	{"grant", VPNS_LIST(struct run_text, grant), 0, NULL, 0, 0, 0, NULL,
		"what an isolated plugin may do"},
	{"user", VPNS_TEXT(struct run_text, user), 0, NULL, 0, 0, 0, NULL, "whom an isolated plugin runs as"},
};

struct budget_text {
	int64_t requests;
	int64_t per;
};

static const struct vpns_option budget_options[] = {
	{"requests", VPNS_INT(struct budget_text, requests), VPNS_OPTION_REQUIRED, NULL, 0, 1000000, 0, NULL,
		"how many questions in each 'per'; 0 is no limit"},
	{"per", VPNS_DURATION(struct budget_text, per), 0, "1d", 1000, INT64_C(31) * 86400000, 0, NULL,
		"the time that 'requests' counts for"},
};

static const char *const locale_maps[] = {"templates", NULL};
const struct vs_rows vs_budget_rows = VS_ROWS(budget_options, "budget", NULL);
const struct vs_rows vs_route_rows = VS_ROWS(route_options, "route", NULL);
const struct vs_rows vs_group_rows = VS_ROWS(group_options, "group", NULL);
const struct vs_rows vs_locale_rows = VS_ROWS(locale_options, "locale", locale_maps);
const struct vs_rows vs_run_rows = VS_ROWS(run_options, "run", NULL);

struct vs_mark vs_instance_mark(const struct vs_instance_reading *r, const char *map, const char *key)
{
	const struct vs_node *node = map ? vs_node_get(r->node, map) : r->node;
	const struct vs_node *value = vs_node_get(node, key);

	return vs_node_mark(value ? value : node ? node : r->node);
}

static void fill_map(const struct vs_instance_reading *r, const char *key, const struct vs_rows *rows,
	void *target, size_t size)
{
	vs_rows_fill(rows, vs_node_get(r->node, key), vs_node_mark(r->node), NULL, target, size, r->arena,
		r->problems);
}

void vs_route_read(const struct vs_instance_reading *r, struct vs_route_conf *route)
{
	struct route_text text;

	fill_map(r, "route", &vs_route_rows, &text, sizeof(text));
	route->severity = VS_ROUTE_INFO + text.severity;
	route->kind = text.kind;
	route->client = text.client;
	route->tag = text.tag;
	route->mark = vs_instance_mark(r, "route", "kind");
}

void vs_group_read(const struct vs_instance_reading *r, struct vs_instance_conf *out)
{
	struct group_text text;

	fill_map(r, "group", &vs_group_rows, &text, sizeof(text));
	out->group = (struct vs_group_conf){(enum vs_group_by)text.by, text.wait, text.interval};
	out->group_given = vs_node_is_set(vs_node_get(r->node, "group"));
}

void vs_locale_read(const struct vs_instance_reading *r, struct vs_instance_conf *out)
{
	struct locale_text text;
	struct vs_err err;

	fill_map(r, "locale", &vs_locale_rows, &text, sizeof(text));
	out->language = languages[text.language];
	vs_templates_read(vs_node_get(vs_node_get(r->node, "locale"), "templates"),
		vs_instance_mark(r, "locale", "templates"), &out->templates, r->arena, r->problems);
	if (text.timezone && vs_zone_resolve(&out->timezone, text.timezone, r->arena, &err) < 0)
		vs_problems_error(
			r->problems, vs_instance_mark(r, "locale", "timezone"), "'timezone' %s", err.text);
}

const char *vs_run_read(const struct vs_instance_reading *r)
{
	struct run_text text;

	fill_map(r, "run", &vs_run_rows, &text, sizeof(text));
	if (text.isolate == ISOLATE_PROCESS)
		vs_problems_error(r->problems, vs_instance_mark(r, "run", "isolate"),
			"'isolate: process' is not available in this release; remove it");
	if (text.grant.count > 0)
		vs_problems_error(r->problems, vs_instance_mark(r, "run", "grant"),
			"'grant' needs isolation, which is not available in this release; remove it");
	if (text.user)
		vs_problems_error(r->problems, vs_instance_mark(r, "run", "user"),
			"'user' needs isolation, which is not available in this release; remove it");
	if (text.sha256 && (strlen(text.sha256) != 64 || strspn(text.sha256, "0123456789abcdef") != 64))
		vs_problems_error(r->problems, vs_instance_mark(r, "run", "sha256"),
			"'sha256' must be 64 digits of 0-9 and a-f, as sha256sum prints them");
	return text.sha256;
}

/* A source is asked when somebody needs to know: it has no rounds of its own. */
void vs_source_read(const struct vs_instance_reading *r, struct vs_instance_conf *out)
{
	struct budget_text text;

	if (vs_node_get(r->node, "interval") != NULL)
		vs_problems_error(r->problems, vs_instance_mark(r, NULL, "interval"),
			"'interval' is for probes only: a source is asked when an address is new; remove it");
	out->budget_given = vs_node_get(r->node, "budget") != NULL;
	if (!out->budget_given)
		return;
	fill_map(r, "budget", &vs_budget_rows, &text, sizeof(text));
	out->budget = (struct vs_budget_conf){text.requests, text.per};
}
