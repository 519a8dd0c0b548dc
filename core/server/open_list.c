#include "server/open_list.h"

#include "model/client.h"
#include "model/incident.h"
#include "server/registry.h"

static void enter(struct vs_open_list *list, struct vs_entry *entry)
{
	g_queue_push_tail(&list->clients, entry);
	entry->open_link = list->clients.tail;
}

static void leave(struct vs_open_list *list, struct vs_entry *entry)
{
	g_queue_delete_link(&list->clients, entry->open_link);
	entry->open_link = NULL;
}

static void set_open(struct vs_open_list *list, struct vs_entry *entry, uint32_t open)
{
	uint32_t was = entry->open;

	entry->open = open;
	list->incidents = list->incidents - was + open;
	if (was == 0 && open > 0)
		enter(list, entry);
	else if (was > 0 && open == 0)
		leave(list, entry);
}

void vs_open_list_note(struct vs_open_list *list, struct vs_entry *entry)
{
	set_open(list, entry, (uint32_t)vs_client_open_incidents(&entry->client));
}

void vs_open_list_drop(struct vs_open_list *list, struct vs_entry *entry)
{
	set_open(list, entry, 0);
}

void vs_open_list_clear(struct vs_open_list *list)
{
	while (list->clients.head != NULL)
		vs_open_list_drop(list, list->clients.head->data);
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
	const GList *at;

	for (at = list->clients.head; at != NULL; at = at->next)
		vs_open_list_each_of(&((const struct vs_entry *)at->data)->client, each, arg);
}
