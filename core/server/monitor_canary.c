#include "server/monitor_canary.h"

#include "model/transition.h"
#include "server/ledger.h"
#include "server/monitor_inside.h"
#include "server/registry.h"

void vs_monitor_canary(
	struct vs_monitor *monitor, const char *client_id, const struct vs_fact_value *facts, size_t count)
{
	struct vs_entry *entry = vs_registry_find(monitor->parts.registry, client_id);
	struct vs_transitions transitions = {0};
	struct vs_telling *telling;

	if (entry == NULL)
		return;
	vs_monitor_note_time(monitor);
	vs_tracker_canary(
		&monitor->tracker, &entry->client, facts, count, vs_monitor_wall(monitor), &transitions);
	vs_registry_changed(monitor->parts.registry, entry);
	vs_open_list_note(&monitor->open, entry);
	if (transitions.count == 0) {
		vs_transitions_fini(&transitions);
		vs_ledger_touch(monitor->parts.ledger, entry);
		return;
	}
	telling = vs_monitor_begin_telling(monitor);
	vs_telling_add(telling, &entry->client, &transitions);
	vs_telling_commit(telling, NULL, NULL);
}
