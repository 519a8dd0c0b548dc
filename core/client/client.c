#include "client/client.h"

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/ready.h"
#include "base/text.h"
#include "client/canary.h"
#include "client/compose.h"
#include "client/attempt.h"
#include "client/endpoint.h"
#include "client/hook.h"
#include "client/identity.h"
#include "client/isolation.h"
#include "client/local.h"
#include "client/probe_set.h"
#include "client/probe_world.h"
#include "client/reply.h"
#include "client/role.h"
#include "client/schedule.h"
#include "client/spool.h"
#include "client/status.h"
#include "client/uplink.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"
#include "plug/env.h"
#include "plug/hurry.h"

#define EXIT_FAILED 1
#define EXIT_CONFIG 2
#define REMINDER_MS UINT64_C(86400000)
#define HOST_NAME_MAX_ 256

void vs_role_arm(struct vs_role *role)
{
	uint32_t chance;

	vs_random(&chance, sizeof(chance));
	vs_timer_start(role->due, vs_schedule_delay(&role->schedule, vs_mono_ms(), chance));
}

static void on_due(void *arg)
{
	struct vs_role *role = arg;
	uint64_t gap;

	vs_schedule_start(&role->schedule, vs_mono_ms());
	gap = vs_schedule_gap(&role->schedule, vs_mono_ms());
	/* A probe that hangs must not hold up the sign of life beyond its interval. */
	vs_round_limit(role->round, (uint32_t)(gap - gap / 5));
	vs_round_start(role->round);
}

/* What a probe saw has changed the path: the round that runs may have measured what was before. */
static void on_hurry(void *arg, const char *reason)
{
	struct vs_role *role = arg;

	if (role->round == NULL)
		return;
	vs_role_stir(role, reason);
	vs_uplink_anew(role->uplink);
	vs_round_urge(role->round);
	if (vs_round_is_running(role->round))
		role->again = true;
	else
		vs_timer_start(role->due, 0);
}

static void compose(struct vs_role *role, const struct vs_round_result *results, size_t count)
{
	const struct vpns_list *tags = &role->conf->client.tags;
	struct vs_compose_about about = {
		.client_id = role->identity.id,
		.version = VS_VERSION,
		.tags = tags->items,
		.tag_count = tags->count,
		.started_at = role->status.started_at,
		.interval_ms = (int64_t)vs_schedule_interval(&role->schedule),
		.seq = ++role->seq,
		.now = vs_wall_ms(),
	};
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_round_result *all = vs_role_add_places(role, results, &count);
	size_t left_out;

	about.nonce_count = vs_probe_world_nonces(role->world, &about.nonces);
	left_out = vs_compose(report, &about, all, count);
	if (left_out > 0 && !role->told_left_out)
		vs_log(VS_LOG_WARN, "client", "%zu facts or probes do not fit into a report and are left out",
			left_out);
	role->told_left_out = left_out > 0;
	vs_buf_clear(&role->report);
	vs_report_write(report, &role->report);
	vs_report_fini(report);
	vs_free(report);
	vs_free(all);
	vs_probe_world_forget_nonces(role->world);
}

void vs_role_on_round(void *arg, const struct vs_round_result *results, size_t count)
{
	struct vs_role *role = arg;
	struct vs_buf body;
	size_t i;

	for (i = 0; i < count; i++)
		vs_log(VS_LOG_DEBUG, "client", "%s: %zu facts%s%s", results[i].name, results[i].fact_count,
			results[i].reason[0] == '\0' ? "" : ", ", results[i].reason);
	vs_role_follow(role, results, count);
	compose(role, results, count);
	role->status.rounds++;
	role->status.round_ended_ms = vs_mono_ms();
	vs_buf_init(&body);
	vs_buf_add(&body, role->report.ptr, role->report.len);
	vs_uplink_send(role->uplink, &body);
	vs_role_arm(role);
	if (role->again)
		vs_timer_start(role->due, 0);
	role->again = false;
	if (role->reload_wanted)
		vs_timer_start(role->reload, 0);
}

static void on_taken(void *arg, const struct vs_reply *reply)
{
	struct vs_role *role = arg;
	char text[32];

	vs_canary_sender_trust(vs_probe_world_canary(role->world), reply->canary);
	vs_role_heard(role, reply);
	if (reply->probe)
		vs_hurry_wish(vs_probe_world_env(role->world)->hurry, "the server asks for it");
	if (!vs_schedule_learn(&role->schedule, reply->interval_ms))
		return;
	vs_duration_format(text, sizeof(text), (int64_t)vs_schedule_interval(&role->schedule));
	vs_log(VS_LOG_INFO, "client", "the server wants a report every %s", text);
	if (vs_timer_is_set(role->due))
		vs_role_arm(role);
}

static void look(struct vs_role *role)
{
	role->status.interval_ms = vs_schedule_interval(&role->schedule);
	role->status.report = role->report.len == 0 ? NULL : vs_buf_text(&role->report);
	role->status.reply = role->replied ? &role->reply : NULL;
	if (role->uplink != NULL) /* a request may come while probes that cannot be used are ended */
		vs_uplink_status(role->uplink, &role->status.uplink);
	role->status.isolated = role->isolation != NULL && vs_isolation_is(role->isolation);
}

