#include "server/store_watch.h"

#include "model/kind.h"
#include "server/ledger.h"
#include "server/troubles.h"

#define PATIENCE_MS 10000

/* What is told already may say only that the store refused. Damage upon damage is one incident. */
static void tell_loss(struct vs_store_watch *watch, struct vs_ledger *ledger, struct vs_troubles *troubles,
	const char *loss)
{
	if (!watch->lost) {
		vs_troubles_resolve(troubles, VS_KIND_STORE_FAILING, "");
		vs_troubles_open(troubles, VS_KIND_STORE_FAILING, "", loss);
	}
	watch->lost = true;
	vs_ledger_loss_told(ledger);
}

static void resolve(struct vs_store_watch *watch, struct vs_troubles *troubles)
{
	watch->lost = false;
	vs_troubles_resolve(troubles, VS_KIND_STORE_FAILING, "");
}

void vs_store_watch_look(
	struct vs_store_watch *watch, struct vs_ledger *ledger, struct vs_troubles *troubles, uint64_t now)
{
	const char *loss = vs_ledger_loss(ledger);
	const char *why;
	bool failing = vs_ledger_is_failing(ledger, &why, NULL);

	if (failing && !watch->failing)
		watch->since = now;
	watch->failing = failing;
	if (loss != NULL)
		tell_loss(watch, ledger, troubles, loss);
	else if (!failing)
		resolve(watch, troubles);
	else if (now - watch->since >= PATIENCE_MS)
		vs_troubles_open(troubles, VS_KIND_STORE_FAILING, "", why);
}
