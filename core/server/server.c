#include "server/server.h"

#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "model/atlas.h"
#include "model/home.h"
#include "model/json.h"
#include "model/policy.h"
#include "net/dns.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "plug/hurry.h"
#include "server/api.h"
#include "server/audit.h"
#include "server/canary.h"
#include "server/certificate.h"
#include "server/command.h"
#include "server/crew.h"
#include "server/door.h"
#include "server/gate.h"
#include "server/heartbeat.h"
#include "server/selftest.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/own_zone.h"
#include "server/plugin_watch.h"
#include "server/refusals.h"
#include "server/registry.h"
#include "server/sheets.h"
#include "server/reload.h"
#include "server/rewrite.h"
#include "server/role.h"
#include "server/state_book.h"
#include "server/wishes.h"
#include "store/store.h"

#define AREA "server"
#define EXIT_FAILED 1
#define EXIT_CONFIG 2
#define STOP_MS 5000 /* for everything that is under way when the server ends */
#define STOP_LEAST_MS 500 /* each step gets at least so much of it */
#define STOP_AUDIT_MS 500 /* for the last lines of the audit log */
#define STOP_TELLING_MS 2000 /* for messages that are on their way */
#define POOL_PATIENCE_MS 100 /* for jobs that still run then */

void vs_role_wake(void *arg)
{
	struct vs_role *role = arg;

	role->woken = true;
	vs_loop_stop(role->loop);
}

void vs_role_wake_with(void *arg, bool ok, const char *reason)
{
	struct vs_role *role = arg;

	role->ok = ok;
	if (!ok)
		vs_err_set(&role->failure, VS_ERR_SYSTEM, "the store cannot be read: %s", reason);
	vs_role_wake(role);
}

void vs_role_await(struct vs_role *role)
{
	while (!role->woken)
		vs_loop_run(role->loop);
	role->woken = false;
}

int vs_role_await_read(struct vs_role *role, int rc, struct vs_err *err)
{
	if (rc < 0)
		return vs_err_set(err, rc, "the store cannot be read: its queue is full");
	vs_role_await(role);
	return role->ok ? 0 : vs_err_set(err, role->failure.code, "%s", role->failure.text);
}

bool vs_role_await_unless_stopped(struct vs_role *role)
{
	while (!role->woken && role->signal == 0)
		vs_loop_run(role->loop);
	if (role->signal != 0)
		return false;
	role->woken = false;
	return true;
}

static void on_signal(void *arg, int number)
{
	struct vs_role *role = arg;

	if (role->signal != 0)
		return; /* a second one while the first is being obeyed */
	vs_log(VS_LOG_INFO, AREA, "stopping after signal %d", number);
	role->signal = number;
	vs_loop_stop(role->loop);
}

/* For whoever keeps the logs: they were renamed, and go on under their old names. */
static void on_renamed(void *arg, int number)
{
	struct vs_role *role = arg;
	struct vs_err err;

	(void)number;
	if (vs_log_reopen(&err) < 0)
		vs_log(VS_LOG_WARN, AREA, "%s: it goes on in the file that is open", err.text);
	vs_audit_reopen(role->audit);
}

static void on_hangup(void *arg, int number)
{
	struct vs_role *role = arg;

	on_renamed(role, number);
	vs_reload_ask(role->reload);
}

/* --- stopping -------------------------------------------------------------------------- */

static uint64_t time_left(const struct vs_role *role)
{
	uint64_t now = vs_mono_ms();

	return now + STOP_LEAST_MS < role->stop_at_ms ? role->stop_at_ms - now : STOP_LEAST_MS;
}

/* As vs_role_await(), but only for so long; false when that was not enough. */
static bool await_for(struct vs_role *role, uint64_t limit_ms)
{
	uint64_t end = vs_mono_ms() + limit_ms;
	uint64_t now;
	bool came;

	while (!role->woken && (now = vs_mono_ms()) < end)
		vs_loop_run_for(role->loop, end - now);
	came = role->woken;
	role->woken = false;
	return came;
}

static bool await_in_time(struct vs_role *role)
{
	return await_for(role, time_left(role));
}

static bool flush(struct vs_role *role)
{
	if (role->ledger == NULL)
		return true;
	vs_ledger_flush(role->ledger, vs_role_wake, role);
	return await_in_time(role);
}

/* Nobody comes in any more; whoever is in is answered. */
static void stop_http(struct vs_role *role)
{
	if (role->http == NULL)
		return;
	vs_http_server_stop(role->http, vs_role_wake, role);
	vs_role_await(role); /* it limits itself */
	if (role->certificate != NULL)
		vs_certificate_serve(role->certificate, NULL);
	vs_http_server_destroy(role->http);
	role->http = NULL;
}

static void on_audit_written(void *arg)
{
	struct vs_role *role = arg;

	role->audit_written = true;
	vs_loop_stop(role->loop);
}

/* All requests were answered. A disk that hangs is not waited for. */
static void stop_audit(struct vs_role *role)
{
	uint64_t end = vs_mono_ms() + STOP_AUDIT_MS;
	uint64_t now;

	if (role->audit == NULL)
		return;
	if (role->parts.ready)
		vs_audit_event(role->audit, "stopped", NULL);
	vs_audit_flush(role->audit, on_audit_written, role);
	while (!role->audit_written && (now = vs_mono_ms()) < end)
		vs_loop_run_for(role->loop, end - now);
	if (!role->audit_written)
		vs_log(VS_LOG_WARN, AREA, "the last lines of the audit log are not written yet");
}

