#include "server/crew_change.h"

#include <string.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/require.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "server/crew_inside.h"

#define AREA "server"

static uint32_t drain_timeout(const struct vs_crew_change *change)
{
	return (uint32_t)change->conf->server.drain_timeout_ms;
}

/* --- preparing ------------------------------------------------------------------------- */

static bool is_taken_on(const struct vs_crew_changes *changes, const struct vs_member *member)
{
	size_t i;

	for (i = 0; i < changes->count; i++)
		if (changes->items[i].before == member)
			return true;
	return false;
}

/* Those that nobody of the same name takes the place of. */
static void add_gone(struct vs_crew_changes *changes, struct vs_crew_group *group)
{
	size_t count = changes->count;
	size_t i;

	for (i = 0; i < group->count; i++)
		if (!is_taken_on(changes, &group->members[i]))
			changes->items[count++] =
				(struct vs_member_change){.fate = VS_FATE_GONE, .before = &group->members[i]};
	changes->count = count;
}

static void make_group(struct vs_crew_change *change, const struct vs_instances_conf *list, uint32_t kind)
{
	struct vs_crew_group *before = &change->crew->groups[kind];
	struct vs_crew_changes *changes = &change->changes[kind];
	struct vs_crew_group *now = &change->now[kind];
	size_t i;

	now->members = vs_calloc(list->count + 1, sizeof(*now->members));
	changes->items = vs_calloc(list->count + before->count + 1, sizeof(*changes->items));
	for (i = 0; i < list->count; i++)
		if (list->items[i].enabled != VS_ENABLED_NO)
			vs_crew_make(change, now, &list->items[i]);
	add_gone(changes, before);
}

struct vs_crew_change *vs_crew_change_prepare(
	struct vs_crew *crew, const struct vs_server_conf *conf, struct vs_problems *problems)
{
	struct vs_crew_change *change = vs_zalloc(sizeof(*change));

	change->crew = crew;
	change->conf = conf;
	change->problems = problems;
	make_group(change, &conf->auth, VPNS_KIND_AUTH);
	make_group(change, &conf->notifiers, VPNS_KIND_NOTIFIER);
	make_group(change, &conf->probes, VPNS_KIND_PROBE);
	make_group(change, vs_locate_used(&conf->locate, VS_LOCATE_BY_SERVER), VS_CREW_SOURCES);
	return change;
}

size_t vs_crew_change_failed(const struct vs_crew_change *change, size_t *wanted)
{
	*wanted = change->wanted;
	return change->failed;
}

/* --- other options for those that run -------------------------------------------------- */

/* Member number i, counted over all kinds; NULL: there are no more. */
static struct vs_member_change *nth(struct vs_crew_change *change, size_t i)
{
	size_t kind;

	for (kind = 0; kind < VS_CREW_KINDS; kind++) {
		if (i < change->changes[kind].count)
			return &change->changes[kind].items[i];
		i -= change->changes[kind].count;
	}
	return NULL;
}

/* The plugin did not take them: then as if it never did. */
static int make_anew(struct vs_crew_change *change, struct vs_member_change *member, struct vs_err *err)
{
	member->now->instance = NULL;
	if ((vs_plugin_desc(member->plugin)->flags & VPNS_PLUGIN_EXCLUSIVE) != 0) {
		member->fate = VS_FATE_SWAPPED;
		return 0;
	}
	member->fate = VS_FATE_REPLACED;
	member->now->instance = vs_crew_create_instance(change, member->plugin, member->now->conf, err);
	return member->now->instance != NULL ? 0 : VS_ERR_INVALID;
}

static int touch(struct vs_crew_change *change, struct vs_member_change *member, struct vs_err *err)
{
	int rc;

	if (member->fate != VS_FATE_TOUCHED)
		return 0;
	rc = vs_instance_reconfigure(member->now->instance, member->now->conf, change->problems, err);
	return rc == VS_ERR_REFUSED ? make_anew(change, member, err) : rc;
}

static void untouch(struct vs_crew_change *change)
{
	struct vs_problems ignored = {0};
	struct vs_member_change *member;
	struct vs_err err;

	while (change->touched > 0) {
		member = nth(change, --change->touched);
		if (member->fate == VS_FATE_TOUCHED && vs_instance_reconfigure(member->before->instance,
							       member->before->conf, &ignored, &err) < 0)
			vs_log(VS_LOG_ERROR, AREA, "%s '%s' does not take its old options back: %s",
				vs_use_text(member->before->conf), member->before->conf->name, err.text);
	}
	vs_problems_fini(&ignored);
}

