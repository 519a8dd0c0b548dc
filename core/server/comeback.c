#include "server/comeback.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/channel.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/unit.h"

#define AREA "outbox"
#define AGAIN_MS 10000 /* after the store refused */
#define ELSEWHERE "the store is failing, and not all that was given to it is there"

struct vs_comeback {
	struct vs_comeback_conf conf;
	struct vs_timer *timer;
	struct reading *reading; /* under way */
	bool opened; /* the channel has its port */
	bool back; /* all of it */
};

/* One reading of both tables; it outlives the one that began it. What it found counts when it saw all. */
struct reading {
	struct vs_comeback *comeback; /* NULL: it is gone */
	struct vs_delivery *deliveries; /* in the order of the store, by next */
	struct vs_delivery *last;
};

static void end_reading(struct reading *reading)
{
	struct vs_delivery *delivery;

	if (reading->comeback != NULL)
		reading->comeback->reading = NULL;
	while ((delivery = reading->deliveries) != NULL) {
		reading->deliveries = delivery->next;
		vs_delivery_destroy(delivery);
	}
	vs_free(reading);
}

static const char *name_of(const struct vs_comeback *comeback)
{
	return vs_channel_conf(comeback->conf.channel)->name;
}

/* What the store refused waits in memory: messages that are not in it, and deletions of some that are. */
static bool is_elsewhere(const struct vs_comeback *comeback)
{
	return vs_ledger_waiting(comeback->conf.ledger) > 0 || vs_ledger_is_rewriting(comeback->conf.ledger);
}

/* Once: as soon as it is known what the store says, or that it says nothing. */
static void open_channel(struct vs_comeback *comeback)
{
	if (comeback->opened)
		return;
	comeback->opened = true;
	vs_channel_change(comeback->conf.channel, vs_channel_conf(comeback->conf.channel),
		&comeback->conf.port, NULL, NULL);
}

static void fail(struct reading *reading, const char *reason)
{
	struct vs_comeback *comeback = reading->comeback;

	if (comeback != NULL) {
		if (!comeback->opened)
			vs_log(VS_LOG_WARN, AREA,
				"%s: what waits in the store for this channel cannot be read yet: %s",
				name_of(comeback), reason);
		open_channel(comeback);
		vs_timer_start(comeback->timer, AGAIN_MS);
	}
	end_reading(reading);
}

/* False while an attempt is under way. */
static bool take(struct reading *reading)
{
	struct vs_comeback *comeback = reading->comeback;
	struct vs_unit *unit = vs_unit_create(); /* of what is too much for the channel */

	if (!vs_channel_take_back(comeback->conf.channel, reading->deliveries, unit)) {
		vs_unit_destroy(unit);
		return false;
	}
	reading->deliveries = NULL;
	vs_ledger_commit(comeback->conf.ledger, unit, NULL, NULL);
	return true;
}

static bool each_delivery(void *arg, struct vs_view key, struct vs_view value)
{
	struct reading *reading = arg;
	struct vs_delivery *delivery;

	if (reading->comeback == NULL)
		return false;
	delivery = vs_delivery_read(key, value, NULL);
	if (delivery == NULL)
		return true;
	if (strcmp(delivery->channel, name_of(reading->comeback)) != 0 ||
		strcmp(delivery->id, reading->comeback->conf.last_id) > 0) {
		vs_delivery_destroy(delivery);
		return true;
	}
	delivery->released = true;
	delivery->untried = true;
	if (reading->last != NULL)
		reading->last->next = delivery;
	else
		reading->deliveries = delivery;
	reading->last = delivery;
	return true;
}

static void on_deliveries(void *arg, bool ok, const char *reason)
{
	struct reading *reading = arg;
	struct vs_comeback *comeback = reading->comeback;

	if (!ok || comeback == NULL || is_elsewhere(comeback)) {
		fail(reading, ok ? ELSEWHERE : reason);
		return;
	}
	comeback->back = take(reading);
	end_reading(reading);
	open_channel(comeback);
	if (comeback->back)
		vs_channel_start(comeback->conf.channel);
	else
		vs_timer_start(comeback->timer, AGAIN_MS);
}

static bool each_told(void *arg, struct vs_view key, struct vs_view value)
{
	struct reading *reading = arg;
	struct vs_view incident = key; /* channel, NUL, incident */
	struct vs_view name;
	char *texts[2];

	if (reading->comeback == NULL || !vs_view_split(&incident, '\0', &name) || incident.ptr == NULL)
		return reading->comeback != NULL;
	texts[0] = vs_strndup(incident.ptr, incident.len);
	texts[1] = vs_strndup(value.ptr, value.len);
	vs_channel_told(reading->comeback->conf.channel, texts[0], texts[1]);
	vs_free(texts[0]);
	vs_free(texts[1]);
	return true;
}

static void on_told(void *arg, bool ok, const char *reason)
{
	struct reading *reading = arg;

	if (!ok || reading->comeback == NULL || is_elsewhere(reading->comeback))
		fail(reading, ok ? ELSEWHERE : reason);
	else if (vs_ledger_read(reading->comeback->conf.ledger, VS_TABLE_OUTBOX, NULL, 0, false,
			 each_delivery, on_deliveries, reading) < 0)
		fail(reading, "it has too much to do");
}

static void on_timer(void *arg)
{
	struct vs_comeback *comeback = arg;
	struct reading *reading = vs_zalloc(sizeof(*reading));

	reading->comeback = comeback;
	comeback->reading = reading;
	if (is_elsewhere(comeback))
		fail(reading, ELSEWHERE);
	else if (vs_ledger_read(comeback->conf.ledger, VS_TABLE_TOLD, name_of(comeback), 0, false, each_told,
			 on_told, reading) < 0)
		fail(reading, "it has too much to do");
}

struct vs_comeback *vs_comeback_create(const struct vs_comeback_conf *conf)
{
	struct vs_comeback *comeback = vs_zalloc(sizeof(*comeback));

	comeback->conf = *conf;
	comeback->timer = vs_timer_create(conf->loop, on_timer, comeback);
	vs_timer_start(comeback->timer, 0);
	return comeback;
}

void vs_comeback_destroy(struct vs_comeback *comeback)
{
	if (comeback == NULL)
		return;
	if (comeback->reading != NULL)
		comeback->reading->comeback = NULL;
	vs_timer_destroy(comeback->timer);
	vs_free(comeback);
}

bool vs_comeback_set_port(struct vs_comeback *comeback, const struct vs_channel_port *port)
{
	if (comeback->opened)
		return false;
	comeback->conf.port = *port;
	return true;
}

bool vs_comeback_is_waiting(const struct vs_comeback *comeback, struct vs_absent_count *stored)
{
	*stored = comeback->conf.stored;
	return !comeback->back;
}

void vs_comeback_lose(struct vs_comeback *comeback, struct vs_absent_count *lost, struct vs_buf *names)
{
	if (comeback->back)
		return;
	vs_absent_say_lost(name_of(comeback), comeback->conf.stored, lost, names);
	comeback->conf.stored = (struct vs_absent_count){0, 0};
}
