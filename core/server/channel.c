#include "server/channel.h"

#include <string.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/log.h"
#include "base/require.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/alert.h"
#include "server/ledger.h"
#include "server/queue.h"
#include "server/stats.h"
#include "server/told.h"
#include "server/zone.h"

#define AREA "outbox"
#define DEFAULT_TIMEOUT_MS 30000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 60000
#define PATIENCE_MS 1000 /* a wish to wait less than a restart takes is not stored */
#define CHUNK 256 /* deliveries that go unsent in one turn of the loop */

/* The commit that says an attempt begins; it may be answered when the channel is gone. */
struct recording {
	struct vs_channel *channel; /* NULL: gone */
};

struct vs_channel {
	struct vs_channel_parts parts;
	const struct vs_instance_conf *conf;
	struct vs_channel_port port;
	struct vs_queue queue;
	struct vs_told *told;
	struct vs_delivery *current; /* from the beginning of an attempt to its end; others may pass it */
	struct recording *recording; /* of current; then op is 0 */
	uint64_t op;
	uint64_t begun_ms; /* mono: when the attempt of current began */
	struct vs_alert_text *text; /* of current */
	struct vs_zone *zone;
	struct vs_timer *timer; /* the next attempt */
	uint64_t patient_until; /* mono: before a restart it asked to be left alone until then */
	uint64_t backoff_ms;
	bool failing; /* the last attempt was put off */
	uint64_t failing_since; /* mono */
	struct vs_buf last_error;
	bool broken;
	bool overflowing;
	bool quitting;
	uint64_t sent;
	uint64_t dropped;
	int64_t last_sent_at;
};

static void attempt(void *arg);

struct vs_channel *vs_channel_create(const struct vs_channel_parts *parts,
	const struct vs_instance_conf *conf, const struct vs_channel_port *port)
{
	struct vs_channel *channel = vs_zalloc(sizeof(*channel));

	channel->parts = *parts;
	channel->conf = conf;
	channel->port = *port;
	channel->backoff_ms = BACKOFF_FIRST_MS;
	channel->told = vs_told_create();
	channel->zone = vs_zone_create(conf->timezone);
	channel->timer = vs_timer_create(parts->loop, attempt, channel);
	vs_buf_init(&channel->last_error);
	return channel;
}

const struct vs_instance_conf *vs_channel_conf(const struct vs_channel *channel)
{
	return channel->conf;
}

/* --- the queue ------------------------------------------------------------------------- */

/* An unreleased head is about to be, and then this is called again. */
void vs_channel_start(struct vs_channel *channel)
{
	const struct vs_delivery *head = vs_queue_first(&channel->queue);

	if (channel->quitting)
		return;
	if (head != NULL && head->released && channel->current == NULL && !vs_timer_is_set(channel->timer))
		vs_timer_start(channel->timer, 0);
}

/* Takes delivery out of the queue and of the store, and frees it. After the end nothing is told of an
 * incident. */
static void finish(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	if (delivery->transition.change == VS_CHANGE_RESOLVED)
		vs_channel_forget(channel, delivery->transition.incident, unit);
	vs_unit_delete(unit, VS_TABLE_OUTBOX, delivery->id, NULL);
	vs_queue_remove(&channel->queue, delivery);
	vs_delivery_destroy(delivery);
	if (channel->queue.count <= VS_CHANNEL_QUEUE_MAX / 2)
		channel->overflowing = false;
}

static void give_up(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	channel->dropped++;
	channel->parts.stats->count[VS_STAT_DELIVERY_DROPS]++;
	finish(channel, delivery, unit);
}

/* The life of a message is measured by a clock that does not jump; before a restart only the other one went.
 */
static uint64_t expiry(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	int64_t age = channel->parts.clock->wall_ms() - delivery->planned_at;

	if (age < 0)
		age = 0;
	if (age > VS_CHANNEL_EXPIRE_MS)
		age = VS_CHANNEL_EXPIRE_MS;
	return channel->parts.clock->mono_ms() + (uint64_t)(VS_CHANNEL_EXPIRE_MS - age);
}