static enum vs_local_health on_health(void *arg, const char **reason)
{
	struct vs_role *role = arg;

	look(role);
	return vs_client_status_health(&role->status, vs_mono_ms(), reason);
}

static void on_status(void *arg, struct vs_buf *json)
{
	struct vs_role *role = arg;

	look(role);
	vs_client_status_write(&role->status, vs_mono_ms(), json);
}

/* Between two rounds nothing is under way but a keepalive, which does not mind. */
static void on_reload(void *arg)
{
	struct vs_role *role = arg;

	if (role->round == NULL || vs_round_is_running(role->round))
		return; /* its end comes back here */
	role->reload_wanted = false;
	vs_role_reload(role);
}

/* For whoever keeps the log: it was renamed, and goes on under its old name. */
static void on_renamed(void *arg, int number)
{
	struct vs_err err;

	(void)arg;
	(void)number;
	if (vs_log_reopen(&err) < 0)
		vs_log(VS_LOG_WARN, "client", "%s: it goes on in the file that is open", err.text);
}

static void on_hangup(void *arg, int number)
{
	struct vs_role *role = arg;

	on_renamed(role, number);
	role->reload_wanted = true;
	if (role->reload != NULL) /* else the start looks after it */
		vs_timer_start(role->reload, 0);
}

static void on_reminder(void *arg)
{
	vs_role_remind(arg);
}

void vs_role_remind(struct vs_role *role)
{
	role->status.warning = vs_endpoint_warning(&role->conf->client);
	vs_timer_stop(role->reminder);
	if (role->status.warning == NULL)
		return;
	vs_log(VS_LOG_WARN, "client", "%s", role->status.warning);
	vs_timer_start(role->reminder, REMINDER_MS);
}

/* A file of the state directory, or NULL when nothing can be kept there. */
static const char *state_path(const struct vs_role *role, struct vs_buf *path, const char *name)
{
	vs_buf_clear(path);
	vs_buf_printf(path, "%s/%s", role->conf->state_dir, name);
	return role->persistent ? vs_buf_text(path) : NULL;
}

static int start_identity(struct vs_role *role, struct vs_err *err)
{
	char host[HOST_NAME_MAX_];
	struct vs_err reason;
	int rc;

	rc = vs_dir_make(role->conf->state_dir, 0700, &reason);
	if (rc == 0 && access(role->conf->state_dir, W_OK) != 0)
		rc = vs_err_set(
			&reason, VS_ERR_SYSTEM, "the folder %s cannot be written", role->conf->state_dir);
	role->persistent = rc == 0;
	if (rc < 0)
		vs_log(VS_LOG_WARN, "client",
			"%s: unsent reports and what probes remember are lost at a restart; set "
			"VPN_SENTINEL_STATE_DIR",
			reason.text);
	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	return vs_identity_find(&role->identity, role->conf->client.id, role->conf->state_dir, host, err);
}

/* The socket is for looking in; only another client at the same place is a reason not to start. */
static int start_local(struct vs_role *role, struct vs_err *err)
{
	const struct vs_local_events events = {on_health, on_status, role};
	struct vs_buf path;
	struct vs_err reason;
	const char *name;
	int rc = 0;

	vs_buf_init(&path);
	name = state_path(role, &path, "client.sock");
	if (name != NULL)
		role->local = vs_local_create(role->loop, name, &events, &reason);
	if (name != NULL && role->local == NULL && reason.code == VS_ERR_BUSY)
		rc = vs_err_set(err, VS_ERR_BUSY,
			"another client runs with the state directory %s: give this one its own "
			"VPN_SENTINEL_STATE_DIR",
			role->conf->state_dir);
	else if (name != NULL && role->local == NULL)
		vs_log(VS_LOG_WARN, "client", "`vpn-sentinel healthcheck` will find no socket: %s",
			reason.text);
	vs_buf_fini(&path);
	return rc;
}

static void start_uplink(struct vs_role *role)
{
	const struct vs_client_section *conf = &role->conf->client;
	struct vs_attempt_settings target;
	const struct vs_uplink_settings settings = {
		.shown = role->endpoint.shown, .failed = vs_role_on_failed, .amend = vs_role_on_amend};
	struct vs_buf path;

	vs_endpoint_target(&role->endpoint, conf, &target);
	vs_canary_sender_aim(vs_probe_world_canary(role->world), &target, role->identity.id);
	vs_buf_init(&path);
	role->spool = vs_spool_create(state_path(role, &path, "spool.jsonl"), (size_t)conf->spool);
	role->uplink = vs_uplink_create(role->loop, vs_probe_world_http(role->world), role->spool, &target,
		&settings, on_taken, role);
	vs_buf_fini(&path);
}

