/* What changes something: /ack, /silence, /unsilence, /probe. */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/id.h"
#include "base/text.h"
#include "model/client.h"
#include "model/sentence.h"
#include "server/acks.h"
#include "server/command_inside.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/silences.h"
#include "server/wishes.h"

#define TIME_WORDS 40
#define FORGETFUL " The store does not take it just now: a restart would forget it."

static char *text_of(struct vs_view view)
{
	return view.len > 0 ? vs_strndup(view.ptr, view.len) : vs_strdup("");
}

/* --- acknowledging ---------------------------------------------------------------------- */

static void on_acknowledged(void *arg, bool durable)
{
	struct vs_command_call *call = arg;

	vs_buf_printf(&call->answer, "%s looks after it.%s", call->who, durable ? "" : FORGETFUL);
	vs_command_end(call, "done");
}

static void ack_incident(struct vs_command_call *call, const char *incident)
{
	char *note = text_of(call->line.rest);
	struct vs_err err = {0};
	int rc = vs_acks_put(
		call->commands->parts->acks, incident, call->who, note, on_acknowledged, call, &err);

	vs_free(note);
	if (rc == VS_ERR_NOT_FOUND)
		vs_command_refuse(call, "No open incident has that number. /incidents lists them.");
	else if (rc < 0)
		vs_command_refuse(call, err.text);
}

static void ack_client(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	char *note;
	size_t count;

	if (client == NULL)
		return; /* and the call is gone */
	note = text_of(call->line.rest);
	count = vs_acks_put_client(call->commands->parts->acks, client->id, call->who, note);
	vs_free(note);
	if (count == 0)
		vs_buf_printf(
			&call->answer, "Nothing of %s waits for somebody to look after it.", client->id);
	else
		vs_buf_printf(&call->answer, "%s looks after %zu incident%s of %s.", call->who, count,
			count == 1 ? "" : "s", client->id);
	vs_command_end(call, count == 0 ? "nothing to do" : "done");
}

void vs_do_ack(struct vs_command_call *call)
{
	char *first = text_of(call->line.first);

	/* A client may be named like anything. */
	if (vs_ulid_valid(first) && vs_registry_find(call->commands->parts->registry, first) == NULL)
		ack_incident(call, first);
	else
		ack_client(call);
	vs_free(first);
}

/* --- silencing -------------------------------------------------------------------------- */

static bool is_pattern(struct vs_view text)
{
	return text.len > 0 &&
	       (memchr(text.ptr, '*', text.len) != NULL || memchr(text.ptr, '?', text.len) != NULL);
}

static void silence(struct vs_command_call *call, const char *pattern, int64_t for_ms)
{
	const struct vs_parts *parts = call->commands->parts;
	char *why = text_of(call->line.rest);
	char until[TIME_WORDS];
	char id[VS_ULID_TEXT];
	struct vs_err err = {0};
	int rc = vs_silences_add_client(parts->silences, pattern, for_ms, call->who, why, id, &err);

	vs_free(why);
	if (rc < 0) {
		vs_command_refuse(call, err.text);
		return;
	}
	vs_time_words(until, sizeof(until), parts->clock.wall_ms() + for_ms);
	vs_buf_printf(&call->answer, "Nothing is told of %s until %s.", pattern, until);
	vs_command_offer(call, "Undo", "/unsilence %s", id);
	vs_command_end(call, "done");
}

void vs_do_silence(struct vs_command_call *call)
{
	struct vs_view first = call->line.first;
	const struct vs_client *client = NULL;
	int64_t for_ms;
	char *pattern;

	if (!is_pattern(first)) {
		client = vs_command_subject(call);
		if (client == NULL)
			return; /* and the call is gone */
	}
	if (vs_duration_parse(&for_ms, vs_command_word(&call->line.rest), 0) < 0) {
		vs_command_refuse(call, "For how long? Like this: /silence CLIENT 1h they move house");
		return;
	}
	pattern = client != NULL ? vs_strdup(client->id) : text_of(first);
	silence(call, pattern, for_ms);
	vs_free(pattern);
}

static void on_unsilenced(void *arg, bool durable)
{
	struct vs_command_call *call = arg;

	vs_buf_printf(&call->answer, "The silence is over.%s", durable ? "" : FORGETFUL);
	vs_command_end(call, "done");
}

void vs_do_unsilence(struct vs_command_call *call)
{
	char *id = text_of(call->line.first);
	int rc = vs_silences_end(call->commands->parts->silences, id, call->who, on_unsilenced, call, NULL);

	vs_free(id);
	if (rc < 0)
		vs_command_refuse(call, "There is no silence of that number.");
}

/* --- measuring -------------------------------------------------------------------------- */

void vs_do_probe(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	const struct vs_client *client = vs_command_subject(call);

	if (client == NULL)
		return; /* and the call is gone */
	if (!vs_wishes_add_probe(parts->wishes, client->id, parts->clock.mono_ms())) {
		vs_command_refuse(call, "Too many clients are asked to measure already: nothing was done.");
		return;
	}
	vs_buf_printf(
		&call->answer, "%s is asked to measure when it reports next; it was heard ", client->id);
	vs_command_ago(call, &call->answer, client->last_seen);
	vs_buf_add_char(&call->answer, '.');
	vs_command_end(call, "done");
}