/* Longer than a message lives there is nothing to wait for. */
static void wait_for(struct vs_channel *channel, uint64_t delay)
{
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
	wait_for(channel, left);
}

void vs_channel_add(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_delivery *victim;

	delivery->expires_ms = expiry(channel, delivery);
	keep_patience(channel, delivery);
	vs_queue_add(&channel->queue, delivery);
	if (channel->queue.count <= VS_CHANNEL_QUEUE_MAX)
		return;
	if (!channel->overflowing)
		vs_log(VS_LOG_ERROR, AREA,
			"%s: %d messages wait; from now on the oldest notices are given up, and what is new "
			"when there are none",
			channel->conf->name, VS_CHANNEL_QUEUE_MAX);
	channel->overflowing = true;
	victim = vs_queue_oldest_notice(&channel->queue, channel->current);
	give_up(channel, victim != NULL ? victim : delivery, unit);
	vs_channel_start(channel);
}

void vs_channel_release(struct vs_channel *channel, const char *transition_id)
{
	struct vs_delivery *delivery = vs_queue_find(&channel->queue, transition_id);

	if (delivery == NULL)
		return;
	delivery->released = true;
	vs_channel_start(channel);
}

/* --- what was told --------------------------------------------------------------------- */

void vs_channel_told(struct vs_channel *channel, const char *incident, const char *ref)
{
	vs_told_put(channel->told, incident, ref);
}

void vs_channel_forget(struct vs_channel *channel, const char *incident, struct vs_unit *unit)
{
	if (vs_told_forget(channel->told, incident))
		vs_unit_delete(unit, VS_TABLE_TOLD, channel->conf->name, incident);
}

static void remember(struct vs_channel *channel, const struct vs_transition *transition, const char *ref,
	struct vs_unit *unit)
{
	if (transition->change == VS_CHANGE_NOTICE || transition->change == VS_CHANGE_RESOLVED)
		return;
	vs_told_put(channel->told, transition->incident, ref);
	vs_unit_put(unit, VS_TABLE_TOLD, channel->conf->name, transition->incident, vs_view_of(ref));
}

/* --- results --------------------------------------------------------------------------- */

void vs_channel_mark_broken(struct vs_channel *channel)
{
	channel->broken = true;
}

static void set_broken(struct vs_channel *channel, bool broken)
{
	if (channel->broken == broken)
		return;
	channel->broken = broken;
	channel->parts.broken(
		channel->parts.arg, channel->conf->name, broken, vs_buf_text(&channel->last_error));
}

static void on_sent(struct vs_channel *channel, struct vs_delivery *delivery, const char *ref)
{
	struct vs_unit *unit = vs_unit_create();

	channel->sent++;
	channel->parts.stats->count[VS_STAT_DELIVERED]++;
	channel->last_sent_at = channel->parts.clock->wall_ms();
	channel->backoff_ms = BACKOFF_FIRST_MS;
	channel->failing = false;
	vs_buf_clear(&channel->last_error);
	remember(channel, &delivery->transition, ref, unit);
	finish(channel, delivery, unit);
	VS_FAULT("row_deleting");
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	set_broken(channel, false);
	vs_channel_start(channel);
}

static void on_drop(struct vs_channel *channel, struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;
	struct vs_unit *unit = vs_unit_create();

	vs_log(VS_LOG_ERROR, AREA, "%s: a message (%s of %s) is given up: %s", channel->conf->name,
		vs_kind_name(transition->kind),
		transition->client[0] != '\0' ? transition->client : "the server",
		vs_buf_text(&channel->last_error));
	give_up(channel, delivery, unit);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	set_broken(channel, true);
	vs_channel_start(channel);
}

