/*
 * A message about many: its deliveries stay rows of their own, and one record of the table GROUPS names them
 * while it is on its way. Once it was sent that record says so, and they go in parts; a restart in
 * between finishes what it names, or marks it as possible duplicates when nobody knows.
 */
#include "server/channel_inside.h"

#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "config/instance.h"
#include "model/json.h"
#include "server/bunch.h"
#include "server/language.h"
#include "server/ledger.h"
#include "server/quiet.h"
#include "server/stats.h"
#include "server/told.h"

#define CHUNK 128 /* deliveries that end in one turn of the loop */
#define ID_LEN (VS_ULID_TEXT - 1)

const struct vs_group_conf *vs_channel_group(const struct vs_channel *channel)
{
	static const struct vs_group_conf each = {VS_GROUP_BY_NONE, 0, 0};
	const struct vs_instance_conf *conf = channel->conf;

	if (!conf->group_given && (vs_channel_abilities(channel) & VPNS_NOTIFIER_EACH) != 0)
		return &each;
	return &conf->group;
}

/* --- who belongs to it ----------------------------------------------------------------- */

static bool is_first_of_its_incident(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	const char *incident = delivery->transition.incident;

	return incident[0] == '\0' || vs_queue_of_incident(&channel->queue, incident) == delivery;
}

/* Those that would not be told if they came to the head of the queue. */
static bool is_of_use(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;

	if ((delivery->withdrawn && !delivery->unsure) || vs_channel_is_hushed(delivery))
		return false;
	if (!delivery->untried && channel->parts.clock->mono_ms() >= delivery->expires_ms)
		return false;
	if (transition->change == VS_CHANGE_OPENED || transition->change == VS_CHANGE_REMINDED)
		return vs_queue_end_of(&channel->queue, transition->incident) == NULL &&
		       !vs_channel_is_needless(channel, delivery);
	return transition->change != VS_CHANGE_RESOLVED || delivery->combined ||
	       vs_told_ref(channel->told, transition->incident) != NULL;
}

static void join(struct vs_channel *channel, struct vs_delivery *delivery, size_t *capacity)
{
	if (channel->member_count == *capacity) {
		*capacity = *capacity == 0 ? 4 : *capacity * 2;
		channel->members = vs_realloc(channel->members, *capacity * sizeof(struct vs_delivery *));
	}
	channel->members[channel->member_count++] = delivery;
}

static bool go_together(
	const struct vs_channel *channel, const struct vs_delivery *one, const struct vs_delivery *other)
{
	return vs_group_same(vs_channel_group(channel), one, other) &&
	       vs_channel_bunch_of(channel, one) == vs_channel_bunch_of(channel, other);
}

static bool is_member(
	const struct vs_channel *channel, const struct vs_delivery *head, const struct vs_delivery *delivery)
{
	if (head->quieted)
		return vs_channel_joins_digest(channel, head, delivery) && is_of_use(channel, delivery);
	return go_together(channel, head, delivery) && is_first_of_its_incident(channel, delivery) &&
	       is_of_use(channel, delivery);
}

void vs_channel_collect(struct vs_channel *channel, struct vs_delivery *head)
{
	struct vs_delivery *delivery;
	size_t capacity = 0;

	join(channel, head, &capacity);
	if (!head->quieted && vs_channel_group(channel)->by == VS_GROUP_BY_NONE)
		return;
	for (delivery = vs_queue_first(&channel->queue);
		delivery != NULL && channel->member_count < VS_GROUP_MAX;
		delivery = vs_queue_next(&channel->queue, delivery))
		if (delivery != head && delivery->released && is_member(channel, head, delivery))
			join(channel, delivery, &capacity);
}

struct vs_delivery *vs_channel_choose(struct vs_channel *channel, uint64_t *ready_at)
{
	uint64_t now = channel->parts.clock->mono_ms();
	const struct vs_delivery *waits = NULL;
	const struct vs_bunch *bunch;
	struct vs_delivery *delivery;
	int64_t wall = channel->parts.clock->wall_ms();
	uint8_t held = vs_quiet_held(channel->quiet, wall);
	uint64_t at;

	*ready_at = UINT64_MAX;
	vs_channel_count_ends(channel);
	for (delivery = vs_queue_first(&channel->queue); delivery != NULL;
		delivery = vs_queue_next(&channel->queue, delivery)) {
		if (!delivery->released || (waits != NULL && go_together(channel, waits, delivery)))
			continue;
		if (!is_first_of_its_incident(channel, delivery) || vs_channel_is_hushed(delivery))
			continue;
		if (vs_channel_is_quiet_for(delivery, held)) {
			/* It lives on, however long that takes. */
			delivery->quieted = true;
			delivery->expires_ms = now + VS_CHANNEL_GRACE_MS > delivery->expires_ms
						       ? now + VS_CHANNEL_GRACE_MS
						       : delivery->expires_ms;
			at = now + vs_quiet_look_again(wall);
			*ready_at = at < *ready_at ? at : *ready_at;
			continue;
		}
		if (delivery->quieted)
			return delivery;
		bunch = vs_channel_bunch_of(channel, delivery);
		at = bunch != NULL
			     ? vs_channel_bunch_ready_at(channel, bunch, delivery)
			     : vs_groups_ready_at(channel->groups, vs_channel_group(channel), delivery, now);
		if (at <= now)
			return delivery;
		*ready_at = at < *ready_at ? at : *ready_at;
		waits = delivery;
	}
	return NULL;
}

static bool is_mixed(const struct vs_channel *channel)
{
	return channel->conf->group.by == VS_GROUP_BY_SEVERITY;
}

