#include "server/monitor_inside.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "loop/loop.h"
#include "model/atlas.h"
#include "model/client.h"
#include "model/rules.h"
#include "model/step.h"
#include "model/transition.h"
#include "server/deadlines.h"
#include "server/exit_book.h"
#include "server/forget.h"
#include "server/gateway.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/line.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/restore.h"
#include "server/retention.h"
#include "server/stats.h"
#include "server/troubles.h"

#define AREA "monitor"
#define FORGET_PAUSE_MS 1000 /* forgetting can wait for a store that is busy */
#define LOSS_COST 8 /* times the work of a client that is only late: a lost crowd must hold nobody up */

/* --- entries --------------------------------------------------------------------------- */

struct vs_telling *vs_monitor_begin_telling(struct vs_monitor *monitor)
{
	return vs_telling_create(
		&monitor->parts, vs_registry_names(monitor->parts.registry), &monitor->tellings);
}

static uint64_t next_deadline(void *arg, const struct vs_entry *entry)
{
	const struct vs_monitor *monitor = arg;

	return vs_deadlines_next_of(entry, monitor->parts.rules, monitor->parts.forget_after_ms);
}

void vs_monitor_arm(struct vs_monitor *monitor, struct vs_entry *entry)
{
	vs_deadlines_set(monitor->deadlines, entry, next_deadline(monitor, entry));
}

static void forget(struct vs_monitor *monitor, struct vs_entry *entry, const char *why)
{
	vs_deadlines_drop(monitor->deadlines, entry);
	vs_exit_book_drop(monitor->exits, entry);
	vs_gateway_drop(monitor->gateway, entry);
	vs_ledger_untouch(monitor->parts.ledger, entry);
	vs_open_list_drop(&monitor->open, entry);
	vs_forget_client(monitor->forget, entry, vs_monitor_wall(monitor), why);
	vs_registry_remove(monitor->parts.registry, entry);
}

bool vs_monitor_can_forget(const struct vs_monitor *monitor)
{
	return vs_forget_has_room(monitor->forget);
}

int vs_monitor_forget(struct vs_monitor *monitor, const char *client_id)
{
	struct vs_entry *entry = vs_registry_find(monitor->parts.registry, client_id);

	if (entry == NULL)
		return VS_ERR_NOT_FOUND;
	vs_log(VS_LOG_INFO, AREA, "%s: deleted", client_id);
	forget(monitor, entry, VS_FORGET_DELETED);
	return 0;
}

void vs_monitor_quit(struct vs_monitor *monitor)
{
	monitor->resting = true;
}

bool vs_monitor_is_offline(const struct vs_monitor *monitor)
{
	return vs_line_is_down(monitor->line);
}

const struct vs_addr *vs_monitor_hidden_by(const struct vs_monitor *monitor)
{
	return vs_gateway_hides(monitor->gateway);
}

void vs_monitor_locate(struct vs_monitor *monitor, bool on)
{
	monitor->tracker.atlas = on ? monitor->parts.atlas : NULL;
}

void vs_monitor_change(struct vs_monitor *monitor, int64_t forget_after_ms)
{
	monitor->parts.forget_after_ms = forget_after_ms;
	vs_retention_set_keep(monitor->retention, forget_after_ms);
	vs_deadlines_review(monitor->deadlines, monitor->parts.registry, next_deadline, monitor);
}

/* --- deadlines ------------------------------------------------------------------------- */

/* Returns false when nobody may be judged now. */
static bool on_due(struct vs_monitor *monitor, struct vs_entry *entry, struct vs_telling *telling)
{
	struct vs_transitions transitions = {0};

	switch ((enum vs_liveness)entry->client.liveness) {
	case VS_LIVENESS_ALIVE:
		vs_tracker_late(&entry->client);
		vs_exit_book_note(monitor->exits, entry);
		vs_registry_changed(monitor->parts.registry, entry);
		vs_ledger_touch(monitor->parts.ledger, entry);
		vs_line_doubt(monitor->line);
		break;
	case VS_LIVENESS_LATE:
		if (vs_line_is_cut(monitor->line)) {
			vs_monitor_arm(monitor, entry);
			return false;
		}
		vs_tracker_lost(&monitor->tracker, &entry->client, vs_monitor_wall(monitor),
			&(struct vs_silence){(int64_t)(vs_monitor_mono(monitor) - entry->heard_ms),
				vs_exit_book_is_silent(monitor->exits, entry) ? VS_CAUSE_EXIT_SILENT
									      : VS_CAUSE_CLIENT_SILENT},
			&transitions);
		vs_registry_changed(monitor->parts.registry, entry);
		VS_FAULT("lost_detected");
		vs_telling_add(telling, &entry->client, &transitions);
		vs_open_list_note(&monitor->open, entry);
		break;
	case VS_LIVENESS_LOST:
	default:
		if (vs_ledger_is_busy(monitor->parts.ledger) || !vs_forget_has_room(monitor->forget)) {
			vs_deadlines_set(
				monitor->deadlines, entry, vs_monitor_mono(monitor) + FORGET_PAUSE_MS);
			return true;
		}
		vs_log(VS_LOG_INFO, AREA, "%s: silent for so long that it is forgotten", entry->client.id);
		forget(monitor, entry, VS_FORGET_SILENT);
		return true;
	}
	vs_monitor_arm(monitor, entry);
	return true;
}

