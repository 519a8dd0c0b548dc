#include "server/outbox.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "config/instance.h"
#include "model/transition.h"
#include "server/absent.h"
#include "server/channel.h"
#include "server/comeback.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/route.h"
#include "server/unit.h"

/* A channel that is configured no more, until the attempt that was under way has ended. */
struct leaving {
	struct vs_outbox *outbox;
	struct vs_channel *channel;
	struct vs_absent_count earlier; /* stored before it was here, and not back yet */
	void (*left)(void *arg);
	void *arg;
	struct leaving *prev;
	struct leaving *next;
};

struct vs_outbox {
	struct vs_channel_parts parts;
	struct vs_channel **channels;
	struct vs_comeback **comebacks; /* of the same channels; NULL: none */
	size_t count;
	struct leaving *leaving;
	struct vs_absent *absent;
	uint64_t doubt_ends_ms; /* mono: until then who is connected may have been before; 0: nobody was */
	char last_id[VS_ULID_TEXT]; /* of all deliveries so far */
	void (*broken)(void *arg, const char *channel, bool broken, const char *reason);
	void *broken_arg;
	void (*idle)(void *arg); /* NULL: nobody waits for it */
	void *idle_arg;
	unsigned departures; /* channels that left */
	size_t under_way; /* attempts, since vs_outbox_quit() */
};

static void on_broken(void *arg, const char *channel, bool broken, const char *reason)
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

struct vs_outbox *vs_outbox_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, struct vs_stats *stats)
{
	struct vs_outbox *outbox = vs_zalloc(sizeof(*outbox));

	outbox->parts = (struct vs_channel_parts){loop, clock, ledger, stats, on_broken, outbox, on_rested};
	outbox->absent = vs_absent_create(loop, clock, ledger, stats);
	return outbox;
}

void vs_outbox_destroy(struct vs_outbox *outbox)
{
	struct leaving *leaving;
	struct leaving *next;
	size_t i;

	if (outbox == NULL)
		return;
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

/* --- other configurations -------------------------------------------------------------- */

static size_t index_of(const struct vs_outbox *outbox, const char *name)
{
	size_t i = 0;

	while (i < outbox->count && strcmp(vs_channel_conf(outbox->channels[i])->name, name) != 0)
		i++;
	VS_REQUIRE(i < outbox->count);
	return i;
}

void vs_outbox_join(
	struct vs_outbox *outbox, const struct vs_instance_conf *conf, const struct vs_channel_port *port)
{
	static const struct vs_channel_port none;
	struct vs_comeback_conf comeback = {
		.loop = outbox->parts.loop, .ledger = outbox->parts.ledger, .port = *port};

	if (!vs_absent_take(outbox->absent, conf->name, &comeback.stored)) {
		vs_outbox_add_channel(outbox, conf, port);
		return;
	}
	vs_outbox_add_channel(outbox, conf, &none);
	comeback.channel = outbox->channels[outbox->count - 1];
	memcpy(comeback.last_id, outbox->last_id, sizeof(comeback.last_id));
	outbox->comebacks[outbox->count - 1] = vs_comeback_create(&comeback);
}

/* One that is not all back begins with the port that is the newest then. */
static bool set_later_port(struct vs_outbox *outbox, size_t i, const struct vs_channel_port *port)
{
	return outbox->comebacks[i] != NULL && vs_comeback_set_port(outbox->comebacks[i], port);
}

void vs_outbox_keep(struct vs_outbox *outbox, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, bool touched)
{
	static const struct vs_channel_port none;
	size_t i = index_of(outbox, conf->name);
	bool later = set_later_port(outbox, i, port);

	vs_channel_keep(outbox->channels[i], conf, later ? &none : port, touched);
}

bool vs_outbox_change(struct vs_outbox *outbox, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, void (*left)(void *arg), void *arg)
{
	static const struct vs_channel_port none;
	size_t i = index_of(outbox, conf->name);
	bool later = set_later_port(outbox, i, port);

	return vs_channel_change(outbox->channels[i], conf, later ? &none : port, left, arg);
}

static void note_absent(
	struct vs_outbox *outbox, const struct vs_channel *channel, struct vs_absent_count earlier)
{
	struct vs_ledger *ledger = outbox->parts.ledger;
	bool rewriting = vs_ledger_is_rewriting(ledger);
	struct vs_unit *unit;

	vs_absent_add(outbox->absent, vs_channel_conf(channel)->name,
		(struct vs_absent_count){
			earlier.waiting + vs_channel_waiting(channel),
			earlier.told + vs_channel_told_count(channel),
		},
		rewriting && earlier.waiting == 0 && earlier.told == 0);
	if (!rewriting)
		return;
	unit = vs_unit_create(); /* the walk of the rewriting comes here no more */
	vs_channel_rewrite_all(channel, unit);
	vs_ledger_commit(ledger, unit, NULL, NULL);
}

static void on_left(void *arg)
{
	struct leaving *leaving = arg;
	struct vs_outbox *outbox = leaving->outbox;
	void (*left)(void *arg) = leaving->left;
	void *left_arg = leaving->arg;

	DL_DELETE(outbox->leaving, leaving);
	note_absent(outbox, leaving->channel, leaving->earlier);
	vs_channel_destroy(leaving->channel);
	vs_free(leaving);
	left(left_arg);
}

static void take_out(struct vs_outbox *outbox, size_t i)
{
	size_t rest = --outbox->count - i;

	outbox->departures++;
	memmove(&outbox->channels[i], &outbox->channels[i + 1], rest * sizeof(outbox->channels[0]));
	memmove(&outbox->comebacks[i], &outbox->comebacks[i + 1], rest * sizeof(outbox->comebacks[0]));
}

bool vs_outbox_leave(struct vs_outbox *outbox, const char *name, void (*left)(void *arg), void *arg)
{
	static const struct vs_channel_port none;
	size_t i = index_of(outbox, name);
	struct vs_channel *channel = outbox->channels[i];
	struct leaving *leaving = vs_zalloc(sizeof(*leaving));
	bool under_way;

	*leaving = (struct leaving){outbox, channel, {0, 0}, left, arg, NULL, NULL};
	if (outbox->comebacks[i] != NULL && !vs_comeback_is_waiting(outbox->comebacks[i], &leaving->earlier))
		leaving->earlier = (struct vs_absent_count){0, 0};
	vs_comeback_destroy(outbox->comebacks[i]);
	take_out(outbox, i);
	on_broken(outbox, name, false, "");
	under_way = vs_channel_change(channel, vs_channel_conf(channel), &none, on_left, leaving);
	if (under_way) {
		DL_APPEND(outbox->leaving, leaving);
		return true;
	}
	note_absent(outbox, channel, leaving->earlier);
	vs_channel_destroy(channel);
	vs_free(leaving);
	return false;
}

/* --- planning -------------------------------------------------------------------------- */

/* Adds one delivery to channel, and its row to unit. */
static void plan(struct vs_outbox *outbox, struct vs_channel *channel, const struct vs_transition *transition,
	struct vs_unit *unit)
{
	int64_t now = outbox->parts.clock->wall_ms();
	struct vs_delivery *delivery;

	vs_ulid_next(outbox->last_id, now);
	delivery = vs_delivery_create(outbox->last_id, vs_channel_conf(channel)->name, transition, now);
	delivery->unsure = transition->kind == VS_KIND_CONNECTED &&
			   outbox->parts.clock->mono_ms() < outbox->doubt_ends_ms;
	vs_channel_hand_patience(channel, delivery);
	vs_delivery_put(delivery, unit);
	vs_channel_add(channel, delivery, unit); /* it may go at once, when there is no room */
}

size_t vs_outbox_plan(struct vs_outbox *outbox, struct vs_unit *unit, const struct vs_transition *transition,
	const char *tags, const char *except)
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
		plan(outbox, outbox->channels[i], transition, unit);
		planned++;
	}
	return planned;
}

