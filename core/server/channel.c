#include "server/channel.h"

#include <inttypes.h>
#include <string.h>

#include <utlist.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/log.h"
#include "base/require.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/alert.h"
#include "server/ledger.h"
#include "server/stats.h"
#include "server/zone.h"

#define AREA "outbox"
#define DEFAULT_TIMEOUT_MS 30000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 60000

/* An incident whose beginning this channel has told. */
struct told {
	char incident[VS_ULID_TEXT];
	char *ref;
	UT_hash_handle hh;
};

struct vs_channel {
	struct vs_channel_parts parts;
	const struct vs_instance_conf *conf;
	struct vs_channel_port port;
	struct vs_delivery *queue; /* in order of planning */
	struct vs_delivery *by_transition;
	struct vs_delivery *opened; /* of the queue, by incident */
	struct vs_delivery *resolved;
	struct told *told;
	size_t queued;
	struct vs_delivery *current; /* the head, while it is being sent */
	uint64_t op;
	struct vs_alert_text *text; /* of current */
	struct vs_zone *zone;
	struct vs_timer *timer; /* the next attempt */
	uint64_t backoff_ms;
	int64_t failing_since; /* wall; 0: the last attempt was fine */
	struct vs_buf last_error;
	bool broken;
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

static struct vs_delivery **side_of(struct vs_channel *channel, const struct vs_delivery *delivery)
{
	if (delivery->transition.change == VS_CHANGE_OPENED)
		return &channel->opened;
	return delivery->transition.change == VS_CHANGE_RESOLVED ? &channel->resolved : NULL;
}

static struct vs_delivery *find_side(struct vs_delivery *side, const char *incident)
{
	struct vs_delivery *found;

	HASH_FIND(hh_incident, side, incident, strlen(incident), found);
	return found;
}

static void enqueue(struct vs_channel *channel, struct vs_delivery *delivery)
{
	struct vs_delivery **side = side_of(channel, delivery);
	const char *incident = delivery->transition.incident;

	DL_APPEND(channel->queue, delivery);
	HASH_ADD_KEYPTR(hh, channel->by_transition, delivery->transition.id, strlen(delivery->transition.id),
		delivery);
	if (side != NULL && find_side(*side, incident) == NULL)
		HASH_ADD_KEYPTR(hh_incident, *side, incident, strlen(incident), delivery);
	channel->queued++;
}

/* Takes delivery out of the queue and of the store, and frees it. */
static void finish(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_delivery **side = side_of(channel, delivery);

	vs_unit_delete(unit, VS_TABLE_OUTBOX, delivery->id, NULL);
	DL_DELETE(channel->queue, delivery);
	HASH_DELETE(hh, channel->by_transition, delivery);
	if (side != NULL && find_side(*side, delivery->transition.incident) == delivery)
		HASH_DELETE(hh_incident, *side, delivery);
	channel->queued--;
	vs_delivery_destroy(delivery);
}

static struct vs_delivery *oldest_notice(struct vs_channel *channel)
{
	struct vs_delivery *delivery;

	DL_FOREACH (channel->queue, delivery) {
		if (delivery->transition.change == VS_CHANGE_NOTICE && delivery != channel->current)
			return delivery;
	}
	return NULL;
}

void vs_channel_add(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	struct vs_delivery *victim;

	enqueue(channel, delivery);
	if (channel->queued <= VS_CHANNEL_QUEUE_MAX)
		return;
	victim = oldest_notice(channel);
	if (victim == NULL)
		victim = delivery;
	if (channel->dropped == 0)
		vs_log(VS_LOG_ERROR, AREA, "%s: %d messages wait; the oldest notices are given up",
			channel->conf->name, VS_CHANNEL_QUEUE_MAX);
	channel->dropped++;
	channel->parts.stats->count[VS_STAT_DELIVERY_DROPS]++;
	finish(channel, victim, unit);
}

void vs_channel_release(struct vs_channel *channel, const char *transition_id)
{
	struct vs_delivery *delivery;

	HASH_FIND(hh, channel->by_transition, transition_id, strlen(transition_id), delivery);
	if (delivery == NULL)
		return;
	delivery->released = true;
	if (channel->current == NULL && !vs_timer_is_set(channel->timer))
		vs_timer_start(channel->timer, 0);
}

/* --- what was told --------------------------------------------------------------------- */

static struct told *find_told(struct vs_channel *channel, const char *incident)
{
	struct told *told;

