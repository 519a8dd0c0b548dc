/*
 * Silences that begin while something waits here: for its group, for the end of quiet hours, for a channel
 * that fails. It stays in the queue and in the store, and is told when no silence covers it any more.
 */
#include "server/channel_inside.h"

#include "server/ledger.h"
#include "server/unit.h"

#define CHUNK 256 /* deliveries that are looked at in one turn of the loop */

/* What is behind it of the same incident has to be told: then so does this. */
static bool is_urged(const struct vs_delivery *delivery)
{
	const struct vs_delivery *later;

	if (delivery->transition.incident[0] == '\0')
		return false;
	for (later = delivery->next_same; later != NULL; later = later->next_same)
		if (!later->hushed && later->transition.change != VS_CHANGE_RESOLVED)
			return true;
	return false;
}

/* What may have arrived is not taken back by a silence. */
bool vs_channel_is_hushed(const struct vs_delivery *delivery)
{
	return delivery->hushed && !delivery->unsure && !delivery->under_way && !is_urged(delivery);
}

/* People wait for the end of what they were told; of the rest nobody knows. */
static bool is_covered(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	if (delivery->transition.change == VS_CHANGE_RESOLVED && !delivery->combined)
		return false;
	return channel->parts.covers(channel->parts.arg, &delivery->transition);
}

/* It lives on, however long that takes; and is not late afterwards. */
static void look(const struct vs_channel *channel, struct vs_delivery *delivery)
{
	uint64_t least = channel->parts.clock->mono_ms() + VS_CHANNEL_GRACE_MS;
	bool was = delivery->hushed;

	delivery->hushed = is_covered(channel, delivery);
	delivery->hush_epoch = *channel->parts.hush_epoch;
	if ((was || delivery->hushed) && delivery->expires_ms < least)
		delivery->expires_ms = least;
	if (was && !delivery->hushed && delivery->transition.change != VS_CHANGE_RESOLVED)
		delivery->held_until = channel->parts.clock->wall_ms();
}

/* All of an incident, since what is behind a delivery can urge it. */
static void look_at_all(const struct vs_channel *channel, struct vs_delivery *delivery)
{
	bool of_incident = delivery->transition.incident[0] != '\0';

	for (; delivery != NULL; delivery = of_incident ? delivery->next_same : NULL)
		if (delivery->hush_epoch != *channel->parts.hush_epoch)
			look(channel, delivery);
}

/* Notices, and what came and went in the silence, are told nobody; nor is an end kept waiting by them. */
static bool ends_unheard(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	uint8_t change = delivery->transition.change;

	if (!delivery->released || !vs_channel_is_hushed(delivery))
		return false;
	if (change != VS_CHANGE_NOTICE && change != VS_CHANGE_RESOLVED) {
		if (vs_channel_outdated(channel, delivery, unit))
			return true;
		if (vs_queue_end_of(&channel->queue, delivery->transition.incident) == NULL)
			return false;
	}
	vs_channel_finish(channel, delivery, unit, VS_OUTCOME_SUPERSEDED, VS_CHANNEL_SILENCED);
	return true;
}

bool vs_channel_mind_silences(struct vs_channel *channel)
{
	uint64_t epoch = channel->parts.hush_epoch != NULL ? *channel->parts.hush_epoch : 0;
	struct vs_delivery *delivery;
	struct vs_delivery *next;
	struct vs_unit *unit;
	unsigned budget = CHUNK;

	if (epoch == channel->hush_seen || epoch == 0)
		return true;
	unit = vs_unit_create();
	for (delivery = vs_queue_first(&channel->queue); delivery != NULL && budget > 0; delivery = next) {
		next = vs_queue_next(&channel->queue, delivery);
		if (delivery->hush_epoch != epoch) {
			look_at_all(channel, delivery);
			budget--;
		}
		if (budget > 0 && ends_unheard(channel, delivery, unit))
			budget--;
	}
	if (unit->count > 0)
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	if (budget > 0)
		channel->hush_seen = epoch;
	return budget > 0;
}
