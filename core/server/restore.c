#include "server/restore.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "model/client.h"
#include "model/tracker.h"
#include "server/half.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/troubles.h"
#include "server/unread.h"

#define AREA "ledger"

static const char mark_key[] = VS_HALF_OWNER "\0" VS_HALF_KEY;

struct restore;

/* The tables, in the order in which they build on each other. */
struct step {
	enum vs_table table;
	const char *what;
	const char *owner; /* NULL: the whole table */
	int (*take)(struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err);
};

struct restore {
	const struct vs_monitor_parts *parts;
	struct vs_troubles *troubles;
	struct vs_restore_events events;
	const struct step *step;
	struct vs_unit *unit; /* deletes what is of no use any more */
	struct vs_unread *unread;
	uint64_t taken;
};

static void next_step(struct restore *restore);

static int take_client(struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct vs_names *names = vs_registry_names(restore->parts->registry);
	struct vs_client client;
	struct vs_entry *entry;

	if (vs_client_decode(&client, names, value, err) < 0)
		return VS_ERR_INVALID;
	if (!vs_view_equal_text(key, client.id)) {
		vs_err_set(err, VS_ERR_INVALID, "the record of client %.*s is that of %s", (int)key.len,
			key.ptr, client.id);
		vs_client_fini(&client, names);
		return VS_ERR_INVALID;
	}
	entry = vs_registry_adopt(restore->parts->registry, &client);
	vs_tracker_restore(&entry->client);
	entry->heard_ms = restore->parts->clock.mono_ms();
	restore->events.entry(restore->events.arg, entry);
	return 0;
}

static int take_incident(
	struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	(void)key;
	return vs_troubles_restore(restore->troubles, value, err);
}

static int take_told(struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	(void)err;
	vs_outbox_restore_told(restore->parts->outbox, key, value);
	return 0;
}

static int take_delivery(
	struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	return vs_outbox_restore(restore->parts->outbox, key, value, restore->unit, err);
}

static int take_group(struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	return vs_outbox_restore_group(restore->parts->outbox, key, value, restore->unit, err);
}

/* Whoever is forgotten by now anyway would be told as connected once more without any damage, too. */
static int take_mark(struct restore *restore, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	int64_t keep_ms = restore->parts->forget_after_ms;
	struct vs_view said;
	char length[32];
	int64_t age;
	int64_t at;

	(void)err;
	if (!vs_view_equal(key, (struct vs_view){mark_key, sizeof(mark_key) - 1}))
		return 0;
	vs_half_decode(value, &at, &said);
	age = restore->parts->clock.wall_ms() - at;
	if (age >= keep_ms) {
		vs_unit_delete(restore->unit, VS_TABLE_STATE, VS_HALF_OWNER, VS_HALF_KEY);
		return 0;
	}
	keep_ms -= age > 0 ? age : 0;
	vs_duration_format(length, sizeof(length), keep_ms);
	vs_log(VS_LOG_WARN, AREA,
		"the store holds only a part of what the server knew, since it ended before all was written. "
		"Who is not in it counts as new: for %s messages that a client is connected are marked as "
		"possible duplicates. What happened before: %.*s",
		length, (int)said.len, said.ptr);
	vs_outbox_doubt_connected(restore->parts->outbox, keep_ms);
	return 0;
}

static const struct step steps[] = {
	{VS_TABLE_CLIENTS, "clients", NULL, take_client},
	{VS_TABLE_INCIDENTS, "incidents", NULL, take_incident},
	{VS_TABLE_TOLD, "told incidents", NULL, take_told},
	{VS_TABLE_OUTBOX, "messages to send", NULL, take_delivery},
	{VS_TABLE_GROUPS, "messages about many", NULL, take_group},
	{VS_TABLE_STATE, NULL, VS_HALF_OWNER, take_mark},
};

static bool each(void *arg, struct vs_view key, struct vs_view value)
{
	struct restore *restore = arg;
	struct vs_err err;

	VS_FAULT("record_restoring");
	if (restore->step->take(restore, key, value, &err) == 0)
		restore->taken++;
	else
		vs_unread_note(
			restore->unread, restore->step->table, restore->step->what, key, value, err.text);
	return true;
}

static void finish(struct restore *restore, bool ok, const char *reason)
{
	struct vs_restore_events events = restore->events;

	if (restore->unit->count > 0)
		vs_ledger_commit(restore->parts->ledger, restore->unit, NULL, NULL);
	else
		vs_unit_destroy(restore->unit);
	vs_unread_destroy(restore->unread);
	if (ok)
		vs_outbox_start(restore->parts->outbox, restore->parts->forget_after_ms);
	vs_free(restore);
	events.done(events.arg, ok, reason);
}

/* Whoever was watched goes on being watched, whatever the limit is by now. */
static void check_limit(const struct vs_registry *registry)
{
	size_t count = vs_registry_count(registry);
	size_t max = vs_registry_max(registry);

	if (count > max)
		vs_log(VS_LOG_WARN, AREA,
			"%zu clients are stored, more than the %zu of monitor.max_clients: all of them are "
			"watched, and new ones refused until some are deleted or forgotten",
			count, max);
}

static void on_table(void *arg, bool ok, const char *reason)
{
	struct restore *restore = arg;

	if (!ok) {
		finish(restore, false, reason);
		return;
	}
	if (restore->step->what != NULL && restore->taken + vs_unread_count(restore->unread) > 0)
		vs_log(VS_LOG_INFO, AREA, "%" PRIu64 " %s restored, %" PRIu64 " unreadable", restore->taken,
			restore->step->what, vs_unread_count(restore->unread));
	vs_unread_flush(restore->unread);
	if (restore->step->table == VS_TABLE_CLIENTS)
		check_limit(restore->parts->registry);
	restore->step++;
	next_step(restore);
}

static void next_step(struct restore *restore)
{
	if (restore->step == steps + sizeof(steps) / sizeof(steps[0])) {
		finish(restore, true, "");
		return;
	}
	restore->taken = 0;
	if (vs_ledger_read(restore->parts->ledger, restore->step->table, restore->step->owner, 0, false, each,
		    on_table, restore) < 0)
		on_table(restore, false, "the store's queue is full");
}

void vs_restore(const struct vs_monitor_parts *parts, struct vs_troubles *troubles,
	const struct vs_restore_events *events)
{
	struct restore *restore = vs_zalloc(sizeof(*restore));

	restore->parts = parts;
	restore->troubles = troubles;
	restore->events = *events;
	restore->step = steps;
	restore->unit = vs_unit_create();
	restore->unread = vs_unread_create(parts->ledger);
	next_step(restore);
}
