#include "server/retention.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/incident.h"
#include "model/transition.h"
#include "server/clock.h"
#include "server/ledger.h"
#include "server/outcome.h"
#include "server/steady.h"

#define FIRST_MS (10 * 60 * 1000)
#define EVERY_MS (6 * 3600 * 1000)
#define SOON_MS 1000 /* when the store got much to do meanwhile */
#define CHUNK 1000 /* records deleted at once */
#define LOOK 2000 /* records looked at in one go: commits wait for no longer */
#define ULID_TIME 10 /* characters of a ULID that tell its time, in order */
#define OWNER "server" /* of the clock's record in the STATE table; plugins' owners have a slash */
#define KEY "clock"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const enum vs_table swept[] = {VS_TABLE_TRANSITIONS, VS_TABLE_INCIDENTS, VS_TABLE_OUTCOMES};

struct recall;
struct sweep;

struct vs_retention {
	struct vs_timer *timer;
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	int64_t keep_ms;
	struct sweep *sweeps[COUNT(swept)]; /* under way, one a table */
	struct vs_steady steady;
	bool recalled; /* what the last process noted about the clock is known */
	struct recall *recall; /* reading it */
};

struct recall {
	struct vs_retention *retention; /* NULL: it is gone */
};

/* One look through one table; it outlives the retention that began it. */
struct sweep {
	struct vs_retention *retention; /* NULL: it is gone */
	struct sweep **place; /* in it */
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	enum vs_table table;
	struct vs_buf next; /* the key to go on before; empty: the end */
	size_t seen; /* records, since then */
	struct vs_buf client; /* of the last one */
	char newest[VS_ULID_TEXT]; /* the transition of the last one */
	size_t kept; /* transitions of this client so far, the newest first */
	int64_t before;
	char ulid[VS_ULID_TEXT]; /* all '0': no age counts; keys whose ULID is smaller are older than before
				  */
};

/* A key ends in the ULID of its record, but for what became of a message: there that of the transition
 * counts. */
static struct vs_view ulid_of(const struct sweep *sweep, struct vs_view key)
{
	size_t len = VS_ULID_TEXT - 1;

	if (sweep->table == VS_TABLE_OUTCOMES)
		return vs_outcome_ulid(key);
	return key.len >= len ? (struct vs_view){key.ptr + key.len - len, len} : (struct vs_view){NULL, 0};
}

static bool is_old_key(const struct sweep *sweep, struct vs_view ulid)
{
	return ulid.len > 0 && memcmp(ulid.ptr, sweep->ulid, ULID_TIME) < 0;
}

/* Counts the transitions of each client. Only of tables that begin with the client's id. */
static bool is_too_much(struct sweep *sweep, struct vs_view key, struct vs_view ulid)
{
	size_t len = strnlen(key.ptr, key.len);

	if (sweep->table == VS_TABLE_INCIDENTS || ulid.len == 0 || len == 0 || len == key.len)
		return false;
	if (sweep->client.len != len || memcmp(sweep->client.ptr, key.ptr, len) != 0) {
		vs_buf_clear(&sweep->client);
		vs_buf_add(&sweep->client, key.ptr, len);
		sweep->kept = 0;
		sweep->newest[0] = '\0';
	}
	if (memcmp(sweep->newest, ulid.ptr, ulid.len) != 0) {
		memcpy(sweep->newest, ulid.ptr, ulid.len);
		sweep->kept++;
	}
	return sweep->kept > VS_RETENTION_KEPT;
}

/* A resolved incident is stored apart, and goes with the transition that resolved it. */
static void delete_incident(struct sweep *sweep, struct vs_view value)
{
	struct vs_transition transition;

	if (vs_transition_decode(&transition, value, NULL) < 0)
		return;
	if (transition.change == VS_CHANGE_RESOLVED)
		vs_unit_delete(sweep->unit, VS_TABLE_INCIDENTS, transition.incident, NULL);
	vs_transition_fini(&transition);
}

/* An incident is as old as its end. One that cannot be read is not ours to judge. */
static bool is_old_incident(const struct sweep *sweep, struct vs_view value)
{
	struct vs_incident incident;
	bool old;

	if (vs_incident_decode(&incident, value, NULL) < 0)
		return false;
	old = !incident.open && incident.resolved_at < sweep->before;
	vs_incident_fini(&incident);
	return old;
}

static bool each(void *arg, struct vs_view key, struct vs_view value)
{
	struct sweep *sweep = arg;

	struct vs_view ulid = ulid_of(sweep, key);
	bool too_much = is_too_much(sweep, key, ulid);

	if (too_much && sweep->table == VS_TABLE_TRANSITIONS)
		delete_incident(sweep, value);
	if (too_much || (is_old_key(sweep, ulid) &&
				(sweep->table != VS_TABLE_INCIDENTS || is_old_incident(sweep, value))))
		vs_unit_delete_key(sweep->unit, sweep->table, key);
	sweep->seen++;
	vs_buf_clear(&sweep->next);
	vs_buf_add(&sweep->next, key.ptr, key.len);
	return sweep->unit->count < CHUNK;
}

static void delete_old(struct sweep *sweep)
{
	if (sweep->unit->count > 0)
		vs_ledger_commit(sweep->ledger, sweep->unit, NULL, NULL);
	else
		vs_unit_destroy(sweep->unit);
	sweep->unit = NULL;
}

static void done(void *arg, bool ok, const char *reason);

