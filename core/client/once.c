#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "client/client.h"
#include "client/compose.h"
#include "client/attempt.h"
#include "client/endpoint.h"
#include "client/identity.h"
#include "client/once_print.h"
#include "client/probe_set.h"
#include "client/probe_world.h"
#include "client/reply.h"
#include "config/client_conf.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"

#define DRAIN_MS 400
#define HOST_NAME_SIZE 256

struct once {
	const struct vs_client_conf *conf;
	struct vs_loop *loop;
	struct vs_identity identity;
	struct vs_endpoint endpoint;
	struct vs_probe_world *world;
	struct vs_probe_set *probes;
	struct vs_round *round;
	struct vs_attempt *attempt;
	struct vs_signal *signals[2];
	bool ending;
	int64_t started_at;

	struct vs_buf body; /* what was sent */
	FILE *out;
	bool json;
	int code;
};

static void on_drained(void *arg)
{
	struct once *once = arg;

	vs_loop_stop(once->loop);
}

/* Round and attempt are released with the rest: this may run inside one of their callbacks. */
static void end(struct once *once)
{
	if (once->ending)
		return;
	once->ending = true;
	vs_round_cancel(once->round);
	if (once->attempt != NULL)
		vs_attempt_cancel(once->attempt);
	vs_probe_set_end(once->probes, DRAIN_MS);
	once->probes = NULL;
	vs_probe_world_wait(once->world, on_drained, once);
}

static void on_signal(void *arg, int number)
{
	struct once *once = arg;

	(void)number;
	end(once);
}

static void print(struct once *once, const struct vs_once_outcome *outcome)
{
	struct vs_buf text;

	vs_buf_init(&text);
	if (once->json)
		vs_once_json(outcome, &text);
	else
		vs_once_text(outcome, &text);
	fwrite(text.ptr, 1, text.len, once->out);
	fflush(once->out);
	vs_buf_fini(&text);
	once->code = vs_once_code(outcome->reply);
}

static void on_attempt(void *arg, const struct vs_attempt_result *result)
{
	struct once *once = arg;
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_once_outcome outcome = {
		.server = once->endpoint.shown,
		.report = report,
		.reply = result->reply,
		.problem = result->problem,
		.warning = vs_endpoint_warning(&once->conf->client),
	};
	struct vs_err err;

	/* What the server was told, not what the probes may have learned since. */
	if (vs_report_parse(report, vs_buf_view(&once->body), &err) == 0)
		print(once, &outcome);
	else
		vs_log(VS_LOG_ERROR, "client", "the report cannot be read back: %s", err.text);
	vs_report_fini(report);
	vs_free(report);
	end(once);
}

static void on_round(void *arg, const struct vs_round_result *results, size_t count)
{
	struct once *once = arg;
	const struct vs_client_section *conf = &once->conf->client;
	struct vs_compose_about about = {
		.client_id = once->identity.id,
		.version = VS_VERSION,
		.tags = conf->tags.items,
		.tag_count = conf->tags.count,
		.started_at = once->started_at,
		.interval_ms = conf->interval_given ? conf->interval_ms : 0,
		.seq = 1,
		.now = vs_wall_ms(),
	};
	struct vs_report *report = vs_alloc(sizeof(*report));

	about.nonce_count = vs_probe_world_nonces(once->world, &about.nonces);
	vs_compose(report, &about, results, count);
	vs_report_write(report, &once->body);
	vs_report_fini(report);
	vs_free(report);
	if (!vs_attempt_send(once->attempt, vs_buf_view(&once->body), true))
		end(once);
}

static int start(struct once *once, struct vs_err *err)
{
	const struct vs_client_section *conf = &once->conf->client;
	struct vs_attempt_settings target;
	char host[HOST_NAME_SIZE];
	int rc;

	rc = vs_endpoint_init(&once->endpoint, conf, err);
	if (rc == 0)
		rc = vs_compose_check_tags(conf->tags.items, conf->tags.count, err);
	if (rc < 0)
		return rc;
	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	rc = vs_identity_find(&once->identity, conf->id, once->conf->state_dir, host, err);
	if (rc < 0)
		return rc;
	/* No state file: a running client of this host may be writing it. */
	once->world = vs_probe_world_create(once->loop, once->conf->folder, NULL);
	once->probes = vs_probe_set_create(once->world, once->conf, NULL, err);
	if (once->probes == NULL) {
		vs_probe_world_settle(once->world);
		return err->code;
	}
	once->round = vs_probe_set_round(once->probes, on_round, once);
	vs_endpoint_target(&once->endpoint, conf, &target);
	once->attempt = vs_attempt_create(vs_probe_world_http(once->world), &target, on_attempt, once);
	once->signals[0] = vs_signal_create(once->loop, SIGTERM, on_signal, once);
	once->signals[1] = vs_signal_create(once->loop, SIGINT, on_signal, once);
	once->started_at = vs_wall_ms();
	return vs_round_start(once->round);
}

static void release(struct once *once)
{
	vs_signal_destroy(once->signals[0]);
	vs_signal_destroy(once->signals[1]);
	vs_attempt_destroy(once->attempt);
	vs_round_destroy(once->round);
	vs_probe_world_destroy(once->world);
	vs_endpoint_fini(&once->endpoint);
	vs_buf_fini(&once->body);
	vs_loop_destroy(once->loop);
}

int vs_client_once(const struct vs_client_conf *conf, FILE *out, bool json, struct vs_err *err)
{
	struct once once = {.conf = conf, .out = out, .json = json, .code = VS_ONCE_UNKNOWN};
	struct vs_err reason = {0};

	vs_json_setup();
	vs_buf_init(&once.body);
	once.loop = vs_loop_create();
	if (start(&once, &reason) == 0)
		vs_loop_run(once.loop);
	else
		vs_err_set(err, reason.code, "%s", reason.text);
	release(&once);
	return once.code;
}
