#include "client/probe_set.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "client/probe_world.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "model/report.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/plugin.h"
#include "plug/search.h"

#define IDLE_DRAIN_MS 400 /* for instances that never ran: a turn of the loop is enough */

struct member {
	struct vs_round_probe probe;
	struct vs_budget_conf budget; /* of a source */
	bool lent; /* it belongs to the old set */
};

struct vs_probe_set {
	struct vs_probe_world *world;
	struct member *members;
	size_t count;
	size_t draining; /* instances still to end, and one for the call itself */
};

/* Reading the configuration into instances. */
struct making {
	struct vs_probe_set *set;
	const struct vs_probe_set *old;
	struct vs_search *search;
	bool pinned;
	struct vs_problems *problems;
	size_t failed;
};

static void fail(struct making *making, const struct vs_instance_conf *conf, const struct vs_err *err)
{
	vs_problems_error(making->problems, conf->mark, "%s", err->text);
	making->failed++;
}

/* `enabled: auto` without what it needs: said once, no failure. */
static bool is_skipped(const struct vs_instance_conf *conf, const struct vpns_plugin *desc)
{
	struct vs_buf names;
	bool skipped;

	vs_buf_init(&names);
	skipped = vs_instance_is_off(conf, desc, &names, NULL);
	if (skipped)
		vs_log(VS_LOG_INFO, "client", "%s %s is off: %s is not set", vs_use_text(conf), conf->name,
			vs_buf_text(&names));
	vs_buf_fini(&names);
	return skipped;
}

static const struct member *find_member(const struct vs_probe_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(vs_instance_name(set->members[i].probe.instance), name) == 0)
			return &set->members[i];
	return NULL;
}

static bool same_file(const struct vs_plugin *a, const struct vs_plugin *b)
{
	return strcmp(vs_plugin_sha256(a), vs_plugin_sha256(b)) == 0 &&
	       strcmp(vs_plugin_path(a), vs_plugin_path(b)) == 0;
}

/* The old set's instance, when the new configuration wants exactly that one. */
static struct vs_instance *find_same(
	const struct making *making, struct vs_plugin *plugin, const struct vs_instance_conf *conf)
{
	const struct member *before = making->old != NULL ? find_member(making->old, conf->name) : NULL;
	enum vs_difference difference = VS_DIFFER_ELSE;
	struct vs_problems ignored; /* whoever makes it anew tells them */

	if (before == NULL || !same_file(vs_instance_plugin(before->probe.instance), plugin))
		return NULL;
	vs_problems_init(&ignored);
	if (vs_instance_compare(before->probe.instance, conf, &difference, &ignored, NULL) < 0)
		difference = VS_DIFFER_ELSE;
	vs_problems_fini(&ignored);
	return difference == VS_DIFFER_NOT ? before->probe.instance : NULL;
}

/* Make before break would make two of it. */
static bool would_collide(const struct making *making, const struct vpns_plugin *desc)
{
	size_t i;

	if (making->old == NULL || (desc->flags & VPNS_PLUGIN_EXCLUSIVE) == 0)
		return false;
	for (i = 0; i < making->old->count; i++) {
		struct vs_plugin *plugin = vs_instance_plugin(making->old->members[i].probe.instance);

		if (strcmp(vs_plugin_desc(plugin)->name, desc->name) == 0)
			return true;
	}
	return false;
}

static struct vs_instance *make_anew(
	struct making *making, struct vs_plugin *plugin, const struct vs_instance_conf *conf)
{
	size_t errors = making->problems->errors;
	struct vs_instance *instance = NULL;
	struct vs_err err = {0};

	if (would_collide(making, vs_plugin_desc(plugin)))
		vs_err_set(&err, VS_ERR_REFUSED,
			"the probe '%s' cannot run twice, so its options cannot change while the client "
			"runs: "
			"restart the client",
			conf->name);
	else
		instance = vs_instance_create(
			vs_probe_world_env(making->set->world), plugin, conf, making->problems, &err);
	if (instance == NULL && making->problems->errors > errors)
		making->failed++; /* its options' mistakes are listed, the summary adds nothing */
	else if (instance == NULL)
		fail(making, conf, &err);
	return instance;
}

static void make_one(struct making *making, const struct vs_instance_conf *conf)
{
	const struct vs_plugin_request request = {
		.search = making->search,
		.kind = VPNS_KIND_PROBE,
		.name = conf->plugin,
		.sha256 = conf->sha256,
		.pinned = making->pinned,
	};
	struct vs_probe_set *set = making->set;
	struct vs_instance *instance;
	struct vs_plugin *plugin;
	struct vs_err err = {0};
	bool lent;

	plugin = vs_plugin_load(&request, &err);
	if (plugin == NULL) {
		fail(making, conf, &err);
		return;
	}
	if (is_skipped(conf, vs_plugin_desc(plugin)))
		goto out;
	instance = find_same(making, plugin, conf);
	lent = instance != NULL;
	if (!lent)
		instance = make_anew(making, plugin, conf);
	if (instance != NULL)
		set->members[set->count++] = (struct member){
			.probe = {.instance = instance,
				.timeout_ms = (uint32_t)conf->timeout_ms,
				.interval_ms = (uint64_t)conf->interval_ms},
			.budget = conf->budget,
			.lent = lent,
		};
out:
	vs_plugin_unref(plugin);
}

