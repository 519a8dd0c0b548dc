#include "server/troubles.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "model/incident.h"
#include "model/transition.h"
#include "server/ack.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/stats.h"

struct trouble {
	struct vs_incident incident;
	char *subject;
	struct trouble *prev;
	struct trouble *next;
};

struct vs_troubles {
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_stats *stats;
	struct trouble *open;
	size_t count;
	struct telling *tellings;
};

/* A transition whose unit is under way. */
struct telling {
	struct vs_troubles *troubles; /* NULL: they are gone, nobody is told */
	char transition[VS_ULID_TEXT];
	void (*done)(void *arg, bool durable); /* NULL: nobody waits for it */
	void *done_arg;
	struct telling *prev;
	struct telling *next;
};

struct vs_troubles *vs_troubles_create(const struct vs_clock *clock, struct vs_ledger *ledger,
	struct vs_outbox *outbox, struct vs_stats *stats)
{
	struct vs_troubles *troubles = vs_zalloc(sizeof(*troubles));

	troubles->clock = clock;
	troubles->ledger = ledger;
	troubles->outbox = outbox;
	troubles->stats = stats;
	return troubles;
}

static void drop(struct vs_troubles *troubles, struct trouble *trouble)
{
	DL_DELETE(troubles->open, trouble);
	troubles->count--;
	vs_incident_fini(&trouble->incident);
	vs_free(trouble->subject);
	vs_free(trouble);
}

void vs_troubles_destroy(struct vs_troubles *troubles)
{
	struct telling *telling;

	if (troubles == NULL)
		return;
	DL_FOREACH (troubles->tellings, telling) {
		telling->troubles = NULL;
	}
	while (troubles->open != NULL)
		drop(troubles, troubles->open);
	vs_free(troubles);
}

static struct trouble *find(struct vs_troubles *troubles, enum vs_kind kind, const char *subject)
{
	struct trouble *trouble;

	DL_FOREACH (troubles->open, trouble) {
		if (trouble->incident.kind == kind && strcmp(trouble->subject, subject) == 0)
			return trouble;
	}
	return NULL;
}

static void add(struct vs_troubles *troubles, struct trouble *trouble, const char *subject)
{
	trouble->subject = vs_strdup(subject);
	DL_APPEND(troubles->open, trouble);
	troubles->count++;
}

static void release(void *arg, bool durable)
{
	struct telling *telling = arg;

	if (telling->troubles != NULL) {
		DL_DELETE(telling->troubles->tellings, telling);
		vs_outbox_release(telling->troubles->outbox, telling->transition);
	}
	if (telling->done != NULL)
		telling->done(telling->done_arg, durable);
	vs_free(telling);
}

static void put(struct vs_unit *unit, const struct vs_incident *incident)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_incident_encode(incident, &text);
	vs_unit_put(unit, VS_TABLE_INCIDENTS, incident->id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
}

/* ack: of ACKNOWLEDGED alone. */
static struct telling *tell(struct vs_troubles *troubles, const struct trouble *trouble,
	enum vs_change change, const struct vs_ack *ack, int64_t now)
{
	struct telling *telling = vs_zalloc(sizeof(*telling));
	struct vs_unit *unit = vs_unit_create();
	struct vs_transition transition;

	vs_transition_init_incident(&transition, change, &trouble->incident, now);
	if (ack != NULL) {
		vs_ack_tell(ack, &transition);
		vs_ack_record(ack, unit);
	}
	vs_log(change == VS_CHANGE_RESOLVED ? VS_LOG_INFO : VS_LOG_WARN, "server", "%s %s: %s",
		vs_kind_name(trouble->incident.kind), vs_change_name(change), transition.evidence);
	put(unit, &trouble->incident);
	vs_outbox_plan(troubles->outbox, unit, &transition, "",
		trouble->subject[0] != '\0' ? trouble->subject : NULL);
	troubles->stats->count[VS_STAT_TRANSITIONS]++;
	telling->troubles = troubles;
	DL_APPEND(troubles->tellings, telling);
	memcpy(telling->transition, transition.id, sizeof(telling->transition));
	vs_transition_fini(&transition);
	vs_ledger_commit(troubles->ledger, unit, release, telling);
	return telling;
}

/* The reasons of stores and channels are others' texts, but what is stored must be readable again. */
static void set_evidence(struct vs_incident *incident, const char *evidence)
{
	char *text = vs_strdup(evidence);
	char *at;

	if (!vs_utf8_valid(vs_view_of(text))) {
		for (at = text; *at != '\0'; at++)
			*at = (unsigned char)*at < 0x80 ? *at : '?';
	}
	vs_incident_set_evidence(incident, text);
	vs_free(text);
}

void vs_troubles_open(
	struct vs_troubles *troubles, enum vs_kind kind, const char *subject, const char *evidence)
{
	int64_t now = troubles->clock->wall_ms();
	struct trouble *trouble;

