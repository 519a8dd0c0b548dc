/*
 * Messages that people have and that are changed: what joins one, and what of one is over. The rows of the
 * outbox that a change tells end with it, as those of a message about many do, and since a change made twice
 * harms nobody, a restart makes it again without a mark.
 */
#include "server/channel_inside.h"

#include <string.h>

#include <utlist.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "config/instance.h"
#include "server/bunch.h"
#include "server/ledger.h"
#include "server/told.h"

#define AREA "outbox"
#define ADDED (2 * VS_GROUP_NAMES) /* looked at for names when so many come at once */

/* --- which ----------------------------------------------------------------------------- */

static struct vs_bunch *named(const struct vs_channel *channel, const char *ref)
{
	struct vs_bunch *bunch;

	DL_FOREACH (channel->bunches, bunch)
		if (strcmp(bunch->name, ref) == 0)
			return bunch;
	return NULL;
}

static bool can_change(const struct vs_channel *channel)
{
	return (vs_channel_abilities(channel) & VPNS_NOTIFIER_EDIT) != 0;
}

static struct vs_bunch *of_end(const struct vs_channel *channel, const struct vs_delivery *end)
{
	const char *ref = vs_told_ref(channel->told, end->transition.incident);
	struct vs_bunch *bunch = vs_told_is_bunch(ref) ? named(channel, ref) : NULL;

	return bunch != NULL && bunch->ref[0] != '\0' && !end->unsure && !end->combined ? bunch : NULL;
}

/* Incidents that it tells and that are not over. */
static size_t open_of(const struct vs_channel *channel, const struct vs_bunch *bunch)
{
	if (bunch->many)
		return vs_told_in_bunch(channel->told, bunch->name);
	return bunch->left == 0 && vs_channel_has_told(channel, bunch->first->transition.incident) ? 1 : 0;
}

/* The same, without those whose end waits to be told. */
static size_t still_open(const struct vs_channel *channel, const struct vs_bunch *bunch)
{
	size_t open = open_of(channel, bunch);
	size_t ending = bunch->ending;

	if (!bunch->many)
		ending = vs_queue_end_of(&channel->queue, bunch->first->transition.incident) != NULL ? 1 : 0;
	return open > ending ? open - ending : 0;
}

/* The newest that takes it: that is the one that people heard last. */
static struct vs_bunch *that_takes(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	struct vs_bunch *found = NULL;
	struct vs_bunch *bunch;

	DL_FOREACH (channel->bunches, bunch)
		if (vs_bunch_takes(bunch, vs_channel_group(channel), delivery, still_open(channel, bunch)))
			found = bunch;
	return found;
}

struct vs_bunch *vs_channel_bunch_of(const struct vs_channel *channel, const struct vs_delivery *delivery)
{
	uint8_t change = delivery->transition.change;

	if (channel->bunches == NULL || delivery->quieted || !can_change(channel))
		return NULL;
	if (change == VS_CHANGE_RESOLVED)
		return of_end(channel, delivery);
	if (change != VS_CHANGE_OPENED && change != VS_CHANGE_NOTICE)
		return NULL;
	return that_takes(channel, delivery);
}

/* --- when ------------------------------------------------------------------------------ */

void vs_channel_count_ends(struct vs_channel *channel)
{
	const struct vs_delivery *delivery;
	struct vs_bunch *bunch;
	const char *ref;
	bool any = false;

	DL_FOREACH (channel->bunches, bunch) {
		bunch->ends = 0;
		bunch->ending = 0;
		any = any || bunch->many;
	}
	if (!any)
		return;
	for (delivery = vs_queue_first(&channel->queue); delivery != NULL;
		delivery = vs_queue_next(&channel->queue, delivery)) {
		if (delivery->transition.change != VS_CHANGE_RESOLVED)
			continue;
		ref = vs_told_ref(channel->told, delivery->transition.incident);
		bunch = vs_told_is_bunch(ref) ? named(channel, ref) : NULL;
		if (bunch == NULL)
			continue;
		bunch->ending++;
		if (delivery->released && vs_channel_bunch_of(channel, delivery) == bunch)
			bunch->ends++;
	}
}