/* All of them, so that one run tells all mistakes. */
static int make_all(struct vs_probe_set *set, const struct vs_client_conf *conf,
	const struct vs_instances_conf *list, const struct vs_probe_set *old, struct vs_err *err)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems;
	struct making making = {
		.set = set,
		.old = old,
		.search = vs_search_create(conf->plugins.path.items, conf->plugins.path.count,
			vs_env_get(&env, "VPN_SENTINEL_PLUGIN_PATH")),
		.pinned = conf->plugins.trust == VS_TRUST_PINNED,
		.problems = &problems,
	};
	size_t i;

	vs_problems_init(&problems);
	set->members = vs_calloc(list->count + 1, sizeof(*set->members));
	for (i = 0; i < list->count; i++)
		if (list->items[i].enabled != VS_ENABLED_NO &&
			list->items[i].plugin != NULL) /* else the file's reader told it */
			make_one(&making, &list->items[i]);
	vs_problems_log(&problems, "client");
	vs_problems_fini(&problems);
	vs_search_destroy(making.search);
	if (making.failed > 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%zu of %zu %s cannot be used; correct or remove them and check with "
			"`vpn-sentinel check`",
			making.failed, list->count, list == &conf->probes ? "probes" : "sources of places");
	if (set->count > VS_REPORT_OBSERVATIONS_MAX)
		return vs_err_set(err, VS_ERR_TOO_BIG,
			"%zu probes are more than the %d that one report can hold", set->count,
			VS_REPORT_OBSERVATIONS_MAX);
	return 0;
}

static struct vs_probe_set *create(struct vs_probe_world *world, const struct vs_client_conf *conf,
	const struct vs_instances_conf *list, const struct vs_probe_set *old, struct vs_err *err)
{
	struct vs_probe_set *set = vs_zalloc(sizeof(*set));

	set->world = world;
	if (make_all(set, conf, list, old, err) == 0)
		return set;
	vs_probe_set_end(set, IDLE_DRAIN_MS);
	return NULL;
}

struct vs_probe_set *vs_probe_set_create(struct vs_probe_world *world, const struct vs_client_conf *conf,
	const struct vs_probe_set *old, struct vs_err *err)
{
	return create(world, conf, &conf->probes, old, err);
}

struct vs_probe_set *vs_probe_set_create_sources(struct vs_probe_world *world,
	const struct vs_client_conf *conf, const struct vs_probe_set *old, struct vs_err *err)
{
	return create(world, conf, vs_locate_used(&conf->locate, VS_LOCATE_BY_CLIENT), old, err);
}

struct vs_locate_source *vs_probe_set_sources(const struct vs_probe_set *set, size_t *count)
{
	struct vs_locate_source *sources = vs_calloc(set->count + 1, sizeof(*sources));
	size_t i;

	*count = set->count;
	for (i = 0; i < set->count; i++) {
		const struct member *member = &set->members[i];

		sources[i] = (struct vs_locate_source){
			.instance = member->probe.instance,
			.name = vs_instance_name(member->probe.instance),
			.timeout_ms = member->probe.timeout_ms,
			.requests = member->budget.requests,
			.per_ms = member->budget.per_ms,
		};
	}
	return sources;
}

void vs_probe_set_take(struct vs_probe_set *set, struct vs_probe_set *old)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < old->count; i++) {
		const struct vs_instance *instance = old->members[i].probe.instance;
		const struct member *taken = find_member(set, vs_instance_name(instance));

		if (taken == NULL || taken->probe.instance != instance)
			old->members[kept++] = old->members[i];
	}
	old->count = kept;
	for (i = 0; i < set->count; i++)
		set->members[i].lent = false;
}

static void one_ended(struct vs_probe_set *set)
{
	if (--set->draining > 0)
		return;
	vs_probe_world_ended(set->world);
	vs_free(set->members);
	vs_free(set);
}

static void instance_drained(void *arg, enum vs_drained how)
{
	(void)how; /* plug has logged what there is to say */
	one_ended(arg);
}

void vs_probe_set_end(struct vs_probe_set *set, uint32_t timeout_ms)
{
	size_t i;

	if (set == NULL)
		return;
	vs_probe_world_ending(set->world);
	set->draining = set->count + 1;
	for (i = 0; i < set->count; i++) {
		if (set->members[i].lent)
			set->draining--;
		else
			vs_instance_drain(set->members[i].probe.instance, timeout_ms, instance_drained, set);
	}
	one_ended(set);
}

void vs_probe_set_names(const struct vs_probe_set *set, struct vs_buf *names)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		vs_buf_printf(
			names, "%s%s", i == 0 ? "" : ", ", vs_instance_name(set->members[i].probe.instance));
	if (set->count == 0)
		vs_buf_add_text(names, "none");
}

void vs_probe_set_differences(
	const struct vs_probe_set *set, const struct vs_probe_set *old, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct vs_round_probe *probe = &set->members[i].probe;
		const char *name = vs_instance_name(probe->instance);
		const struct member *before = find_member(old, name);

		if (before == NULL)
			vs_buf_printf(out, " +%s", name);
		else if (before->probe.instance != probe->instance ||
			 before->probe.timeout_ms != probe->timeout_ms ||
			 before->probe.interval_ms != probe->interval_ms)
			vs_buf_printf(out, " ~%s", name);
	}
	for (i = 0; i < old->count; i++) {
		const char *name = vs_instance_name(old->members[i].probe.instance);

		if (find_member(set, name) == NULL)
			vs_buf_printf(out, " -%s", name);
	}
}

struct vs_round *vs_probe_set_round(struct vs_probe_set *set, vs_round_done *done, void *arg)
{
	struct vs_round_probe *probes = vs_calloc(set->count + 1, sizeof(*probes));
	struct vs_round *round;
	size_t i;

	for (i = 0; i < set->count; i++)
		probes[i] = set->members[i].probe;
	round = vs_round_create(vs_probe_world_loop(set->world), probes, set->count, 0, done, arg);
	vs_free(probes);
	return round;
}
