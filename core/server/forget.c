#include "server/forget.h"

#include "base/alloc.h"
#include "base/log.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/registry.h"

struct forgetting {
	struct vs_ledger *ledger;
	char *client;
	struct vs_unit *unit;
};

/* A resolved incident is stored apart; the transition that resolved it names it. */
static bool add_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct forgetting *forgetting = arg;
	struct vs_transition transition;

	vs_unit_delete_key(forgetting->unit, VS_TABLE_TRANSITIONS, key);
	if (vs_transition_decode(&transition, value, NULL) < 0)
		return true;
	if (transition.change == VS_CHANGE_RESOLVED)
		vs_unit_delete(forgetting->unit, VS_TABLE_INCIDENTS, transition.incident, NULL);
	vs_transition_fini(&transition);
	return true;
}

static bool add_outcome(void *arg, struct vs_view key, struct vs_view value)
{
	struct forgetting *forgetting = arg;

	(void)value;
	vs_unit_delete_key(forgetting->unit, VS_TABLE_OUTCOMES, key);
	return true;
}

static void end(struct forgetting *forgetting, bool ok, const char *reason)
{
	if (!ok)
		vs_log(VS_LOG_WARN, "ledger", "the history of a forgotten client stays: %s", reason);
	if (forgetting->unit->count > 0)
		vs_ledger_commit(forgetting->ledger, forgetting->unit, NULL, NULL);
	else
		vs_unit_destroy(forgetting->unit);
	vs_free(forgetting->client);
	vs_free(forgetting);
}

static void on_outcomes(void *arg, bool ok, const char *reason)
{
	end(arg, ok, reason);
}

static void on_transitions(void *arg, bool ok, const char *reason)
{
	struct forgetting *forgetting = arg;

	if (!ok)
		end(forgetting, false, reason);
	else if (vs_ledger_read(forgetting->ledger, VS_TABLE_OUTCOMES, forgetting->client, 0, false,
			 add_outcome, on_outcomes, forgetting) < 0)
		end(forgetting, false, "the store's queue is full");
}

static void close_incident(struct vs_outbox *outbox, const struct vs_incident *open, int64_t now,
	const char *why, struct vs_unit *unit)
{
	struct vs_incident incident = *open; /* its texts are borrowed */
	struct vs_transition transition;

	incident.open = false;
	incident.resolved_at = now;
	vs_transition_init_incident(&transition, VS_CHANGE_RESOLVED, &incident, now);
	vs_transition_add(&transition, "closed", why);
	vs_outbox_withdraw(outbox, &transition, unit);
	vs_transition_fini(&transition);
}

/* Apart from the history: a client of that name may be back before that was found. */
static void delete_record(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_client *client,
	int64_t now, const char *why)
{
	struct vs_unit *unit = vs_unit_create();
	uint32_t i;

	vs_unit_delete(unit, VS_TABLE_CLIENTS, client->id, NULL);
	vs_outbox_withdraw_notices(outbox, client->id, unit);
	for (i = 0; i < client->incident_count; i++) {
		if (client->incidents[i].open)
			close_incident(outbox, &client->incidents[i], now, why, unit);
		else
			vs_outbox_forget(outbox, client->incidents[i].id, unit);
	}
	vs_ledger_commit(ledger, unit, NULL, NULL);
}

void vs_forget_stored(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_entry *entry,
	int64_t now, const char *why)
{
	struct forgetting *forgetting = vs_zalloc(sizeof(*forgetting));

	delete_record(ledger, outbox, &entry->client, now, why);
	forgetting->ledger = ledger;
	forgetting->client = vs_strdup(entry->client.id);
	forgetting->unit = vs_unit_create();
	if (vs_ledger_read(ledger, VS_TABLE_TRANSITIONS, entry->client.id, 0, false, add_record,
		    on_transitions, forgetting) < 0)
		end(forgetting, false, "the store's queue is full");
}