char *vs_channel_name_of(const struct vs_channel *channel, size_t member)
{
	return vs_alert_name(&channel->members[member]->transition, is_mixed(channel),
		vs_language_tongue(channel->language));
}

void vs_channel_names(const struct vs_channel *channel, struct vs_group_text *text)
{
	size_t i;

	*text = (struct vs_group_text){.count = channel->member_count, .mixed = is_mixed(channel)};
	for (i = 0; i < channel->member_count && i < VS_GROUP_NAMES; i++)
		vs_group_text_add(text, vs_channel_name_of(channel, i));
}

void vs_channel_free_members(struct vs_channel *channel)
{
	vs_free(channel->members);
	channel->members = NULL;
	channel->member_count = 0;
	channel->bunch = NULL;
	channel->way = VS_WAY_MESSAGE;
	channel->settled = 0;
	channel->settling = VS_SETTLE_NOTHING;
}

/* --- the record ------------------------------------------------------------------------ */

static const char *told_as(const struct vs_channel *channel)
{
	return channel->bunch != NULL && channel->bunch->many ? channel->bunch->name : "";
}

/* A change of a message that a restart knows, too. */
static bool can_be_repeated(const struct vs_channel *channel)
{
	return channel->way == VS_WAY_JOIN && channel->bunch->many;
}

void vs_channel_put_group(const struct vs_channel *channel, bool sent, struct vs_unit *unit)
{
	struct vs_buf ids;
	struct vs_buf value;
	size_t i;

	vs_buf_init(&ids);
	vs_buf_init(&value);
	for (i = 0; i < channel->member_count; i++)
		vs_buf_add(&ids, channel->members[i]->id, ID_LEN);
	vs_buf_add_char(&value, '{');
	vs_json_key(&value, "sent");
	vs_buf_add_text(&value, sent ? "true" : "false");
	vs_json_key(&value, "update");
	vs_buf_add_text(&value, can_be_repeated(channel) ? "true" : "false");
	vs_json_member(&value, "bunch", told_as(channel));
	vs_json_member(&value, "ids", vs_buf_text(&ids));
	vs_buf_add_char(&value, '}');
	vs_unit_put(unit, VS_TABLE_GROUPS, channel->conf->name, NULL, vs_buf_view(&value));
	vs_buf_fini(&ids);
	vs_buf_fini(&value);
}

/* --- its end --------------------------------------------------------------------------- */

/* as: what TOLD says of it. What one of many becomes must not take the place of what is said of all. */
static void end_sent(
	struct vs_channel *channel, struct vs_delivery *delivery, const char *as, struct vs_unit *unit)
{
	vs_channel_remember(channel, &delivery->transition, as, unit);
	vs_channel_finish(channel, delivery, unit, VS_OUTCOME_SENT, "");
}

static void settle_one(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit)
{
	switch (channel->settling) {
	case VS_SETTLE_SENT:
		end_sent(channel, delivery, told_as(channel), unit);
		break;
	case VS_SETTLE_FAILED:
		vs_channel_give_up(
			channel, delivery, unit, VS_OUTCOME_FAILED, vs_buf_text(&channel->last_error));
		break;
	case VS_SETTLE_PUT:
		delivery->under_way = false;
		vs_delivery_put(delivery, unit);
		break;
	case VS_SETTLE_NOTHING:
	default:
		break;
	}
}

bool vs_channel_settle(struct vs_channel *channel)
{
	struct vs_unit *unit;
	size_t end = channel->settled + CHUNK;

	if (channel->settling == VS_SETTLE_NOTHING)
		return true;
	unit = vs_unit_create();
	VS_FAULT("group_settling");
	for (; channel->settled < channel->member_count && channel->settled < end; channel->settled++)
		settle_one(channel, channel->members[channel->settled], unit);
	if (channel->settled == channel->member_count) {
		vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, NULL);
		vs_channel_free_members(channel);
	}
	vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	return channel->settling == VS_SETTLE_NOTHING;
}

void vs_channel_begin_settling(struct vs_channel *channel, enum vs_settle how, struct vs_unit *unit)
{
	channel->settling = how;
	if (how != VS_SETTLE_PUT) /* that can wait for the next attempt */
		vs_channel_wait(channel, 0);
	if (how == VS_SETTLE_SENT) {
		vs_channel_put_group(channel, true, unit);
		VS_FAULT("group_sent");
		vs_ledger_commit(channel->parts.ledger, unit, NULL, NULL);
	}
}

/* --- after a restart ------------------------------------------------------------------- */

static int by_id(const void *one, const void *other)
{
	return memcmp(one, other, ID_LEN);
}

void vs_channel_restore_group(
	struct vs_channel *channel, const struct vs_group_record *record, struct vs_unit *unit)
{
	size_t count = strlen(record->ids) / ID_LEN;
	char *sorted = vs_strdup(record->ids);
	struct vs_delivery *delivery;
	struct vs_delivery *next;

	qsort(sorted, count, ID_LEN, by_id);
	for (delivery = channel->queue.by_transition; delivery != NULL; delivery = next) {
		next = delivery->hh.next;
		if (bsearch(delivery->id, sorted, count, ID_LEN, by_id) == NULL)
			continue;
		if (record->sent) {
			end_sent(channel, delivery, record->bunch, unit);
			continue;
		}
		if (record->update) /* made again, it is the same */
			continue;
		delivery->unsure = true;
		vs_delivery_put(delivery, unit);
	}
	vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, NULL);
	vs_free(sorted);
}
