#include "server/channel_inside.h"

#include <string.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "config/instance.h"
#include "server/alert.h"
#include "server/bunch.h"
#include "server/language.h"
#include "server/ledger.h"
#include "server/stats.h"
#include "server/told.h"

#define AREA "outbox"
#define DEFAULT_TIMEOUT_MS 30000
#define BACKOFF_LAST_MS 60000
#define PATIENCE_MS 1000 /* a wish to wait less than a restart takes is not stored */
#define WISH_MAX_MS (UINT64_C(7) * 24 * 3600 * 1000)

/* Whether what is under way ends rows beside one of its own. */
static bool is_of_many(const struct vs_channel *channel)
{
	return channel->member_count > 1 || channel->way == VS_WAY_JOIN;
}

/* A message that people have is changed. */
static bool is_change(const struct vs_channel *channel)
{
	return channel->way == VS_WAY_JOIN || channel->way == VS_WAY_REFRESH;
}

/* --- results --------------------------------------------------------------------------- */

void vs_channel_mark_broken(struct vs_channel *channel)
{
	channel->broken = true;
}

void vs_channel_set_broken(struct vs_channel *channel, bool broken)
{
	if (channel->broken == broken)
		return;
	channel->broken = broken;
	channel->parts.broken(
		channel->parts.arg, channel->conf->name, broken, vs_buf_text(&channel->last_error));
}

static void finish_sent(struct vs_channel *channel, struct vs_delivery *delivery, const char *ref)
{
	struct vs_unit *unit = vs_unit_create();

	vs_channel_bunch_sent(channel, delivery, ref, unit);
	if (is_of_many(channel)) {
		vs_channel_begin_settling(channel, VS_SETTLE_SENT, unit);
		return;
	}
	vs_channel_free_members(channel);
	vs_channel_remember(channel, &delivery->transition, ref, unit);
	vs_channel_finish(channel, delivery, unit, VS_OUTCOME_SENT, "");
	VS_FAULT("row_deleting");
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
}

static void note_sent(struct vs_channel *channel, const struct vs_delivery *delivery)
{
	channel->last_sent_at = channel->parts.clock->wall_ms();
	channel->backoff_ms = VS_CHANNEL_BACKOFF_FIRST_MS;
	channel->failing = false;
	channel->test_failures = 0;
	channel->broken_by_test = false;
	vs_buf_clear(&channel->last_error);
	if (channel->way == VS_WAY_REFRESH)
		return;
	channel->sent++;
	channel->parts.stats->count[VS_STAT_DELIVERED]++;
	if (channel->bunch == NULL && channel->way != VS_WAY_DIGEST)
		vs_groups_sent(channel->groups, vs_channel_group(channel), delivery, channel->member_count,
			channel->parts.clock->mono_ms());
}

static void on_sent(struct vs_channel *channel, struct vs_delivery *delivery, const char *ref)
{
	note_sent(channel, delivery);
	if (channel->way == VS_WAY_REFRESH)
		vs_channel_refreshed(channel, delivery, ref);
	else
		finish_sent(channel, delivery, ref);
	vs_channel_set_broken(channel, false);
	vs_channel_start(channel);
}

static void rest_members(struct vs_channel *channel, bool unsent)
{
	size_t i;

	for (i = 0; i < channel->member_count; i++) {
		/* While the rows of many are not written yet, nobody may take them out. */
		channel->members[i]->under_way = !unsent && channel->member_count > 1;
		channel->members[i]->unsure = channel->members[i]->unsure || !unsent;
	}
}

static void uncount(struct vs_channel *channel)
{
	size_t i;

	for (i = 0; i < channel->member_count; i++)
		channel->members[i]->attempts--;
}

/* The message cannot be changed: that is no fault of the channel, and what it was to say is told anew. */
static void on_unchanged(struct vs_channel *channel, const struct vs_delivery *delivery)
{
	struct vs_unit *unit = vs_unit_create();
	bool unsure = delivery->attempts > 1; /* an earlier attempt may have arrived */
	size_t i;

	uncount(channel);
	rest_members(channel, true);
	for (i = 0; i < channel->member_count; i++)
		channel->members[i]->unsure = channel->members[i]->unsure || unsure;
	vs_channel_bunch_refused(channel, unit);
	if (channel->way == VS_WAY_JOIN)
		vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, NULL);
	vs_channel_free_members(channel);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	vs_channel_start(channel);
}