/* That all of it is over need not wait. */
uint64_t vs_channel_bunch_ready_at(
	const struct vs_channel *channel, const struct vs_bunch *bunch, const struct vs_delivery *delivery)
{
	int64_t at = vs_bunch_ready_at(bunch, vs_channel_group(channel));

	if (delivery->transition.change == VS_CHANGE_RESOLVED && bunch->ends >= open_of(channel, bunch))
		return 0;
	return at > 0 ? (uint64_t)at : 0;
}

void vs_channel_choose_way(struct vs_channel *channel, const struct vs_delivery *head)
{
	struct vs_bunch *bunch = vs_channel_bunch_of(channel, head);

	channel->bunch = bunch;
	channel->way = head->quieted && vs_channel_is_digest(channel) ? VS_WAY_DIGEST : VS_WAY_MESSAGE;
	if (bunch == NULL)
		return;
	if (head->transition.change != VS_CHANGE_RESOLVED ||
		channel->member_count < open_of(channel, bunch)) {
		channel->way = VS_WAY_JOIN;
	} else if (!bunch->shown_over) {
		channel->way = VS_WAY_REFRESH;
		channel->member_count = 1;
	}
}

/* --- what it says ---------------------------------------------------------------------- */

static bool tells_ends(const struct vs_channel *channel)
{
	return channel->current->transition.change == VS_CHANGE_RESOLVED;
}

void vs_channel_bunch_text(const struct vs_channel *channel, struct vs_group_text *text)
{
	const struct vs_bunch *bunch = channel->bunch;
	size_t joining = channel->way == VS_WAY_JOIN && !tells_ends(channel) ? channel->member_count : 0;
	size_t open = open_of(channel, bunch) + joining;
	const char *who;
	size_t i;

	if (channel->way == VS_WAY_JOIN && tells_ends(channel))
		open -= channel->member_count;
	else if (tells_ends(channel))
		open = 0;
	*text = (struct vs_group_text){
		.count = bunch->count + joining, .mixed = channel->conf->group.by == VS_GROUP_BY_SEVERITY};
	text->count = text->count > bunch->left ? text->count - bunch->left : 1;
	if (vs_bunch_is_of_incidents(bunch))
		text->over = text->count > open ? text->count - open : 0;
	for (i = 0; i < bunch->name_count; i++) {
		vs_group_text_add(text, vs_strdup(bunch->names[i]));
		who = channel->parts.carer(channel->parts.arg, bunch->incidents[i]);
		if (who != NULL)
			vs_group_text_care(text, who, bunch->names[i]);
	}
	for (i = 0; i < joining && text->name_count < VS_GROUP_NAMES; i++)
		vs_group_text_add(text, vs_channel_name_of(channel, i));
}

/* --- records --------------------------------------------------------------------------- */

static void put_bunch(const struct vs_channel *channel, const struct vs_bunch *bunch, struct vs_unit *unit)
{
	struct vs_buf value;

	if (!bunch->many || !vs_bunch_is_of_incidents(bunch))
		return;
	vs_buf_init(&value);
	vs_bunch_encode(
		bunch, (int64_t)channel->parts.clock->mono_ms(), channel->parts.clock->wall_ms(), &value);
	vs_unit_put(unit, VS_TABLE_GROUPS, channel->conf->name, vs_bunch_id(bunch), vs_buf_view(&value));
	vs_buf_fini(&value);
}

void vs_channel_put_bunches(const struct vs_channel *channel, struct vs_unit *unit)
{
	const struct vs_bunch *bunch;

	DL_FOREACH (channel->bunches, bunch)
		put_bunch(channel, bunch, unit);
}

