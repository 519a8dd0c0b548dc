/* What changes something: /ack, /silence, /unsilence, /probe. */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/id.h"
#include "base/text.h"
#include "model/client.h"
#include "server/acks.h"
#include "server/command_inside.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/silences.h"
#include "server/wishes.h"

static char *text_of(struct vs_view view)
{
	return view.len > 0 ? vs_strndup(view.ptr, view.len) : vs_strdup("");
}

/* --- acknowledging ---------------------------------------------------------------------- */

static void add_durability(struct vs_command_call *call, bool durable)
{
	if (durable)
		return;
	vs_buf_add_char(&call->answer, ' ');
	vs_command_add(call, "The store does not take it just now: a restart would forget it.");
}

/* That who looks after it, also below the message that offered it. */
static void say_who(struct vs_command_call *call, const char *who)
{
	vs_command_fill(call, "{who} looks after it.", (const struct vs_hole[]){{"who", who}}, 1);
	vs_command_note(call, "{who} looks after it.", (const struct vs_hole[]){{"who", who}}, 1);
	call->result |= VPNS_ANSWER_SPENT;
}

static void on_acknowledged(void *arg, bool durable)
{
	struct vs_command_call *call = arg;

	say_who(call, call->who);
	add_durability(call, durable);
	vs_command_end(call, "done");
}

static void refuse_ack(struct vs_command_call *call, const char *incident, int rc)
{
	const struct vs_ack *before = vs_acks_find(call->commands->parts->acks, incident);

	if (rc == VS_ERR_NOT_FOUND) {
		vs_command_note(call, "This is over.", NULL, 0);
		call->result |= VPNS_ANSWER_SPENT;
		vs_command_refuse(
			call, "No open incident has that number; it may be over. /incidents lists them.");
	} else if (rc == VS_ERR_BUSY && before != NULL) {
		say_who(call, before->who);
		vs_command_refuse_so(call);
	} else if (rc == VS_ERR_BUSY) {
		call->result |= VPNS_ANSWER_SPENT;
		vs_command_refuse(call, "Somebody looks after it.");
	} else {
		vs_command_refuse(call, "The note is too long, or no text.");
	}
}

static void ack_incident(struct vs_command_call *call, const char *incident)
{
	char *note = text_of(call->line.rest);
	struct vs_err err = {0};
	int rc = vs_acks_put(
		call->commands->parts->acks, incident, call->who, note, on_acknowledged, call, &err);

	vs_free(note);
	if (rc < 0)
		refuse_ack(call, incident, rc);
}

static void ack_client(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	struct vs_command_piece incidents;
	char *note;
	size_t count;

	if (client == NULL)
		return; /* and the call is gone */
	note = text_of(call->line.rest);
	count = vs_acks_put_client(call->commands->parts->acks, client->id, call->who, note);
	vs_free(note);
	incidents = vs_command_count(call, "{n} incident", "{n} incidents", count);
	if (count == 0)
		vs_command_fill(call, "Nothing of {client} waits for somebody to look after it.",
			(const struct vs_hole[]){{"client", client->id}}, 1);
	else
		vs_command_fill(call, "{who} looks after {incidents} of {client}.",
			(const struct vs_hole[]){
				{"who", call->who}, {"incidents", incidents.text}, {"client", client->id}},
			3);
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

static void refuse_silence(struct vs_command_call *call, int rc)
{
	if (rc == VS_ERR_TOO_BIG)
		vs_command_refuse(call, "There are too many silences already: end one first.");
	else
		vs_command_refuse(call,
			"That cannot be silenced: a silence lasts from a second to 366 days, and its "
			"reason has 500 bytes at most.");
}

/* Of the buttons below an incident this one was pressed: the others are still of use. */
static void offer_rest(struct vs_command_call *call)
{
	char *first = text_of(call->line.first);

	if (vs_ulid_valid(first)) {
		vs_command_offer(call, "I look after it", "/ack %s", first);
		vs_command_offer(call, "Why?", "/why %s", first);
	}
	vs_free(first);
}

static void silence(struct vs_command_call *call, const char *pattern, int64_t for_ms)
{
	const struct vs_parts *parts = call->commands->parts;
	char *why = text_of(call->line.rest);
	struct vs_command_piece until;
	char id[VS_ULID_TEXT];
	struct vs_err err = {0};
	int rc = vs_silences_add_client(parts->silences, pattern, for_ms, call->who, why, id, &err);

	vs_free(why);
	if (rc < 0) {
		refuse_silence(call, rc);
		return;
	}
	until = vs_command_time(call, parts->clock.wall_ms() + for_ms);
	vs_command_fill(call, "Nothing is told of {client} until {time}.",
		(const struct vs_hole[]){{"client", pattern}, {"time", until.text}}, 2);
	vs_command_note(call, "{who}: silent until {time}.",
		(const struct vs_hole[]){{"who", call->who}, {"time", until.text}}, 2);
	vs_command_offer(call, "Undo", "/unsilence %s", id);
	offer_rest(call);
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

	vs_command_add(call, "The silence is over.");
	vs_command_note(call, "The silence is over.", NULL, 0);
	call->result |= VPNS_ANSWER_SPENT;
	add_durability(call, durable);
	vs_command_end(call, "done");
}

void vs_do_unsilence(struct vs_command_call *call)
{
	char *id = text_of(call->line.first);
	int rc = vs_silences_end(call->commands->parts->silences, id, call->who, on_unsilenced, call, NULL);

	vs_free(id);
	if (rc == 0)
		return;
	call->result |= VPNS_ANSWER_SPENT;
	vs_command_refuse(call, "There is no silence of that number; it may be over.");
}

/* --- measuring -------------------------------------------------------------------------- */

void vs_do_probe(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	const struct vs_client *client = vs_command_subject(call);
	struct vs_command_piece ago;

	if (client == NULL)
		return; /* and the call is gone */
	if (!vs_wishes_add_probe(parts->wishes, client->id, parts->clock.mono_ms())) {
		vs_command_refuse(call, "Too many clients are asked to measure already: nothing was done.");
		return;
	}
	ago = vs_command_ago(call, client->last_seen);
	vs_command_fill(call, "{client} is asked to measure when it reports next; it was heard {ago}.",
		(const struct vs_hole[]){{"client", client->id}, {"ago", ago.text}}, 2);
	vs_command_end(call, "done");
}
