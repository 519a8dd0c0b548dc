#include "cli/checkup.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/catalog.h"
#include "cli/shown.h"
#include "cli/tryout.h"
#include "client/compose.h"
#include "client/endpoint.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/rows.h"
#include "config/server_conf.h"
#include "model/kind.h"
#include "model/policy.h"
#include "model/report.h"
#include "model/rules.h"
#include "net/tls.h"
#include "plug/filled.h"
#include "plug/plugin.h"
#include "plug/search.h"
#include "server/door.h"
#include "server/heartbeat.h"
#include "server/language.h"
#include "server/route.h"
#include "server/rules_conf.h"

static const struct vs_env process_env = {NULL};

/* Where the plugins of one configuration come from. */
struct source {
	struct vs_checkup *checkup;
	struct vs_search *search;
	bool pinned;
	const char *folder; /* that paths among their options start from */
	struct vs_tryout *tryout;
};

static void source_begin(struct source *source, struct vs_checkup *checkup,
	const struct vs_plugins_conf *plugins, const char *folder)
{
	*source = (struct source){
		.checkup = checkup,
		.search = vs_catalog_search(&plugins->path),
		.pinned = plugins->trust == VS_TRUST_PINNED,
		.folder = folder,
		.tryout = vs_tryout_create(folder),
	};
}

static void source_end(struct source *source)
{
	vs_tryout_destroy(source->tryout);
	vs_search_destroy(source->search);
}

void vs_checkup_init(struct vs_checkup *checkup)
{
	memset(checkup, 0, sizeof(*checkup));
}

void vs_checkup_fini(struct vs_checkup *checkup)
{
	vs_problems_fini(&checkup->problems);
	vs_buf_fini(&checkup->skipped_lines);
}

static void skip(struct vs_checkup *checkup, const struct vs_instance_conf *conf, const char *why)
{
	char *name = vs_shown(conf->name);

	if (conf->mark.file != NULL)
		vs_buf_printf(&checkup->skipped_lines, "%s:%u:%u: ", conf->mark.file, conf->mark.line,
			conf->mark.column);
	vs_buf_printf(&checkup->skipped_lines, "skipped: %s '%s': %s\n", vs_use_text(conf), name, why);
	checkup->skipped++;
	vs_free(name);
}

/* `enabled: auto` without what it needs. */
static bool is_skipped(
	struct vs_checkup *checkup, const struct vs_instance_conf *conf, const struct vpns_plugin *desc)
{
	const struct vs_rows rows = {
		desc->options, desc->option_count, desc->option_stride, conf->name, NULL};
	struct vs_buf names;
	struct vs_buf why;
	bool skipped;

	if (conf->enabled != VS_ENABLED_AUTO)
		return false;
	vs_buf_init(&names);
	vs_buf_init(&why);
	skipped = vs_rows_missing_required(&rows, conf->options, &names) > 0;
	if (skipped) {
		vs_buf_printf(&why, "enabled is auto, and not set: %s", vs_buf_text(&names));
		skip(checkup, conf, vs_buf_text(&why));
	}
	vs_buf_fini(&why);
	vs_buf_fini(&names);
	return skipped;
}

/* Is there a mistake below node that was reported when the file was read? */
static bool has_broken(const struct vs_node *node)
{
	bool broken = vs_node_is_broken(node);
	size_t i;

	for (i = 0; !broken && i < vs_node_count(node); i++)
		broken = has_broken(vs_node_item(node, i));
	return broken;
}

static void note_route(struct vs_checkup *checkup, const struct vs_instance_conf *conf)
{
	struct vs_err err;
	int kind;

	if (vs_route_check(&conf->route, &err) < 0)
		vs_problems_error(&checkup->problems, conf->route.mark, "%s", err.text);
	for (kind = 0; kind < VS_KINDS; kind++) {
		enum vs_severity severity = vs_kind_severity((enum vs_kind)kind);

		if (vs_route_takes(&conf->route, (enum vs_kind)kind, severity))
			checkup->severities |= 1u << severity;
	}
}

/* To leave out what is info is a choice that many make. */
static void check_routes(struct vs_checkup *checkup, const struct vs_node *root)
{
	int severity;

	if (checkup->used[VPNS_KIND_NOTIFIER] == 0)
		return;
	for (severity = VS_SEVERITY_WARNING; severity <= VS_SEVERITY_CRITICAL; severity++)
		if ((checkup->severities & (1u << severity)) == 0)
			vs_problems_warn(&checkup->problems, vs_mark_of(root, "notifiers"),
				"nobody is told of anything %s: no channel's 'route' takes it",
				vs_severity_name((enum vs_severity)severity));
}