static void drop_bunch(struct vs_channel *channel, struct vs_bunch *bunch, struct vs_unit *unit)
{
	DL_DELETE(channel->bunches, bunch);
	if (bunch->many && vs_bunch_is_of_incidents(bunch))
		vs_unit_delete(unit, VS_TABLE_GROUPS, channel->conf->name, vs_bunch_id(bunch));
	if (channel->bunch == bunch)
		channel->bunch = NULL;
	vs_bunch_destroy(bunch);
}

/* Those that nothing joins and of which nothing ends any more. */
static void sweep(struct vs_channel *channel, struct vs_unit *unit)
{
	int64_t now = (int64_t)channel->parts.clock->mono_ms();
	struct vs_bunch *bunch;
	struct vs_bunch *next;
	size_t count = 0;

	DL_FOREACH_SAFE(channel->bunches, bunch, next)
	{
		bool closed = vs_bunch_is_closed(bunch, vs_channel_group(channel), now);

		if (closed && (!bunch->many || open_of(channel, bunch) == 0 || bunch->ref[0] == '\0')) {
			drop_bunch(channel, bunch, unit);
			continue;
		}
		if (closed) /* hardly anything joins it, and they may be many */
			vs_bunch_forget_clients(bunch);
		count++;
	}
	if (count >= VS_BUNCHES_MAX)
		drop_bunch(channel, channel->bunches, unit);
}

void vs_channel_free_bunches(struct vs_channel *channel)
{
	struct vs_bunch *bunch;
	struct vs_bunch *next;

	DL_FOREACH_SAFE(channel->bunches, bunch, next)
	vs_bunch_destroy(bunch);
	channel->bunches = NULL;
}

/* --- what was told --------------------------------------------------------------------- */

/* The one that tells incident and others, or by which it began to be told. */
static struct vs_bunch *telling(const struct vs_channel *channel, const char *incident)
{
	const char *ref = vs_told_ref(channel->told, incident);
	struct vs_bunch *bunch;

	if (vs_told_is_bunch(ref))
		return named(channel, ref);
	DL_FOREACH (channel->bunches, bunch)
		if (incident[0] != '\0' && !bunch->many &&
			strcmp(bunch->first->transition.incident, incident) == 0)
			return bunch;
	return NULL;
}

/* An incident stays told by its bunch, whatever else is told of it, unless it became worse or came back. */
void vs_channel_remember(struct vs_channel *channel, const struct vs_transition *transition, const char *ref,
	struct vs_unit *unit)
{
	struct vs_bunch *bunch;

	if (transition->change == VS_CHANGE_NOTICE || transition->change == VS_CHANGE_RESOLVED)
		return;
	if (vs_channel_keeps_ref(channel, transition))
		return;
	bunch = telling(channel, transition->incident);
	if (bunch != NULL && bunch->many && transition->change != VS_CHANGE_ESCALATED)
		return;
	if (bunch != NULL && transition->change == VS_CHANGE_ESCALATED) {
		bunch->left++;
		put_bunch(channel, bunch, unit);
	}
	vs_told_put(channel->told, transition->incident, ref);
	vs_unit_put(unit, VS_TABLE_TOLD, channel->conf->name, transition->incident, vs_view_of(ref));
}

void vs_channel_leave_bunch(struct vs_channel *channel, const char *incident)
{
	struct vs_bunch *bunch = vs_channel_has_told(channel, incident) ? telling(channel, incident) : NULL;

	if (bunch != NULL)
		bunch->left++;
}

static bool begins_bunch(
	const struct vs_channel *channel, const struct vs_delivery *delivery, const char *ref)
{
	const struct vs_transition *transition = &delivery->transition;

	return ref[0] != '\0' && vs_channel_group(channel)->by != VS_GROUP_BY_NONE && can_change(channel) &&
	       (transition->change == VS_CHANGE_OPENED || transition->change == VS_CHANGE_NOTICE) &&
	       !delivery->unsure && !delivery->combined && delivery->held_until == 0;
}

