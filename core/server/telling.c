#include "server/telling.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/names.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/stats.h"

struct vs_telling {
	const struct vs_monitor_parts *parts;
	const struct vs_names *names;
	struct vs_tellings *among; /* NULL: detached, and then parts is gone, too */
	struct vs_telling *prev;
	struct vs_telling *next;
	struct vs_unit *unit;
	struct vs_transitions transitions;
	void (*done)(void *arg, bool durable);
	void *arg;
};

struct vs_telling *vs_telling_create(
	const struct vs_monitor_parts *parts, const struct vs_names *names, struct vs_tellings *among)
{
	struct vs_telling *telling = vs_zalloc(sizeof(*telling));

	telling->parts = parts;
	telling->names = names;
	telling->among = among;
	telling->unit = vs_unit_create();
	return telling;
}

struct vs_unit *vs_telling_unit(struct vs_telling *telling)
{
	return telling->unit;
}

static void destroy(struct vs_telling *telling)
{
	vs_unit_destroy(telling->unit);
	vs_transitions_fini(&telling->transitions);
	vs_free(telling);
}

/* A resolved incident leaves its client's record soon: this is where it is kept. */
static void put_resolved(
	struct vs_telling *telling, const struct vs_client *client, const struct vs_transition *transition)
{
	struct vs_buf text;
	uint32_t i;

	for (i = 0; i < client->incident_count; i++) {
		if (strcmp(client->incidents[i].id, transition->incident) != 0)
			continue;
		vs_buf_init(&text);
		vs_incident_encode(&client->incidents[i], &text);
		vs_unit_put(
			telling->unit, VS_TABLE_INCIDENTS, transition->incident, NULL, vs_buf_view(&text));
		vs_buf_fini(&text);
	}
}

static void log_it(const struct vs_client *client, const struct vs_transition *transition)
{
	bool late = *vs_transition_detail(transition, VS_LATE_KEY) != '\0';

	vs_log(transition->severity == VS_SEVERITY_INFO ? VS_LOG_INFO : VS_LOG_WARN, "monitor",
		"%s: %s %s%s%s%s", client->id, vs_kind_name(transition->kind),
		vs_change_name(transition->change), late ? ", reported late" : "",
		transition->evidence[0] != '\0' ? ": " : "", transition->evidence);
}

static void put_transition(
	struct vs_telling *telling, const struct vs_client *client, const struct vs_transition *transition)
{
	struct vs_buf text;

	log_it(client, transition);
	vs_buf_init(&text);
	vs_transition_encode(transition, &text);
	vs_unit_put(telling->unit, VS_TABLE_TRANSITIONS, client->id, transition->id, vs_buf_view(&text));
	vs_buf_fini(&text);
	telling->parts->stats->count[VS_STAT_TRANSITIONS]++;
	if (transition->change == VS_CHANGE_RESOLVED)
		put_resolved(telling, client, transition);
	/* How long a tunnel may be down before people are told is lost_after's to say; this was shorter. */
	if (transition->change == VS_CHANGE_NOTICE && transition->kind == VS_KIND_TUNNEL_LOST)
		return;
	vs_outbox_plan(telling->parts->outbox, telling->unit, transition,
		vs_names_text(telling->names, client->tags), NULL);
}

void vs_telling_add(
	struct vs_telling *telling, const struct vs_client *client, struct vs_transitions *transitions)
{
	size_t i;

	vs_transitions_order(transitions);
	vs_unit_put_client(telling->unit, client, telling->names);
	for (i = 0; i < transitions->count; i++) {
		put_transition(telling, client, &transitions->items[i]);
		*vs_transitions_push(&telling->transitions) = transitions->items[i];
	}
	transitions->count = 0; /* the items have moved */
	vs_transitions_fini(transitions);
}

/* What waits in memory may have to make room there: the record is written again. */
static void touch(struct vs_telling *telling, const char *client_id)
{
	struct vs_entry *entry = vs_registry_find(telling->parts->registry, client_id);

	if (entry != NULL)
		vs_ledger_touch(telling->parts->ledger, entry);
}

/* Whoever has a transition in it: the unit's number. */
static void note(const struct vs_telling *telling, uint64_t number)
{
	struct vs_entry *entry;
	size_t i;

	for (i = 0; i < telling->transitions.count; i++) {
		entry = vs_registry_find(telling->parts->registry, telling->transitions.items[i].client);
		if (entry != NULL)
			entry->telling = number;
	}
}

static void release(struct vs_telling *telling, bool durable)
{
	size_t i;

	DL_DELETE(telling->among->first, telling);
	for (i = 0; i < telling->transitions.count; i++) {
		vs_outbox_release(telling->parts->outbox, telling->transitions.items[i].id);
		if (!durable)
			touch(telling, telling->transitions.items[i].client);
	}
}

static void on_committed(void *arg, bool durable)
{
	struct vs_telling *telling = arg;

	if (telling->among != NULL)
		release(telling, durable);
	if (telling->done != NULL)
		telling->done(telling->arg, durable);
	destroy(telling);
}

void vs_telling_commit(struct vs_telling *telling, void (*done)(void *arg, bool durable), void *arg)
{
	struct vs_unit *unit = telling->unit;

	if (unit->count == 0) {
		destroy(telling);
		return;
	}
	telling->unit = NULL;
	telling->done = done;
	telling->arg = arg;
	DL_APPEND(telling->among->first, telling);
	note(telling, vs_ledger_commit(telling->parts->ledger, unit, on_committed, telling));
}

void vs_tellings_detach(struct vs_tellings *tellings)
{
	struct vs_telling *telling;

	DL_FOREACH (tellings->first, telling) {
		telling->among = NULL;
	}
	tellings->first = NULL;
}
