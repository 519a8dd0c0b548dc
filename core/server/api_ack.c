/* POST /incidents/{id}/ack {"note": "..."}: somebody looks after it. The body may be empty. */
#include "base/alloc.h"
#include "base/buf.h"
#include "model/json.h"
#include "server/acks.h"
#include "server/call.h"
#include "server/parts.h"

struct storing {
	struct vs_call *call;
	char *incident;
};

static void on_stored(void *arg, bool durable)
{
	struct storing *storing = arg;
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '{');
	vs_json_member(&body, "incident", storing->incident);
	vs_json_member(&body, "acknowledged_by", vs_call_who(storing->call));
	vs_json_key(&body, "durable");
	vs_buf_add_text(&body, durable ? "true}" : "false}");
	vs_call_json(storing->call, &body);
	vs_free(storing->incident);
	vs_free(storing);
}

/* The note of the body, or NULL with err. */
static char *read_note(struct vs_view body, struct vs_err *err)
{
	const json_t *note;
	json_t *json;
	char *copy = NULL;

	if (vs_view_trim(body).len == 0)
		return vs_strdup("");
	json = vs_json_parse(body, err);
	if (json == NULL)
		return NULL;
	note = json_object_get(json, "note");
	if (json_is_object(json) && (note == NULL || json_is_string(note)))
		copy = vs_strdup(note != NULL ? json_string_value(note) : "");
	else
		vs_err_set(
			err, VS_ERR_INVALID, "note: expected an object with a text of this name, or no body");
	json_decref(json);
	return copy;
}

static enum vs_api_problem problem_of(int rc)
{
	if (rc == VS_ERR_NOT_FOUND)
		return VS_P_INCIDENT_NOT_FOUND;
	return rc == VS_ERR_BUSY ? VS_P_ALREADY_ACKNOWLEDGED : VS_P_BAD_BODY;
}

void vs_api_ack(struct vs_call *call)
{
	struct vs_err err;
	char *note = read_note(call->message->body, &err);
	struct storing *storing;
	int rc;

	if (note == NULL) {
		vs_call_problem(call, VS_P_BAD_BODY, err.text);
		return;
	}
	storing = vs_zalloc(sizeof(*storing));
	storing->call = call;
	storing->incident = vs_strndup(call->id.ptr, call->id.len);
	rc = vs_acks_put(
		call->parts->acks, storing->incident, vs_call_who(call), note, on_stored, storing, &err);
	vs_free(note);
	if (rc == 0)
		return;
	vs_free(storing->incident);
	vs_free(storing);
	vs_call_problem(call, problem_of(rc), err.text);
}
