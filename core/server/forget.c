#include "server/forget.h"

#include "base/alloc.h"
#include "base/log.h"
#include "server/ledger.h"
#include "server/registry.h"

struct forgetting {
	struct vs_ledger *ledger;
	struct vs_unit *unit;
};

static bool add_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct forgetting *forgetting = arg;

	(void)value;
	vs_unit_delete_key(forgetting->unit, VS_TABLE_TRANSITIONS, key);
	return true;
}

static void delete_all(void *arg, bool ok, const char *reason)
{
	struct forgetting *forgetting = arg;

	if (!ok)
		vs_log(VS_LOG_WARN, "ledger", "the history of a forgotten client stays: %s", reason);
	vs_ledger_commit(forgetting->ledger, forgetting->unit, NULL, NULL);
	vs_free(forgetting);
}

void vs_forget_stored(struct vs_ledger *ledger, const struct vs_entry *entry)
{
	struct forgetting *forgetting = vs_zalloc(sizeof(*forgetting));

	forgetting->ledger = ledger;
	forgetting->unit = vs_unit_create();
	vs_unit_delete(forgetting->unit, VS_TABLE_CLIENTS, entry->client.id, NULL);
	if (vs_ledger_read(ledger, VS_TABLE_TRANSITIONS, entry->client.id, 0, false, add_record, delete_all,
		    forgetting) < 0)
		delete_all(forgetting, false, "the store's queue is full");
}
