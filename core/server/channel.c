#include "server/channel_inside.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/require.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/alert.h"
#include "server/language.h"
#include "server/ledger.h"
#include "server/quiet.h"
#include "server/stats.h"
#include "server/told.h"
#include "server/zone.h"

#define AREA "outbox"

struct vs_channel *vs_channel_create(const struct vs_channel_parts *parts,
	const struct vs_instance_conf *conf, const struct vs_channel_port *port)
{
	struct vs_channel *channel = vs_zalloc(sizeof(*channel));

	channel->parts = *parts;
	channel->conf = conf;
	channel->port = *port;
	channel->backoff_ms = VS_CHANNEL_BACKOFF_FIRST_MS;
	channel->told = vs_told_create();
	channel->groups = vs_groups_create();
	channel->zone = vs_zone_create(conf->timezone);
	channel->language = vs_language_create(conf->language);
	channel->quiet = vs_quiet_create(&conf->quiet, conf->timezone);
	channel->timer = vs_timer_create(parts->loop, vs_channel_attempt, channel);
	vs_buf_init(&channel->last_error);
	return channel;
}

const struct vs_instance_conf *vs_channel_conf(const struct vs_channel *channel)
{
	return channel->conf;
}

/* --- other configurations -------------------------------------------------------------- */

static void set_conf(struct vs_channel *channel, const struct vs_instance_conf *conf)
{
	channel->conf = conf;
	vs_zone_destroy(channel->zone);
	vs_language_destroy(channel->language);
	vs_quiet_destroy(channel->quiet);
	channel->zone = vs_zone_create(conf->timezone);
	channel->language = vs_language_create(conf->language);
	channel->quiet = vs_quiet_create(&conf->quiet, conf->timezone);
}

/* A wish to be left alone still holds. */
void vs_channel_hurry(struct vs_channel *channel)
{
	channel->backoff_ms = VS_CHANNEL_BACKOFF_FIRST_MS;
	if (channel->parts.clock->mono_ms() >= channel->patient_until)
		vs_timer_stop(channel->timer);
	vs_channel_start(channel);
}

void vs_channel_keep(struct vs_channel *channel, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, bool touched)
{
	set_conf(channel, conf);
	channel->port = *port;
	if (channel->op != 0)
		channel->used = *port;
	if (touched)
		vs_channel_hurry(channel);
	else if (channel->holding) /* another group may let it go */
		vs_channel_start(channel);
}

bool vs_channel_change(struct vs_channel *channel, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, void (*left)(void *arg), void *arg)
{
	VS_REQUIRE(channel->left == NULL);
	set_conf(channel, conf);
	channel->port = *port;
	if (channel->op == 0) {
		vs_channel_hurry(channel);
		return false;
	}
	channel->left = left;
	channel->left_arg = arg;
	return true;
}

size_t vs_channel_waiting(const struct vs_channel *channel)
{
	return channel->queue.count;
}

size_t vs_channel_told_count(const struct vs_channel *channel)
{
	return vs_told_count(channel->told);
}

/* --- the queue ------------------------------------------------------------------------- */

/* An unreleased head is about to be, and then this is called again. */
void vs_channel_start(struct vs_channel *channel)
{
	const struct vs_delivery *head = vs_queue_first(&channel->queue);

	if (channel->quitting || channel->port.deliver == NULL)
		return;
	if (head != NULL && head->released && channel->current == NULL &&
		(!vs_timer_is_set(channel->timer) || channel->holding)) {
		channel->holding = false;
		vs_timer_start(channel->timer, 0);
	}
}

void vs_channel_take_out(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason)
{
	channel->ended[state]++;
	vs_outcome_put(unit, delivery, state, channel->parts.clock->wall_ms(), reason);
	vs_unit_delete(unit, VS_TABLE_OUTBOX, delivery->id, NULL);
	vs_queue_remove(&channel->queue, delivery);
	vs_delivery_destroy(delivery);
	if (channel->queue.count <= VS_CHANNEL_QUEUE_MAX / 2)
		channel->overflowing = false;
}

static void forget_told(struct vs_channel *channel, const char *incident, struct vs_unit *unit)
{
	if (vs_told_forget(channel->told, incident))
		vs_unit_delete(unit, VS_TABLE_TOLD, channel->conf->name, incident);
}

