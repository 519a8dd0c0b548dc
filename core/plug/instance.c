#include "plug/instance.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "config/instance.h"
#include "config/problem.h"
#include "config/rows.h"
#include "loop/loop.h"
#include "plug/inside.h"
#include "plug/plugin.h"
#include "plug/verbs.h"

#define COMPLAINTS_MAX 64

struct vs_complaint {
	char *text;
	UT_hash_handle hh;
};

static char *join(const char *left, char between, const char *right)
{
	size_t size = strlen(left) + strlen(right) + 2;
	char *text = vs_alloc(size);

	snprintf(text, size, "%s%c%s", left, between, right);
	return text;
}

static void on_tick(void *arg)
{
	struct vs_instance *instance = arg;

	vs_op_deliver_finished(instance);
	if (instance->drain.wanted)
		vs_instance_drain_step(instance);
}

static int check_needs(struct vs_instance *instance, struct vs_err *err)
{
	const struct vpns_plugin *desc = instance->desc;
	uint32_t i;

	for (i = 0; i < desc->need_count; i++) {
		if (!vs_services_find(instance, desc->needs[i]))
			return vs_err_set(err, VS_ERR_REFUSED,
				"%s '%s' needs the service %s, which this command does not provide",
				vs_kind_text(desc->kind), instance->name, desc->needs[i]);
	}
	return 0;
}

/* Asked for the wrong thing it would answer nothing, ever. */
static int check_use(const struct vs_instance_conf *conf, const struct vpns_plugin *desc, struct vs_err *err)
{
	if (!conf->locates || (desc->kind == VPNS_KIND_PROBE && desc->probe->locate != NULL))
		return 0;
	return vs_err_set(err, VS_ERR_REFUSED,
		"the probe '%s' tells only where it is itself, and no source of places: move it to 'probes', "
		"and list ipinfo or another one that `vpn-sentinel plugin show` says can locate",
		desc->name);
}

struct vs_instance *vs_instance_prepare(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err)
{
	struct vs_instance *instance = vs_zalloc(sizeof(*instance));
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);
	const char *name = conf->name ? conf->name : desc->name;

	instance->env = env;
	instance->plugin = vs_plugin_ref(plugin);
	instance->desc = desc;
	instance->name = vs_strdup(name);
	instance->label = strcmp(name, desc->name) == 0 ? vs_strdup(name) : join(desc->name, '@', name);
	instance->owner = join(conf->locates ? vs_use_text(conf) : vs_kind_text(desc->kind), '/', name);
	instance->timezone = vs_strdup_or_null(conf->timezone);
	instance->thread = pthread_self();
	instance->mono_ms = env->mono_ms ? env->mono_ms : vs_mono_ms;
	instance->wall_ms = env->wall_ms ? env->wall_ms : vs_wall_ms;
	instance->tick = vs_timer_create(env->loop, on_tick, instance);
	vs_services_init(instance);
	vs_host_init(instance);
	vs_ops_init(instance, vs_verbs_traits(desc->kind));
	if (!vs_filled_read(&instance->filled, desc, conf, env->folder, problems))
		vs_err_set(err, VS_ERR_INVALID, "the options of %s '%s' are not valid",
			vs_kind_text(desc->kind), name);
	else if (check_needs(instance, err) == 0 && check_use(conf, desc, err) == 0)
		return instance;
	vs_services_close(instance);
	vs_instance_free(instance);
	return NULL;
}

void vs_instance_free(struct vs_instance *instance)
{
	struct vs_complaint *complaint;
	struct vs_complaint *next;

	HASH_ITER (hh, instance->complaints, complaint, next) {
		HASH_DEL(instance->complaints, complaint);
		vs_free(complaint->text);
		vs_free(complaint);
	}
	vs_ops_fini(instance);
	vs_services_fini(instance);
	vs_timer_destroy(instance->tick);
	vs_timer_destroy(instance->drain.timer);
	vs_filled_fini(&instance->filled);
	vs_plugin_unref(instance->plugin);
	vs_free(instance->timezone);
	vs_free(instance->owner);
	vs_free(instance->label);
	vs_free(instance->name);
	vs_free(instance);
}

void vs_instance_create_failed(struct vs_instance *instance, struct vpns_error *error, struct vs_err *err)
{
	error->text[sizeof(error->text) - 1] = '\0';
	vs_log_mask(error->text);
	vs_err_set(err, VS_ERR_REFUSED, "%s '%s' could not be created: %s",
		vs_kind_text(instance->desc->kind), instance->name,
		error->text[0] ? error->text : "its plugin did not say why");
}

struct vs_instance *vs_instance_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err)
{
	struct vpns_error error = {.size = sizeof(error)};
	struct vs_instance *instance;