	HASH_FIND_STR(channel->told, incident, told);
	return told;
}

void vs_channel_told(struct vs_channel *channel, const char *incident, const char *ref)
{
	struct told *told = find_told(channel, incident);

	if (told == NULL) {
		if (strlen(incident) >= sizeof(told->incident))
			return;
		told = vs_zalloc(sizeof(*told));
		memcpy(told->incident, incident, strlen(incident) + 1);
		HASH_ADD_STR(channel->told, incident, told);
	}
	vs_free(told->ref);
	told->ref = vs_strdup(ref);
}

static void forget_told(struct vs_channel *channel, struct told *told)
{
	HASH_DEL(channel->told, told);
	vs_free(told->ref);
	vs_free(told);
}

static void remember(struct vs_channel *channel, const struct vs_transition *transition, const char *ref,
	struct vs_unit *unit)
{
	struct told *told = find_told(channel, transition->incident);

	if (transition->change == VS_CHANGE_NOTICE)
		return;
	if (transition->change == VS_CHANGE_RESOLVED) {
		if (told != NULL)
			forget_told(channel, told);
		vs_unit_delete(unit, VS_TABLE_TOLD, channel->conf->name, transition->incident);
		return;
	}
	vs_channel_told(channel, transition->incident, ref);
	vs_unit_put(unit, VS_TABLE_TOLD, channel->conf->name, transition->incident, vs_view_of(ref));
}

/* --- attempts -------------------------------------------------------------------------- */

static void go_on(struct vs_channel *channel)
{
	if (channel->queue != NULL && channel->current == NULL)
		vs_timer_start(channel->timer, 0);
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
	channel->failing_since = 0;
	vs_buf_clear(&channel->last_error);
	remember(channel, &delivery->transition, ref, unit);
	finish(channel, delivery, unit);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	set_broken(channel, false);
	go_on(channel);
}

static void on_drop(struct vs_channel *channel, struct vs_delivery *delivery, const char *reason)
{
	struct vs_unit *unit = vs_unit_create();

	vs_log(VS_LOG_ERROR, AREA, "%s: a message (%s of %s) is given up: %s", channel->conf->name,
		vs_kind_name(delivery->transition.kind),
		delivery->transition.client[0] != '\0' ? delivery->transition.client : "the server", reason);
	channel->dropped++;
	channel->parts.stats->count[VS_STAT_DELIVERY_DROPS]++;
	finish(channel, delivery, unit);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	set_broken(channel, true);
	go_on(channel);
}

/* Half of it fixed, half of it chance: a fleet of servers does not knock in step. */
static uint64_t next_backoff(struct vs_channel *channel)
{
	uint64_t delay = channel->backoff_ms / 2 + vs_random_below(channel->backoff_ms / 2 + 1);

	channel->backoff_ms =
		channel->backoff_ms * 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : channel->backoff_ms * 2;
	return delay;
}

static void on_retry(
	struct vs_channel *channel, struct vs_delivery *delivery, uint64_t after_ms, const char *reason)
{
	int64_t now = channel->parts.clock->wall_ms();
	uint64_t delay = after_ms > 0 ? after_ms : next_backoff(channel);