/*
 * Before any time is looked at or kept. While the process stood still nobody could be heard: that
 * time is nobody's silence.
 */
void vs_monitor_note_time(struct vs_monitor *monitor)
{
	uint64_t stall_ms = vs_deadlines_stall(monitor->deadlines, vs_monitor_mono(monitor));
	struct vs_step step;

	if (stall_ms > 0) {
		vs_deadlines_shift(monitor->deadlines, monitor->parts.registry, stall_ms);
		vs_line_shift(monitor->line, stall_ms);
	}
	if (!vs_steps_note(&monitor->steps, &step))
		return;
	vs_steps_move(&step, monitor->parts.registry, monitor->parts.ledger);
	vs_troubles_step(monitor->troubles, &step);
	if (monitor->parts.atlas != NULL)
		vs_atlas_step(monitor->parts.atlas, &step);
}

void vs_monitor_tick(struct vs_monitor *monitor)
{
	struct vs_telling *telling;
	struct vs_entry *entry;
	unsigned budget = VS_DEADLINES_CHUNK;
	unsigned cost;

	vs_monitor_note_time(monitor);
	if (monitor->resting)
		return;
	vs_store_watch_look(
		&monitor->store_watch, monitor->parts.ledger, monitor->troubles, vs_monitor_mono(monitor));
	vs_line_watch(monitor->line);
	if (vs_line_is_down(monitor->line))
		return;
	telling = vs_monitor_begin_telling(monitor);
	while (budget > 0 &&
		(entry = vs_deadlines_next(monitor->deadlines, vs_monitor_mono(monitor))) != NULL) {
		cost = entry->client.liveness == VS_LIVENESS_ALIVE ? 1 : LOSS_COST;
		budget = budget > cost ? budget - cost : 0;
		if (!on_due(monitor, entry, telling))
			break;
	}
	vs_telling_commit(telling, NULL, NULL);
	if (budget == 0)
		vs_deadlines_hurry(monitor->deadlines);
}

static void on_timer(void *arg)
{
	vs_monitor_tick(arg);
}

/* --- incidents ------------------------------------------------------------------------- */

void vs_monitor_each_incident(struct vs_monitor *monitor, const char *client_id,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg)
{
	const struct vs_entry *entry;

	if (client_id == NULL) {
		vs_open_list_each(&monitor->open, each, arg);
		vs_troubles_each(monitor->troubles, each, arg);
		return;
	}
	entry = vs_registry_find(monitor->parts.registry, client_id);
	if (entry != NULL)
		vs_open_list_each_of(&entry->client, each, arg);
}

size_t vs_monitor_open_incidents(const struct vs_monitor *monitor)
{
	return monitor->open.incidents + vs_troubles_count(monitor->troubles);
}

struct vs_troubles *vs_monitor_troubles(struct vs_monitor *monitor)
{
	return monitor->troubles;
}

const struct vs_tracker *vs_monitor_world(const struct vs_monitor *monitor)
{
	return &monitor->tracker;
}

void vs_monitor_rewrite_troubles(const struct vs_monitor *monitor, struct vs_unit *unit)
{
	vs_troubles_rewrite(monitor->troubles, unit);
}

/* --- life ------------------------------------------------------------------------------ */