/*
 * A store is not made, since that would open its files, and nothing is of options that cannot be read: it
 * would complain of what was told already. Then the options alone are looked at.
 */
static void check_plugin(
	const struct source *source, const struct vs_instance_conf *conf, struct vs_plugin *plugin)
{
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);
	struct vs_checkup *checkup = source->checkup;
	struct vs_filled filled;

	if (is_skipped(checkup, conf, desc))
		return;
	if (conf->locates)
		checkup->sources++;
	else
		checkup->used[conf->kind]++;
	if (conf->kind == VPNS_KIND_NOTIFIER)
		note_route(checkup, conf);
	if (conf->kind == VPNS_KIND_NOTIFIER && !vs_language_is_there(conf->language))
		vs_problems_warn(&checkup->problems, conf->mark,
			"the catalog of 'language: %s' is not installed: messages would be in English",
			conf->language);
	if (conf->kind != VPNS_KIND_STORE && !has_broken(conf->options)) {
		vs_tryout_make(source->tryout, plugin, conf, &checkup->problems);
		return;
	}
	vs_filled_read(&filled, desc, conf, source->folder, &checkup->problems);
	vs_filled_fini(&filled);
}

static void check_instance(const struct source *source, const struct vs_instance_conf *conf)
{
	const struct vs_plugin_request request = {
		source->search, conf->kind, conf->plugin, conf->sha256, source->pinned};
	struct vs_plugin *plugin;
	struct vs_err err;

	if (conf->plugin == NULL)
		return; /* reported when the file was read */
	if (conf->enabled == VS_ENABLED_NO) {
		skip(source->checkup, conf, conf->off);
		return;
	}
	plugin = vs_plugin_load(&request, &err);
	if (plugin == NULL)
		vs_problems_error(&source->checkup->problems, conf->mark, "%s", err.text);
	else
		check_plugin(source, conf, plugin);
	vs_plugin_unref(plugin);
}

static void check_instances(const struct source *source, const struct vs_instances_conf *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		check_instance(source, &list->items[i]);
}

struct tls_check {
	struct vs_checkup *checkup;
	struct vs_mark mark;
};

static void on_tls_warning(void *arg, const char *sentence)
{
	const struct tls_check *check = arg;

	vs_problems_warn(&check->checkup->problems, check->mark, "%s", sentence);
}

/* The files themselves, as the server would read them. */
static void check_tls(struct vs_checkup *checkup, const struct vs_server_tls_conf *tls)
{
	const struct vs_tls_conf conf = {
		tls->cert, tls->key, tls->min_version == 1 ? VS_TLS_1_3 : VS_TLS_1_2};
	struct tls_check check = {checkup, tls->mark};
	struct vs_tls_context *context;
	struct vs_err err;

	if (tls->cert == NULL || tls->key == NULL)
		return; /* half of it was reported when the file was read */
	context = vs_tls_context_create(&conf, &err);
	if (context == NULL) {
		vs_problems_error(&checkup->problems, tls->mark, "%s", err.text);
		return;
	}
	vs_tls_facts_warn(vs_tls_context_facts(context), vs_wall_ms(), on_tls_warning, &check);
	vs_tls_context_unref(context);
}

/* What the role says when it starts, so that it need not. */
static void check_server_rules(struct vs_checkup *checkup, const struct vs_server_conf *conf)
{
	const struct vs_node *root = vs_conf_root(conf->tree);
	struct vs_policies *policies;
	struct vs_rules rules;
	struct vs_doors *doors;
	struct vs_err err;

	if (vs_rules_from_conf(&rules, conf, &err) < 0)
		vs_problems_error(&checkup->problems,
			vs_mark_of(vs_node_get(root, "monitor"), "dns_leak_tolerance"), "%s", err.text);
	vs_rules_fini(&rules);
	policies = vs_policies_create();
	if (vs_policies_from_conf(policies, conf, &err) < 0)
		vs_problems_error(&checkup->problems, vs_mark_of(vs_node_get(root, "monitor"), "policy"),
			"%s", err.text);
	vs_policies_destroy(policies);
	if (vs_heartbeat_check(&conf->heartbeat, &err) < 0)
		vs_problems_error(&checkup->problems, vs_mark_of(vs_node_get(root, "heartbeat"), "url"), "%s",
			err.text);
	doors = vs_doors_create(conf, false, &err);
	if (doors == NULL)
		vs_problems_error(&checkup->problems, vs_mark_of(root, "auth"), "%s", err.text);
	vs_doors_destroy(doors);
}

