#include "client/probe_set.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/require.h"
#include "client/state_file.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/rows.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "model/fact.h"
#include "model/report.h"
#include "net/http_client.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/search.h"

#define POOL_THREADS 2
#define POOL_QUEUE 64
#define IDLE_DRAIN_MS 400 /* for instances that never ran: a turn of the loop is enough */
#define POOL_PATIENCE_MS 100 /* for jobs that still run when the client ends */

struct vs_probe_set {
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct vs_pool *pool;
	struct vs_state_file *state;
	struct vs_plug_env env; /* what the instances live in */
	struct vs_round_probe *probes;
	size_t count;
	size_t draining; /* instances still to end, and one for the call itself */
	struct vs_timer *drained;
	void (*done)(void *arg);
	void *arg;
};

/* Reading the configuration into instances. */
struct making {
	struct vs_probe_set *set;
	struct vs_search *search;
	bool pinned;
	struct vs_problems *problems;
	size_t failed;
};

static int check_fact(
	uint32_t type, struct vs_view value, struct vs_view *canonical, char scratch[VS_PLUG_FACT_SCRATCH])
{
	_Static_assert(VS_PLUG_FACT_SCRATCH >= VS_FACT_SCRATCH, "the canonical form must fit");
	return vs_fact_check((enum vs_fact_type)type, value, canonical, scratch);
}

/* The certificates that the curl tool would trust. */
static const char *ca_file(void)
{
	const struct vs_env env = {NULL};
	const char *file = vs_env_get(&env, "CURL_CA_BUNDLE");

	return file != NULL ? file : vs_env_get(&env, "SSL_CERT_FILE");
}

static void fail(struct making *making, const struct vs_instance_conf *conf, const struct vs_err *err)
{
	vs_problems_error(making->problems, conf->mark, "%s", err->text);
	making->failed++;
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
		vs_log(VS_LOG_INFO, "client", "probe %s is off: %s is not set", conf->name,
			vs_buf_text(&names));
	vs_buf_fini(&names);
	return skipped;
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
	size_t errors = making->problems->errors;

	plugin = vs_plugin_load(&request, &err);
	if (plugin == NULL) {
		fail(making, conf, &err);
		return;
	}
	if (is_skipped(conf, vs_plugin_desc(plugin)))
		goto out;
	instance = vs_instance_create(&set->env, plugin, conf, making->problems, &err);
	if (instance == NULL && making->problems->errors > errors)
		making->failed++; /* its options' mistakes are listed, the summary adds nothing */
	else if (instance == NULL)
		fail(making, conf, &err);
	else
		set->probes[set->count++] = (struct vs_round_probe){
			.instance = instance,
			.timeout_ms = (uint32_t)conf->timeout_ms,
			.interval_ms = (uint64_t)conf->interval_ms,
		};
out:
	vs_plugin_unref(plugin);
}

static void log_problems(const struct vs_problems *problems)
{
	struct vs_buf line;
	size_t i;

	vs_buf_init(&line);
	for (i = 0; i < problems->count; i++) {
		vs_buf_clear(&line);
		vs_problem_format(&problems->items[i], &line);
		vs_log(problems->items[i].severity == VS_PROBLEM_ERROR ? VS_LOG_ERROR : VS_LOG_WARN, "client",
			"%s", vs_buf_text(&line));
	}
	vs_buf_fini(&line);
}

