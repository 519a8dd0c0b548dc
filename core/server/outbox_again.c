/* One channel by name: what it is told again of an incident, and what it knows of it. */
#include "server/outbox_inside.h"

#include <string.h>

#include "base/buf.h"
#include "config/instance.h"
#include "server/route.h"

static struct vs_channel *find(const struct vs_outbox *outbox, const char *name)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		if (strcmp(vs_channel_conf(outbox->channels[i])->name, name) == 0)
			return outbox->channels[i];
	return NULL;
}

void vs_outbox_set_chaser(struct vs_outbox *outbox, const struct vs_outbox_chaser *chaser)
{
	static const struct vs_outbox_chaser none;

	outbox->chaser = chaser != NULL ? *chaser : none;
}

enum vs_again vs_outbox_plan_again(struct vs_outbox *outbox, struct vs_unit *unit,
	const struct vs_transition *transition, const char *tags, const char *name)
{
	struct vs_channel *channel = find(outbox, name);

	if (channel == NULL || !vs_route_wants(&vs_channel_conf(channel)->route, transition, tags))
		return VS_AGAIN_UNWANTED;
	if (vs_outbox_ask(outbox, transition, tags, NULL, unit))
		return VS_AGAIN_HELD;
	vs_outbox_add(outbox, channel, transition, false, unit);
	return VS_AGAIN_PLANNED;
}

bool vs_outbox_is_telling(const struct vs_outbox *outbox, const char *name, const char *incident)
{
	const struct vs_channel *channel = find(outbox, name);

	return channel != NULL && vs_channel_is_telling(channel, incident);
}

bool vs_outbox_has_heard(const struct vs_outbox *outbox, const char *name, const char *incident)
{
	const struct vs_channel *channel = find(outbox, name);

	return channel != NULL && vs_channel_has_heard(channel, incident);
}

void vs_outbox_add_tellers(const struct vs_outbox *outbox, const char *incident, struct vs_buf *names)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		if (vs_channel_has_told(outbox->channels[i], incident))
			vs_buf_printf(names, "%s%s", names->len > 0 ? ", " : "",
				vs_channel_conf(outbox->channels[i])->name);
}

const struct vs_instance_conf *vs_outbox_conf_at(const struct vs_outbox *outbox, size_t index)
{
	return vs_channel_conf(outbox->channels[index]);
}

const struct vs_instance_conf *vs_outbox_find_conf(const struct vs_outbox *outbox, const char *name)
{
	const struct vs_channel *channel = find(outbox, name);

	return channel != NULL ? vs_channel_conf(channel) : NULL;
}
