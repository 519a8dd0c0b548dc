#include "server/channel_inside.h"

#include <string.h>

#include "base/buf.h"
#include "config/instance.h"
#include "server/told.h"
#include "server/unit.h"

/* Of its store's order, which is that of the ids, and of their being added. */
static const struct vs_delivery *first_after(const struct vs_queue *queue, const char *id)
{
	const struct vs_delivery *delivery = queue->by_transition;

	while (delivery != NULL && strcmp(delivery->id, id) <= 0)
		delivery = delivery->hh.next;
	return delivery;
}

bool vs_channel_rewrite(
	const struct vs_channel *channel, char after[VS_ULID_TEXT], size_t most, struct vs_unit *unit)
{
	const struct vs_delivery *delivery = first_after(&channel->queue, after);

	if (after[0] == '\0')
		vs_channel_put_bunches(channel, unit);
	for (; delivery != NULL && unit->count < most; delivery = delivery->hh.next) {
		vs_delivery_put(delivery, unit);
		vs_channel_rewrite_told(channel, delivery->transition.incident, unit);
		memcpy(after, delivery->id, VS_ULID_TEXT);
	}
	return delivery != NULL;
}

void vs_channel_rewrite_told(const struct vs_channel *channel, const char *incident, struct vs_unit *unit)
{
	const char *ref = vs_told_ref(channel->told, incident);

	if (ref != NULL)
		vs_unit_put(unit, VS_TABLE_TOLD, channel->conf->name, incident, vs_view_of(ref));
}

struct telling {
	const struct vs_channel *channel;
	struct vs_unit *unit;
};

static void put_told(void *arg, const char *incident, const char *ref)
{
	const struct telling *telling = arg;

	vs_unit_put(telling->unit, VS_TABLE_TOLD, telling->channel->conf->name, incident, vs_view_of(ref));
}

void vs_channel_rewrite_all(const struct vs_channel *channel, struct vs_unit *unit)
{
	struct telling telling = {channel, unit};
	const struct vs_delivery *delivery = channel->queue.by_transition;

	for (; delivery != NULL; delivery = delivery->hh.next)
		vs_delivery_put(delivery, unit);
	vs_channel_put_bunches(channel, unit);
	vs_told_each(channel->told, put_told, &telling);
}