static void on_channel(void *arg, const char *channel, bool broken, const char *reason)
{
	struct vs_monitor *monitor = arg;
	struct vs_buf evidence;

	vs_monitor_note_time(monitor);
	if (!broken) {
		vs_troubles_resolve(monitor->troubles, VS_KIND_CHANNEL_BROKEN, channel);
		return;
	}
	vs_buf_init(&evidence);
	vs_buf_printf(&evidence, "%s: %s", channel, reason);
	vs_troubles_open(monitor->troubles, VS_KIND_CHANNEL_BROKEN, channel, vs_buf_text(&evidence));
	vs_buf_fini(&evidence);
}

/* Whoever was silent while nobody could be heard gets that time back. */
static void on_back(void *arg, uint64_t gone_ms)
{
	struct vs_monitor *monitor = arg;

	vs_deadlines_shift(monitor->deadlines, monitor->parts.registry, gone_ms);
}

static void on_asked(void *arg)
{
	struct vs_monitor *monitor = arg;

	vs_monitor_note_time(monitor);
	if (!monitor->resting)
		vs_line_asked(monitor->line);
}

struct vs_monitor *vs_monitor_create(const struct vs_monitor_parts *parts)
{
	struct vs_monitor *monitor = vs_zalloc(sizeof(*monitor));

	monitor->parts = *parts;
	monitor->tracker.names = vs_registry_names(parts->registry);
	monitor->tracker.home = parts->home;
	monitor->tracker.policies = parts->policies;
	monitor->tracker.rules = parts->rules;
	monitor->tracker.epoch = &monitor->epoch;
	monitor->tracker.atlas = parts->atlas;
	monitor->tracker.want = parts->want;
	monitor->tracker.want_arg = parts->want_arg;
	vs_steps_init(&monitor->steps, &parts->clock);
	monitor->exits = vs_exit_book_create();
	monitor->gateway = vs_gateway_create();
	monitor->deadlines = vs_deadlines_create(parts->loop, vs_monitor_mono(monitor), on_timer, monitor);
	monitor->troubles =
		vs_troubles_create(&monitor->parts.clock, parts->ledger, parts->outbox, parts->stats);
	monitor->line = vs_line_create(&monitor->parts, monitor->troubles, on_back, monitor);
	monitor->retention = vs_retention_create(
		parts->loop, &monitor->parts.clock, parts->ledger, parts->forget_after_ms);
	monitor->forget = vs_forget_create(parts->loop, parts->ledger, parts->outbox);
	vs_outbox_watch(parts->outbox, on_channel, monitor);
	if (parts->home_watch != NULL)
		vs_home_watch_listen(parts->home_watch, on_asked, monitor);
	return monitor;
}

static void on_all_restored(void *arg, bool ok, const char *reason)
{
	struct vs_monitor *monitor = arg;

	monitor->resting = false;
	if (ok)
		vs_troubles_restored(monitor->troubles);
	monitor->restored(monitor->restored_arg, ok, reason);
}

static void on_restored(void *arg, struct vs_entry *entry)
{
	struct vs_monitor *monitor = arg;

	vs_open_list_note(&monitor->open, entry);
	vs_exit_book_note(monitor->exits, entry);
	vs_gateway_note(monitor->gateway, entry, &entry->client.source);
	vs_monitor_arm(monitor, entry);
}

void vs_monitor_restore(
	struct vs_monitor *monitor, void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	monitor->resting = true;
	monitor->restored = done;
	monitor->restored_arg = arg;
	vs_restore(&monitor->parts, monitor->troubles,
		&(struct vs_restore_events){on_restored, on_all_restored, monitor});
}

void vs_monitor_destroy(struct vs_monitor *monitor)
{

	if (monitor == NULL)
		return;
	vs_monitor_answer_nobody(monitor);
	vs_tellings_detach(&monitor->tellings);
	vs_outbox_watch(monitor->parts.outbox, NULL, NULL);
	if (monitor->parts.home_watch != NULL)
		vs_home_watch_listen(monitor->parts.home_watch, NULL, NULL);
	vs_deadlines_drop_all(monitor->deadlines, monitor->parts.registry);
	vs_forget_destroy(monitor->forget);
	vs_retention_destroy(monitor->retention);
	vs_deadlines_destroy(monitor->deadlines);
	vs_open_list_clear(&monitor->open);
	vs_exit_book_destroy(monitor->exits, monitor->parts.registry);
	vs_gateway_destroy(monitor->gateway, monitor->parts.registry);
	vs_line_destroy(monitor->line);
	vs_troubles_destroy(monitor->troubles);
	vs_free(monitor);
}
