#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "model/client.h"
#include "model/json.h"
#include "model/report.h"
#include "model/status_json.h"
#include "server/call.h"
#include "server/canary.h"
#include "server/media_type.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/stats.h"
#include "server/wishes.h"

#define AREA "api"
#define TYPE "application/json"
#define ANSWER_USUAL 1024 /* bytes */

static void add_interval(struct vs_buf *out, int64_t ms)
{
	char seconds[VS_UINT_TEXT];

	vs_json_key(out, "interval_seconds");
	if (ms % 1000 == 0)
		vs_buf_add(out, seconds, vs_uint_format(seconds, (uint64_t)ms / 1000));
	else
		vs_buf_printf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

/* What it may sign its canaries with. */
static void add_canary(struct vs_buf *out, const struct vs_canaries *canaries, const char *client_id)
{
	char token[VS_HMAC_TEXT];

	if (canaries == NULL)
		return;
	vs_canaries_token(canaries, client_id, token);
	vs_json_key(out, "canary");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "token", token);
	vs_buf_add_char(out, '}');
}

static void write_answer(
	const struct vs_call *call, const struct vs_monitor_answer *answer, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "status", "ok");
	vs_json_member(out, "message", "Keepalive received");
	vs_json_member_time(out, "server_time", call->parts->clock.wall_ms());
	add_interval(out, answer->interval_ms);
	vs_status_json_verdicts(out, answer->client);
	vs_json_key(out, "requests");
	vs_buf_add_text(out,
		vs_wishes_take_probe(call->parts->wishes, answer->client->id, call->parts->clock.mono_ms())
			? "[\"probe\"]"
			: "[]");
	add_canary(out, call->parts->canaries, answer->client->id);
	vs_json_key(out, "durable");
	vs_buf_add_text(out, answer->durable ? "true" : "false");
	vs_buf_add_char(out, '}');
}

static void log_answer(const struct vs_client *client)
{
	if (vs_log_enabled(VS_LOG_DEBUG))
		vs_log(VS_LOG_DEBUG, AREA, "keepalive of %s: %s", client->id,
			vs_verdict_name(vs_verdicts_overall(&client->verdicts)));
}

static void refuse_reported(struct vs_call *call, const struct vs_monitor_answer *answer)
{
	enum vs_api_problem problem = VS_P_CLIENT_NOT_FOUND;

	if (answer->rc == VS_ERR_TOO_BIG)
		problem = VS_P_TOO_MANY_CLIENTS;
	if (answer->rc == VS_ERR_BUSY) {
		problem = VS_P_NOT_READY;
		vs_call_header(call, "Retry-After", "2");
	}
	call->parts->stats->count[VS_STAT_KEEPALIVES_REFUSED]++;
	vs_call_problem(call, problem, answer->sentence);
}

static void on_reported(void *arg, const struct vs_monitor_answer *answer)
{
	struct vs_call *call = arg;
	struct vs_buf body;

	if (answer->client == NULL) {
		refuse_reported(call, answer);
		return;
	}
	log_answer(answer->client);
	vs_buf_init(&body);
	vs_buf_reserve(&body, ANSWER_USUAL);
	write_answer(call, answer, &body);
	VS_FAULT("answering");
	vs_call_json(call, &body);
	VS_FAULT("answered");
}

static void refuse(struct vs_call *call, enum vs_api_problem problem, const char *detail, const char *member)
{
	call->parts->stats->count[VS_STAT_KEEPALIVES_REFUSED]++;
	vs_call_problem_of(call, problem, detail, member);
}

/* What of its headers keeps the body from being read as a report; NULL: nothing. */
static const char *find_obstacle(const struct vs_http_message *message)
{
	struct vs_view name, value;
	unsigned types = 0;
	size_t i;

	for (i = 0; vs_http_message_field(message, i, &name, &value); i++) {
		if (vs_view_equal_nocase(name, "content-type")) {
			if (++types > 1)
				return "There is more than one Content-Type";
			if (!vs_media_type_is_json(value))
				return "Its Content-Type is not application/json in UTF-8";
		} else if (vs_view_equal_nocase(name, "content-encoding")) {
			if (!vs_view_equal_nocase(value, "identity"))
				return "Its Content-Encoding is not known here: send the report as it is";
		}
	}
	return NULL;
}

void vs_api_keepalive(struct vs_call *call)
{
	const char *obstacle = find_obstacle(call->message);
	struct vs_report report;
	struct vs_err err;

	if (obstacle != NULL) {
		vs_call_header(call, "Accept", TYPE);
		vs_call_header(call, "Accept-Encoding", "identity");
		refuse(call, VS_P_UNSUPPORTED_TYPE, obstacle, NULL);
		return;
	}
	if (vs_report_parse(&report, call->message->body, &err) < 0) {
		refuse(call, VS_P_BAD_REPORT, err.text, report.member);
		return;
	}
	VS_FAULT("report_parsed");
	vs_call_about(call, report.client_id);
	if (vs_visit_may_report(&call->visit, report.client_id))
		vs_monitor_report(call->parts->monitor, &report, &call->from, on_reported, call);
	else
		refuse(call, VS_P_CLIENT_FORBIDDEN, NULL, NULL);
	vs_report_fini(&report);
}