/* All of them, so that one run tells all mistakes. */
static int make_all(struct vs_probe_set *set, const struct vs_client_conf *conf, struct vs_err *err)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems;
	struct making making = {
		.set = set,
		.search = vs_search_create(conf->plugins.path.items, conf->plugins.path.count,
			vs_env_get(&env, "VPN_SENTINEL_PLUGIN_PATH")),
		.pinned = conf->plugins.trust == VS_TRUST_PINNED,
		.problems = &problems,
	};
	size_t i;

	vs_problems_init(&problems);
	set->probes = vs_calloc(conf->probes.count + 1, sizeof(*set->probes));
	for (i = 0; i < conf->probes.count; i++)
		if (conf->probes.items[i].enabled != VS_ENABLED_NO)
			make_one(&making, &conf->probes.items[i]);
	log_problems(&problems);
	vs_problems_fini(&problems);
	vs_search_destroy(making.search);
	if (making.failed > 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%zu of %zu probes cannot be used; correct or remove them and check with "
			"`vpn-sentinel check`",
			making.failed, conf->probes.count);
	if (set->count > VS_REPORT_OBSERVATIONS_MAX)
		return vs_err_set(err, VS_ERR_TOO_BIG,
			"%zu probes are more than the %d that one report can hold", set->count,
			VS_REPORT_OBSERVATIONS_MAX);
	return 0;
}

static void on_drained(void *arg)
{
	struct vs_probe_set *set = arg;

	set->done(set->arg);
}

static void instance_drained(void *arg, enum vs_drained how)
{
	struct vs_probe_set *set = arg;

	(void)how; /* plug has logged what there is to say */
	if (--set->draining == 0)
		vs_timer_start(set->drained, 0);
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

struct vs_probe_set *vs_probe_set_create(
	struct vs_loop *loop, const struct vs_client_conf *conf, const char *state_path, struct vs_err *err)
{
	struct vs_probe_set *set = vs_zalloc(sizeof(*set));
	const struct vs_http_settings http = {.version = VS_VERSION, .ca_file = ca_file()};
	struct giving_up giving_up = {.loop = loop};

	set->loop = loop;
	set->http = vs_http_client_create(loop, &http);
	set->pool = vs_pool_create(loop, POOL_THREADS, POOL_QUEUE);
	set->state = vs_state_file_create(loop, state_path);
	set->drained = vs_timer_create(loop, on_drained, set);
	set->env = (struct vs_plug_env){
		.loop = loop,
		.role = VPNS_ROLE_CLIENT,
		.http = set->http,
		.pool = set->pool,
		.state = vs_state_file_backend(set->state),
		.fact_check = check_fact,
		.folder = conf->folder,
	};
	if (make_all(set, conf, err) == 0)
		return set;
	/* Some may have been made before one failed: the loop is not running yet, so it runs for them. */
	vs_probe_set_drain(set, IDLE_DRAIN_MS, on_given_up, &giving_up);
	while (!giving_up.ended) /* a signal may stop the loop before */
		vs_loop_run(loop);
	vs_probe_set_destroy(set);
	return NULL;
}

void vs_probe_set_drain(struct vs_probe_set *set, uint32_t timeout_ms, void (*done)(void *arg), void *arg)
{
	size_t i;

	set->done = done;
	set->arg = arg;
	set->draining = set->count + 1;
	for (i = 0; i < set->count; i++)
		vs_instance_drain(set->probes[i].instance, timeout_ms, instance_drained, set);
	instance_drained(set, VS_DRAIN_CLEAN);
}

void vs_probe_set_destroy(struct vs_probe_set *set)
{
	if (set == NULL)
		return;
	VS_REQUIRE(set->draining == 0);
	vs_timer_destroy(set->drained);
	vs_http_client_destroy(set->http);
	vs_pool_destroy(set->pool, POOL_PATIENCE_MS);
	vs_state_file_destroy(set->state);
	vs_free(set->probes);
	vs_free(set);
}

size_t vs_probe_set_count(const struct vs_probe_set *set)
{
	return set->count;
}

void vs_probe_set_names(const struct vs_probe_set *set, struct vs_buf *names)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		vs_buf_printf(names, "%s%s", i == 0 ? "" : ", ", vs_instance_name(set->probes[i].instance));
	if (set->count == 0)
		vs_buf_add_text(names, "none");
}

struct vs_http_client *vs_probe_set_http(const struct vs_probe_set *set)
{
	return set->http;
}

struct vs_round *vs_probe_set_round(struct vs_probe_set *set, vs_round_done *done, void *arg)
{
	return vs_round_create(set->loop, set->probes, set->count, 0, done, arg);
}
