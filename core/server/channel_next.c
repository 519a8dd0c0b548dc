/* What a channel tells next: what is outdated goes, and what can be told with others waits for them. */
#include "server/channel_inside.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/require.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/ledger.h"
#include "server/told.h"

#define AREA "outbox"
#define CHUNK 256 /* deliveries that go unsent in one turn of the loop */

/* The end of an incident tells its beginning too, which leaves the queue. A restart must know. */
static void combine(
	struct vs_channel *channel, struct vs_delivery *opened, struct vs_delivery *end, struct vs_unit *unit)
{
	end->combined = true;
	end->hush_epoch = 0; /* a silence that did not cover it may cover it now */
	end->unsure = end->unsure || opened->unsure;
	vs_delivery_put(end, unit);
	vs_channel_finish(channel, opened, unit, VS_OUTCOME_SUPERSEDED, "its end tells it too");
	VS_FAULT("combining");
}

/*
 * What must not be sent any more goes: a beginning that is still waiting when its end is there, a reminder
 * of what is looked after, what expired, and the end of an incident whose beginning was never told. Returns
 * whether delivery is gone.
 */
bool vs_channel_outdated(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	const struct vs_transition *transition = &delivery->transition;
	struct vs_delivery *end = vs_queue_end_of(&channel->queue, transition->incident);

	if (delivery->withdrawn && !delivery->unsure) {
		vs_channel_finish(channel, delivery, unit, VS_OUTCOME_SUPERSEDED, VS_CHANNEL_WITHDRAWN);
		return true;
	}
	if (transition->change == VS_CHANGE_OPENED && end != NULL) {
		combine(channel, delivery, end, unit);
		return true;
	}
	if (transition->change == VS_CHANGE_REMINDED && end != NULL && delivery->unsure &&
		!vs_channel_has_told(channel, transition->incident)) {
		combine(channel, delivery, end, unit); /* the first message, and it may have arrived */
		return true;
	}
	if (vs_channel_is_needless(channel, delivery)) {
		vs_channel_finish(channel, delivery, unit, VS_OUTCOME_SUPERSEDED,
			"somebody looks after it, or it is over");
		return true;
	}
	if (!delivery->untried && !delivery->hushed &&
		channel->parts.clock->mono_ms() >= delivery->expires_ms) {
		vs_log(VS_LOG_ERROR, AREA, "%s: a message (%s of %s) could not be delivered for %d hours",
			channel->conf->name, vs_kind_name(transition->kind),
			transition->client[0] != '\0' ? transition->client : "the server",
			VS_CHANNEL_EXPIRE_MS / 3600000);
		vs_channel_give_up(
			channel, delivery, unit, VS_OUTCOME_EXPIRED, vs_buf_text(&channel->last_error));
		return true;
	}
	if (transition->change == VS_CHANGE_RESOLVED && !delivery->combined &&
		vs_told_ref(channel->told, transition->incident) == NULL) {
		vs_channel_finish(
			channel, delivery, unit, VS_OUTCOME_SUPERSEDED, "its beginning was never told");
		return true;
	}
	return false;
}

/* Returns false when a turn of the loop was not enough. */
static bool clear_outdated(struct vs_channel *channel)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_delivery *head;
	unsigned budget = CHUNK;

	while (budget > 0 && (head = vs_queue_first(&channel->queue)) != NULL && head->released &&
		vs_channel_outdated(channel, head, unit))
		budget--;
	if (unit->count > 0)
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	return budget > 0;
}

/* Whether what was chosen goes without being sent; the head of the queue was looked at before. */
static bool drop_outdated(struct vs_channel *channel, struct vs_delivery *chosen)
{
	struct vs_unit *unit;
	bool gone;

	if (chosen == vs_queue_first(&channel->queue))
		return false;
	unit = vs_unit_create();
	gone = vs_channel_outdated(channel, chosen, unit);
	if (unit->count > 0)
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	return gone;
}

/* Others may join what waits: until then nothing is sent, unless something else comes. */
static void hold(struct vs_channel *channel, uint64_t ready_at)
{
	if (ready_at == UINT64_MAX)
		return;
	vs_timer_start(channel->timer, ready_at - channel->parts.clock->mono_ms());
	channel->holding = true;
}

void vs_channel_attempt(void *arg)
{
	struct vs_channel *channel = arg;
	struct vs_delivery *chosen;
	uint64_t ready_at;

	VS_REQUIRE(channel->current == NULL);
	channel->holding = false;
	if (!vs_channel_settle(channel)) {
		vs_timer_start(channel->timer, 0);
		return;
	}
	if (channel->quitting || channel->port.deliver == NULL)
		return;
	if (!vs_channel_mind_silences(channel)) {
		vs_timer_start(channel->timer, 0);
		return;
	}
	if (!clear_outdated(channel)) {
		vs_channel_start(channel);
		return;
	}
	chosen = vs_queue_first(&channel->queue);
	if (chosen == NULL || !chosen->released)
		return;
	chosen = vs_channel_choose(channel, &ready_at);
	if (chosen == NULL)
		hold(channel, ready_at);
	else if (drop_outdated(channel, chosen) || (chosen->quieted && !vs_channel_clear_quieted(channel)))
		vs_channel_start(channel);
	else
		vs_channel_begin(channel, chosen);
}
