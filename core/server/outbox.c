#include "server/outbox_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "config/instance.h"
#include "model/transition.h"
#include "server/comeback.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/route.h"
#include "server/trial.h"
#include "server/unit.h"

void vs_outbox_tell_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct vs_outbox *outbox = arg;

	if (outbox->broken != NULL)
		outbox->broken(outbox->broken_arg, channel, broken, reason);
}

static void on_rested(void *arg)
{
	struct vs_outbox *outbox = arg;

	if (--outbox->under_way == 0)
		outbox->idle(outbox->idle_arg);
}

static bool covers(void *arg, const struct vs_transition *transition)
{
	const struct vs_outbox *outbox = arg;
	size_t i;

	for (i = 0; i < outbox->filter_count; i++) {
		const struct vs_outbox_filter *filter = &outbox->filters[i];

		if (filter->covers != NULL && filter->covers(filter->arg, transition))
			return true;
	}
	return false;
}

static const char *carer(void *arg, const char *incident)
{
	const struct vs_outbox *outbox = arg;
	const char *who = NULL;
	size_t i;

	for (i = 0; i < outbox->filter_count && who == NULL; i++)
		if (outbox->filters[i].carer != NULL)
			who = outbox->filters[i].carer(outbox->filters[i].arg, incident);
	return who;
}

struct vs_outbox *vs_outbox_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, struct vs_stats *stats)
{
	struct vs_outbox *outbox = vs_zalloc(sizeof(*outbox));

	outbox->parts = (struct vs_channel_parts){loop, clock, ledger, stats, vs_outbox_tell_broken, outbox,
		on_rested, covers, &outbox->hush_epoch, carer};
	outbox->absent = vs_absent_create(loop, clock, ledger, stats);
	return outbox;
}

void vs_outbox_destroy(struct vs_outbox *outbox)
{
	struct vs_leaving *leaving;
	struct vs_leaving *next;
	size_t i;

	if (outbox == NULL)
		return;
	while (outbox->trials != NULL)
		vs_trial_end(outbox->trials);
	for (i = 0; i < outbox->count; i++) {
		vs_comeback_destroy(outbox->comebacks[i]);
		vs_channel_destroy(outbox->channels[i]);
	}
	DL_FOREACH_SAFE(outbox->leaving, leaving, next)
	{
		vs_channel_destroy(leaving->channel);
		vs_free(leaving);
	}
	vs_absent_destroy(outbox->absent);
	vs_free(outbox->comebacks);
	vs_free(outbox->channels);
	vs_free(outbox);
}

void vs_outbox_add_channel(
	struct vs_outbox *outbox, const struct vs_instance_conf *conf, const struct vs_channel_port *port)
{
	size_t count = outbox->count + 1;

	outbox->channels = vs_realloc(outbox->channels, count * sizeof(struct vs_channel *));
	outbox->comebacks = vs_realloc(outbox->comebacks, count * sizeof(struct vs_comeback *));
	outbox->channels[outbox->count] = vs_channel_create(&outbox->parts, conf, port);
	outbox->comebacks[outbox->count] = NULL;
	outbox->count = count;
}

/* --- planning -------------------------------------------------------------------------- */

void vs_outbox_add(struct vs_outbox *outbox, struct vs_channel *channel,
	const struct vs_transition *transition, bool held, struct vs_unit *unit)
{
	int64_t now = outbox->parts.clock->wall_ms();
	struct vs_delivery *delivery;

	vs_ulid_next(outbox->last_id, now);
	delivery = vs_delivery_create(outbox->last_id, vs_channel_conf(channel)->name, transition, now);
	delivery->unsure = transition->kind == VS_KIND_CONNECTED &&
			   outbox->parts.clock->mono_ms() < outbox->doubt_ends_ms;
	delivery->held_until = held ? now : 0;
	vs_channel_hand_patience(channel, delivery);
	vs_delivery_put(delivery, unit);
	vs_channel_add(channel, delivery, unit); /* it may go at once, when there is no room */
}

/* Whether it is to be told there now, and not later. */
static bool is_due(struct vs_outbox *outbox, const struct vs_channel *channel,
	const struct vs_transition *transition, struct vs_unit *unit)
{
	return outbox->chaser.plan == NULL ||
	       outbox->chaser.plan(outbox->chaser.arg, vs_channel_conf(channel), transition,
		       vs_channel_has_heard(channel, transition->incident), unit);
}