void vs_checkup_server(struct vs_checkup *checkup, const char *path)
{
	struct vs_server_conf *conf = vs_server_conf_read(path, &process_env, &checkup->problems);
	struct source source;

	if (conf == NULL)
		return;
	source_begin(&source, checkup, &conf->plugins, conf->folder);
	check_instances(&source, &conf->auth);
	check_instance(&source, &conf->store);
	check_instances(&source, &conf->notifiers);
	check_instances(&source, &conf->probes);
	check_instances(&source, vs_locate_used(&conf->locate, VS_LOCATE_BY_SERVER));
	check_routes(checkup, vs_conf_root(conf->tree));
	check_server_rules(checkup, conf);
	check_tls(checkup, &conf->tls);
	vs_env_check(&process_env, conf->tree, &checkup->problems);
	source_end(&source);
	vs_server_conf_destroy(conf);
}

/* Where a tag stands, among those of a sequence or in a text of several. */
static struct vs_mark mark_of_tag(const struct vs_node *client, const char *tag)
{
	const struct vs_node *tags = vs_node_get(client, "tags");
	size_t i;

	for (i = 0; i < vs_node_count(tags); i++) {
		const struct vs_node *item = vs_node_item(tags, i);

		if (vs_view_equal_text(vs_view_trim(vs_view_of(vs_node_text(item))), tag))
			return vs_node_mark(item);
	}
	return vs_mark_of(client, "tags");
}

/* One by one, so that one run tells all that are bad; then their number. */
static void check_tags(struct vs_checkup *checkup, const struct vs_client_conf *conf)
{
	const struct vs_node *client = vs_node_get(vs_conf_root(conf->tree), "client");
	const struct vpns_list *tags = &conf->client.tags;
	size_t bad = 0;
	struct vs_err err;
	uint32_t i;

	for (i = 0; i < tags->count; i++) {
		const char *rule;

		if (vs_compose_check_tags(&tags->items[i], 1, &err) == 0)
			continue;
		bad++;
		rule = strstr(err.text, "]: "); /* behind the place in a report that nobody made */
		vs_problems_error(&checkup->problems, mark_of_tag(client, tags->items[i]),
			"servers would refuse every report with the tag '%.80s': %s", tags->items[i],
			rule != NULL ? rule + 3 : err.text);
	}
	if (bad == 0 && tags->count > 0 && vs_compose_check_tags(tags->items, tags->count, &err) < 0)
		vs_problems_error(&checkup->problems, vs_mark_of(client, "tags"), "%s", err.text);
}

/* What the role says of section, blamed on key of the map client. */
static void check_endpoint(struct vs_checkup *checkup, const struct vs_client_section *section,
	const struct vs_node *client, const char *key)
{
	struct vs_endpoint endpoint;
	struct vs_err err;

	if (vs_endpoint_init(&endpoint, section, &err) < 0)
		vs_problems_error(&checkup->problems, vs_mark_of(client, key), "%s", err.text);
	vs_endpoint_fini(&endpoint);
}

/* The URL and the files of certificates each by itself: the role stops at the first. */
static void check_endpoints(struct vs_checkup *checkup, const struct vs_client_conf *conf)
{
	const struct vs_node *client = vs_node_get(vs_conf_root(conf->tree), "client");
	struct vs_client_section section = conf->client;

	section.ca = NULL;
	section.cert = NULL;
	section.cert_key = NULL;
	if (section.server != NULL) /* else it was reported when the file was read */
		check_endpoint(checkup, &section, client, "server");
	section.server = "http://localhost";
	section.ca = conf->client.ca;
	if (section.ca != NULL)
		check_endpoint(checkup, &section, client, "ca");
	section.ca = NULL;
	section.cert = conf->client.cert;
	section.cert_key = conf->client.cert_key;
	if (section.cert != NULL && section.cert_key != NULL)
		check_endpoint(checkup, &section, client, "cert");
}

void vs_checkup_client(struct vs_checkup *checkup, const char *path)
{
	struct vs_client_conf *conf = vs_client_conf_read(path, &process_env, &checkup->problems);
	struct source source;

	if (conf == NULL)
		return;
	source_begin(&source, checkup, &conf->plugins, conf->folder);
	check_instances(&source, &conf->probes);
	check_instances(&source, vs_locate_used(&conf->locate, VS_LOCATE_BY_CLIENT));
	if (checkup->used[VPNS_KIND_PROBE] > VS_REPORT_OBSERVATIONS_MAX)
		vs_problems_error(&checkup->problems, vs_mark_of(vs_conf_root(conf->tree), "probes"),
			"%zu probes are more than the %d that one report can hold",
			checkup->used[VPNS_KIND_PROBE], VS_REPORT_OBSERVATIONS_MAX);
	check_tags(checkup, conf);
	check_endpoints(checkup, conf);
	vs_env_check(&process_env, conf->tree, &checkup->problems);
	source_end(&source);
	vs_client_conf_destroy(conf);
}
