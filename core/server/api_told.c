/*
 * History and incidents, each with what became of its messages: `deliveries`. What has ended is in the
 * store, what waits in memory.
 */
#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/json.h"
#include "server/acks.h"
#include "server/call.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/parts.h"
#include "server/reminders.h"
#include "server/silences.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 1000
#define LOOKS_MAX 1000 /* clients whose stored outcomes are looked at for one answer */
#define OUTCOMES_MAX 4000 /* of one client, the newest */

/* A transition, or an incident. */
struct piece {
	char id[VS_ULID_TEXT];
	char *client; /* owned */
	struct vs_buf json; /* its object, without the brace that ends it */
	struct vs_buf deliveries; /* objects and commas */
	UT_hash_handle hh; /* by id, in the order of the answer */
};

struct listing {
	struct vs_call *call;
	bool of_incidents; /* else of transitions */
	struct piece *pieces;
	struct piece *next; /* the first whose client was not looked at */
	unsigned looks;
};

static void look(struct listing *listing);

static struct listing *create(struct vs_call *call, bool of_incidents)
{
	struct listing *listing = vs_zalloc(sizeof(*listing));

	listing->call = call;
	listing->of_incidents = of_incidents;
	return listing;
}

static void destroy(struct listing *listing)
{
	struct piece *piece;
	struct piece *next;

	HASH_ITER (hh, listing->pieces, piece, next) {
		HASH_DEL(listing->pieces, piece);
		vs_buf_fini(&piece->json);
		vs_buf_fini(&piece->deliveries);
		vs_free(piece->client);
		vs_free(piece);
	}
	vs_free(listing);
}

/* id has the length of a ULID; json is an object. */
static void add_piece(struct listing *listing, const char *id, struct vs_view client, struct vs_view json)
{
	struct piece *piece = vs_zalloc(sizeof(*piece));

	memcpy(piece->id, id, VS_ULID_TEXT - 1);
	piece->client = vs_strndup(client.ptr, client.len);
	vs_buf_init(&piece->json);
	vs_buf_init(&piece->deliveries);
	vs_buf_add(&piece->json, json.ptr, json.len - 1);
	HASH_ADD_STR(listing->pieces, id, piece);
}

/* --- the answer ------------------------------------------------------------------------ */

static void add_waiting(void *arg, const struct vs_waiting *waiting)
{
	struct vs_buf *out = arg;

	vs_buf_add_text(out, out->len > 0 ? ",{" : "{");
	vs_json_member(out, "channel", waiting->channel);
	vs_json_member(out, "transition", waiting->change);
	vs_json_member(out, "state", waiting->sending ? "sending" : "queued");
	vs_json_member_time(out, "at", 0);
	vs_json_member_int(out, "attempts", waiting->attempts);
	if (waiting->reason[0] != '\0')
		vs_json_member(out, "reason", waiting->reason);
	vs_buf_add_char(out, '}');
}

static void answer(struct listing *listing)
{
	const struct vs_outbox *outbox = listing->call->parts->outbox;
	struct piece *piece;
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '[');
	for (piece = listing->pieces; piece != NULL; piece = piece->hh.next) {
		vs_outbox_each_waiting(outbox, listing->of_incidents ? piece->id : NULL, piece->id,
			add_waiting, &piece->deliveries);
		vs_buf_add(&body, piece->json.ptr, piece->json.len);
		vs_buf_printf(&body, ",\"deliveries\":[%s]}%s", vs_buf_text(&piece->deliveries),
			piece->hh.next != NULL ? ",\n" : "");
	}
	vs_buf_add_char(&body, ']');
	vs_call_json(listing->call, &body);
	destroy(listing);
}

/* --- what has ended -------------------------------------------------------------------- */

static bool on_outcome(void *arg, struct vs_view key, struct vs_view value)
{
	struct listing *listing = arg;
	struct vs_outcome outcome;
	struct piece *piece;

	if (vs_outcome_read(&outcome, key, value, NULL) < 0)
		return true;
	HASH_FIND_STR(listing->pieces, listing->of_incidents ? outcome.incident : outcome.transition, piece);
	if (piece != NULL) {
		if (piece->deliveries.len > 0)
			vs_buf_add_char(&piece->deliveries, ',');
		vs_outcome_show(&outcome, &piece->deliveries);
	}
	vs_outcome_fini(&outcome);
	return true;
}

