#include "server/crew.h"

#include <utlist.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/require.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/search.h"
#include "server/crew_inside.h"

#define AREA "server"
#define GIVE_UP_MS 2000 /* for what was made before a start failed */

/* An instance that is ending. */
struct retiree {
	struct vs_crew *crew;
	struct vs_instance *instance;
	void (*gone)(void *arg); /* NULL: nobody waits for it */
	void *arg;
	struct retiree *prev;
	struct retiree *next;
};

uint32_t vs_crew_kind(const struct vs_instance_conf *conf)
{
	return conf->locates ? VS_CREW_SOURCES : conf->kind;
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

static void on_all_drained(void *arg)
{
	struct vs_crew *crew = arg;

	crew->done(crew->arg);
}

/* A start that failed, until those that were made have ended. */
static void on_given_up(void *arg)
{
	struct vs_crew *crew = arg;

	crew->ending = false;
	vs_loop_stop(crew->env->loop);
}

static void give_up(struct vs_crew *crew)
{
	vs_crew_drain(crew, GIVE_UP_MS, on_given_up, crew);
	while (crew->ending) /* a signal may stop the loop before */
		vs_loop_run(crew->env->loop);
	vs_crew_destroy(crew);
}

struct vs_crew *vs_crew_create(
	const struct vs_plug_env *env, const struct vs_server_conf *conf, struct vs_err *err)
{
	struct vs_crew *crew = vs_zalloc(sizeof(*crew));
	struct vs_crew_change *change;
	struct vs_problems problems;
	size_t failed;
	size_t wanted;

	crew->env = env;
	crew->drained = vs_timer_create(env->loop, on_all_drained, crew);
	vs_problems_init(&problems);
	change = vs_crew_change_prepare(crew, conf, &problems);
	vs_problems_log(&problems, AREA);
	failed = vs_crew_change_failed(change, &wanted);
	if (failed == 0) {
		vs_crew_change_commit(change);
		vs_crew_change_destroy(change);
	} else {
		vs_crew_change_undo(change, GIVE_UP_MS);
		vs_err_set(err, VS_ERR_INVALID, VS_CREW_UNUSABLE, failed, wanted);
		give_up(crew);
		crew = NULL;
	}
	vs_problems_fini(&problems);
	return crew;
}

size_t vs_crew_count(const struct vs_crew *crew, uint32_t kind)
{
	return crew->groups[kind].count;
}

struct vs_member *vs_crew_member(const struct vs_crew *crew, uint32_t kind, size_t index)
{
	VS_REQUIRE(index < crew->groups[kind].count);
	return &crew->groups[kind].members[index];
}

void vs_crew_watch(struct vs_crew *crew,
	void (*ended)(void *arg, const struct vs_instance *instance, enum vs_drained how), void *arg)
{
	crew->ended = ended;
	crew->ended_arg = arg;
}

/* --- the end --------------------------------------------------------------------------- */

static void on_drained(struct vs_crew *crew)
{
	if (--crew->draining == 0)
		vs_timer_start(crew->drained, 0);
}

static void on_retired(void *arg, enum vs_drained how)
{
	struct retiree *retiree = arg;
	struct vs_crew *crew = retiree->crew;

	DL_DELETE(crew->retirees, retiree);
	if (crew->ending)
		on_drained(crew);
	else if (crew->ended != NULL)
		crew->ended(crew->ended_arg, retiree->instance, how);
	if (retiree->gone != NULL)
		retiree->gone(retiree->arg);
	vs_free(retiree);
}

void vs_crew_retire_instance(struct vs_crew *crew, struct vs_instance *instance, uint32_t timeout_ms,
	void (*gone)(void *arg), void *arg)
{
	struct retiree *retiree;

	if (instance == NULL)
		return;
	retiree = vs_zalloc(sizeof(*retiree));
	*retiree = (struct retiree){.crew = crew, .instance = instance, .gone = gone, .arg = arg};
	DL_APPEND(crew->retirees, retiree);
	vs_instance_drain(instance, timeout_ms, on_retired, retiree);
}

static void retire_group(struct vs_crew *crew, struct vs_crew_group *group, uint32_t timeout_ms)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		vs_crew_retire_instance(crew, group->members[i].instance, timeout_ms, NULL, NULL);
		group->members[i].instance = NULL;
	}
}

void vs_crew_drain(struct vs_crew *crew, uint32_t timeout_ms, void (*done)(void *arg), void *arg)
{
	struct retiree *retiree;
	size_t kind;

	crew->done = done;
	crew->arg = arg;
	if (crew->change != NULL)
		vs_crew_change_give_up(crew->change);
	for (kind = 0; kind < VS_CREW_KINDS; kind++)
		retire_group(crew, &crew->groups[kind], timeout_ms);
	crew->ending = true;
	crew->draining = 1;
	DL_FOREACH (crew->retirees, retiree) {
		crew->draining++;
		vs_instance_drain_within(retiree->instance, timeout_ms);
	}
	on_drained(crew);
}

void vs_crew_destroy(struct vs_crew *crew)
{
	size_t kind;

	if (crew == NULL)
		return;
	VS_REQUIRE(crew->draining == 0 && crew->retirees == NULL);
	vs_timer_destroy(crew->drained);
	for (kind = 0; kind < VS_CREW_KINDS; kind++)
		vs_free(crew->groups[kind].members);
	vs_free(crew);
}
