#include "server/reminders_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "loop/loop.h"
#include "model/client.h"
#include "model/detail.h"
#include "model/incident.h"
#include "model/names.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/stats.h"
#include "server/troubles.h"
#include "server/unit.h"

#define CHUNK 128 /* messages planned in one turn of the loop */

/* --- what comes together, so that it can be one message --------------------------------- */

struct vs_reminders_round {
	struct vs_reminders *reminders; /* NULL: they are gone, the next start sends what is stored */
	char (*ids)[VS_ULID_TEXT]; /* transitions */
	size_t count;
	size_t capacity;
	size_t units; /* under way */
	bool complete;
	struct vs_reminders_round *prev;
	struct vs_reminders_round *next;
};

static void add_to_round(struct vs_reminders_round *round, const char *transition)
{
	if (round->count == round->capacity) {
		round->capacity = round->capacity == 0 ? CHUNK : round->capacity * 2;
		round->ids = vs_realloc(round->ids, round->capacity * sizeof(*round->ids));
	}
	memcpy(round->ids[round->count++], transition, VS_ULID_TEXT);
}

static void end_round(struct vs_reminders_round *round)
{
	size_t i;

	if (!round->complete || round->units > 0)
		return;
	if (round->reminders != NULL) {
		DL_DELETE(round->reminders->rounds, round);
		for (i = 0; i < round->count; i++)
			vs_outbox_release(round->reminders->parts.outbox, round->ids[i]);
	}
	vs_free(round->ids);
	vs_free(round);
}

static void on_stored(void *arg, bool durable)
{
	struct vs_reminders_round *round = arg;

	(void)durable; /* a store that refuses keeps nobody from being told */
	VS_FAULT("reminder_stored");
	round->units--;
	end_round(round);
}

static struct vs_reminders_round *open_round(struct vs_reminders *reminders)
{
	if (reminders->round == NULL) {
		reminders->round = vs_zalloc(sizeof(*reminders->round));
		reminders->round->reminders = reminders;
		DL_APPEND(reminders->rounds, reminders->round);
	}
	return reminders->round;
}

void vs_reminders_detach(struct vs_reminders *reminders)
{
	struct vs_reminders_round *round;
	struct vs_reminders_round *next;

	reminders->round = NULL;
	DL_FOREACH_SAFE(reminders->rounds, round, next)
	{
		round->reminders = NULL;
		round->complete = true;
		end_round(round);
	}
	reminders->rounds = NULL;
}

/* --- one message ----------------------------------------------------------------------- */

/* Whose incident it is, as it stands now. */
struct subject {
	const char *id;
	const struct vs_incident *incident; /* NULL: it is not open */
	const struct vs_entry *entry; /* NULL: it is about the server */
};

static void compare(void *arg, const struct vs_incident *incident)
{
	struct subject *subject = arg;

	if (incident->open && strcmp(incident->id, subject->id) == 0)
		subject->incident = incident;
}

static struct subject find_subject(const struct vs_reminders *reminders, const struct vs_chase *chase)
{
	struct subject subject = {chase->incident, NULL, NULL};

	if (chase->client[0] == '\0') {
		vs_troubles_each(vs_monitor_troubles(reminders->parts.monitor), compare, &subject);
		return subject;
	}
	subject.entry = vs_registry_find(reminders->parts.registry, chase->client);
	vs_monitor_each_incident(reminders->parts.monitor, chase->client, compare, &subject);
	return subject;
}

static void describe(const struct vs_reminders *reminders, const struct subject *subject,
	const struct vs_chase_item *item, struct vs_transition *transition)
{
	int64_t now = reminders->parts.clock->wall_ms();
	struct vs_buf names;

	vs_transition_init_incident(transition, VS_CHANGE_REMINDED, subject->incident, now);
	if (now > transition->since)
		transition->duration_ms = now - transition->since;
	if (vs_reminders_is_step(vs_outbox_find_conf(reminders->parts.outbox, item->channel)) &&
		item->number == 0) {
		vs_buf_init(&names);
		vs_outbox_add_tellers(reminders->parts.outbox, subject->id, &names);
		vs_transition_add(transition, "told_before", vs_buf_text(&names));
		vs_buf_fini(&names);
	}
	if (subject->entry != NULL)
		vs_details_of_client(
			transition, &subject->entry->client, vs_registry_names(reminders->parts.registry));
	vs_details_of_incident(transition, subject->incident);
}

static const char *tags_of(const struct vs_reminders *reminders, const struct subject *subject)
{
	if (subject->entry == NULL)
		return "";
	return vs_names_text(vs_registry_names(reminders->parts.registry), subject->entry->client.tags);
}