static void on_drop(struct vs_channel *channel, struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;
	struct vs_unit *unit;

	if (is_change(channel)) {
		on_unchanged(channel, delivery);
		return;
	}
	vs_log(VS_LOG_ERROR, AREA, "%s: a message (%s of %s) is given up: %s", channel->conf->name,
		vs_kind_name(transition->kind),
		transition->client[0] != '\0' ? transition->client : "the server",
		vs_buf_text(&channel->last_error));
	if (channel->member_count > 1) {
		vs_channel_begin_settling(channel, VS_SETTLE_FAILED, NULL);
	} else {
		vs_channel_free_members(channel);
		unit = vs_unit_create();
		vs_channel_give_up(
			channel, delivery, unit, VS_OUTCOME_FAILED, vs_buf_text(&channel->last_error));
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	}
	vs_channel_set_broken(channel, true);
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

/* A silence beyond the end of what waits longest leaves it one more attempt before it is given up. */
static uint64_t bounded(const struct vs_channel *channel, uint64_t wish_ms)
{
	uint64_t now = channel->parts.clock->mono_ms();
	uint64_t expires = vs_queue_oldest(&channel->queue)->expires_ms;
	uint64_t last = expires - VS_CHANNEL_LAST_MS;
	uint64_t least = wish_ms < VS_CHANNEL_LAST_MS ? wish_ms : VS_CHANNEL_LAST_MS;

	if (now + wish_ms < expires)
		return wish_ms;
	return last > now + least ? last - now : least;
}

/* Of the last error: why nothing is tried for long. */
static void say_patience(struct vs_channel *channel, uint64_t wish_ms, uint64_t delay)
{
	char wish[32];
	char next[32];

	vs_duration_format(wish, sizeof(wish), (int64_t)wish_ms);
	vs_duration_format(next, sizeof(next), (int64_t)delay);
	vs_buf_printf(&channel->last_error, "; it asks to be left alone for %s, the next attempt is in %s",
		wish, next);
}

static void put_off(struct vs_channel *channel, uint64_t delay)
{
	uint64_t now = channel->parts.clock->mono_ms();

	if (!channel->failing) {
		channel->failing = true;
		channel->failing_since = now;
		vs_log(VS_LOG_WARN, AREA, "%s: not delivered yet: %s", channel->conf->name,
			vs_buf_text(&channel->last_error));
	}
	channel->parts.stats->count[VS_STAT_DELIVERY_RETRIES]++;
	vs_channel_wait(channel, delay);
	if (delay >= VS_CHANNEL_BROKEN_MS || now - channel->failing_since >= VS_CHANNEL_BROKEN_MS)
		vs_channel_set_broken(channel, true);
}

/*
 * wish_ms: what the channel asked for, 0: nothing. The store says that an attempt is under way. That may
 * stay, where nobody knows whether it arrived, since a restart makes the same of it.
 */
static void retry(struct vs_channel *channel, struct vs_delivery *delivery, bool unsent, uint64_t wish_ms)
{
	struct vs_unit *unit;
	uint64_t delay;

	if (wish_ms > WISH_MAX_MS)
		wish_ms = WISH_MAX_MS;
	unsent = unsent || is_change(channel); /* a change made twice is one */
	delay = wish_ms > 0 ? bounded(channel, wish_ms) : next_backoff(channel);
	if (wish_ms > 0)
		channel->patient_until = channel->parts.clock->mono_ms() + delay;
	rest_members(channel, unsent);
	if (wish_ms >= PATIENCE_MS) {
		delivery->refused_at = channel->parts.clock->wall_ms();
		delivery->patience_ms = (int64_t)delay;
	}
	if (wish_ms >= VS_CHANNEL_BROKEN_MS)
		say_patience(channel, wish_ms, delay);
	if (channel->member_count > 1 && !unsent) {
		vs_channel_begin_settling(channel, VS_SETTLE_PUT, NULL);
	} else if (channel->member_count > 1 || !delivery->unsure || wish_ms >= PATIENCE_MS) {
		VS_FAULT("refusal_storing");
		unit = vs_unit_create();
		vs_delivery_put(delivery, unit);
		if (is_of_many(channel))
			vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, NULL);
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	}
	if (channel->settling == VS_SETTLE_NOTHING)
		vs_channel_free_members(channel);
	put_off(channel, delay);
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

/* The last thing of an attempt: whoever hears of it may destroy the channel. */
static void note_rest(struct vs_channel *channel)
{
	void (*left)(void *arg) = channel->left;

	if (channel->quitting && channel->parts.rested != NULL)
		channel->parts.rested(channel->parts.arg);
	if (left == NULL)
		return;
	channel->left = NULL;
	if (channel->port.deliver != NULL)
		vs_channel_hurry(channel);
	left(channel->left_arg);
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
		retry(channel, delivery, (result->status & VPNS_DELIVERY_UNSENT) != 0,
			result->retry_after_ms);
	}
	note_rest(channel);
}

/* --- attempts -------------------------------------------------------------------------- */

/* Who waited for others to be told with was not kept by the channel. */
static bool is_late(const struct vs_channel *channel, int64_t age)
{
	const struct vs_group_conf *group = vs_channel_group(channel);

	return age > VS_CHANNEL_LATE_MS + (group->by != VS_GROUP_BY_NONE ? group->interval_ms : 0);
}

