#include <string.h>

#include "vpn_sentinel/plugin.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "plug/env.h"
#include "plug/filled.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "server/crew_inside.h"

#define AREA "server"

/* `enabled: auto` without what it needs: said when it begins, no failure. A part of it alone is a likely
 * mistake. */
static bool is_skipped(const struct vs_instance_conf *conf, const struct vpns_plugin *desc, bool loud)
{
	struct vs_buf names;
	enum vs_log_level level;
	bool skipped;
	bool begun;

	vs_buf_init(&names);
	skipped = vs_instance_is_off(conf, desc, &names, &begun);
	level = !loud ? VS_LOG_DEBUG : begun ? VS_LOG_WARN : VS_LOG_INFO;
	if (skipped)
		vs_log(level, AREA, "%s %s is off, because it has no %s%s", vs_use_text(conf), conf->name,
			vs_buf_text(&names), begun ? ", though something of it is set" : "");
	vs_buf_fini(&names);
	return skipped;
}

static struct vs_member *find(struct vs_crew *crew, const struct vs_instance_conf *conf)
{
	struct vs_crew_group *group = &crew->groups[vs_crew_kind(conf)];
	size_t i;

	for (i = 0; i < group->count; i++)
		if (strcmp(group->members[i].conf->name, conf->name) == 0)
			return &group->members[i];
	return NULL;
}

static bool is_exclusive(const struct vs_plugin *plugin)
{
	return (vs_plugin_desc(plugin)->flags & VPNS_PLUGIN_EXCLUSIVE) != 0;
}

/* The same file, or one with the same content: there is nothing to load anew. */
static bool same_plugin(const struct vs_plugin *a, const struct vs_plugin *b)
{
	return strcmp(vs_plugin_desc(a)->name, vs_plugin_desc(b)->name) == 0 &&
	       strcmp(vs_plugin_sha256(a), vs_plugin_sha256(b)) == 0;
}

struct vs_instance *vs_crew_create_instance(struct vs_crew_change *change, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_err *err)
{
	return vs_instance_create(change->crew->env, plugin, conf, change->problems, err);
}

static int check_options(struct vs_crew_change *change, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_err *err)
{
	struct vs_filled filled;
	bool good = vs_filled_read(
		&filled, vs_plugin_desc(plugin), conf, change->crew->env->folder, change->problems);

	vs_filled_fini(&filled);
	return good ? 0
		    : vs_err_set(err, VS_ERR_INVALID, "the options of %s '%s' are not valid",
			      vs_use_text(conf), conf->name);
}

/* What becomes of an instance of that name that is here. */
static int decide(struct vs_crew_change *change, struct vs_member_change *member,
	const struct vs_instance_conf *conf, struct vs_err *err)
{
	struct vs_instance *instance = member->before->instance;
	enum vs_difference difference = VS_DIFFER_ELSE;
	bool same = same_plugin(vs_instance_plugin(instance), member->plugin);
	int rc = 0;

	if (same)
		rc = vs_instance_compare(instance, conf, &difference, change->problems, err);
	if (rc < 0)
		return rc;
	if (difference != VS_DIFFER_ELSE) {
		member->fate = difference == VS_DIFFER_NOT ? VS_FATE_KEPT : VS_FATE_TOUCHED;
		return 0;
	}
	if (!is_exclusive(member->plugin) && !is_exclusive(vs_instance_plugin(instance))) {
		member->fate = VS_FATE_REPLACED;
		return 0;
	}
	member->fate = VS_FATE_SWAPPED;
	return same ? 0 : check_options(change, member->plugin, conf, err);
}

static int make(struct vs_crew_change *change, struct vs_member_change *member, struct vs_err *err)
{
	struct vs_member *now = member->now;
	int rc;

	member->fate = member->before == NULL ? VS_FATE_NEW : VS_FATE_REPLACED;
	if (member->before != NULL && member->before->instance != NULL) {
		rc = decide(change, member, now->conf, err);
		if (rc < 0)
			return rc;
	}
	if (member->fate == VS_FATE_KEPT || member->fate == VS_FATE_TOUCHED)
		now->instance = member->before->instance;
	else if (member->fate != VS_FATE_SWAPPED)
		now->instance = vs_crew_create_instance(change, member->plugin, now->conf, err);
	return now->instance != NULL || member->fate == VS_FATE_SWAPPED ? 0 : VS_ERR_INVALID;
}

void vs_crew_make(
	struct vs_crew_change *change, struct vs_crew_group *group, const struct vs_instance_conf *conf)
{
	struct vs_crew_changes *changes = &change->changes[vs_crew_kind(conf)];
	struct vs_member *before = find(change->crew, conf);
	size_t errors = change->problems->errors;
	struct vs_member_change *member = &changes->items[changes->count];
	struct vs_err err = {0};

	change->wanted++;
	*member = (struct vs_member_change){
		.before = before, .now = &group->members[group->count], .plugin = NULL};
	*member->now = (struct vs_member){NULL, conf};
	member->plugin = vs_crew_load(change->conf, conf, &err);
	if (member->plugin != NULL && is_skipped(conf, vs_plugin_desc(member->plugin),
					      before != NULL || change->crew->conf == NULL)) {
		vs_plugin_unref(member->plugin);
		return;
	}
	if (member->plugin != NULL && make(change, member, &err) == 0) {
		changes->count++;
		group->count++;
		return;
	}
	vs_plugin_unref(member->plugin);
	change->failed++;
	if (change->problems->errors == errors) /* otherwise the mistakes are listed already */
		vs_problems_error(change->problems, conf->mark, "%s", err.text);
}
