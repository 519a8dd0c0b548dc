#include "server/open_list.h"

#include <utlist.h>

#include "model/client.h"
#include "model/incident.h"
#include "server/registry.h"

static void set_open(struct vs_open_list *list, struct vs_entry *entry, uint32_t open)
{
	uint32_t was = entry->open;

	entry->open = open;
	list->incidents = list->incidents - was + open;
	if (was == 0 && open > 0)
		DL_APPEND2(list->first, entry, prev_open, next_open);
	else if (was > 0 && open == 0)
		DL_DELETE2(list->first, entry, prev_open, next_open);
}

void vs_open_list_note(struct vs_open_list *list, struct vs_entry *entry)
{
	set_open(list, entry, (uint32_t)vs_client_open_incidents(&entry->client));
}

void vs_open_list_drop(struct vs_open_list *list, struct vs_entry *entry)
{
	set_open(list, entry, 0);
}

void vs_open_list_each_of(const struct vs_client *client,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg)
{
	uint32_t i;

	for (i = 0; i < client->incident_count; i++)
		if (client->incidents[i].open)
			each(arg, &client->incidents[i]);
}

void vs_open_list_each(const struct vs_open_list *list,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg)
{
	const struct vs_entry *entry;

	DL_FOREACH2(list->first, entry, next_open)
	{
		vs_open_list_each_of(&entry->client, each, arg);
	}
}