void vs_channel_finish(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason)
{
	if (delivery->transition.change == VS_CHANGE_RESOLVED)
		forget_told(channel, delivery->transition.incident, unit);
	vs_channel_take_out(channel, delivery, unit, state, reason);
}

void vs_channel_give_up(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason)
{
	channel->dropped++;
	channel->parts.stats->count[VS_STAT_DELIVERY_DROPS]++;
	vs_channel_finish(channel, delivery, unit, state, reason);
}

/*
 * The life of a message is measured by a clock that does not jump. Before a restart only the other one
 * went, and that one may be wrong: it never leaves less than the grace.
 */
static void date(const struct vs_channel *channel, struct vs_delivery *delivery)
{
	int64_t age = channel->parts.clock->wall_ms() - delivery->planned_at;
	int64_t now = (int64_t)channel->parts.clock->mono_ms();
	int64_t left;

	if (age < 0)
		age = 0;
	if (age > VS_CHANNEL_EXPIRE_MS)
		age = VS_CHANNEL_EXPIRE_MS;
	left = VS_CHANNEL_EXPIRE_MS - age;
	delivery->waits_since = now - age;
	delivery->expires_ms = (uint64_t)(now + (left > VS_CHANNEL_GRACE_MS ? left : VS_CHANNEL_GRACE_MS));
}

/* Longer than a message lives there is nothing to wait for. */
void vs_channel_wait(struct vs_channel *channel, uint64_t delay)
{
	channel->holding = false;
	vs_timer_start(channel->timer, delay < VS_CHANNEL_EXPIRE_MS ? delay : VS_CHANNEL_EXPIRE_MS);
}

/* The first attempt after a restart waits as long as the channel asked for before it. */
static void keep_patience(struct vs_channel *channel, const struct vs_delivery *delivery)
{
	uint64_t left = vs_delivery_patience_left(delivery, channel->parts.clock->wall_ms());
	uint64_t now = channel->parts.clock->mono_ms();

	if (left == 0 || now + left <= channel->patient_until)
		return;
	channel->patient_until = now + left;
	channel->failing = true;
	channel->failing_since = now;
	vs_buf_clear(&channel->last_error);
	vs_buf_add_text(&channel->last_error, "earlier it asked to be left alone");
	vs_channel_wait(channel, left);
}

void vs_channel_hand_patience(const struct vs_channel *channel, struct vs_delivery *delivery)
{
	uint64_t now = channel->parts.clock->mono_ms();

	if (now >= channel->patient_until)
		return;
	delivery->refused_at = channel->parts.clock->wall_ms();
	delivery->patience_ms = (int64_t)(channel->patient_until - now);
}

static void enqueue(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_delivery *victim;

	vs_queue_add(&channel->queue, delivery);
	if (channel->queue.count <= VS_CHANNEL_QUEUE_MAX)
		return;
	if (!channel->overflowing)
		vs_log(VS_LOG_ERROR, AREA,
			"%s: %d messages wait; from now on the oldest notices are given up, and what is new "
			"when there are none",
			channel->conf->name, VS_CHANNEL_QUEUE_MAX);
	channel->overflowing = true;
	victim = vs_queue_oldest_notice(&channel->queue);
	vs_channel_give_up(channel, victim != NULL ? victim : delivery, unit, VS_OUTCOME_FAILED,
		"too many messages waited");
	vs_channel_start(channel);
}

void vs_channel_add(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	date(channel, delivery);
	vs_channel_mark_quieted(channel, delivery);
	channel->hush_seen = 0;
	keep_patience(channel, delivery);
	enqueue(channel, delivery, unit);
}

/* What is queued leaves and comes back, so that the order stays that of the ids. */
bool vs_channel_take_back(struct vs_channel *channel, struct vs_delivery *stored, struct vs_unit *unit)
{
	struct vs_delivery *newer = NULL;
	struct vs_delivery **end = &newer;
	struct vs_delivery *delivery;

	if (channel->current != NULL || channel->settling != VS_SETTLE_NOTHING)
		return false;
	while ((delivery = channel->queue.by_transition) != NULL) {
		vs_queue_remove(&channel->queue, delivery);
		delivery->next = NULL;
		*end = delivery;
		end = &delivery->next;
	}
	while ((delivery = stored) != NULL) {
		stored = delivery->next;
		vs_channel_add(channel, delivery, unit);
	}
	while ((delivery = newer) != NULL) {
		newer = delivery->next;
		enqueue(channel, delivery, unit);
	}
	return true;
}

