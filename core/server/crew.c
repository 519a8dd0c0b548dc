#include "server/crew.h"

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/require.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/rows.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/search.h"

#define AREA "server"
#define KINDS 5 /* VPNS_KIND_* count from 1 */
#define GIVE_UP_MS 2000 /* for what was made before a start failed */

struct group {
	struct vs_member *members;
	size_t count;
};

struct vs_crew {
	const struct vs_plug_env *env;
	const struct vs_server_conf *conf;
	struct group groups[KINDS];
	size_t draining; /* instances still to end, and one for the call itself */
	struct vs_timer *drained; /* so that done comes from the loop */
	void (*done)(void *arg);
	void *arg;
};

/* What making a crew needs besides. */
struct making {
	struct vs_crew *crew;
	struct vs_problems problems;
	size_t failed;
	size_t wanted;
};

void vs_crew_log_problems(const struct vs_problems *problems)
{
	struct vs_buf line;
	size_t i;

	vs_buf_init(&line);
	for (i = 0; i < problems->count; i++) {
		vs_buf_clear(&line);
		vs_problem_format(&problems->items[i], &line);
		vs_log(problems->items[i].severity == VS_PROBLEM_ERROR ? VS_LOG_ERROR : VS_LOG_WARN, AREA,
			"%s", vs_buf_text(&line));
	}
	vs_buf_fini(&line);
}

struct vs_plugin *vs_crew_load(
	const struct vs_server_conf *conf, const struct vs_instance_conf *instance, struct vs_err *err)
{
	const struct vs_env env = {NULL};
	struct vs_search *search = vs_search_create(conf->plugins.path.items, conf->plugins.path.count,
		vs_env_get(&env, "VPN_SENTINEL_PLUGIN_PATH"));
	const struct vs_plugin_request request = {
		.search = search,
		.kind = instance->kind,
		.name = instance->plugin,
		.sha256 = instance->sha256,
		.pinned = conf->plugins.trust == VS_TRUST_PINNED,
	};
	struct vs_plugin *plugin = vs_plugin_load(&request, err);

	vs_search_destroy(search);
	return plugin;
}

/* `enabled: auto` without what it needs: said once, no failure. */
static bool is_skipped(const struct vs_instance_conf *conf, const struct vpns_plugin *desc)
{
	const struct vs_rows rows = {
		.options = desc->options,
		.count = desc->option_count,
		.stride = desc->option_stride,
		.owner = conf->name,
	};
	struct vs_buf names;
	bool skipped;

	if (conf->enabled != VS_ENABLED_AUTO)
		return false;
	vs_buf_init(&names);
	skipped = vs_rows_missing_required(&rows, conf->options, &names) > 0;
	if (skipped)
		vs_log(VS_LOG_INFO, AREA, "%s %s is off, because it has no %s", vs_kind_text(conf->kind),
			conf->name, vs_buf_text(&names));
	vs_buf_fini(&names);
	return skipped;
}

static void make_one(struct making *making, struct group *group, const struct vs_instance_conf *conf)
{
	size_t errors = making->problems.errors;
	struct vs_instance *instance = NULL;
	struct vs_plugin *plugin;
	struct vs_err err = {0};

	making->wanted++;
	plugin = vs_crew_load(making->crew->conf, conf, &err);
	if (plugin != NULL && is_skipped(conf, vs_plugin_desc(plugin))) {
		vs_plugin_unref(plugin);
		return;
	}
	if (plugin != NULL)
		instance = vs_instance_create(making->crew->env, plugin, conf, &making->problems, &err);
	vs_plugin_unref(plugin);
	if (instance != NULL) {
		group->members[group->count++] = (struct vs_member){instance, conf};
		return;
	}
	making->failed++;
	if (making->problems.errors == errors) /* otherwise the mistakes are listed already */
		vs_problems_error(&making->problems, conf->mark, "%s", err.text);
}

static void make_group(struct making *making, const struct vs_instances_conf *list, uint32_t kind)
{
	struct group *group = &making->crew->groups[kind];
	size_t i;

	group->members = vs_calloc(list->count + 1, sizeof(*group->members));
	for (i = 0; i < list->count; i++)
		if (list->items[i].enabled != VS_ENABLED_NO)
			make_one(making, group, &list->items[i]);
}

static void on_all_drained(void *arg)
{
	struct vs_crew *crew = arg;

	crew->done(crew->arg);
}

/* A start that failed, until those that were made have ended. */
struct giving_up {
	struct vs_loop *loop;
	bool ended;
};

static void on_given_up(void *arg)
{
	struct giving_up *giving_up = arg;

	giving_up->ended = true;
	vs_loop_stop(giving_up->loop);
}

struct vs_crew *vs_crew_create(
	const struct vs_plug_env *env, const struct vs_server_conf *conf, struct vs_err *err)
{
	struct vs_crew *crew = vs_zalloc(sizeof(*crew));
	struct making making = {.crew = crew};
	struct giving_up giving_up = {.loop = env->loop};

	crew->env = env;
	crew->conf = conf;
	crew->drained = vs_timer_create(env->loop, on_all_drained, crew);
	vs_problems_init(&making.problems);
	make_group(&making, &conf->auth, VPNS_KIND_AUTH);
	make_group(&making, &conf->notifiers, VPNS_KIND_NOTIFIER);
	make_group(&making, &conf->probes, VPNS_KIND_PROBE);
	vs_crew_log_problems(&making.problems);
	vs_problems_fini(&making.problems);
	if (making.failed == 0)
		return crew;
	vs_err_set(err, VS_ERR_INVALID,
		"%zu of %zu access checks, notifiers and probes cannot be used; correct or remove them and "
		"check with `vpn-sentinel check`",
		making.failed, making.wanted);
	vs_crew_drain(crew, GIVE_UP_MS, on_given_up, &giving_up);
	while (!giving_up.ended) /* a signal may stop the loop before */
		vs_loop_run(env->loop);
	vs_crew_destroy(crew);
	return NULL;
}

size_t vs_crew_count(const struct vs_crew *crew, uint32_t kind)
{
	return crew->groups[kind].count;
}

const struct vs_member *vs_crew_member(const struct vs_crew *crew, uint32_t kind, size_t index)
{
	VS_REQUIRE(index < crew->groups[kind].count);
	return &crew->groups[kind].members[index];
}

static void on_drained(void *arg, enum vs_drained how)
{
	struct vs_crew *crew = arg;

	(void)how; /* plug has logged what there is to say */
	if (--crew->draining == 0)
		vs_timer_start(crew->drained, 0);
}

void vs_crew_drain(struct vs_crew *crew, uint32_t timeout_ms, void (*done)(void *arg), void *arg)
{
	size_t kind;
	size_t i;

	crew->done = done;
	crew->arg = arg;
	crew->draining = 1;
	for (kind = 0; kind < KINDS; kind++) {
		for (i = 0; i < crew->groups[kind].count; i++) {
			crew->draining++;
			vs_instance_drain(
				crew->groups[kind].members[i].instance, timeout_ms, on_drained, crew);
		}
	}
	on_drained(crew, VS_DRAIN_CLEAN);
}

void vs_crew_destroy(struct vs_crew *crew)
{
	size_t kind;

	if (crew == NULL)
		return;
	VS_REQUIRE(crew->draining == 0);
	vs_timer_destroy(crew->drained);
	for (kind = 0; kind < KINDS; kind++)
		vs_free(crew->groups[kind].members);
	vs_free(crew);
}
