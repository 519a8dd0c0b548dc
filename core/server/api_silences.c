/* GET and POST /silences, DELETE /silences/{id}: what is not to be told for a while. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/json.h"
#include "server/call.h"
#include "server/parts.h"
#include "server/silences.h"

/* An answer that waits until the store has it. */
struct storing {
	struct vs_call *call;
	char id[VS_ULID_TEXT]; /* "": it was ended */
};

static void add_mute(struct vs_buf *out, const struct vs_mute *mute, bool on)
{
	vs_mute_encode(mute, out);
	out->len--; /* its brace */
	vs_buf_printf(out, ",\"active\":%s}", on ? "true" : "false");
}

static void add_to_list(void *arg, const struct vs_mute *mute, bool on)
{
	struct vs_buf *list = arg;

	vs_buf_add_text(list, list->len > 1 ? ",\n" : "");
	add_mute(list, mute, on);
}

void vs_api_silences(struct vs_call *call)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '[');
	vs_silences_each(call->parts->silences, add_to_list, &body);
	vs_buf_add_char(&body, ']');
	vs_call_json(call, &body);
}

/* A silence may have ended again while the store took its time. */
static void on_begun(void *arg, bool durable)
{
	struct storing *storing = arg;
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '{');
	vs_json_member(&body, "id", storing->id);
	vs_json_key(&body, "durable");
	vs_buf_add_text(&body, durable ? "true}" : "false}");
	vs_call_answer(storing->call, 201, "application/json", &body);
	vs_free(storing);
}

void vs_api_silence_begin(struct vs_call *call)
{
	struct storing *storing = vs_zalloc(sizeof(*storing));
	struct vs_err err;
	int rc;

	storing->call = call;
	rc = vs_silences_add_json(call->parts->silences, call->message->body, vs_call_who(call), storing->id,
		on_begun, storing, &err);
	if (rc == 0)
		return;
	vs_free(storing);
	vs_call_problem(call, rc == VS_ERR_TOO_BIG ? VS_P_TOO_MANY_SILENCES : VS_P_BAD_BODY, err.text);
}

static void on_ended(void *arg, bool durable)
{
	struct vs_call *call = arg;
	struct vs_buf nothing;

	(void)durable;
	vs_buf_init(&nothing);
	vs_call_answer(call, 204, NULL, &nothing);
}

void vs_api_silence_end(struct vs_call *call)
{
	char *id = vs_strndup(call->id.ptr, call->id.len);
	struct vs_err err;
	int rc = vs_silences_end(call->parts->silences, id, vs_call_who(call), on_ended, call, &err);

	vs_free(id);
	if (rc < 0)
		vs_call_problem(call, VS_P_SILENCE_NOT_FOUND, err.text);
}