	if (channel->failing_since == 0) {
		channel->failing_since = now;
		vs_log(VS_LOG_WARN, AREA, "%s: not delivered yet: %s", channel->conf->name, reason);
	}
	channel->parts.stats->count[VS_STAT_DELIVERY_RETRIES]++;
	/* A channel that asked for patience has refused the message; otherwise nobody knows. */
	if (after_ms == 0)
		delivery->unsure = true;
	if (now - channel->failing_since >= VS_CHANNEL_BROKEN_MS)
		set_broken(channel, true);
	vs_timer_start(channel->timer, delay);
}

static void on_result(void *arg, const struct vpns_delivery_result *result)
{
	struct vs_channel *channel = arg;
	struct vs_delivery *delivery = channel->current;

	channel->current = NULL;
	channel->op = 0;
	vs_alert_text_destroy(channel->text);
	channel->text = NULL;
	if (result->status == VPNS_DELIVERY_SENT) {
		on_sent(channel, delivery, result->ref != NULL ? result->ref : "");
		return;
	}
	vs_buf_clear(&channel->last_error);
	vs_buf_add_text(&channel->last_error, result->reason != NULL ? result->reason : "");
	if (result->status == VPNS_DELIVERY_DROP)
		on_drop(channel, delivery, vs_buf_text(&channel->last_error));
	else
		on_retry(channel, delivery, result->retry_after_ms, vs_buf_text(&channel->last_error));
}

/*
 * What must not be sent any more goes: what expired, the end of an incident whose beginning
 * was never told, and a beginning that is still waiting when its end is there: the end then
 * tells both. Returns whether delivery is gone.
 */
static bool outdated(struct vs_channel *channel, struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;
	int64_t age = channel->parts.clock->wall_ms() - delivery->planned_at;
	struct vs_delivery *end;
	struct vs_unit *unit;

	if (age >= VS_CHANNEL_EXPIRE_MS) {
		vs_log(VS_LOG_ERROR, AREA,
			"%s: a message (%s of %s) could not be delivered for %" PRId64 " hours",
			channel->conf->name, vs_kind_name(transition->kind), transition->client,
			age / (INT64_C(3600) * 1000));
		channel->dropped++;
		channel->parts.stats->count[VS_STAT_DELIVERY_DROPS]++;
	} else if (transition->change == VS_CHANGE_OPENED) {
		end = find_side(channel->resolved, transition->incident);
		if (end == NULL)
			return false;
		end->combined = true;
	} else if (transition->change != VS_CHANGE_RESOLVED || delivery->combined ||
		   find_told(channel, transition->incident) != NULL) {
		return false;
	}
	unit = vs_unit_create();
	finish(channel, delivery, unit);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	return true;
}

static void send(struct vs_channel *channel, struct vs_delivery *delivery)
{
	int64_t now = channel->parts.clock->wall_ms();
	struct told *told = find_told(channel, delivery->transition.incident);
	uint32_t timeout =
		channel->conf->timeout_ms > 0 ? (uint32_t)channel->conf->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct vs_err err;

	delivery->attempts++;
	channel->text = vs_alert_text_create(delivery, channel->zone, told != NULL ? told->ref : NULL,
		now - delivery->transition.at > VS_CHANNEL_LATE_MS);
	channel->current = delivery;
	channel->op = channel->port.deliver(
		channel->port.target, vs_alert_text_get(channel->text), timeout, on_result, channel, &err);
	if (channel->op == 0) {
		struct vpns_delivery_result busy = {.status = VPNS_DELIVERY_RETRY, .reason = err.text};

		on_result(channel, &busy);
	}
}

static void attempt(void *arg)
{
	struct vs_channel *channel = arg;
	struct vs_delivery *delivery = channel->queue;

	VS_REQUIRE(channel->current == NULL);
	while (delivery != NULL && delivery->released && outdated(channel, delivery))
		delivery = channel->queue;
	/* An unreleased head is about to be: its release starts the timer. */
	if (delivery != NULL && delivery->released)
		send(channel, delivery);
}

void vs_channel_state(const struct vs_channel *channel, struct vs_channel_state *state)
{
	state->name = channel->conf->name;
	state->plugin = channel->conf->plugin;
	state->state = channel->broken ? "broken" : channel->failing_since != 0 ? "retrying" : "ok";
	state->last_error = vs_buf_text(&channel->last_error);
	state->queued = channel->queued;
	state->sent = channel->sent;
	state->dropped = channel->dropped;
	state->last_sent_at = channel->last_sent_at;
}

void vs_channel_destroy(struct vs_channel *channel)
{
	struct vs_delivery *delivery;
	struct vs_delivery *next;
	struct told *told;
	struct told *next_told;

	if (channel == NULL)
		return;
	if (channel->op != 0)
		channel->port.cancel(channel->port.target, channel->op);
	vs_alert_text_destroy(channel->text);
	HASH_CLEAR(hh, channel->by_transition);
	HASH_CLEAR(hh_incident, channel->opened);
	HASH_CLEAR(hh_incident, channel->resolved);
	DL_FOREACH_SAFE(channel->queue, delivery, next)
	vs_delivery_destroy(delivery);
	HASH_ITER (hh, channel->told, told, next_told) {
		forget_told(channel, told);
	}
	vs_timer_destroy(channel->timer);
	vs_zone_destroy(channel->zone);
	vs_buf_fini(&channel->last_error);
	vs_free(channel);
}