	VS_REQUIRE(vs_plugin_desc(plugin)->kind != VPNS_KIND_STORE);
	instance = vs_instance_prepare(env, plugin, conf, problems, err);
	if (!instance)
		return NULL;
	vs_instance_enter(instance);
	instance->state = vs_verbs_create(instance, &error);
	vs_instance_leave(instance);
	if (instance->state)
		return instance;
	vs_instance_create_failed(instance, &error, err);
	vs_services_close(instance);
	if (instance->services.jobs > 0)
		vs_instance_abandon(instance); /* a worker still holds what create() gave it */
	else
		vs_instance_free(instance);
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

int vs_instance_compare(const struct vs_instance *instance, const struct vs_instance_conf *conf,
	enum vs_difference *difference, struct vs_problems *problems, struct vs_err *err)
{
	struct vs_filled filled;
	int rc = 0;

	if (!vs_filled_read(&filled, instance->desc, conf, instance->env->folder, problems))
		rc = vs_err_set(err, VS_ERR_INVALID, "the new options of %s are not valid", instance->label);
	else if (!same_text(instance->timezone, conf->timezone))
		*difference = VS_DIFFER_ELSE;
	else
		*difference = vs_filled_compare(&instance->filled, &filled, instance->desc);
	vs_filled_fini(&filled);
	return rc;
}

int vs_instance_reconfigure(struct vs_instance *instance, const struct vs_instance_conf *conf,
	struct vs_problems *problems, struct vs_err *err)
{
	struct vs_filled filled;
	enum vs_difference difference;
	int32_t rc = -1;

	if (!vs_filled_read(&filled, instance->desc, conf, instance->env->folder, problems)) {
		vs_filled_fini(&filled);
		return vs_err_set(
			err, VS_ERR_INVALID, "the new options of %s are not valid", instance->label);
	}
	difference = vs_filled_compare(&instance->filled, &filled, instance->desc);
	if (difference == VS_DIFFER_NOT) {
		vs_filled_fini(&filled);
		return 0;
	}
	if (difference == VS_DIFFER_LIVE)
		rc = vs_verbs_reconfigure(instance, filled.config);
	if (rc < 0) {
		vs_filled_fini(&filled);
		return vs_err_set(err, VS_ERR_REFUSED, "%s takes its new options only when created anew",
			instance->label);
	}
	vs_filled_fini(&instance->filled);
	instance->filled = filled;
	return 0;
}

bool vs_instance_is_off(const struct vs_instance_conf *conf, const struct vpns_plugin *desc,
	struct vs_buf *names, bool *begun)
{
	const struct vs_rows rows = {
		.options = desc->options,
		.count = desc->option_count,
		.stride = desc->option_stride,
		.owner = conf->name,
	};
	size_t missing;

	missing =
		conf->enabled == VS_ENABLED_AUTO ? vs_rows_missing_required(&rows, conf->options, names) : 0;
	if (begun != NULL)
		*begun = missing > 0 && missing < vs_rows_required(&rows);
	return missing > 0;
}

const char *vs_instance_name(const struct vs_instance *instance)
{
	return instance->name;
}

uint32_t vs_instance_kind(const struct vs_instance *instance)
{
	return instance->desc->kind;
}

struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance)
{
	return instance->plugin;
}

void vs_instance_stats(const struct vs_instance *instance, struct vs_instance_stats *stats)
{
	stats->started = instance->ops.started;
	stats->timeouts = instance->ops.timeouts;
	stats->running = instance->ops.running;
	stats->lost = instance->ops.lost;
	stats->breaches = atomic_load(&instance->breaches);
	stats->lapses = atomic_load(&instance->lapses);
	stats->last_lapse = vs_instance_last_lapse(instance);
	stats->shut = vs_ops_are_shut(instance);
}

void vs_instance_enter(struct vs_instance *instance)
{
	VS_REQUIRE(!instance->inside);
	instance->inside = true;
	vs_watch_enter(&instance->watch, instance->label);
}

void vs_instance_leave(struct vs_instance *instance)
{
	vs_watch_leave(&instance->watch);
	instance->inside = false;
	vs_op_deliver_finished(instance);
}

void vs_instance_tick(struct vs_instance *instance)
{
	if (!vs_timer_is_set(instance->tick))
		vs_timer_start(instance->tick, 0);
}

bool vs_instance_on_thread(struct vs_instance *instance, const char *function)
{
	if (pthread_equal(instance->thread, pthread_self()))
		return true;
	vs_instance_breach(instance, VS_BREACH_THREAD,
		"called %s on another thread than its own: refused; use post/1 to come back", function);
	return false;
}

bool vs_instance_first_time(struct vs_instance *instance, const char *text)
{
	struct vs_complaint *complaint = NULL;

	HASH_FIND_STR(instance->complaints, text, complaint);
	if (complaint || HASH_COUNT(instance->complaints) >= COMPLAINTS_MAX)
		return false;
	complaint = vs_zalloc(sizeof(*complaint));
	complaint->text = vs_strdup(text);
	HASH_ADD_KEYPTR(hh, instance->complaints, complaint->text, strlen(complaint->text), complaint);
	return true;
}