static void look(struct sweep *sweep)
{
	sweep->seen = 0;
	sweep->unit = vs_unit_create();
	if (vs_ledger_read_before(
		    sweep->ledger, sweep->table, vs_buf_view(&sweep->next), LOOK, each, done, sweep) < 0)
		done(sweep, false, "the store's queue is full");
}

static void done(void *arg, bool ok, const char *reason)
{
	struct sweep *sweep = arg;
	bool more = ok && (sweep->seen == LOOK || sweep->unit->count >= CHUNK);

	if (more && sweep->retention != NULL && !vs_ledger_is_busy(sweep->ledger)) {
		delete_old(sweep);
		look(sweep);
		return;
	}
	if (!ok)
		vs_log(VS_LOG_WARN, "ledger", "old records stay for now: %s", reason);
	if (sweep->retention != NULL) {
		*sweep->place = NULL;
		if (more)
			vs_timer_start(sweep->retention->timer, SOON_MS);
	}
	delete_old(sweep);
	vs_buf_fini(&sweep->next);
	vs_buf_fini(&sweep->client);
	vs_free(sweep);
}

static void begin(struct vs_retention *retention, struct sweep **place, enum vs_table table, bool by_age)
{
	struct sweep *sweep = vs_zalloc(sizeof(*sweep));

	*place = sweep;
	sweep->retention = retention;
	sweep->place = place;
	sweep->ledger = retention->ledger;
	vs_buf_init(&sweep->next);
	vs_buf_init(&sweep->client);
	sweep->table = table;
	sweep->before = retention->clock->wall_ms() - retention->keep_ms;
	if (by_age)
		vs_ulid(sweep->ulid, sweep->before);
	else
		memset(sweep->ulid, '0', VS_ULID_TEXT - 1);
	look(sweep);
}

/* --- the clock ------------------------------------------------------------------------- */

static void note_clock(struct vs_retention *retention)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_buf text;

	vs_buf_init(&text);
	vs_steady_encode(&retention->steady, &text);
	vs_unit_put(unit, VS_TABLE_STATE, OWNER, KEY, vs_buf_view(&text));
	vs_buf_fini(&text);
	vs_ledger_commit(retention->ledger, unit, NULL, NULL);
}

/* Whether the wall clock may say that something is old. */
static bool is_trusted(struct vs_retention *retention)
{
	int64_t jumped;
	char length[32];

	if (!vs_steady_look(&retention->steady, retention->clock, &jumped)) {
		vs_duration_format(length, sizeof(length), jumped < 0 ? -jumped : jumped);
		vs_log(VS_LOG_WARN, "ledger",
			"the wall clock jumped %s by %s since the last look: no old record is deleted before "
			"it has gone evenly for 7 days",
			jumped < 0 ? "back" : "ahead", length);
	}
	note_clock(retention);
	return retention->steady.even_ms >= VS_RETENTION_EVEN_MS;
}

static bool on_note(void *arg, struct vs_view key, struct vs_view value)
{
	struct recall *recall = arg;

	(void)key;
	if (recall->retention != NULL)
		vs_steady_decode(&recall->retention->steady, value);
	return false;
}

static void on_recalled(void *arg, bool ok, const char *reason)
{
	struct recall *recall = arg;
	struct vs_retention *retention = recall->retention;

	vs_free(recall);
	if (retention == NULL)
		return;
	retention->recall = NULL;
	retention->recalled = ok;
	if (ok)
		vs_retention_sweep(retention);
	else
		vs_log(VS_LOG_WARN, "ledger", "old records stay for now: %s", reason);
}

static void recall(struct vs_retention *retention)
{
	if (retention->recall != NULL)
		return;
	retention->recall = vs_zalloc(sizeof(*retention->recall));
	retention->recall->retention = retention;
	if (vs_ledger_read(retention->ledger, VS_TABLE_STATE, OWNER, 0, false, on_note, on_recalled,
		    retention->recall) < 0)
		on_recalled(retention->recall, false, "the store's queue is full");
}

/* --- looks ----------------------------------------------------------------------------- */

void vs_retention_sweep(struct vs_retention *retention)
{
	bool by_age;
	size_t i;

	if (vs_ledger_is_busy(retention->ledger))
		return;
	if (!retention->recalled) {
		recall(retention);
		return;
	}
	by_age = is_trusted(retention);
	for (i = 0; i < COUNT(swept); i++) {
		if (retention->sweeps[i] == NULL && (by_age || swept[i] != VS_TABLE_INCIDENTS))
			begin(retention, &retention->sweeps[i], swept[i], by_age);
	}
}

static void on_timer(void *arg)
{
	struct vs_retention *retention = arg;

	vs_timer_start(retention->timer, EVERY_MS);
	vs_retention_sweep(retention);
}

struct vs_retention *vs_retention_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, int64_t keep_ms)
{
	struct vs_retention *retention = vs_zalloc(sizeof(*retention));

	retention->clock = clock;
	retention->ledger = ledger;
	retention->keep_ms = keep_ms;
	retention->timer = vs_timer_create(loop, on_timer, retention);
	vs_timer_start(retention->timer, FIRST_MS);
	return retention;
}

void vs_retention_set_keep(struct vs_retention *retention, int64_t keep_ms)
{
	retention->keep_ms = keep_ms;
}

void vs_retention_destroy(struct vs_retention *retention)
{
	size_t i;

	if (retention == NULL)
		return;
	if (retention->recall != NULL)
		retention->recall->retention = NULL;
	for (i = 0; i < COUNT(swept); i++) {
		if (retention->sweeps[i] != NULL)
			retention->sweeps[i]->retention = NULL;
	}
	vs_timer_destroy(retention->timer);
	vs_free(retention);
}
