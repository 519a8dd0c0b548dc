#include "server/silences_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "loop/loop.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/unit.h"

#define CHUNK 64 /* incidents looked at in one turn of the loop */

/* --- holding back ---------------------------------------------------------------------- */

/* Whether anybody has to hear that it is over: nobody was told that it began. */
static bool end_held(struct vs_silences *silences, struct vs_held *held, struct vs_unit *unit)
{
	bool untold = held->transition.change == VS_CHANGE_OPENED;

	vs_held_drop(&silences->held, held, unit);
	return untold;
}

bool vs_silences_hold(void *arg, const struct vs_transition *transition, const char *tags, const char *except,
	struct vs_unit *unit)
{
	struct vs_silences *silences = arg;
	struct vs_held *held = vs_held_find(&silences->held, transition->incident);
	bool covered = vs_silences_covering(silences, transition->client, transition->kind,
			       transition->severity, tags) != NULL;

	switch ((enum vs_change)transition->change) {
	case VS_CHANGE_RESOLVED:
		return held != NULL && end_held(silences, held, unit);
	case VS_CHANGE_OPENED:
	case VS_CHANGE_ESCALATED:
		if (covered)
			vs_held_put(&silences->held, transition, tags, except, unit);
		else if (held != NULL)
			vs_held_drop(&silences->held, held, unit);
		return covered;
	case VS_CHANGE_NOTICE:
	case VS_CHANGE_ACKNOWLEDGED:
	case VS_CHANGE_REMINDED:
	default:
		return covered || held != NULL;
	}
}

void vs_silences_gone(void *arg, const char *incident, struct vs_unit *unit)
{
	struct vs_silences *silences = arg;
	struct vs_held *held = vs_held_find(&silences->held, incident);

	if (held != NULL)
		vs_held_drop(&silences->held, held, unit);
}

size_t vs_silences_held(const struct vs_silences *silences)
{
	return vs_held_count(&silences->held);
}

/* --- telling it afterwards ------------------------------------------------------------- */

/* Transitions whose unit is under way. */
struct vs_silence_release {
	struct vs_silences *silences; /* NULL: they are gone, the next start sends what is stored */
	char ids[CHUNK][VS_ULID_TEXT];
	size_t count;
	struct vs_unit *unit;
	struct vs_silence_release *prev;
	struct vs_silence_release *next;
};

static void on_stored(void *arg, bool durable)
{
	struct vs_silence_release *release = arg;
	size_t i;

	(void)durable; /* a store that refuses keeps nobody from being told */
	if (release->silences != NULL) {
		DL_DELETE(release->silences->releases, release);
		for (i = 0; i < release->count; i++)
			vs_outbox_release(release->silences->parts.outbox, release->ids[i]);
	}
	vs_free(release);
}

void vs_silences_detach(struct vs_silences *silences)
{
	struct vs_silence_release *release;

	DL_FOREACH (silences->releases, release) {
		release->silences = NULL;
	}
	silences->releases = NULL;
}

static void tell(struct vs_silences *silences, struct vs_held *held, struct vs_silence_release *release)
{
	const struct vs_transition *transition = &held->transition;

	vs_outbox_plan_held(silences->parts.outbox, release->unit, transition, held->tags,
		held->except[0] != '\0' ? held->except : NULL);
	memcpy(release->ids[release->count++], transition->id, VS_ULID_TEXT);
	vs_held_drop(&silences->held, held, release->unit);
}

/* The next few; what is told leaves the store in the unit that brings its messages. */
void vs_silences_walk(void *arg)
{
	struct vs_silences *silences = arg;
	struct vs_silence_release *release = vs_zalloc(sizeof(*release));
	struct vs_held *held;
	size_t steps;

	release->unit = vs_unit_create();
	for (steps = 0; steps < CHUNK && (held = silences->held.next) != NULL; steps++) {
		const struct vs_transition *transition = &held->transition;

		silences->held.next = held->hh.next;
		if (vs_silences_covering(silences, transition->client, transition->kind, transition->severity,
			    held->tags) == NULL)
			tell(silences, held, release);
	}
	if (silences->held.next != NULL)
		vs_timer_start(silences->walk, 0);
	if (release->unit->count == 0) {
		vs_unit_destroy(release->unit);
		vs_free(release);
		return;
	}
	release->silences = silences;
	DL_APPEND(silences->releases, release);
	VS_FAULT("held_telling");
	vs_ledger_commit(silences->parts.ledger, release->unit, on_stored, release);
}

void vs_silences_review(struct vs_silences *silences)
{
	if (!silences->started || silences->held.items == NULL)
		return;
	silences->held.next = silences->held.items;
	vs_timer_start(silences->walk, 0);
}
