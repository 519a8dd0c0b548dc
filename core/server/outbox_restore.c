/* What the store has of the outbox, read back at the start. */
#include "server/outbox_inside.h"

#include <string.h>

#include "base/alloc.h"
#include "model/json.h"
#include "server/bunch.h"
#include "server/delivery.h"
#include "server/unit.h"

int vs_outbox_restore(struct vs_outbox *outbox, struct vs_view key, struct vs_view value,
	struct vs_unit *unit, struct vs_err *err)
{
	struct vs_delivery *delivery = vs_delivery_read(key, value, err);
	struct vs_channel *channel;

	if (delivery == NULL)
		return VS_ERR_INVALID;
	if (strcmp(delivery->id, outbox->last_id) > 0)
		memcpy(outbox->last_id, delivery->id, sizeof(outbox->last_id));
	channel = vs_outbox_find(outbox, delivery->channel);
	if (channel == NULL) {
		vs_absent_note(outbox->absent, delivery->channel, VS_TABLE_OUTBOX);
		vs_delivery_destroy(delivery);
		return 0;
	}
	delivery->released = true;
	delivery->untried = true;
	vs_channel_add(channel, delivery, unit);
	return 0;
}

static int restore_under_way(
	struct vs_channel *channel, struct vs_view value, struct vs_unit *unit, struct vs_err *err)
{
	json_t *json = vs_json_parse(value, err);
	const struct vs_group_record record = {
		.ids = vs_json_get_text(json, "ids"),
		.bunch = vs_json_get_text(json, "bunch"),
		.sent = vs_json_get_bool(json, "sent"),
		.update = vs_json_get_bool(json, "update"),
	};

	if (json == NULL)
		return VS_ERR_INVALID;
	vs_channel_restore_group(channel, &record, unit);
	json_decref(json);
	return 0;
}

static int restore_bunch(struct vs_outbox *outbox, struct vs_channel *channel, const char *id,
	struct vs_view value, struct vs_err *err)
{
	struct vs_bunch *bunch = vs_bunch_decode(
		id, value, (int64_t)outbox->parts.clock->mono_ms(), outbox->parts.clock->wall_ms(), err);

	if (bunch == NULL)
		return VS_ERR_INVALID;
	vs_channel_restore_bunch(channel, bunch);
	return 0;
}

/* Of a channel that is gone nothing is in memory: whatever comes back with it is told again. */
int vs_outbox_restore_group(struct vs_outbox *outbox, struct vs_view key, struct vs_view value,
	struct vs_unit *unit, struct vs_err *err)
{
	struct vs_view rest = key; /* channel; or channel, NUL, id of a bunch */
	struct vs_view first;
	struct vs_channel *channel;
	char *name;
	char *id;
	int rc = 0;

	if (!vs_view_split(&rest, '\0', &first))
		return 0;
	name = vs_strndup(first.ptr, first.len);
	id = rest.ptr != NULL ? vs_strndup(rest.ptr, rest.len) : NULL;
	channel = vs_outbox_find(outbox, name);
	if (channel == NULL)
		vs_unit_delete(unit, VS_TABLE_GROUPS, name, id);
	else if (id == NULL)
		rc = restore_under_way(channel, value, unit, err);
	else
		rc = restore_bunch(outbox, channel, id, value, err);
	vs_free(name);
	vs_free(id);
	return rc;
}

void vs_outbox_restore_told(struct vs_outbox *outbox, struct vs_view key, struct vs_view value)
{
	struct vs_view incident = key; /* channel, NUL, incident */
	struct vs_view name;
	struct vs_channel *channel;
	char *texts[3];

	if (!vs_view_split(&incident, '\0', &name) || incident.ptr == NULL)
		return;
	texts[0] = vs_strndup(name.ptr, name.len);
	texts[1] = vs_strndup(incident.ptr, incident.len);
	texts[2] = vs_strndup(value.ptr, value.len);
	channel = vs_outbox_find(outbox, texts[0]);
	if (channel != NULL)
		vs_channel_told(channel, texts[1], texts[2]);
	else
		vs_absent_note(outbox->absent, texts[0], VS_TABLE_TOLD);
	vs_free(texts[0]);
	vs_free(texts[1]);
	vs_free(texts[2]);
}
