/* POST /notify {"text": "...", "channel": "..."}: tries all channels, or that one, and tells what each
 * answers. {"quiet": true} instead of a text: asks them, and sends nothing. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "model/json.h"
#include "server/call.h"
#include "server/parts.h"
#include "server/trial.h"

static void add_answer(struct vs_buf *body, const struct vs_trial_answer *answer)
{
	vs_buf_add_char(body, '{');
	vs_json_member(body, "channel", answer->channel);
	vs_json_member(body, "plugin", answer->plugin);
	vs_json_member(body, "outcome", answer->outcome);
	vs_json_member(body, "reason", answer->reason);
	vs_json_member_int(body, "took_ms", (int64_t)answer->took_ms);
	if (answer->retry_after_ms > 0)
		vs_json_member_int(body, "retry_after_ms", (int64_t)answer->retry_after_ms);
	vs_buf_add_char(body, '}');
}

static void on_tried(void *arg, const struct vs_trial_answer *answers, size_t count)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_text(&body, "{\"channels\":[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			vs_buf_add_char(&body, ',');
		add_answer(&body, &answers[i]);
	}
	vs_buf_add_text(&body, "]}");
	vs_call_json(arg, &body);
}

static bool is_usable(bool quiet, const json_t *text, const json_t *channel, struct vs_err *err)
{
	struct vs_view view;

	if (quiet && text != NULL) {
		vs_err_set(err, VS_ERR_INVALID,
			"text: nothing is sent where quiet is true; leave one of them out");
		return false;
	}
	if (channel != NULL && !json_is_string(channel)) {
		vs_err_set(err, VS_ERR_INVALID, "channel: expected the name of a channel, or nothing");
		return false;
	}
	if (quiet)
		return true;
	if (!json_is_string(text)) {
		vs_err_set(err, VS_ERR_INVALID, "text: expected an object with a text of this name");
		return false;
	}
	view = vs_view_trim(vs_view_of(json_string_value(text)));
	if (view.len == 0 || view.len > VS_TRIAL_TEXT_MAX) {
		vs_err_set(err, VS_ERR_INVALID, "text: expected 1 to %d bytes", VS_TRIAL_TEXT_MAX);
		return false;
	}
	return true;
}

void vs_api_notify(struct vs_call *call)
{
	struct vs_err err;
	json_t *json = vs_json_parse(call->message->body, &err);
	const json_t *channel = json_object_get(json, "channel");

	bool quiet = json_is_true(json_object_get(json, "quiet"));

	if (json == NULL || !is_usable(quiet, json_object_get(json, "text"), channel, &err)) {
		vs_call_problem(call, VS_P_BAD_BODY, err.text);
	} else if (vs_trial_start(call->parts->outbox, json_string_value(channel),
			   quiet ? NULL : vs_json_get_text(json, "text"), on_tried, call) == NULL) {
		vs_call_problem(call, VS_P_CHANNEL_NOT_FOUND, "channel: there is none of this name");
	} else {
		vs_log(VS_LOG_INFO, "api", "%s %s %s", vs_call_who(call), quiet ? "asks" : "tries",
			channel != NULL ? json_string_value(channel) : "all channels");
	}
	json_decref(json);
}
