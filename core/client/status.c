#include "client/status.h"

#include <stddef.h>

#include "base/buf.h"
#include "model/json.h"

/* A round may take its time on top of the interval; three without an end are a fault. */
#define SILENT_ROUNDS 3
#define SILENT_SLACK_MS 60000

enum vs_local_health vs_client_status_health(
	const struct vs_client_status *status, uint64_t now_ms, const char **reason)
{
	uint64_t since = status->rounds == 0 ? status->started_ms : status->round_ended_ms;

	*reason = NULL;
	if (now_ms - since > SILENT_ROUNDS * status->interval_ms + SILENT_SLACK_MS)
		*reason = "no round of probes has ended for more than three intervals";
	/* A server on this very machine is heard over loopback. */
	else if (status->isolated && status->uplink.lost)
		*reason = "no network device but loopback is up: this network namespace is dead, restart the "
			  "client";
	if (*reason != NULL)
		return VS_LOCAL_FAILING;
	if (status->rounds == 0)
		return VS_LOCAL_STARTING;
	return status->uplink.lost ? VS_LOCAL_DEGRADED : VS_LOCAL_HEALTHY;
}

static void write_uplink(const struct vs_uplink_status *uplink, struct vs_buf *out)
{
	vs_json_key(out, "uplink");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "state", uplink->lost ? "lost" : uplink->taken > 0 ? "ok" : "starting");
	if (uplink->lost)
		vs_json_member_time(out, "lost_since", uplink->lost_since_ms);
	vs_json_member_time(out, "last_delivered", uplink->taken_at_ms);
	vs_json_member(out, "problem", uplink->problem);
	vs_json_member_int(out, "delivered", (int64_t)uplink->taken);
	vs_json_member_int(out, "failed_attempts", (int64_t)uplink->failures);
	vs_json_member_int(out, "spooled", (int64_t)uplink->waiting);
	vs_buf_add_char(out, '}');
}

static void write_configuration(const struct vs_client_status *status, struct vs_buf *out)
{
	vs_json_key(out, "configuration");
	vs_buf_add_char(out, '{');
	vs_json_member_int(out, "generation", status->generation);
	vs_json_member_time(out, "loaded_at", status->loaded_at);
	if (status->refused_at != 0)
		vs_json_member_time(out, "refused_at", status->refused_at);
	vs_buf_add_char(out, '}');
}

void vs_client_status_write(const struct vs_client_status *status, uint64_t now_ms, struct vs_buf *out)
{
	const char *reason;
	enum vs_local_health health = vs_client_status_health(status, now_ms, &reason);

	vs_buf_add_char(out, '{');
	vs_json_member(out, "status", vs_local_health_name(health));
	if (reason != NULL)
		vs_json_member(out, "reason", reason);
	vs_json_member(out, "client_id", status->client_id);
	vs_json_member(out, "version", status->version);
	vs_json_member(out, "server", status->server);
	if (status->warning != NULL)
		vs_json_member(out, "warning", status->warning);
	vs_json_member_time(out, "started_at", status->started_at);
	write_configuration(status, out);
	vs_json_key(out, "interval_seconds");
	vs_buf_printf(out, "%.3f", (double)status->interval_ms / 1000);
	vs_json_member_int(out, "rounds", (int64_t)status->rounds);
	vs_json_key(out, "verdict");
	if (status->reply != NULL && status->reply->judged)
		vs_json_add_string(out, vs_verdict_name(status->reply->overall));
	else
		vs_buf_add_text(out, "null");
	vs_json_key(out, "verdicts");
	if (status->reply != NULL)
		vs_reply_write_verdicts(status->reply, out);
	else
		vs_buf_add_text(out, "{}");
	write_uplink(&status->uplink, out);
	vs_json_key(out, "report");
	vs_buf_add_text(out, status->report != NULL ? status->report : "null");
	vs_buf_add_char(out, '}');
}

bool vs_reply_same_verdicts(const struct vs_reply *a, const struct vs_reply *b)
{
	size_t i;

	for (i = 0; i < VS_QUESTIONS; i++)
		if (a->answers[i].given != b->answers[i].given ||
			a->answers[i].verdict != b->answers[i].verdict)
			return false;
	return a->judged == b->judged && a->overall == b->overall;
}

/* The answer that made the overall verdict, NULL when none did. */
static const struct vs_reply_answer *decisive(const struct vs_reply *reply)
{
	size_t i;

	for (i = 0; i < VS_QUESTIONS; i++)
		if (reply->answers[i].given && reply->answers[i].verdict == reply->overall)
			return &reply->answers[i];
	return NULL;
}

void vs_reply_describe(const struct vs_reply *reply, struct vs_buf *out)
{
	const struct vs_reply_answer *answer = decisive(reply);
	const char *before = " (";
	size_t i;

	vs_buf_add_text(out, vs_verdict_name(reply->overall));
	for (i = 0; i < VS_QUESTIONS; i++) {
		if (!reply->answers[i].given || reply->answers[i].verdict == VS_VERDICT_NOT_CHECKED)
			continue;
		vs_buf_printf(out, "%s%s %s", before, vs_question_name((enum vs_question)i),
			vs_verdict_name(reply->answers[i].verdict));
		before = ", ";
	}
	if (before[0] == ',')
		vs_buf_add_char(out, ')');
	if (answer != NULL && answer->evidence[0] != '\0')
		vs_buf_printf(out, ": %s", answer->evidence);
}

void vs_reply_write_verdicts(const struct vs_reply *reply, struct vs_buf *out)
{
	size_t i;

	vs_buf_add_char(out, '{');
	for (i = 0; i < VS_QUESTIONS; i++) {
		const struct vs_reply_answer *answer = &reply->answers[i];

		if (!answer->given)
			continue;
		vs_json_key(out, vs_question_name((enum vs_question)i));
		vs_buf_add_char(out, '{');
		vs_json_member(out, "verdict", vs_verdict_name(answer->verdict));
		vs_json_member(out, "confidence", vs_confidence_name(answer->confidence));
		vs_json_member(out, "evidence", answer->evidence);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, '}');
}