static size_t plan_all(struct vs_outbox *outbox, struct vs_unit *unit, const struct vs_transition *transition,
	const char *tags, const char *except, bool held)
{
	size_t planned = 0;
	size_t i;

	for (i = 0; i < outbox->count; i++) {
		const struct vs_instance_conf *conf = vs_channel_conf(outbox->channels[i]);

		if ((except != NULL && strcmp(conf->name, except) == 0) ||
			!vs_route_wants(&conf->route, transition, tags)) {
			/* Its route was another one when it told the beginning: nothing else would forget it.
			 */
			if (transition->change == VS_CHANGE_RESOLVED)
				vs_channel_forget(outbox->channels[i], transition->incident, unit);
			continue;
		}
		if (!is_due(outbox, outbox->channels[i], transition, unit))
			continue;
		vs_outbox_add(outbox, outbox->channels[i], transition, held, unit);
		planned++;
	}
	return planned;
}

bool vs_outbox_ask(struct vs_outbox *outbox, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit)
{
	bool held = false;
	size_t i;

	for (i = 0; i < outbox->filter_count; i++) { /* each is asked: it may have to forget */
		const struct vs_outbox_filter *filter = &outbox->filters[i];

		held = filter->hold(filter->arg, transition, tags, except, unit) || held;
	}
	return held;
}

size_t vs_outbox_plan(struct vs_outbox *outbox, struct vs_unit *unit, const struct vs_transition *transition,
	const char *tags, const char *except)
{
	if (vs_outbox_ask(outbox, transition, tags, except, unit))
		return 0;
	return plan_all(outbox, unit, transition, tags, except, false);
}

size_t vs_outbox_plan_held(struct vs_outbox *outbox, struct vs_unit *unit,
	const struct vs_transition *transition, const char *tags, const char *except)
{
	return plan_all(outbox, unit, transition, tags, except, true);
}

void vs_outbox_add_filter(struct vs_outbox *outbox, const struct vs_outbox_filter *filter)
{
	VS_REQUIRE(outbox->filter_count < VS_OUTBOX_FILTERS);
	outbox->filters[outbox->filter_count++] = *filter;
}

void vs_outbox_drop_filter(struct vs_outbox *outbox, const void *arg)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < outbox->filter_count; i++)
		if (outbox->filters[i].arg != arg)
			outbox->filters[kept++] = outbox->filters[i];
	outbox->filter_count = kept;
}

void vs_outbox_reconsider(struct vs_outbox *outbox)
{
	size_t i;

	outbox->hush_epoch++;
	for (i = 0; i < outbox->count; i++)
		vs_channel_start(outbox->channels[i]);
}

static void note_gone(struct vs_outbox *outbox, const char *incident, struct vs_unit *unit)
{
	size_t i;

	for (i = 0; i < outbox->filter_count; i++)
		outbox->filters[i].gone(outbox->filters[i].arg, incident, unit);
}

void vs_outbox_release(struct vs_outbox *outbox, const char *transition_id)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_release(outbox->channels[i], transition_id);
}

struct vs_channel *vs_outbox_find(const struct vs_outbox *outbox, const char *name)
{
	size_t i;

	for (i = 0; i < outbox->count; i++) {
		if (strcmp(vs_channel_conf(outbox->channels[i])->name, name) == 0)
			return outbox->channels[i];
	}
	return NULL;
}

bool vs_outbox_mark_broken(struct vs_outbox *outbox, const char *channel)
{
	struct vs_channel *found = vs_outbox_find(outbox, channel);

	if (found != NULL)
		vs_channel_mark_broken(found);
	return found != NULL;
}

void vs_outbox_doubt_connected(struct vs_outbox *outbox, int64_t for_ms)
{
	outbox->doubt_ends_ms = outbox->parts.clock->mono_ms() + (uint64_t)for_ms;
}

void vs_outbox_start(struct vs_outbox *outbox, int64_t keep_ms)
{
	size_t i;

	vs_absent_begin(outbox->absent, keep_ms);
	for (i = 0; i < outbox->count; i++)
		vs_channel_start(outbox->channels[i]);
}