/* Half of it fixed, half of it chance: a fleet of servers does not knock in step. */
static uint64_t next_backoff(struct vs_channel *channel)
{
	uint64_t delay = channel->backoff_ms / 2 + vs_random_below(channel->backoff_ms / 2 + 1);

	channel->backoff_ms =
		channel->backoff_ms * 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : channel->backoff_ms * 2;
	return delay;
}

static void put_row(const struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	vs_unit_put(unit, VS_TABLE_OUTBOX, delivery->id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
}

static void store_patience(struct vs_channel *channel, struct vs_delivery *delivery, uint64_t after_ms)
{
	struct vs_unit *unit = vs_unit_create();

	delivery->refused_at = channel->parts.clock->wall_ms();
	delivery->patience_ms = after_ms < VS_CHANNEL_EXPIRE_MS ? (int64_t)after_ms : VS_CHANNEL_EXPIRE_MS;
	put_row(delivery, unit);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
}

/* after_ms: what the channel asked for, 0: nothing. */
static void put_off(struct vs_channel *channel, uint64_t after_ms)
{
	uint64_t now = channel->parts.clock->mono_ms();
	uint64_t delay = after_ms > 0 ? after_ms : next_backoff(channel);

	if (!channel->failing) {
		channel->failing = true;
		channel->failing_since = now;
		vs_log(VS_LOG_WARN, AREA, "%s: not delivered yet: %s", channel->conf->name,
			vs_buf_text(&channel->last_error));
	}
	channel->parts.stats->count[VS_STAT_DELIVERY_RETRIES]++;
	wait_for(channel, delay);
	if (now - channel->failing_since >= VS_CHANNEL_BROKEN_MS)
		set_broken(channel, true);
}

static void end_attempt(struct vs_channel *channel, const char *error)
{
	channel->current = NULL;
	channel->op = 0;
	vs_alert_text_destroy(channel->text);
	channel->text = NULL;
	vs_buf_clear(&channel->last_error);
	vs_buf_add_text(&channel->last_error, error != NULL ? error : "");
}

static void note_rest(const struct vs_channel *channel)
{
	if (channel->quitting && channel->parts.rested != NULL)
		channel->parts.rested(channel->parts.arg);
}

static void on_result(void *arg, const struct vpns_delivery_result *result)
{
	struct vs_channel *channel = arg;
	struct vs_delivery *delivery = channel->current;

	end_attempt(channel, result->reason);
	if (result->status == VPNS_DELIVERY_SENT) {
		VS_FAULT("delivery_sent");
		on_sent(channel, delivery, result->ref != NULL ? result->ref : "");
	} else if (result->status == VPNS_DELIVERY_DROP) {
		on_drop(channel, delivery);
	} else {
		/* A channel that asked for patience has refused the message; otherwise nobody knows. */
		if (result->retry_after_ms == 0)
			delivery->unsure = true;
		else if (result->retry_after_ms >= PATIENCE_MS)
			store_patience(channel, delivery, result->retry_after_ms);
		put_off(channel, result->retry_after_ms);
	}
	note_rest(channel);
}

/* --- attempts -------------------------------------------------------------------------- */

/* The end of an incident tells its beginning too, which leaves the queue. A restart must know. */
static void combine(
	struct vs_channel *channel, struct vs_delivery *opened, struct vs_delivery *end, struct vs_unit *unit)
{
	end->combined = true;
	end->unsure = end->unsure || opened->unsure;
	put_row(end, unit);
	finish(channel, opened, unit);
}

/*
 * What must not be sent any more goes: a beginning that is still waiting when its end is
 * there, what expired, and the end of an incident whose beginning was never told. Returns
 * whether delivery is gone.
 */
static bool outdated(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	const struct vs_transition *transition = &delivery->transition;
	struct vs_delivery *end = vs_queue_end_of(&channel->queue, transition->incident);

	if (transition->change == VS_CHANGE_OPENED && end != NULL) {
		combine(channel, delivery, end, unit);
		return true;
	}
	if (channel->parts.clock->mono_ms() >= delivery->expires_ms) {
		vs_log(VS_LOG_ERROR, AREA, "%s: a message (%s of %s) could not be delivered for %d hours",
			channel->conf->name, vs_kind_name(transition->kind),
			transition->client[0] != '\0' ? transition->client : "the server",
			VS_CHANNEL_EXPIRE_MS / 3600000);
		give_up(channel, delivery, unit);
		return true;
	}
	if (transition->change == VS_CHANGE_RESOLVED && !delivery->combined &&
		vs_told_ref(channel->told, transition->incident) == NULL) {
		finish(channel, delivery, unit);
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
		outdated(channel, head, unit))
		budget--;
	if (unit->count > 0)
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	return budget > 0;
}

static void send(struct vs_channel *channel)
{
	struct vs_delivery *delivery = channel->current;
	int64_t age = channel->parts.clock->wall_ms() - delivery->transition.at;
	const char *ref = vs_told_ref(channel->told, delivery->transition.incident);
	uint32_t timeout =
		channel->conf->timeout_ms > 0 ? (uint32_t)channel->conf->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct vs_err err = {0};

	channel->text = vs_alert_text_create(delivery, channel->zone,
		ref != NULL && ref[0] != '\0' ? ref : NULL, age > VS_CHANNEL_LATE_MS);
	channel->op = channel->port.deliver(
		channel->port.target, vs_alert_text_get(channel->text), timeout, on_result, channel, &err);
	if (channel->op == 0) {
		delivery->attempts--; /* it never began */
		end_attempt(channel, err.text);
		put_off(channel, 0);
		note_rest(channel);
	}
}

static void on_recorded(void *arg, bool durable)
{
	struct recording *recording = arg;
	struct vs_channel *channel = recording->channel;

	(void)durable; /* a store that refuses keeps nobody from being told */
	vs_free(recording);
	if (channel == NULL)
		return;
	channel->recording = NULL;
	VS_FAULT("delivery_recorded");
	send(channel);
}

/* The first attempt is stored before it is made, so that a restart can tell what may have left already. */
static void begin(struct vs_channel *channel, struct vs_delivery *delivery)
{
	struct vs_unit *unit;

	VS_FAULT("delivery_begin");
	channel->current = delivery;
	channel->begun_ms = channel->parts.clock->mono_ms();
	if (delivery->attempts++ > 0) {
		send(channel);
		return;
	}
	unit = vs_unit_create();
	put_row(delivery, unit);
	channel->recording = vs_zalloc(sizeof(*channel->recording));
	channel->recording->channel = channel;
	vs_ledger_commit(channel->parts.ledger, unit, on_recorded, channel->recording);
}

static void attempt(void *arg)
{
	struct vs_channel *channel = arg;
	struct vs_delivery *head;

	VS_REQUIRE(channel->current == NULL);
	if (channel->quitting)
		return;
	if (!clear_outdated(channel)) {
		vs_channel_start(channel);
		return;
	}
	head = vs_queue_first(&channel->queue);
	if (head != NULL && head->released)
		begin(channel, head);
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
	state->state = state_word(channel);
	state->last_error = vs_buf_text(&channel->last_error);
	state->queued = channel->queue.count;
	state->sent = channel->sent;
	state->dropped = channel->dropped;
	state->last_sent_at = channel->last_sent_at;
}

void vs_channel_destroy(struct vs_channel *channel)
{
	if (channel == NULL)
		return;
	if (channel->op != 0)
		channel->port.cancel(channel->port.target, channel->op);
	if (channel->recording != NULL)
		channel->recording->channel = NULL;
	vs_alert_text_destroy(channel->text);
	vs_queue_clear(&channel->queue);
	vs_told_destroy(channel->told);
	vs_timer_destroy(channel->timer);
	vs_buf_fini(&channel->last_error);
	vs_zone_destroy(channel->zone);
	vs_free(channel);
}
