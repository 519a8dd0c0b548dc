#include "server/outbox_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/require.h"
#include "config/instance.h"
#include "server/comeback.h"
#include "server/ledger.h"
#include "server/unit.h"

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
	struct vs_leaving *leaving = arg;
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
	struct vs_leaving *leaving = vs_zalloc(sizeof(*leaving));
	bool under_way;

	*leaving = (struct vs_leaving){outbox, channel, {0, 0}, left, arg, NULL, NULL};
	if (outbox->comebacks[i] != NULL && !vs_comeback_is_waiting(outbox->comebacks[i], &leaving->earlier))
		leaving->earlier = (struct vs_absent_count){0, 0};
	vs_comeback_destroy(outbox->comebacks[i]);
	take_out(outbox, i);
	vs_outbox_tell_broken(outbox, name, false, "");
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
