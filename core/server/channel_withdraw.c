#include "server/channel_inside.h"

#include <string.h>

#include "base/buf.h"
#include "config/instance.h"
#include "server/told.h"

/* Returns whether delivery is gone. What is on its way, or may have arrived, cannot be taken back. */
static bool take_back(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	if (delivery->unsure || delivery->under_way) {
		delivery->withdrawn = true;
		return false;
	}
	vs_channel_take_out(channel, delivery, unit, VS_OUTCOME_SUPERSEDED, VS_CHANNEL_WITHDRAWN);
	return true;
}

bool vs_channel_withdraw(struct vs_channel *channel, const char *incident, struct vs_unit *unit)
{
	bool heard = vs_told_ref(channel->told, incident) != NULL;
	struct vs_delivery *delivery = vs_queue_of_incident(&channel->queue, incident);
	struct vs_delivery *next;

	for (; delivery != NULL; delivery = next) {
		next = delivery->next_same;
		if (!take_back(channel, delivery, unit))
			heard = true;
	}
	vs_channel_start(channel);
	return heard;
}

void vs_channel_withdraw_notices(struct vs_channel *channel, const char *client, struct vs_unit *unit)
{
	struct vs_delivery *delivery = channel->queue.notices;
	struct vs_delivery *next;

	for (; delivery != NULL; delivery = next) {
		next = delivery->next_notice;
		if (strcmp(delivery->transition.client, client) == 0)
			(void)take_back(channel, delivery, unit);
	}
	vs_channel_start(channel);
}

/* --- questions ------------------------------------------------------------------------- */

static bool is_cared_for(const struct vs_delivery *delivery)
{
	const struct vs_delivery *later;

	for (later = delivery->next_same; later != NULL; later = later->next_same)
		if (later->released && (later->transition.change == VS_CHANGE_ACKNOWLEDGED ||
					       later->transition.change == VS_CHANGE_RESOLVED))
			return true;
	return false;
}

bool vs_channel_is_needless(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	bool told = vs_channel_has_told(channel, delivery->transition.incident);

	if (delivery->transition.change == VS_CHANGE_REMINDED)
		return (told || !delivery->unsure) && is_cared_for(delivery);
	return delivery->transition.change == VS_CHANGE_ACKNOWLEDGED && !told &&
	       channel->conf->remind.escalate_after_ms > 0 &&
	       vs_queue_of_incident(&channel->queue, delivery->transition.incident) == delivery;
}

bool vs_channel_keeps_ref(const struct vs_channel *channel, const struct vs_transition *transition)
{
	return transition->change == VS_CHANGE_REMINDED && vs_channel_has_told(channel, transition->incident);
}

bool vs_channel_has_told(const struct vs_channel *channel, const char *incident)
{
	return vs_told_ref(channel->told, incident) != NULL;
}

bool vs_channel_is_telling(const struct vs_channel *channel, const char *incident)
{
	return vs_queue_of_incident(&channel->queue, incident) != NULL;
}

bool vs_channel_has_heard(const struct vs_channel *channel, const char *incident)
{
	return vs_channel_has_told(channel, incident) || vs_channel_is_telling(channel, incident);
}

static void tell(const struct vs_channel *channel, const struct vs_delivery *delivery,
	void (*each)(void *arg, const struct vs_waiting *waiting), void *arg)
{
	const struct vs_waiting waiting = {
		.channel = channel->conf->name,
		.change = vs_change_name(delivery->transition.change),
		.sending = delivery->under_way,
		.attempts = delivery->attempts,
		.reason = vs_channel_is_hushed(delivery) ? VS_CHANNEL_SILENCED
			  : delivery->attempts > 0       ? vs_buf_text(&channel->last_error)
							 : "",
	};

	each(arg, &waiting);
}

void vs_channel_each_waiting(const struct vs_channel *channel, const char *incident, const char *transition,
	void (*each)(void *arg, const struct vs_waiting *waiting), void *arg)
{
	const struct vs_delivery *delivery;

	if (incident != NULL) {
		delivery = vs_queue_of_incident(&channel->queue, incident);
		for (; delivery != NULL; delivery = delivery->next_same)
			tell(channel, delivery, each, arg);
	} else {
		delivery = vs_queue_find(&channel->queue, transition);
		if (delivery != NULL)
			tell(channel, delivery, each, arg);
	}
}