uint32_t vs_channel_abilities(const struct vs_channel *channel)
{
	return channel->port.abilities != NULL ? channel->port.abilities(channel->port.target) : 0;
}

/* The message that tells it already, to be followed; NULL: none. */
static const char *ref_of(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	const char *ref = vs_told_ref(channel->told, delivery->transition.incident);

	if (channel->bunch != NULL)
		return channel->bunch->ref;
	/* A reminder is a message of its own: nobody notices one that was edited. */
	if (delivery->transition.change == VS_CHANGE_REMINDED)
		return NULL;
	if (channel->member_count > 1 || ref == NULL || ref[0] == '\0' || vs_told_is_bunch(ref))
		return NULL;
	return ref;
}

static struct vs_alert_text *make_text(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	const struct vs_delivery *said = is_change(channel) ? channel->bunch->first : delivery;
	const struct vs_tongue *tongue = vs_language_tongue(channel->language);
	int64_t waited = (int64_t)channel->parts.clock->mono_ms() - delivery->waits_since;
	int64_t from = delivery->held_until != 0 ? delivery->held_until : delivery->transition.at;
	int64_t age = delivery->planned_at - from + waited;
	bool late = !is_change(channel) && !delivery->quieted && is_late(channel, age);
	struct vs_alert_text *text =
		vs_alert_text_create(said, channel->zone, tongue, ref_of(channel, delivery), late);
	struct vs_group_text group;

	if ((vs_channel_abilities(channel) & VPNS_NOTIFIER_BUTTONS) != 0)
		vs_alert_text_offer(text, said, tongue);
	if (channel->bunch != NULL)
		vs_channel_bunch_text(channel, &group);
	else
		vs_channel_names(channel, &group);
	if (group.count > 1)
		vs_alert_text_group(text, &group, tongue);
	vs_group_text_fini(&group);
	if (is_change(channel))
		vs_alert_text_update(text, delivery, channel->parts.clock->wall_ms());
	vs_alert_text_apply(text, said, channel->conf);
	return text;
}

static void send(struct vs_channel *channel)
{
	struct vs_delivery *delivery = channel->current;
	uint32_t timeout =
		channel->conf->timeout_ms > 0 ? (uint32_t)channel->conf->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct vs_err err = {0};

	channel->text = channel->way == VS_WAY_DIGEST
				? vs_channel_digest(channel, vs_language_tongue(channel->language))
				: make_text(channel, delivery);
	for (size_t i = 0; i < channel->member_count; i++)
		channel->members[i]->untried = false;
	channel->used = channel->port;
	channel->op = channel->used.deliver(
		channel->used.target, vs_alert_text_get(channel->text), timeout, on_result, channel, &err);
	if (channel->op == 0) {
		uncount(channel); /* it never began */
		end_attempt(channel, err.text);
		retry(channel, delivery, true, 0);
		note_rest(channel);
	}
}

/* The attempt never began, and its row may not say that it did. */
static void take_back(struct vs_channel *channel)
{
	struct vs_unit *unit = vs_unit_create();

	uncount(channel);
	rest_members(channel, true);
	if (is_of_many(channel))
		vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, NULL);
	else
		vs_delivery_put(channel->current, unit);
	vs_channel_free_members(channel);
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	channel->current = NULL;
}

static void on_recorded(void *arg, bool durable)
{
	struct vs_recording *recording = arg;
	struct vs_channel *channel = recording->channel;

	(void)durable; /* a store that refuses keeps nobody from being told */
	vs_free(recording);
	if (channel == NULL)
		return;
	channel->recording = NULL;
	VS_FAULT("delivery_recorded");
	if (channel->port.deliver != NULL) {
		send(channel);
		return;
	}
	take_back(channel);
	note_rest(channel);
}

/* That it begins is stored before, so that a restart can tell what may have left already. */
void vs_channel_begin(struct vs_channel *channel, struct vs_delivery *delivery)
{
	struct vs_unit *unit;

	VS_FAULT("delivery_begin");
	channel->current = delivery;
	vs_channel_collect(channel, delivery);
	vs_channel_choose_way(channel, delivery);
	for (size_t i = 0; i < channel->member_count; i++) {
		channel->members[i]->under_way = true;
		channel->members[i]->attempts++;
	}
	channel->begun_ms = channel->parts.clock->mono_ms();
	/* The store says so, and it cannot become worse; or there is nothing to say. */
	if (delivery->unsure || channel->way == VS_WAY_REFRESH) {
		send(channel);
		return;
	}
	unit = vs_unit_create();
	if (is_of_many(channel))
		vs_channel_put_group(channel, false, unit);
	else
		vs_delivery_put(delivery, unit);
	channel->recording = vs_zalloc(sizeof(*channel->recording));
	channel->recording->channel = channel;
	vs_ledger_commit(channel->parts.ledger, unit, on_recorded, channel->recording);
}