static void add_members(const struct vs_channel *channel, struct vs_bunch *bunch)
{
	char *name;
	size_t i;

	for (i = 0; i < channel->member_count && i < ADDED; i++) {
		name = vs_channel_name_of(channel, i);
		vs_bunch_add_name(bunch, name, channel->members[i]->transition.incident);
		vs_free(name);
	}
	for (i = 0; i < channel->member_count; i++)
		vs_bunch_add_client(bunch, &channel->members[i]->transition);
}

/* The message that was just sent can be changed later. */
static void begin_bunch(
	struct vs_channel *channel, const struct vs_delivery *head, const char *ref, struct vs_unit *unit)
{
	struct vs_bunch *bunch;

	sweep(channel, unit);
	bunch = vs_bunch_create(head, ref, (int64_t)channel->parts.clock->mono_ms());
	bunch->many = channel->member_count > 1;
	bunch->count = channel->member_count;
	add_members(channel, bunch);
	DL_APPEND(channel->bunches, bunch);
	channel->bunch = bunch;
}

/* The message about one tells others, too: its incident is one of them, unless it left meanwhile. */
static void make_many(struct vs_channel *channel, struct vs_bunch *bunch, struct vs_unit *unit)
{
	const char *incident = bunch->first->transition.incident;
	size_t open = open_of(channel, bunch);

	if (bunch->many)
		return;
	bunch->many = true;
	if (open == 0)
		return;
	vs_told_put(channel->told, incident, bunch->name);
	vs_unit_put(unit, VS_TABLE_TOLD, channel->conf->name, incident, vs_view_of(bunch->name));
}

static void note_change(struct vs_channel *channel, struct vs_bunch *bunch, const char *ref)
{
	bunch->changed_ms = (int64_t)channel->parts.clock->mono_ms();
	bunch->changes++;
	if (ref[0] != '\0')
		vs_bunch_set_ref(bunch, ref);
}

void vs_channel_bunch_sent(
	struct vs_channel *channel, const struct vs_delivery *head, const char *ref, struct vs_unit *unit)
{
	struct vs_bunch *bunch = channel->bunch;

	if (channel->way == VS_WAY_MESSAGE && bunch != NULL) {
		drop_bunch(channel, bunch, unit); /* all of it is over, and that is told */
	} else if (channel->way == VS_WAY_MESSAGE || channel->way == VS_WAY_DIGEST) {
		if (channel->way == VS_WAY_MESSAGE && begins_bunch(channel, head, ref))
			begin_bunch(channel, head, ref, unit);
	} else if (head->transition.change == VS_CHANGE_RESOLVED) {
		note_change(channel, bunch, ref);
	} else {
		make_many(channel, bunch, unit);
		note_change(channel, bunch, ref);
		bunch->shown_over = false;
		bunch->count += channel->member_count;
		add_members(channel, bunch);
	}
	if (channel->bunch != NULL)
		put_bunch(channel, channel->bunch, unit);
}

void vs_channel_refreshed(struct vs_channel *channel, struct vs_delivery *head, const char *ref)
{
	note_change(channel, channel->bunch, ref);
	channel->bunch->shown_over = true;
	head->attempts--;
	head->under_way = false;
	vs_channel_free_members(channel);
}

/* What it was to tell becomes messages of its own. */
void vs_channel_bunch_refused(struct vs_channel *channel, struct vs_unit *unit)
{
	struct vs_bunch *bunch = channel->bunch;

	vs_log(VS_LOG_INFO, AREA, "%s: a message is not changed any more: %s", channel->conf->name,
		vs_buf_text(&channel->last_error));
	vs_bunch_set_ref(bunch, "");
	put_bunch(channel, bunch, unit);
}

void vs_channel_restore_bunch(struct vs_channel *channel, struct vs_bunch *bunch)
{
	DL_APPEND(channel->bunches, bunch);
}