/* It is planned: from now on the next gap counts. */
static void note_told(struct vs_reminders *reminders, struct vs_chase_item *item,
	const struct vs_transition *transition, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_log(VS_LOG_INFO, "reminder", "%s: %s is open and nobody acknowledged it: told again by %s",
		transition->client[0] != '\0' ? transition->client : "the server",
		vs_kind_name(transition->kind), item->channel);
	if (transition->client[0] != '\0') {
		vs_buf_init(&text);
		vs_transition_encode(transition, &text);
		vs_unit_put(
			unit, VS_TABLE_TRANSITIONS, transition->client, transition->id, vs_buf_view(&text));
		vs_buf_fini(&text);
	}
	reminders->parts.stats->count[VS_STAT_TRANSITIONS]++;
	reminders->parts.stats->count[VS_STAT_REMINDERS]++;
	item->number++;
	item->since = vs_reminders_now(reminders);
	vs_reminders_arm(reminders, item);
	vs_reminders_put(reminders, item->chase, unit);
	add_to_round(open_round(reminders), transition->id);
}

static void put_off(struct vs_reminders *reminders, struct vs_chase_item *item, int64_t gap)
{
	int64_t wait = gap < VS_REMINDERS_RETRY_MS ? gap : VS_REMINDERS_RETRY_MS;

	vs_chase_set(&reminders->chases, item, vs_reminders_now(reminders) + wait);
}

/* What waits (quiet hours, a service that is away) was told nobody: the gap begins when it was. */
static void await_telling(struct vs_reminders *reminders, struct vs_chase_item *item, int64_t gap)
{
	bool step = vs_reminders_is_step(vs_outbox_find_conf(reminders->parts.outbox, item->channel));

	put_off(reminders, item, gap);
	if (!step || item->number > 0)
		item->since = item->due; /* when that is looked at again */
}

/* Its route is another one by now. */
static void drop_item(struct vs_reminders *reminders, struct vs_chase_item *item, struct vs_unit *unit)
{
	struct vs_chase *chase = item->chase;

	vs_chase_drop(&reminders->chases, item);
	if (chase->items == NULL)
		vs_reminders_forget(reminders, chase, unit);
	else if (chase->stored)
		vs_reminders_put(reminders, chase, unit);
}

static void tell(struct vs_reminders *reminders, struct vs_chase_item *item, struct vs_unit *unit)
{
	struct subject subject = find_subject(reminders, item->chase);
	struct vs_transition transition;
	int64_t gap;

	if (subject.incident == NULL || subject.incident->acknowledged) {
		vs_reminders_forget(reminders, item->chase, unit);
		return;
	}
	gap = vs_reminders_gap(vs_outbox_find_conf(reminders->parts.outbox, item->channel), item);
	if (gap == 0) {
		vs_chase_set(&reminders->chases, item, INT64_MAX);
		return;
	}
	if (vs_outbox_is_telling(reminders->parts.outbox, item->channel, subject.id)) {
		await_telling(reminders, item, gap);
		return;
	}
	if (item->since + gap >
		vs_reminders_now(reminders)) { /* it was told late, and people have that long */
		vs_reminders_arm(reminders, item);
		return;
	}
	describe(reminders, &subject, item, &transition);
	switch (vs_outbox_plan_again(
		reminders->parts.outbox, unit, &transition, tags_of(reminders, &subject), item->channel)) {
	case VS_AGAIN_PLANNED:
		note_told(reminders, item, &transition, unit);
		break;
	case VS_AGAIN_HELD:
		put_off(reminders, item, gap);
		break;
	case VS_AGAIN_UNWANTED:
	default:
		drop_item(reminders, item, unit);
		break;
	}
	vs_transition_fini(&transition);
}

/* --- what is due ----------------------------------------------------------------------- */

static struct vs_chase_item *next_due(const struct vs_reminders *reminders)
{
	struct vs_chase_item *item = vs_chases_first(&reminders->chases);

	return item != NULL && item->due <= vs_reminders_now(reminders) ? item : NULL;
}

static void commit(struct vs_reminders *reminders, struct vs_unit *unit)
{
	struct vs_reminders_round *round;

	if (unit->count == 0) {
		vs_unit_destroy(unit);
		return;
	}
	round = open_round(reminders);
	round->units++;
	VS_FAULT("reminder_storing");
	vs_ledger_commit(reminders->parts.ledger, unit, on_stored, round);
}

bool vs_reminders_tell(struct vs_reminders *reminders)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_reminders_round *round;
	struct vs_chase_item *item;
	unsigned count = 0;

	while (count++ < CHUNK && (item = next_due(reminders)) != NULL)
		tell(reminders, item, unit);
	commit(reminders, unit);
	if (next_due(reminders) != NULL)
		return true;
	round = reminders->round;
	reminders->round = NULL;
	if (round != NULL) {
		round->complete = true;
		end_round(round);
	}
	return false;
}