int vs_crew_change_touch(struct vs_crew_change *change)
{
	struct vs_member_change *member;
	struct vs_err err = {0};
	size_t errors = change->problems->errors;

	while ((member = nth(change, change->touched)) != NULL) {
		if (touch(change, member, &err) < 0) {
			if (change->problems->errors == errors)
				vs_problems_error(change->problems, member->now->conf->mark, "%s", err.text);
			untouch(change);
			return VS_ERR_INVALID;
		}
		change->touched++;
	}
	return 0;
}

/* --- the end of it --------------------------------------------------------------------- */

static void free_change(struct vs_crew_change *change)
{
	struct vs_member_change *member;
	size_t kind;
	size_t i;

	for (i = 0; (member = nth(change, i)) != NULL; i++)
		vs_plugin_unref(member->plugin);
	for (kind = 0; kind < VS_CREW_KINDS; kind++) {
		vs_free(change->committed ? change->before[kind].members : change->now[kind].members);
		vs_free(change->changes[kind].items);
	}
	vs_free(change);
}

void vs_crew_change_undo(struct vs_crew_change *change, uint32_t timeout_ms)
{
	struct vs_member_change *member;
	size_t i;

	for (i = 0; (member = nth(change, i)) != NULL; i++)
		if (member->fate == VS_FATE_NEW || member->fate == VS_FATE_REPLACED)
			vs_crew_retire_instance(change->crew, member->now->instance, timeout_ms, NULL, NULL);
	free_change(change);
}

void vs_crew_change_commit(struct vs_crew_change *change)
{
	struct vs_crew *crew = change->crew;
	size_t kind;

	VS_REQUIRE(crew->change == NULL);
	for (kind = 0; kind < VS_CREW_KINDS; kind++) {
		change->before[kind] = crew->groups[kind];
		crew->groups[kind] = change->now[kind];
	}
	crew->conf = change->conf;
	crew->change = change;
	change->problems = NULL;
	change->committed = true;
}

struct vs_member_change *vs_crew_changes(struct vs_crew_change *change, uint32_t kind, size_t *count)
{
	*count = change->changes[kind].count;
	return change->changes[kind].items;
}

void vs_crew_change_retire(struct vs_crew_change *change, struct vs_member_change *member)
{
	struct vs_instance *instance = member->before->instance;

	member->before->instance = NULL;
	vs_crew_retire_instance(change->crew, instance, drain_timeout(change), NULL, NULL);
}

void vs_crew_change_give_up(struct vs_crew_change *change)
{
	struct vs_member_change *member;
	size_t i;

	for (i = 0; (member = nth(change, i)) != NULL; i++)
		if (member->fate >= VS_FATE_REPLACED && member->before != NULL)
			vs_crew_change_retire(change, member);
}

void vs_crew_change_destroy(struct vs_crew_change *change)
{
	if (change == NULL)
		return;
	change->crew->change = NULL;
	free_change(change);
}

/* --- one after the other --------------------------------------------------------------- */

struct swap {
	struct vs_crew_change *change;
	struct vs_member_change *member;
	struct vs_plugin *plugin; /* of the one before */
	void (*done)(void *arg, struct vs_member_change *member);
	void *arg;
};

static bool make_one(struct swap *swap, struct vs_plugin *plugin, const struct vs_instance_conf *conf,
	const char *otherwise)
{
	struct vs_member *now = swap->member->now;
	struct vs_problems problems;
	struct vs_err err = {0};

	vs_problems_init(&problems);
	swap->change->problems = &problems;
	now->instance = vs_crew_create_instance(swap->change, plugin, conf, &err);
	swap->change->problems = NULL;
	vs_problems_log(&problems, AREA);
	vs_problems_fini(&problems);
	if (now->instance == NULL)
		vs_log(VS_LOG_ERROR, AREA, "%s: %s", err.text, otherwise);
	return now->instance != NULL;
}

static void end_swap(struct swap *swap)
{
	vs_plugin_unref(swap->plugin);
	vs_free(swap);
}

static void on_ended(void *arg)
{
	struct swap *swap = arg;
	struct vs_member_change *member = swap->member;

	if (swap->change->crew->ending) {
		end_swap(swap);
		return;
	}
	if (!make_one(swap, member->plugin, member->now->conf,
		    "the one before is made again, with its old options"))
		make_one(swap, swap->plugin, member->before->conf,
			"there is none now; correct the configuration and reload");
	swap->done(swap->arg, member);
	end_swap(swap);
}

void vs_crew_change_swap(struct vs_crew_change *change, struct vs_member_change *member,
	void (*done)(void *arg, struct vs_member_change *member), void *arg)
{
	struct swap *swap = vs_zalloc(sizeof(*swap));
	struct vs_instance *instance = member->before->instance;

	*swap = (struct swap){change, member, vs_plugin_ref(vs_instance_plugin(instance)), done, arg};
	member->before->instance = NULL;
	vs_crew_retire_instance(change->crew, instance, drain_timeout(change), on_ended, swap);
}
