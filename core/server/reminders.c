#include "server/reminders_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "model/incident.h"
#include "model/names.h"
#include "model/step.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/loading.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/route.h"
#include "server/unit.h"

#define FRESH_MS                                                                                             \
	1000 /* a beginning that is told no later than this need not be noted: its incident says when */
#define LOOK_MS 60000 /* at the wall clock */
#define ALIKE 20 /* what is due within such a part of a gap, */
#define ALIKE_MS 30000 /* or so, comes together, and can be one message */

/* --- when ------------------------------------------------------------------------------ */

bool vs_reminders_is_step(const struct vs_instance_conf *conf)
{
	return conf->remind.escalate_after_ms > 0;
}

int64_t vs_reminders_gap(const struct vs_instance_conf *conf, const struct vs_chase_item *item)
{
	uint32_t number = item->number;
	size_t last;

	if (conf == NULL)
		return 0;
	if (vs_reminders_is_step(conf) && number == 0)
		return conf->remind.escalate_after_ms;
	if (conf->remind.gap_count == 0)
		return 0;
	if (vs_reminders_is_step(conf))
		number--;
	last = conf->remind.gap_count - 1;
	return conf->remind.gaps_ms[number < last ? number : last];
}

static int64_t rounded(int64_t due, int64_t gap)
{
	int64_t grid = gap / ALIKE < ALIKE_MS ? gap / ALIKE : ALIKE_MS;

	return due <= 0 || grid == 0 ? due : (due + grid - 1) / grid * grid;
}

static void wait_for_next(struct vs_reminders *reminders)
{
	const struct vs_chase_item *first = vs_chases_first(&reminders->chases);
	int64_t now = vs_reminders_now(reminders);
	int64_t delay = LOOK_MS;

	if (!reminders->started)
		return;
	if (reminders->chases.items == NULL) {
		vs_timer_stop(reminders->timer);
		return;
	}
	if (first != NULL && first->due - now < delay)
		delay = first->due > now ? first->due - now : 0;
	vs_timer_start(reminders->timer, (uint64_t)delay);
}

void vs_reminders_arm(struct vs_reminders *reminders, struct vs_chase_item *item)
{
	int64_t gap = vs_reminders_gap(vs_outbox_find_conf(reminders->parts.outbox, item->channel), item);

	vs_chase_set(&reminders->chases, item, gap > 0 ? rounded(item->since + gap, gap) : INT64_MAX);
}

/* --- what is stored -------------------------------------------------------------------- */

static int64_t ahead(const struct vs_reminders *reminders)
{
	return reminders->parts.clock->wall_ms() - vs_reminders_now(reminders);
}

