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
#include "base/text.h"
#include "client/compose.h"
#include "client/attempt.h"
#include "client/endpoint.h"
#include "client/identity.h"
#include "client/local.h"
#include "client/probe_set.h"
#include "client/reply.h"
#include "client/schedule.h"
#include "client/spool.h"
#include "client/status.h"
#include "client/uplink.h"
#include "config/client_conf.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"

#define EXIT_FAILED 1
#define EXIT_CONFIG 2
#define DRAIN_MS 400 /* for probes that are running when the client ends: it must be gone within a second */
#define HOST_NAME_MAX_ 256

struct role {
	const struct vs_client_conf *conf;
	struct vs_loop *loop;
	struct vs_identity identity;
	struct vs_endpoint endpoint;
	bool persistent; /* the state directory can be written */
	struct vs_probe_set *probes;
	struct vs_round *round;
	struct vs_schedule schedule;
	struct vs_timer *due; /* the next round */
	struct vs_spool *spool;
	struct vs_uplink *uplink;
	struct vs_local *local; /* NULL: there is none */
	struct vs_signal *signals[3];

	uint64_t seq;
	bool told_left_out; /* about what did not fit into a report */
	struct vs_buf report; /* the latest body */
	struct vs_reply reply;
	bool replied;
	struct vs_client_status status;
};

static void arm(struct role *role)
{
	uint32_t chance;

	vs_random(&chance, sizeof(chance));
	vs_timer_start(role->due, vs_schedule_delay(&role->schedule, vs_mono_ms(), chance));
}

static void on_due(void *arg)
{
	struct role *role = arg;
	uint64_t interval = vs_schedule_interval(&role->schedule);

	vs_schedule_start(&role->schedule, vs_mono_ms());
	/* A probe that hangs must not hold up the sign of life beyond its interval. */
	vs_round_limit(role->round, (uint32_t)(interval - interval / 5));
	vs_round_start(role->round);
}