void vs_outbox_forget(struct vs_outbox *outbox, const char *incident, struct vs_unit *unit)
{
	size_t i;

	note_gone(outbox, incident, unit);
	for (i = 0; i < outbox->count; i++)
		vs_channel_forget(outbox->channels[i], incident, unit);
}

void vs_outbox_withdraw(struct vs_outbox *outbox, const struct vs_transition *end, struct vs_unit *unit)
{
	size_t i;

	note_gone(outbox, end->incident, unit);
	for (i = 0; i < outbox->count; i++) {
		if (!vs_channel_withdraw(outbox->channels[i], end->incident, unit))
			continue;
		vs_outbox_add(outbox, outbox->channels[i], end, false, unit);
		vs_channel_release(outbox->channels[i], end->id);
	}
}

void vs_outbox_withdraw_notices(struct vs_outbox *outbox, const char *client, struct vs_unit *unit)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_withdraw_notices(outbox->channels[i], client, unit);
}

void vs_outbox_each_waiting(const struct vs_outbox *outbox, const char *incident, const char *transition,
	void (*each)(void *arg, const struct vs_waiting *waiting), void *arg)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_each_waiting(outbox->channels[i], incident, transition, each, arg);
}

bool vs_outbox_rewrite(
	const struct vs_outbox *outbox, struct vs_outbox_walk *walk, size_t most, struct vs_unit *unit)
{
	/* The others moved up: one could be passed over. Written twice harms nobody. */
	if (walk->departures != outbox->departures)
		*walk = (struct vs_outbox_walk){.departures = outbox->departures};
	for (; walk->channel < outbox->count; walk->channel++) {
		if (vs_channel_rewrite(outbox->channels[walk->channel], walk->after, most, unit))
			return true;
		walk->after[0] = '\0';
	}
	return false;
}

void vs_outbox_begin_rewrite(struct vs_outbox *outbox)
{
	struct vs_absent_count lost = {0, 0};
	struct vs_buf names;
	struct vs_buf text;
	size_t i;

	vs_buf_init(&names);
	vs_buf_init(&text);
	vs_absent_lose(outbox->absent, &lost, &names);
	for (i = 0; i < outbox->count; i++) {
		if (outbox->comebacks[i] != NULL)
			vs_comeback_lose(outbox->comebacks[i], &lost, &names);
	}
	if (lost.waiting > 0 || lost.told > 0) {
		vs_buf_printf(&text,
			"Nor are %zu messages and %zu told incidents of channels that are not configured, or "
			"just "
			"were again (%s): only the old file has them",
			lost.waiting, lost.told, vs_buf_text(&names));
		vs_ledger_add_loss(outbox->parts.ledger, vs_buf_text(&text));
	}
	vs_buf_fini(&names);
	vs_buf_fini(&text);
}

void vs_outbox_rewrite_told(const struct vs_outbox *outbox, const char *incident, struct vs_unit *unit)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_rewrite_told(outbox->channels[i], incident, unit);
}

void vs_outbox_watch(struct vs_outbox *outbox,
	void (*broken)(void *arg, const char *channel, bool broken, const char *reason), void *arg)
{
	outbox->broken = broken;
	outbox->broken_arg = arg;
}

bool vs_outbox_quit(struct vs_outbox *outbox, void (*idle)(void *arg), void *arg)
{
	struct vs_leaving *leaving;
	size_t i;

	outbox->idle = idle;
	outbox->idle_arg = arg;
	for (i = 0; i < outbox->count; i++)
		outbox->under_way += vs_channel_quit(outbox->channels[i]) ? 1 : 0;
	DL_FOREACH (outbox->leaving, leaving)
		outbox->under_way += vs_channel_quit(leaving->channel) ? 1 : 0;
	return outbox->under_way > 0;
}

void vs_outbox_say_rest(const struct vs_outbox *outbox, bool kept)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_say_rest(outbox->channels[i], kept);
}

size_t vs_outbox_channels(const struct vs_outbox *outbox)
{
	return outbox->count;
}

void vs_outbox_channel(const struct vs_outbox *outbox, size_t index, struct vs_channel_state *state)
{
	vs_channel_state(outbox->channels[index], state);
}
