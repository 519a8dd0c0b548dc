#include "config/instance_inside.h"

#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/text.h"
#include "config/hidden.h"
#include "config/outline.h"
#include "config/rows.h"

#define NAME_MAX_LEN 64
#define PLUGIN_MAX_LEN 32
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"
#define NAME_CHARS SMALL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* The scalar keys of an instance, as they stand in the file. */
struct instance_text {
	const char *plugin;
	const char *name;
	const char *enabled;
	const char *when;
	const char *unless;
	uint32_t control;
	int64_t interval;
	int64_t timeout;
	struct vpns_list remind;
};

static const struct vpns_option instance_options[] = {
	{"plugin", VPNS_TEXT(struct instance_text, plugin), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"the plugin's name; 'vpn-sentinel plugin list' shows them"},
	{"name", VPNS_TEXT(struct instance_text, name), 0, NULL, 0, 0, 0, NULL,
		"what this use of the plugin is called; the plugin's name when not given"},
	{"enabled", VPNS_TEXT(struct instance_text, enabled), 0, "yes", 0, 0, 0, NULL,
		"yes, no, or auto: skipped when a required option is unset"},
	{"when", VPNS_TEXT(struct instance_text, when), 0, NULL, 0, 0, 0, NULL,
		"given and empty, as '${NAME:-}' is when NAME is not set: this is left out"},
	{"unless", VPNS_TEXT(struct instance_text, unless), 0, NULL, 0, 0, 0, NULL,
		"given and not empty: this is left out"},
	{"control", VPNS_CHOICE(struct instance_text, control), 0, "required", 0, 0, 0, "required|sufficient",
		"whether this access check must allow, or may"},
	{"interval", VPNS_DURATION(struct instance_text, interval), 0, NULL, 1000, 86400000, 1000, NULL,
		"time between two runs of this probe"},
	{"timeout", VPNS_DURATION(struct instance_text, timeout), 0, NULL, 100, 600000, 1000, NULL,
		"the longest an operation may take"},
	{"remind", VPNS_LIST(struct instance_text, remind), 0, NULL, 0, VS_REMIND_GAPS_MAX, 0, NULL,
		"growing gaps after which an incident is told again that nobody acknowledged"},
};

static const char *const instance_maps[] = {
	"route", "group", "escalate", "quiet", "locale", "run", "options", NULL};
static const char *const source_maps[] = {"route", "group", "locale", "run", "options", "budget", NULL};
const struct vs_rows vs_instance_rows = VS_ROWS(instance_options, "an instance", instance_maps);
static const struct vs_rows source_rows = VS_ROWS(instance_options, "a source", source_maps);

/* Keys that mean something for some kinds only. */
static const struct {
	const char *key;
	uint32_t kind;
	const char *only;
} restricted[] = {
	{"control", VPNS_KIND_AUTH, "access checks"},
	{"interval", VPNS_KIND_PROBE, "probes"},
	{"route", VPNS_KIND_NOTIFIER, "notifiers"},
	{"group", VPNS_KIND_NOTIFIER, "notifiers"},
	{"remind", VPNS_KIND_NOTIFIER, "notifiers"},
	{"escalate", VPNS_KIND_NOTIFIER, "notifiers"},
	{"quiet", VPNS_KIND_NOTIFIER, "notifiers"},
	{"locale", VPNS_KIND_NOTIFIER, "notifiers"},
};

const char *vs_kind_text(uint32_t kind)
{
	static const char *const texts[] = {"plugin", "probe", "notifier", "auth", "store"};

	return texts[kind <= VPNS_KIND_STORE ? kind : 0];
}

const char *vs_use_text(const struct vs_instance_conf *conf)
{
	return conf->locates ? "source" : vs_kind_text(conf->kind);
}

static bool is_name(const char *text, size_t max, const char *first, const char *rest)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && strspn(text, first) > 0 && strspn(text, rest) == len;
}

static void check_kind(const struct vs_instance_reading *r, uint32_t kind)
{
	size_t i;

	for (i = 0; i < sizeof(restricted) / sizeof(restricted[0]); i++) {
		if (restricted[i].kind != kind && vs_node_get(r->node, restricted[i].key))
			vs_problems_error(r->problems, vs_instance_mark(r, NULL, restricted[i].key),
				"'%s' is for %s only; remove it", restricted[i].key, restricted[i].only);
	}
}

static enum vs_enabled read_enabled(const struct vs_instance_reading *r, const char *text)
{
	bool yes = true;

	if (vs_view_equal_nocase(vs_view_of(text), "auto"))
		return VS_ENABLED_AUTO;
	if (vs_bool_parse(&yes, vs_view_of(text)) < 0)
		vs_problems_error(r->problems, vs_instance_mark(r, NULL, "enabled"),
			"'enabled' must be yes, no or auto, not '%.60s'", text);
	return yes ? VS_ENABLED_YES : VS_ENABLED_NO;
}

/* An empty value is no value; that its key stands there means something all the same. */
static bool has_key(const struct vs_node *map, const char *key)
{
	size_t i;

	for (i = 0; i < vs_node_count(map); i++)
		if (strcmp(vs_node_key(map, i, NULL), key) == 0)
			return true;
	return false;
}