static void say_start(struct vs_role *role)
{
	struct vs_buf names;
	char interval[32];

	vs_buf_init(&names);
	vs_probe_set_names(role->probes, &names);
	vs_duration_format(interval, sizeof(interval), (int64_t)vs_schedule_interval(&role->schedule));
	vs_log(VS_LOG_INFO, "client", "vpn-sentinel %s: client %s reports to %s every %s; probes: %s",
		VS_VERSION, role->identity.id, role->endpoint.shown, interval, vs_buf_text(&names));
	vs_buf_fini(&names);
	vs_role_remind(role);
}

static void tell_manager(void)
{
	const struct vs_env env = {NULL};
	struct vs_err err;

	if (vs_ready_tell(vs_env_get(&env, "NOTIFY_SOCKET"), &err) < 0)
		vs_log(VS_LOG_WARN, "client", "%s", err.text);
}

static void start_status(struct vs_role *role)
{
	role->status.client_id = role->identity.id;
	role->status.version = VS_VERSION;
	role->status.server = role->endpoint.shown;
	role->status.started_at = vs_wall_ms();
	role->status.started_ms = vs_mono_ms();
	role->status.generation = 1;
	role->status.loaded_at = role->status.started_at;
	role->status.uplink.problem = "";
	vs_schedule_init(&role->schedule,
		role->conf->client.interval_given ? (uint64_t)role->conf->client.interval_ms : 0);
	vs_schedule_dense(
		&role->schedule, (uint64_t)role->conf->dense.interval_ms, (uint64_t)role->conf->dense.for_ms);
}

static int start(struct vs_role *role, struct vs_err *err)
{
	const struct vs_client_section *conf = &role->conf->client;
	struct vs_buf path;
	int rc;

	rc = vs_endpoint_init(&role->endpoint, conf, err);
	if (rc == 0)
		rc = vs_compose_check_tags(conf->tags.items, conf->tags.count, err);
	if (rc == 0)
		rc = start_identity(role, err);
	if (rc == 0) {
		start_status(role);
		rc = start_local(role, err);
	}
	if (rc < 0)
		return rc;
	vs_buf_init(&path);
	role->world =
		vs_probe_world_create(role->loop, role->conf->folder, state_path(role, &path, "state.json"));
	vs_buf_fini(&path);
	vs_probe_world_hear(role->world, on_hurry, role);
	if (vs_role_open_sources(role, err) == 0)
		role->probes = vs_probe_set_create(role->world, role->conf, NULL, err);
	if (role->probes == NULL) {
		vs_role_close_sources(role);
		vs_probe_world_settle(role->world);
		return err->code;
	}
	role->round = vs_probe_set_round(role->probes, vs_role_on_round, role);
	start_uplink(role);
	vs_role_watch_isolation(role);
	role->hook = vs_hook_create(role->loop, role->identity.id);
	vs_hook_configure(role->hook, &role->conf->on_verdict);
	role->due = vs_timer_create(role->loop, on_due, role);
	role->reload = vs_timer_create(role->loop, on_reload, role);
	role->reminder = vs_timer_create(role->loop, on_reminder, role);
	say_start(role);
	tell_manager();
	vs_role_arm(role);
	if (role->reload_wanted)
		vs_timer_start(role->reload, 0);
	return 0;
}

static void release(struct vs_role *role)
{
	vs_signal_destroy(role->signals[0]);
	vs_signal_destroy(role->signals[1]);
	vs_signal_destroy(role->signals[2]);
	vs_signal_destroy(role->signals[3]);
	vs_timer_destroy(role->due);
	vs_timer_destroy(role->reload);
	vs_timer_destroy(role->reminder);
	vs_round_destroy(role->round);
	vs_uplink_destroy(role->uplink);
	vs_hook_destroy(role->hook);
	vs_isolation_destroy(role->isolation);
	vs_change_fini(&role->change);
	vs_spool_destroy(role->spool);
	vs_local_destroy(role->local);
	vs_probe_world_destroy(role->world);
	vs_endpoint_fini(&role->endpoint);
	vs_client_conf_destroy(role->reloaded);
	vs_buf_fini(&role->report);
	vs_loop_destroy(role->loop);
}

int vs_client_run(const struct vs_client_conf *conf, struct vs_err *err)
{
	struct vs_role role = {.conf = conf};
	struct vs_err reason = {0};
	int rc;

	vs_json_setup();
	vs_buf_init(&role.report);
	role.loop = vs_loop_create();
	role.signals[0] = vs_signal_create(role.loop, SIGTERM, vs_role_on_signal, &role);
	role.signals[1] = vs_signal_create(role.loop, SIGINT, vs_role_on_signal, &role);
	role.signals[2] = vs_signal_create(role.loop, SIGHUP, on_hangup, &role);
	role.signals[3] = vs_signal_create(role.loop, SIGUSR1, on_renamed, &role);
	rc = start(&role, &reason);
	if (rc == 0)
		vs_loop_run(role.loop);
	release(&role);
	if (rc == 0)
		return role.exit_code;
	vs_err_set(err, rc, "%s", reason.text);
	return rc == VS_ERR_INVALID || rc == VS_ERR_TOO_BIG ? EXIT_CONFIG : EXIT_FAILED;
}