void vs_reminders_put(const struct vs_reminders *reminders, struct vs_chase *chase, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_chase_encode(chase, ahead(reminders), &text);
	vs_unit_put(unit, VS_TABLE_REMINDERS, chase->incident, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
	chase->stored = true;
}

void vs_reminders_forget(struct vs_reminders *reminders, struct vs_chase *chase, struct vs_unit *unit)
{
	if (chase->stored)
		vs_unit_delete(unit, VS_TABLE_REMINDERS, chase->incident, NULL);
	vs_chases_drop(&reminders->chases, chase);
}

void vs_reminders_rewrite(const struct vs_reminders *reminders, struct vs_unit *unit)
{
	struct vs_chase *chase;

	for (chase = reminders->chases.items; chase != NULL; chase = chase->hh.next)
		if (chase->stored)
			vs_reminders_put(reminders, chase, unit);
}

/* --- what the outbox plans ------------------------------------------------------------- */

/* Its gaps begin. A step that has not told it yet goes on waiting. */
static bool begin(struct vs_reminders *reminders, const struct vs_instance_conf *conf,
	const struct vs_transition *transition, bool heard, struct vs_unit *unit)
{
	struct vs_chase *chase = vs_chases_add(&reminders->chases, transition->incident, transition->client);
	struct vs_chase_item *item = vs_chase_find(chase, conf->name);
	int64_t now = vs_reminders_now(reminders);
	bool step = vs_reminders_is_step(conf);
	bool tells = !step || heard;

	if (item == NULL)
		item = vs_chase_add(chase, conf->name, 0, now);
	if (tells) {
		item->number = step ? 1 : 0;
		item->since = now;
	}
	vs_reminders_arm(reminders, item);
	if (transition->change != VS_CHANGE_OPENED || transition->client[0] == '\0' ||
		reminders->parts.clock->wall_ms() - transition->at > FRESH_MS)
		vs_reminders_put(reminders, chase, unit);
	wait_for_next(reminders);
	return tells;
}

static bool on_plan(void *arg, const struct vs_instance_conf *conf, const struct vs_transition *transition,
	bool heard, struct vs_unit *unit)
{
	bool step = vs_reminders_is_step(conf);

	if (!step && conf->remind.gap_count == 0)
		return true;
	switch ((enum vs_change)transition->change) {
	case VS_CHANGE_OPENED:
	case VS_CHANGE_ESCALATED:
		return begin(arg, conf, transition, heard, unit);
	case VS_CHANGE_NOTICE:
	case VS_CHANGE_ACKNOWLEDGED:
	case VS_CHANGE_REMINDED:
	case VS_CHANGE_RESOLVED:
	default:
		return !step || heard;
	}
}

static void on_gone(void *arg, const char *incident, struct vs_unit *unit)
{
	struct vs_reminders *reminders = arg;
	struct vs_chase *chase = vs_chases_find(&reminders->chases, incident);

	if (chase != NULL)
		vs_reminders_forget(reminders, chase, unit);
}

/* Holds nothing back: it looks for what is over, or looked after. */
static bool on_transition(void *arg, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit)
{
	(void)tags;
	(void)except;
	if (transition->change == VS_CHANGE_RESOLVED || transition->change == VS_CHANGE_ACKNOWLEDGED)
		on_gone(arg, transition->incident, unit);
	return false;
}

/* --- after a start, and with another configuration ------------------------------------- */

static bool wants(const struct vs_reminders *reminders, const struct vs_instance_conf *conf,
	const struct vs_incident *incident)
{
	const struct vs_entry *entry = vs_registry_find(reminders->parts.registry, incident->client);
	const struct vs_transition transition = {
		.kind = incident->kind, .severity = incident->severity, .client = incident->client};

	return vs_route_wants(&conf->route, &transition,
		entry != NULL
			? vs_names_text(vs_registry_names(reminders->parts.registry), entry->client.tags)
			: "");
}

/*
 * A channel that reminds now, and of which nothing is noted. What is about the server may be about the
 * channel itself, which nobody can tell any more: steps that wait for it are noted.
 */
static void look_after(struct vs_reminders *reminders, const struct vs_instance_conf *conf,
	const struct vs_incident *incident)
{
	bool heard = vs_outbox_has_heard(reminders->parts.outbox, conf->name, incident->id);
	int64_t now = vs_reminders_now(reminders);
	int64_t opened = incident->opened_at - ahead(reminders);
	bool step = vs_reminders_is_step(conf);
	struct vs_chase *chase;

	if ((!step && (conf->remind.gap_count == 0 || !heard)) || !wants(reminders, conf, incident) ||
		(step && !heard && incident->client[0] == '\0'))
		return;
	chase = vs_chases_add(&reminders->chases, incident->id, incident->client);
	chase->seen = true;
	if (vs_chase_find(chase, conf->name) == NULL)
		vs_chase_add(chase, conf->name, step && heard ? 1 : 0,
			(step && heard) || opened > now ? now : opened);
}

static void on_incident(void *arg, const struct vs_incident *incident)
{
	struct vs_reminders *reminders = arg;
	struct vs_chase *chase = vs_chases_find(&reminders->chases, incident->id);
	size_t i;

	if (incident->acknowledged)
		return;
	if (chase != NULL)
		chase->seen = true;
	for (i = 0; i < vs_outbox_channels(reminders->parts.outbox); i++)
		look_after(reminders, vs_outbox_conf_at(reminders->parts.outbox, i), incident);
}

void vs_reminders_review(struct vs_reminders *reminders)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_chase *chase;
	struct vs_chase *next;
	struct vs_chase_item *item;

	vs_monitor_each_incident(reminders->parts.monitor, NULL, on_incident, reminders);
	HASH_ITER (hh, reminders->chases.items, chase, next) {
		if (!chase->seen) {
			vs_reminders_forget(reminders, chase, unit);
			continue;
		}
		chase->seen = false;
		DL_FOREACH (chase->items, item) {
			vs_reminders_arm(reminders, item);
		}
	}
	if (unit->count > 0)
		vs_ledger_commit(reminders->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	wait_for_next(reminders);
}

static int restore(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct vs_reminders *reminders = arg;
	char *incident = vs_strndup(key.ptr, key.len);
	int rc = vs_chases_decode(
		&reminders->chases, incident, value, ahead(reminders), vs_reminders_now(reminders), err);

	vs_free(incident);
	return rc;
}

int vs_reminders_load(
	struct vs_reminders *reminders, void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	static const struct vs_loading_table table = {VS_TABLE_REMINDERS, "reminders", restore};

	return vs_loading_start(reminders->parts.ledger, &table, 1, reminders, done, arg);
}

void vs_reminders_start(struct vs_reminders *reminders)
{
	reminders->started = true;
	vs_reminders_review(reminders);
}

/* --- time ------------------------------------------------------------------------------ */

/* A restart would measure by the new clock what was noted by the old. */
static void note_step(struct vs_reminders *reminders)
{
	struct vs_step step;
	struct vs_unit *unit;

	if (!vs_steps_note(&reminders->steps, &step))
		return;
	unit = vs_unit_create();
	vs_reminders_rewrite(reminders, unit);
	if (unit->count > 0)
		vs_ledger_commit(reminders->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
}

bool vs_reminders_tick(struct vs_reminders *reminders)
{
	bool more;

	note_step(reminders);
	more = vs_reminders_tell(reminders);
	wait_for_next(reminders);
	return more;
}

static void on_timer(void *arg)
{
	(void)vs_reminders_tick(arg);
}

static void earlier(int64_t *time, int64_t at)
{
	if (*time == 0 || at < *time)
		*time = at;
}

void vs_reminders_times(
	const struct vs_reminders *reminders, const char *incident, struct vs_reminder_times *times)
{
	const struct vs_chase *chase =
		reminders != NULL ? vs_chases_find(&reminders->chases, incident) : NULL;
	const struct vs_instance_conf *conf;
	const struct vs_chase_item *item;

	*times = (struct vs_reminder_times){0, 0};
	if (chase == NULL)
		return;
	DL_FOREACH (chase->items, item) {
		conf = vs_outbox_find_conf(reminders->parts.outbox, item->channel);
		if (conf == NULL || item->due == INT64_MAX)
			continue;
		if (vs_reminders_is_step(conf) && item->number == 0)
			earlier(&times->escalates_at, item->due + ahead(reminders));
		else
			earlier(&times->next_reminder, item->due + ahead(reminders));
	}
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_reminders *vs_reminders_create(const struct vs_reminders_parts *parts)
{
	struct vs_reminders *reminders = vs_zalloc(sizeof(*reminders));
	const struct vs_outbox_filter filter = {.hold = on_transition, .gone = on_gone, .arg = reminders};
	const struct vs_outbox_chaser chaser = {on_plan, reminders};

	reminders->parts = *parts;
	vs_chases_init(&reminders->chases);
	vs_steps_init(&reminders->steps, parts->clock);
	reminders->timer = vs_timer_create(parts->loop, on_timer, reminders);
	vs_outbox_add_filter(parts->outbox, &filter);
	vs_outbox_set_chaser(parts->outbox, &chaser);
	return reminders;
}

void vs_reminders_destroy(struct vs_reminders *reminders)
{
	if (reminders == NULL)
		return;
	vs_outbox_drop_filter(reminders->parts.outbox, reminders);
	vs_outbox_set_chaser(reminders->parts.outbox, NULL);
	vs_reminders_detach(reminders);
	vs_timer_destroy(reminders->timer);
	vs_chases_fini(&reminders->chases);
	vs_free(reminders);
}