static void on_outcomes(void *arg, bool ok, const char *reason)
{
	struct listing *listing = arg;

	(void)reason;
	if (ok)
		look(listing);
	else
		answer(listing); /* the incidents are worth more than what is not known of their messages */
}

/* Looks at what is stored about the next client. A store that fails is asked for nothing more. */
static void look(struct listing *listing)
{
	struct vs_ledger *ledger = listing->call->parts->ledger;
	const struct piece *piece = listing->next;

	if (piece == NULL || listing->looks++ == LOOKS_MAX || vs_ledger_is_failing(ledger, NULL, NULL)) {
		answer(listing);
		return;
	}
	while (listing->next != NULL && strcmp(listing->next->client, piece->client) == 0)
		listing->next = listing->next->hh.next;
	if (vs_ledger_read(ledger, VS_TABLE_OUTCOMES, piece->client, OUTCOMES_MAX, true, on_outcome,
		    on_outcomes, listing) < 0)
		answer(listing);
}

/* --- incidents ------------------------------------------------------------------------- */

static void add_time(struct vs_buf *json, const char *name, int64_t at)
{
	if (at != 0)
		vs_json_member_time(json, name, at);
}

/* Who looks after it, which silence holds it back, and when it is told next. */
static void add_care(const struct vs_parts *parts, const struct vs_incident *incident, struct vs_buf *json)
{
	const struct vs_ack *ack = vs_acks_find(parts->acks, incident->id);
	const struct vs_mute *mute = vs_silences_of(parts->silences, incident);
	struct vs_reminder_times times;

	vs_reminders_times(parts->reminders, incident->id, &times);
	json->len--; /* its brace */
	if (ack != NULL) {
		vs_json_member(json, "acknowledged_by", ack->who);
		vs_json_member_time(json, "acknowledged_at", ack->at);
		vs_json_member(json, "note", ack->note);
	}
	if (mute != NULL)
		vs_json_member(json, "silenced_by", mute->id);
	add_time(json, "next_reminder", times.next_reminder);
	add_time(json, "escalates_at", times.escalates_at);
	vs_buf_add_char(json, '}');
}

static void on_incident(void *arg, const struct vs_incident *incident)
{
	const struct listing *listing = arg;
	struct vs_buf json;

	vs_buf_init(&json);
	vs_incident_encode(incident, &json);
	add_care(listing->call->parts, incident, &json);
	add_piece(arg, incident->id, vs_view_of(incident->client), vs_buf_view(&json));
	vs_buf_fini(&json);
}

static void answer_incidents(struct vs_call *call, const char *client_id)
{
	struct listing *listing = create(call, true);

	vs_monitor_each_incident(call->parts->monitor, client_id, on_incident, listing);
	listing->next = listing->pieces;
	look(listing);
}

void vs_api_client_incidents(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);

	if (client != NULL)
		answer_incidents(call, client->id);
}

void vs_api_incidents(struct vs_call *call)
{
	answer_incidents(call, NULL);
}

/* --- history --------------------------------------------------------------------------- */

static bool on_transition(void *arg, struct vs_view key, struct vs_view value)
{
	struct vs_view id = key; /* client, NUL, ULID */
	struct vs_view client;

	if (vs_view_split(&id, '\0', &client) && id.len == VS_ULID_TEXT - 1 && value.len > 1)
		add_piece(arg, id.ptr, client, value);
	return true;
}

static void on_transitions(void *arg, bool ok, const char *reason)
{
	struct listing *listing = arg;

	if (ok) {
		listing->next = listing->pieces;
		look(listing);
		return;
	}
	vs_call_problem(listing->call, VS_P_STORE_FAILED, reason);
	destroy(listing);
}

/* The transitions that the store keeps, the newest first. */
void vs_api_client_history(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);
	struct listing *listing;
	uint32_t limit;

	if (client == NULL || !vs_call_limit(call, HISTORY_MAX, HISTORY_DEFAULT, &limit))
		return;
	listing = create(call, false);
	if (vs_ledger_read(call->parts->ledger, VS_TABLE_TRANSITIONS, client->id, limit, true, on_transition,
		    on_transitions, listing) < 0)
		on_transitions(listing, false, "the store's queue is full");
}
