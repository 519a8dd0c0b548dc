#include "server/open_list.h"

#include <utlist.h>

#include "base/buf.h"
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

void vs_open_list_write_client(const struct vs_client *client, struct vs_buf *out)
{
	uint32_t i;

	for (i = 0; i < client->incident_count; i++) {
		if (!client->incidents[i].open)
			continue;
		if (out->len > 0)
			vs_buf_add_char(out, ',');
		vs_incident_encode(&client->incidents[i], out);
	}
}

void vs_open_list_write(const struct vs_open_list *list, struct vs_buf *out)
{
	const struct vs_entry *entry;

	DL_FOREACH2(list->first, entry, next_open)
	{
		vs_open_list_write_client(&entry->client, out);
	}
}