	if (find(troubles, kind, subject) != NULL)
		return;
	trouble = vs_zalloc(sizeof(*trouble));
	vs_incident_init(&trouble->incident, kind, "", now);
	set_evidence(&trouble->incident, evidence);
	trouble->incident.confidence = VS_CONFIDENCE_HIGH;
	add(troubles, trouble, subject);
	tell(troubles, trouble, VS_CHANGE_OPENED, NULL, now);
}

void vs_troubles_escalate(
	struct vs_troubles *troubles, enum vs_kind kind, const char *subject, const char *evidence)
{
	struct trouble *trouble = find(troubles, kind, subject);

	if (trouble == NULL) {
		vs_troubles_open(troubles, kind, subject, evidence);
	} else if (strcmp(trouble->incident.evidence, evidence) != 0) {
		set_evidence(&trouble->incident, evidence);
		trouble->incident.acknowledged = false;
		tell(troubles, trouble, VS_CHANGE_ESCALATED, NULL, troubles->clock->wall_ms());
	}
}

void vs_troubles_resolve(struct vs_troubles *troubles, enum vs_kind kind, const char *subject)
{
	int64_t now = troubles->clock->wall_ms();
	struct trouble *trouble = find(troubles, kind, subject);

	if (trouble == NULL)
		return;
	trouble->incident.open = false;
	trouble->incident.good_since = now;
	trouble->incident.resolved_at = now;
	tell(troubles, trouble, VS_CHANGE_RESOLVED, NULL, now);
	drop(troubles, trouble);
}

int vs_troubles_acknowledge(struct vs_troubles *troubles, const struct vs_ack *ack,
	void (*done)(void *arg, bool durable), void *arg)
{
	struct telling *telling;
	struct trouble *trouble;

	DL_FOREACH (troubles->open, trouble) {
		if (strcmp(trouble->incident.id, ack->incident) == 0)
			break;
	}
	if (trouble == NULL)
		return VS_ERR_NOT_FOUND;
	if (trouble->incident.acknowledged)
		return VS_ERR_BUSY;
	trouble->incident.acknowledged = true;
	telling = tell(troubles, trouble, VS_CHANGE_ACKNOWLEDGED, ack, ack->at);
	telling->done = done;
	telling->done_arg = arg;
	return 0;
}

static bool has_subject(uint8_t kind)
{
	return kind == VS_KIND_CHANNEL_BROKEN || kind == VS_KIND_PLUGIN_FAILING;
}

int vs_troubles_restore(struct vs_troubles *troubles, struct vs_view value, struct vs_err *err)
{
	struct trouble *trouble = vs_zalloc(sizeof(*trouble));
	char *subject;
	char *end;

	if (vs_incident_decode(&trouble->incident, value, err) < 0) {
		vs_free(trouble);
		return VS_ERR_INVALID;
	}
	if (!trouble->incident.open || trouble->incident.client[0] != '\0') {
		vs_incident_fini(&trouble->incident);
		vs_free(trouble);
		return 0;
	}
	/* The evidence about a channel or an instance begins with what it is called and a colon. */
	subject = vs_strdup(has_subject(trouble->incident.kind) ? trouble->incident.evidence : "");
	end = strchr(subject, ':');
	if (end != NULL)
		*end = '\0';
	add(troubles, trouble, subject);
	vs_free(subject);
	return 0;
}

void vs_troubles_review(struct vs_troubles *troubles, enum vs_kind kind,
	bool (*stays)(void *arg, const char *subject), void *arg)
{
	struct trouble *trouble;
	struct trouble *next;

	DL_FOREACH_SAFE(troubles->open, trouble, next)
	{
		if (trouble->incident.kind == kind && !stays(arg, trouble->subject))
			vs_troubles_resolve(troubles, kind, trouble->subject);
	}
}

static bool mark_broken(void *arg, const char *subject)
{
	return vs_outbox_mark_broken(arg, subject);
}

void vs_troubles_restored(struct vs_troubles *troubles)
{
	vs_troubles_review(troubles, VS_KIND_CHANNEL_BROKEN, mark_broken, troubles->outbox);
}

void vs_troubles_step(struct vs_troubles *troubles, const struct vs_step *step)
{
	struct vs_unit *unit;
	struct trouble *trouble;

	if (troubles->open == NULL)
		return;
	unit = vs_unit_create();
	DL_FOREACH (troubles->open, trouble) {
		vs_incident_step(&trouble->incident, step);
		put(unit, &trouble->incident);
	}
	vs_ledger_commit(troubles->ledger, unit, NULL, NULL);
}

void vs_troubles_rewrite(const struct vs_troubles *troubles, struct vs_unit *unit)
{
	const struct trouble *trouble;

	DL_FOREACH (troubles->open, trouble) {
		put(unit, &trouble->incident);
		vs_outbox_rewrite_told(troubles->outbox, trouble->incident.id, unit);
	}
}

size_t vs_troubles_count(const struct vs_troubles *troubles)
{
	return troubles->count;
}

void vs_troubles_each(const struct vs_troubles *troubles,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg)
{
	const struct trouble *trouble;

	DL_FOREACH (troubles->open, trouble) {
		each(arg, &trouble->incident);
	}
}