void vs_outbox_release(struct vs_outbox *outbox, const char *transition_id)
{
	size_t i;

	for (i = 0; i < outbox->count; i++)
		vs_channel_release(outbox->channels[i], transition_id);
}

static struct vs_channel *find(struct vs_outbox *outbox, const char *name)
{
	size_t i;

	for (i = 0; i < outbox->count; i++) {
		if (strcmp(vs_channel_conf(outbox->channels[i])->name, name) == 0)
			return outbox->channels[i];
	}
	return NULL;
}

int vs_outbox_restore(struct vs_outbox *outbox, struct vs_view key, struct vs_view value,
	struct vs_unit *unit, struct vs_err *err)
{
	char *id = vs_strndup(key.ptr, key.len);
	struct vs_delivery *delivery = vs_delivery_decode(id, value, err);
	struct vs_channel *channel;

	vs_free(id);
	if (delivery == NULL)
		return VS_ERR_INVALID;
	if (strcmp(delivery->id, outbox->last_id) > 0)
		memcpy(outbox->last_id, delivery->id, sizeof(outbox->last_id));
	channel = find(outbox, delivery->channel);
	if (channel == NULL) {
		vs_absent_note(outbox->absent, delivery->channel, VS_TABLE_OUTBOX);
		vs_delivery_destroy(delivery);
		return 0;
	}
	delivery->released = true;
	delivery->untried = true;
	vs_channel_add(channel, delivery, unit);
	return 0;
}

void vs_outbox_restore_told(struct vs_outbox *outbox, struct vs_view key, struct vs_view value)
{
	struct vs_view incident = key; /* channel, NUL, incident */
	struct vs_view name;
	struct vs_channel *channel;
	char *texts[3];

	if (!vs_view_split(&incident, '\0', &name) || incident.ptr == NULL)
		return;
	texts[0] = vs_strndup(name.ptr, name.len);
	texts[1] = vs_strndup(incident.ptr, incident.len);
	texts[2] = vs_strndup(value.ptr, value.len);
	channel = find(outbox, texts[0]);
	if (channel != NULL)
		vs_channel_told(channel, texts[1], texts[2]);
	else
		vs_absent_note(outbox->absent, texts[0], VS_TABLE_TOLD);
	vs_free(texts[0]);
	vs_free(texts[1]);
	vs_free(texts[2]);
}

bool vs_outbox_mark_broken(struct vs_outbox *outbox, const char *channel)
{
	struct vs_channel *found = find(outbox, channel);

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

	for (i = 0; i < outbox->count; i++)
		vs_channel_forget(outbox->channels[i], incident, unit);
}

void vs_outbox_withdraw(struct vs_outbox *outbox, const struct vs_transition *end, struct vs_unit *unit)
{
	size_t i;

	for (i = 0; i < outbox->count; i++) {
		if (!vs_channel_withdraw(outbox->channels[i], end->incident, unit))
			continue;
		plan(outbox, outbox->channels[i], end, unit);
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
	struct leaving *leaving;
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
