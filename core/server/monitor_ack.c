#include "server/monitor_inside.h"

#include <string.h>

#include "model/client.h"
#include "model/detail.h"
#include "model/incident.h"
#include "model/names.h"
#include "model/transition.h"
#include "server/ack.h"
#include "server/registry.h"
#include "server/troubles.h"
#include "server/unit.h"

/* Only those with open incidents are looked at, and only when somebody acknowledges one. */
static struct vs_incident *find(const struct vs_monitor *monitor, const char *id, struct vs_entry **of)
{
	const GList *at;
	uint32_t i;

	for (at = monitor->open.clients.head; at != NULL; at = at->next) {
		struct vs_entry *entry = at->data;

		for (i = 0; i < entry->client.incident_count; i++) {
			if (!entry->client.incidents[i].open ||
				strcmp(entry->client.incidents[i].id, id) != 0)
				continue;
			*of = entry;
			return &entry->client.incidents[i];
		}
	}
	return NULL;
}

static void tell(struct vs_monitor *monitor, struct vs_entry *entry, const struct vs_incident *incident,
	const struct vs_ack *ack, void (*done)(void *arg, bool durable), void *arg)
{
	struct vs_telling *telling = vs_monitor_begin_telling(monitor);
	struct vs_transitions transitions = {0};
	struct vs_transition *transition = vs_transitions_push(&transitions);

	vs_transition_init_incident(transition, VS_CHANGE_ACKNOWLEDGED, incident, ack->at);
	vs_ack_tell(ack, transition);
	vs_details_of_client(transition, &entry->client, vs_registry_names(monitor->parts.registry));
	vs_ack_record(ack, vs_telling_unit(telling));
	vs_telling_add(telling, &entry->client, &transitions);
	vs_telling_commit(telling, done, arg);
}

int vs_monitor_acknowledge(struct vs_monitor *monitor, const struct vs_ack *ack,
	void (*done)(void *arg, bool durable), void *arg)
{
	struct vs_entry *entry = NULL;
	struct vs_incident *incident;

	vs_monitor_note_time(monitor);
	incident = find(monitor, ack->incident, &entry);
	if (incident == NULL)
		return vs_troubles_acknowledge(monitor->troubles, ack, done, arg);
	if (incident->acknowledged)
		return VS_ERR_BUSY;
	incident->acknowledged = true;
	vs_registry_changed(monitor->parts.registry, entry);
	tell(monitor, entry, incident, ack, done, arg);
	return 0;
}