static void compose(struct role *role, const struct vs_round_result *results, size_t count)
{
	const struct vpns_list *tags = &role->conf->client.tags;
	const struct vs_compose_about about = {
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
	size_t left_out = vs_compose(report, &about, results, count);

	if (left_out > 0 && !role->told_left_out)
		vs_log(VS_LOG_WARN, "client", "%zu facts or probes do not fit into a report and are left out",
			left_out);
	role->told_left_out = left_out > 0;
	vs_buf_clear(&role->report);
	vs_report_write(report, &role->report);
	vs_report_fini(report);
	vs_free(report);
}

static void on_round(void *arg, const struct vs_round_result *results, size_t count)
{
	struct role *role = arg;
	struct vs_buf body;
	size_t i;

	for (i = 0; i < count; i++)
		vs_log(VS_LOG_DEBUG, "client", "%s: %zu facts%s%s", results[i].name, results[i].fact_count,
			results[i].reason[0] == '\0' ? "" : ", ", results[i].reason);
	compose(role, results, count);
	role->status.rounds++;
	role->status.round_ended_ms = vs_mono_ms();
	vs_buf_init(&body);
	vs_buf_add(&body, role->report.ptr, role->report.len);
	vs_uplink_send(role->uplink, &body);
	arm(role);
}

static void tell_verdict(const struct vs_reply *reply)
{
	struct vs_buf line;

	if (!reply->judged)
		return;
	vs_buf_init(&line);
	vs_reply_describe(reply, &line);
	vs_log(reply->overall > VS_VERDICT_UNKNOWN ? VS_LOG_WARN : VS_LOG_INFO, "client", "verdict: %s",
		vs_buf_text(&line));
	vs_buf_fini(&line);
}

static void on_taken(void *arg, const struct vs_reply *reply)
{
	struct role *role = arg;
	char text[32];

	if (!role->replied || !vs_reply_same_verdicts(&role->reply, reply))
		tell_verdict(reply);
	role->reply = *reply;
	role->replied = true;
	if (!vs_schedule_learn(&role->schedule, reply->interval_ms))
		return;
	vs_duration_format(text, sizeof(text), (int64_t)vs_schedule_interval(&role->schedule));
	vs_log(VS_LOG_INFO, "client", "the server wants a report every %s", text);
	if (vs_timer_is_set(role->due))
		arm(role);
}

static void look(struct role *role)
{
	role->status.interval_ms = vs_schedule_interval(&role->schedule);
	role->status.report = role->report.len == 0 ? NULL : vs_buf_text(&role->report);
	role->status.reply = role->replied ? &role->reply : NULL;
	if (role->uplink != NULL) /* a request may come while probes that cannot be used are ended */
		vs_uplink_status(role->uplink, &role->status.uplink);
}

static enum vs_local_health on_health(void *arg)
{
	struct role *role = arg;

	look(role);
	return vs_client_status_health(&role->status, vs_mono_ms());
}

static void on_status(void *arg, struct vs_buf *json)
{
	struct role *role = arg;

	look(role);
	vs_client_status_write(&role->status, vs_mono_ms(), json);
}

static void on_drained(void *arg)
{
	struct role *role = arg;

	vs_loop_stop(role->loop);
}

/* Ends everything that could start something new; what is left ends with the loop. */
static void on_signal(void *arg, int number)
{
	struct role *role = arg;

	if (role->round == NULL)
		return; /* a second signal while the first is being obeyed, or a start that fails anyway */
	vs_log(VS_LOG_INFO, "client", "stopping after signal %d", number);
	vs_timer_stop(role->due);
	vs_round_destroy(role->round);
	role->round = NULL;
	vs_uplink_destroy(role->uplink);
	role->uplink = NULL;
	vs_local_destroy(role->local);
	role->local = NULL;
	vs_probe_set_drain(role->probes, DRAIN_MS, on_drained, role);
}

static void on_hangup(void *arg, int number)
{
	(void)arg;
	(void)number;
	vs_log(VS_LOG_WARN, "client",
		"reload is not available in this release: restart to use a new configuration");
}

/* A file of the state directory, or NULL when nothing can be kept there. */
static const char *state_path(const struct role *role, struct vs_buf *path, const char *name)
{
	vs_buf_clear(path);
	vs_buf_printf(path, "%s/%s", role->conf->state_dir, name);
	return role->persistent ? vs_buf_text(path) : NULL;
}

static int start_identity(struct role *role, struct vs_err *err)
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
static int start_local(struct role *role, struct vs_err *err)
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

static void start_uplink(struct role *role)
{
	const struct vs_client_section *conf = &role->conf->client;
	const struct vs_attempt_settings target = {
		.url = role->endpoint.url,
		.key = conf->key,
		.ca_file = conf->ca,
		.insecure = conf->insecure != 0,
		.timeout_ms = (uint32_t)conf->timeout_ms,
	};
	const struct vs_uplink_settings settings = {.shown = role->endpoint.shown};
	struct vs_buf path;

	vs_buf_init(&path);
	role->spool = vs_spool_create(state_path(role, &path, "spool.jsonl"), (size_t)conf->spool);
	role->uplink = vs_uplink_create(
		role->loop, vs_probe_set_http(role->probes), role->spool, &target, &settings, on_taken, role);
	vs_buf_fini(&path);
}

static void say_start(const struct role *role)
{
	struct vs_buf names;
	char interval[32];

	vs_buf_init(&names);
	vs_probe_set_names(role->probes, &names);
	vs_duration_format(interval, sizeof(interval), (int64_t)vs_schedule_interval(&role->schedule));
	vs_log(VS_LOG_INFO, "client", "vpn-sentinel %s: client %s reports to %s every %s; probes: %s",
		VS_VERSION, role->identity.id, role->endpoint.shown, interval, vs_buf_text(&names));
	vs_buf_fini(&names);
	if (role->conf->client.insecure)
		vs_log(VS_LOG_WARN, "client",
			"THE SERVER'S CERTIFICATE IS NOT VERIFIED: whoever sits on the way can read the key "
			"and answer "
			"in the server's place; unset VPN_SENTINEL_ALLOW_INSECURE and name the CA's file in "
			"VPN_SENTINEL_TLS_CERT_PATH");
}

static void start_status(struct role *role)
{
	role->status.client_id = role->identity.id;
	role->status.version = VS_VERSION;
	role->status.server = role->endpoint.shown;
	role->status.started_at = vs_wall_ms();
	role->status.started_ms = vs_mono_ms();
	role->status.uplink.problem = "";
	vs_schedule_init(&role->schedule,
		role->conf->client.interval_given ? (uint64_t)role->conf->client.interval_ms : 0);
}

static int start(struct role *role, struct vs_err *err)
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
	role->probes =
		vs_probe_set_create(role->loop, role->conf, state_path(role, &path, "state.json"), err);
	vs_buf_fini(&path);
	if (role->probes == NULL)
		return err->code;
	role->round = vs_probe_set_round(role->probes, on_round, role);
	start_uplink(role);
	role->due = vs_timer_create(role->loop, on_due, role);
	say_start(role);
	arm(role);
	return 0;
}

static void release(struct role *role)
{
	vs_signal_destroy(role->signals[0]);
	vs_signal_destroy(role->signals[1]);
	vs_signal_destroy(role->signals[2]);
	vs_timer_destroy(role->due);
	vs_round_destroy(role->round);
	vs_uplink_destroy(role->uplink);
	vs_spool_destroy(role->spool);
	vs_local_destroy(role->local);
	vs_probe_set_destroy(role->probes);
	vs_endpoint_fini(&role->endpoint);
	vs_buf_fini(&role->report);
	vs_loop_destroy(role->loop);
}

int vs_client_run(const struct vs_client_conf *conf, struct vs_err *err)
{
	struct role role = {.conf = conf};
	struct vs_err reason = {0};
	int rc;

	vs_json_setup();
	vs_buf_init(&role.report);
	role.loop = vs_loop_create();
	role.signals[0] = vs_signal_create(role.loop, SIGTERM, on_signal, &role);
	role.signals[1] = vs_signal_create(role.loop, SIGINT, on_signal, &role);
	role.signals[2] = vs_signal_create(role.loop, SIGHUP, on_hangup, &role);
	rc = start(&role, &reason);
	if (rc == 0)
		vs_loop_run(role.loop);
	release(&role);
	if (rc == 0)
		return 0;
	vs_err_set(err, rc, "%s", reason.text);
	return rc == VS_ERR_INVALID || rc == VS_ERR_TOO_BIG ? EXIT_CONFIG : EXIT_FAILED;
}