void vs_channel_release(struct vs_channel *channel, const char *transition_id)
{
	struct vs_delivery *delivery = vs_queue_find(&channel->queue, transition_id);

	if (delivery == NULL)
		return;
	delivery->released = true;
	channel->hush_seen = 0;
	vs_channel_start(channel);
}

/* --- what was told --------------------------------------------------------------------- */

void vs_channel_told(struct vs_channel *channel, const char *incident, const char *ref)
{
	vs_told_put(channel->told, incident, ref);
}

void vs_channel_forget(struct vs_channel *channel, const char *incident, struct vs_unit *unit)
{
	if (vs_queue_end_of(&channel->queue, incident) != NULL)
		return;
	vs_channel_leave_bunch(channel, incident);
	forget_told(channel, incident, unit);
}

bool vs_channel_quit(struct vs_channel *channel)
{
	channel->quitting = true;
	return channel->current != NULL;
}

void vs_channel_say_rest(const struct vs_channel *channel, bool kept)
{
	size_t count[VS_KINDS] = {0};
	const struct vs_delivery *delivery;
	const char *separator = "";
	struct vs_buf kinds;
	size_t i;

	if (channel->queue.count == 0)
		return;
	for (delivery = vs_queue_first(&channel->queue); delivery != NULL;
		delivery = vs_queue_next(&channel->queue, delivery))
		count[delivery->transition.kind]++;
	vs_buf_init(&kinds);
	for (i = 0; i < VS_KINDS; i++) {
		if (count[i] == 0)
			continue;
		vs_buf_printf(&kinds, "%s%zu %s", separator, count[i], vs_kind_name((enum vs_kind)i));
		separator = ", ";
	}
	vs_log(kept ? VS_LOG_INFO : VS_LOG_WARN, AREA, "%s: %zu message%s not delivered (%s): %s",
		channel->conf->name, channel->queue.count, channel->queue.count == 1 ? " was" : "s were",
		vs_buf_text(&kinds), kept ? "stored, and sent after the next start" : "lost");
	vs_buf_fini(&kinds);
}

static const char *state_word(const struct vs_channel *channel)
{
	if (channel->broken)
		return "broken";
	if (channel->failing)
		return "retrying";
	if (channel->current != NULL &&
		channel->parts.clock->mono_ms() - channel->begun_ms > VS_CHANNEL_SLOW_MS)
		return "sending";
	return "ok";
}

void vs_channel_state(const struct vs_channel *channel, struct vs_channel_state *state)
{
	state->name = channel->conf->name;
	state->plugin = channel->conf->plugin;
	state->language = channel->conf->language;
	state->timezone = channel->conf->timezone;
	state->state = state_word(channel);
	state->last_error = vs_buf_text(&channel->last_error);
	state->queued = channel->queue.count;
	state->sent = channel->sent;
	state->dropped = channel->dropped;
	memcpy(state->ended, channel->ended, sizeof(state->ended));
	state->last_sent_at = channel->last_sent_at;
}

void vs_channel_destroy(struct vs_channel *channel)
{
	if (channel == NULL)
		return;
	if (channel->op != 0)
		channel->used.cancel(channel->used.target, channel->op);
	if (channel->recording != NULL)
		channel->recording->channel = NULL;
	vs_alert_text_destroy(channel->text);
	vs_queue_clear(&channel->queue);
	vs_told_destroy(channel->told);
	vs_groups_destroy(channel->groups);
	vs_channel_free_members(channel);
	vs_channel_free_bunches(channel);
	vs_timer_destroy(channel->timer);
	vs_buf_fini(&channel->last_error);
	vs_zone_destroy(channel->zone);
	vs_language_destroy(channel->language);
	vs_quiet_destroy(channel->quiet);
	vs_free(channel);
}
