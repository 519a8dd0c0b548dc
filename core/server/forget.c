#include "server/forget.h"

#include "base/alloc.h"
#include "base/log.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/registry.h"

struct forgetting {
	struct vs_ledger *ledger;
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

static void delete_history(void *arg, bool ok, const char *reason)
{
	struct forgetting *forgetting = arg;

	if (!ok)
		vs_log(VS_LOG_WARN, "ledger", "the history of a forgotten client stays: %s", reason);
	if (forgetting->unit->count > 0)
		vs_ledger_commit(forgetting->ledger, forgetting->unit, NULL, NULL);
	else
		vs_unit_destroy(forgetting->unit);
	vs_free(forgetting);
}

/* Apart from the history: a client of that name may be back before that was found. */
static void delete_record(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_client *client)
{
	struct vs_unit *unit = vs_unit_create();
	uint32_t i;

	vs_unit_delete(unit, VS_TABLE_CLIENTS, client->id, NULL);
	for (i = 0; i < client->incident_count; i++)
		vs_outbox_forget(outbox, client->incidents[i].id, unit);
	vs_ledger_commit(ledger, unit, NULL, NULL);
}

void vs_forget_stored(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_entry *entry)
{
	struct forgetting *forgetting = vs_zalloc(sizeof(*forgetting));

	delete_record(ledger, outbox, &entry->client);
	forgetting->ledger = ledger;
	forgetting->unit = vs_unit_create();
	if (vs_ledger_read(ledger, VS_TABLE_TRANSITIONS, entry->client.id, 0, false, add_record,
		    delete_history, forgetting) < 0)
		delete_history(forgetting, false, "the store's queue is full");
}