static void read_keys(const struct vs_instance_reading *r, struct vs_instance_conf *out)
{
	struct instance_text text;

	vs_rows_fill(out->locates ? &source_rows : &vs_instance_rows, r->node, vs_node_mark(r->node), NULL,
		&text, sizeof(text), r->arena, r->problems);
	out->plugin = text.plugin;
	out->name = text.name ? text.name : text.plugin;
	out->enabled = text.enabled ? read_enabled(r, text.enabled) : VS_ENABLED_YES;
	out->off = "enabled is no";
	if (text.unless != NULL) {
		out->enabled = VS_ENABLED_NO;
		out->off = "unless is set";
	} else if (text.when == NULL && has_key(r->node, "when")) {
		out->enabled = VS_ENABLED_NO;
		out->off = "when is empty";
	}
	out->control = text.control;
	out->interval_ms = text.interval;
	out->timeout_ms = text.timeout;
	vs_remind_read(r->node, &text.remind, &out->remind, r->arena, r->problems);
	vs_quiet_read(r->node, &out->quiet, r->arena, r->problems);
	if (text.plugin && !is_name(text.plugin, PLUGIN_MAX_LEN, SMALL_LETTERS, SMALL_LETTERS "0123456789_"))
		vs_problems_error(r->problems, vs_instance_mark(r, NULL, "plugin"),
			"'%.60s' is no plugin's name: a small letter, then at most 31 of a-z, 0-9 and '_'",
			text.plugin);
	if (text.name && !is_name(text.name, NAME_MAX_LEN, NAME_CHARS, NAME_CHARS))
		vs_problems_error(r->problems, vs_instance_mark(r, NULL, "name"),
			"'name' must be 1 to 64 of A-Z, a-z, 0-9, '_', '.' and '-', not '%.60s'", text.name);
}

static bool read_one(const struct vs_node *node, uint32_t kind, bool locates, const char *section,
	struct vs_instance_conf *out, struct vs_arena *arena, struct vs_problems *problems)
{
	size_t errors = problems->errors;
	struct vs_instance_reading r = {node, arena, problems};

	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->locates = locates;
	out->route.severity = VS_ROUTE_INFO;
	if (!vs_node_is_set(node))
		return true;
	if (!vs_node_expect(node, VS_NODE_MAP, section, problems))
		return false;
	out->mark = vs_node_mark(node);
	read_keys(&r, out);
	vs_group_read(&r, out);
	vs_route_read(&r, &out->route);
	vs_locale_read(&r, out);
	out->sha256 = vs_run_read(&r);
	out->options = vs_node_get(node, "options");
	if (!vs_node_expect(out->options, VS_NODE_MAP, "options", problems))
		out->options = NULL;
	vs_hidden_note(out->options);
	check_kind(&r, kind);
	if (locates)
		vs_source_read(&r, out);
	return problems->errors == errors;
}

bool vs_instance_read(const struct vs_node *node, uint32_t kind, const char *section,
	struct vs_instance_conf *out, struct vs_arena *arena, struct vs_problems *problems)
{
	return read_one(node, kind, false, section, out, arena, problems);
}

/* One name is one instance: two would share their state and their lines in the log. */
struct named {
	const struct vs_instance_conf *instance;
	UT_hash_handle hh;
};

static void check_names(const struct vs_instances_conf *list, struct vs_problems *problems)
{
	struct named *seen = NULL;
	struct named *one;
	struct named *tmp;
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct vs_instance_conf *item = &list->items[i];

		HASH_FIND_STR(seen, item->name, one);
		if (one) {
			vs_problems_error(problems, item->mark,
				"a second %s is called '%s', like the one at line %u; give it another 'name'",
				vs_use_text(item), item->name, one->instance->mark.line);
			continue;
		}
		one = vs_zalloc(sizeof(*one));
		one->instance = item;
		HASH_ADD_KEYPTR(hh, seen, item->name, strlen(item->name), one);
	}
	HASH_ITER (hh, seen, one, tmp) {
		HASH_DEL(seen, one);
		vs_free(one);
	}
}

static bool read_list(const struct vs_node *list, uint32_t kind, bool locates, const char *section,
	struct vs_instances_conf *out, struct vs_arena *arena, struct vs_problems *problems)
{
	size_t errors = problems->errors;
	size_t i;

	*out = (struct vs_instances_conf){NULL, 0};
	if (!vs_node_is_set(list))
		return true;
	if (!vs_node_expect(list, VS_NODE_SEQUENCE, section, problems))
		return false;
	out->items = vs_arena_alloc(arena, (vs_node_count(list) + 1) * sizeof(*out->items));
	for (i = 0; i < vs_node_count(list); i++) {
		const struct vs_node *item = vs_node_item(list, i);

		if (vs_node_is_set(item) && vs_node_kind(item) != VS_NODE_MAP) {
			vs_problems_error(problems, vs_node_mark(item),
				"an item of '%s' must be a map ('plugin: NAME'), not %s", section,
				vs_node_kind_text(vs_node_kind(item)));
			continue;
		}
		read_one(item, kind, locates, section, &out->items[out->count], arena, problems);
		if (out->items[out->count].plugin)
			out->count++;
	}
	check_names(out, problems);
	return problems->errors == errors;
}

bool vs_instances_read(const struct vs_node *list, uint32_t kind, const char *section,
	struct vs_instances_conf *out, struct vs_arena *arena, struct vs_problems *problems)
{
	return read_list(list, kind, false, section, out, arena, problems);
}

bool vs_sources_read(const struct vs_node *list, struct vs_instances_conf *out, struct vs_arena *arena,
	struct vs_problems *problems)
{
	return read_list(list, VPNS_KIND_PROBE, true, "sources", out, arena, problems);
}