/* What is on its way may arrive; what does not is at least named. */
static void stop_telling(struct vs_role *role, bool flushed)
{
	uint64_t limit = time_left(role) < STOP_TELLING_MS ? time_left(role) : STOP_TELLING_MS;
	bool kept = flushed && strcmp(role->conf->store.plugin, "memory") != 0;

	if (role->outbox == NULL)
		return;
	if (vs_outbox_quit(role->outbox, vs_role_wake, role))
		await_for(role, limit);
	if (kept && vs_ledger_is_failing(role->ledger, NULL, NULL))
		kept = false;
	vs_outbox_say_rest(role->outbox, kept);
}

static void stop_judging(struct vs_role *role)
{
	role->parts.ready = false;
	vs_heartbeat_destroy(role->parts.heartbeat);
	role->parts.heartbeat = NULL;
	vs_selftest_destroy(role->parts.selftest);
	role->parts.selftest = NULL;
	vs_rewrite_destroy(role->rewrite);
	role->rewrite = NULL;
	vs_certificate_destroy(role->certificate); /* it tells the monitor */
	role->certificate = NULL;
	vs_plugin_watch_destroy(role->plugin_watch);
	role->plugin_watch = NULL;
	vs_monitor_destroy(role->monitor);
	vs_role_stop_locating(role);
	vs_home_watch_destroy(role->home_watch);
	vs_role_stop_quiet(role);
	vs_outbox_destroy(role->outbox);
	role->monitor = NULL;
	role->home_watch = NULL;
	role->outbox = NULL;
}

static void stop_crew(struct vs_role *role)
{
	uint64_t limit = time_left(role);

	if (role->crew == NULL)
		return;
	if (limit > (uint64_t)role->conf->server.drain_timeout_ms)
		limit = (uint64_t)role->conf->server.drain_timeout_ms;
	vs_crew_drain(role->crew, (uint32_t)limit, vs_role_wake, role);
	vs_role_await(role); /* it limits itself */
	if (role->book != NULL)
		vs_state_book_flush(role->book);
}

static bool stop_store(struct vs_role *role)
{
	vs_ledger_destroy(role->ledger);
	role->ledger = NULL;
	if (role->store == NULL)
		return true;
	vs_store_close(role->store, vs_role_wake, role);
	role->store = NULL;
	return await_in_time(role);
}

/*
 * In the order of who calls whom. The first flush brings the answers that requests still wait
 * for, the second one writes what plugins remembered while they ended. False: the store hangs.
 */
static bool stop(struct vs_role *role)
{
	bool flushed;

	role->stop_at_ms = vs_mono_ms() + STOP_MS;
	role->parts.stopping = true;
	vs_reload_end(role->reload);
	if (role->monitor != NULL)
		vs_monitor_quit(role->monitor);
	stop_http(role);
	stop_audit(role);
	flushed = flush(role);
	stop_telling(role, flushed);
	if (!flushed)
		return false;
	stop_judging(role);
	stop_crew(role);
	return flush(role) && stop_store(role);
}

static void release(struct vs_role *role)
{
	vs_api_destroy(role->api);
	vs_reload_destroy(role->reload);
	vs_audit_destroy(role->audit);
	vs_doors_destroy(role->doors);
	vs_own_zone_destroy(role->own_zone);
	vs_canaries_destroy(role->canaries);
	vs_gate_destroy(role->gate);
	vs_certificate_destroy(role->certificate);
	vs_refusals_destroy(role->refusals);
	vs_crew_destroy(role->crew);
	vs_commands_destroy(role->commands);
	vs_wishes_destroy(role->wishes);
	vs_state_book_destroy(role->book);
	vs_sheets_destroy(role->sheets);
	vs_registry_destroy(role->registry);
	vs_home_destroy(role->home);
	vs_policies_destroy(role->policies);
	vs_atlas_destroy(role->atlas);
	vs_rules_fini(&role->rules);
	vs_hurry_destroy(role->hurry);
	vs_dns_destroy(role->dns);
	vs_pool_destroy(role->pool, POOL_PATIENCE_MS);
	vs_http_client_destroy(role->client);
	vs_signal_destroy(role->signals[0]);
	vs_signal_destroy(role->signals[1]);
	vs_signal_destroy(role->signals[2]);
	vs_signal_destroy(role->signals[3]);
	vs_loop_destroy(role->loop);
	vs_free(role);
}

int vs_server_run(const struct vs_server_conf *conf, struct vs_err *err)
{
	struct vs_role *role = vs_zalloc(sizeof(*role));
	int rc;

	vs_json_setup();
	role->conf = conf;
	role->loop = vs_loop_create();
	role->reload = vs_reload_create(role);
	role->signals[0] = vs_signal_create(role->loop, SIGTERM, on_signal, role);
	role->signals[1] = vs_signal_create(role->loop, SIGINT, on_signal, role);
	role->signals[2] = vs_signal_create(role->loop, SIGHUP, on_hangup, role);
	role->signals[3] = vs_signal_create(role->loop, SIGUSR1, on_renamed, role);
	rc = vs_role_start(role, err);
	if (rc == 0 && role->signal == 0)
		vs_reload_allow(role->reload);
	while (rc == 0 && role->signal == 0)
		vs_loop_run(role->loop);
	if (!stop(role)) {
		/* The store's thread holds on to what is ours, so it stays until the process ends. */
		if (role->opening) {
			vs_log(VS_LOG_WARN, AREA,
				"the store is still being opened, and left at that: nothing was to be "
				"written");
			return 0;
		}
		vs_err_set(err, VS_ERR_TIMEOUT, "the store does not end; what it has not written is lost");
		return EXIT_FAILED;
	}
	release(role);
	if (rc < 0)
		return rc == VS_ERR_INVALID || rc == VS_ERR_TOO_BIG ? EXIT_CONFIG : EXIT_FAILED;
	vs_log(VS_LOG_INFO, AREA, "vpn-sentinel server has stopped");
	return 0;
}
