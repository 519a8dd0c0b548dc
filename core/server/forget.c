#include "server/forget.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/log.h"
#include "loop/loop.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/transition.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/outcome.h"
#include "server/registry.h"

#define AREA "ledger"
#define PAUSE_MS 1000 /* while the store is not fit to be looked through */
#define CHUNK 1000 /* records deleted at once */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const enum vs_table searched[] = {VS_TABLE_TRANSITIONS, VS_TABLE_OUTCOMES};

/* A client that is gone. */
struct gone {
	char *client;
	char last[VS_ULID_TEXT]; /* what has a greater id is a later client's of that name */
	struct gone *prev;
	struct gone *next;
};

struct search;

struct vs_forget {
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_timer *timer;
	struct gone *gone; /* the first is the one that is searched for */
	size_t count;
	size_t table; /* of searched: where */
	struct search *search; /* under way */
};

/* One look for records of one client in one table; it outlives the one that began it. */
struct search {
	struct vs_forget *forget; /* NULL: it is gone */
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	enum vs_table table;
	char last[VS_ULID_TEXT];
};

static void step(void *arg);

struct vs_forget *vs_forget_create(struct vs_loop *loop, struct vs_ledger *ledger, struct vs_outbox *outbox)
{
	struct vs_forget *forget = vs_zalloc(sizeof(*forget));

	forget->ledger = ledger;
	forget->outbox = outbox;
	forget->timer = vs_timer_create(loop, step, forget);
	return forget;
}

static void drop_first(struct vs_forget *forget)
{
	struct gone *gone = forget->gone;

	DL_DELETE(forget->gone, gone);
	forget->count--;
	vs_free(gone->client);
	vs_free(gone);
}

void vs_forget_destroy(struct vs_forget *forget)
{
	if (forget == NULL)
		return;
	if (forget->count > 0)
		vs_log(VS_LOG_WARN, AREA, "the history of %zu forgotten client%s stays until it is old",
			forget->count, forget->count == 1 ? "" : "s");
	if (forget->search != NULL)
		forget->search->forget = NULL;
	while (forget->gone != NULL)
		drop_first(forget);
	vs_timer_destroy(forget->timer);
	vs_free(forget);
}

bool vs_forget_has_room(const struct vs_forget *forget)
{
	return forget->count < VS_FORGET_MAX &&
	       (!vs_ledger_is_busy(forget->ledger) || vs_ledger_is_failing(forget->ledger, NULL, NULL));
}

/* --- history --------------------------------------------------------------------------- */

static bool is_later(const struct search *search, struct vs_view key)
{
	size_t len = VS_ULID_TEXT - 1;

	if (search->table == VS_TABLE_OUTCOMES)
		key = vs_outcome_ulid(key);
	return key.len >= len && memcmp(key.ptr + key.len - len, search->last, len) > 0;
}

/* A resolved incident is stored apart; the transition that resolved it names it. */
static void add_incident(struct search *search, struct vs_view value)
{
	struct vs_transition transition;

	if (vs_transition_decode(&transition, value, NULL) < 0)
		return;
	if (transition.change == VS_CHANGE_RESOLVED)
		vs_unit_delete(search->unit, VS_TABLE_INCIDENTS, transition.incident, NULL);
	vs_transition_fini(&transition);
}

static bool each(void *arg, struct vs_view key, struct vs_view value)
{
	struct search *search = arg;

	if (is_later(search, key))
		return true;
	vs_unit_delete_key(search->unit, search->table, key);
	if (search->table == VS_TABLE_TRANSITIONS)
		add_incident(search, value);
	return search->unit->count < CHUNK;
}

/* All that the store was given is in it, and it has time. */
static bool is_fit(const struct vs_ledger *ledger)
{
	return !vs_ledger_is_busy(ledger) && vs_ledger_waiting(ledger) == 0 &&
	       !vs_ledger_is_rewriting(ledger);
}

static void go_on(struct vs_forget *forget, bool whole)
{
	if (whole && ++forget->table == COUNT(searched)) {
		forget->table = 0;
		drop_first(forget);
	}
	if (forget->gone != NULL)
		vs_timer_start(forget->timer, is_fit(forget->ledger) ? 0 : PAUSE_MS);
}

static void done(void *arg, bool ok, const char *reason)
{
	struct search *search = arg;
	struct vs_forget *forget = search->forget;
	/* Something that was refused meanwhile may be what was looked for. */
	bool whole = ok && search->unit->count < CHUNK && vs_ledger_waiting(search->ledger) == 0;

	(void)reason; /* it is tried again */
	if (search->unit->count > 0)
		vs_ledger_commit(search->ledger, search->unit, NULL, NULL);
	else
		vs_unit_destroy(search->unit);
	vs_free(search);
	if (forget == NULL)
		return;
	forget->search = NULL;
	if (ok)
		go_on(forget, whole);
	else
		vs_timer_start(forget->timer, PAUSE_MS);
}

static void step(void *arg)
{
	struct vs_forget *forget = arg;
	struct search *search;

	if (forget->search != NULL || forget->gone == NULL)
		return;
	if (!is_fit(forget->ledger)) {
		vs_timer_start(forget->timer, PAUSE_MS);
		return;
	}
	search = vs_zalloc(sizeof(*search));
	search->forget = forget;
	search->ledger = forget->ledger;
	search->unit = vs_unit_create();
	search->table = searched[forget->table];
	memcpy(search->last, forget->gone->last, sizeof(search->last));
	forget->search = search;
	if (vs_ledger_read(
		    forget->ledger, search->table, forget->gone->client, 0, false, each, done, search) < 0)
		done(search, false, "the store's queue is full");
}

/* --- the record ------------------------------------------------------------------------ */

static void close_incident(struct vs_outbox *outbox, const struct vs_incident *open, int64_t now,
	const char *why, struct vs_unit *unit)
{
	struct vs_incident incident = *open; /* its texts are borrowed */
	struct vs_transition transition;

	incident.open = false;
	incident.resolved_at = now;
	vs_transition_init_incident(&transition, VS_CHANGE_RESOLVED, &incident, now);
	vs_transition_add(&transition, "closed", why);
	vs_outbox_withdraw(outbox, &transition, unit);
	vs_transition_fini(&transition);
}

/* Apart from the history: a client of that name may be back before that was found. */
static void delete_record(
	struct vs_forget *forget, const struct vs_client *client, int64_t now, const char *why)
{
	struct vs_unit *unit = vs_unit_create();
	uint32_t i;

	vs_unit_delete(unit, VS_TABLE_CLIENTS, client->id, NULL);
	vs_outbox_withdraw_notices(forget->outbox, client->id, unit);
	for (i = 0; i < client->incident_count; i++) {
		if (client->incidents[i].open)
			close_incident(forget->outbox, &client->incidents[i], now, why, unit);
		else
			vs_outbox_forget(forget->outbox, client->incidents[i].id, unit);
	}
	vs_ledger_commit(forget->ledger, unit, NULL, NULL);
}

void vs_forget_client(struct vs_forget *forget, const struct vs_entry *entry, int64_t now, const char *why)
{
	struct gone *gone = vs_zalloc(sizeof(*gone));

	delete_record(forget, &entry->client, now, why);
	gone->client = vs_strdup(entry->client.id);
	vs_ulid_last(gone->last, now);
	DL_APPEND(forget->gone, gone);
	forget->count++;
	step(forget);
}
