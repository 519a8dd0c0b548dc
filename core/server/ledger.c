#include "server/ledger_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/loop.h"
#include "server/backlog.h"
#include "server/registry.h"
#include "server/stats.h"
#include "store/batch.h"
#include "store/store.h"

#define ROUTINE_DELAY_MS 500 /* half of the second that is promised: the store needs some of it */
#define ROUTINE_CHUNK 256 /* clients encoded in one turn of the loop */

struct commit {
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	uint64_t seq;
	void (*done)(void *arg, bool durable);
	void *arg;
	bool durable;
};

static void write_routine(void *arg);

struct vs_ledger *vs_ledger_create(struct vs_loop *loop, struct vs_store *store, const struct vs_clock *clock,
	struct vs_names *names, struct vs_stats *stats)
{
	struct vs_ledger *ledger = vs_zalloc(sizeof(*ledger));

	ledger->loop = loop;
	ledger->store = store;
	ledger->clock = clock;
	ledger->names = names;
	ledger->stats = stats;
	ledger->backlog = vs_backlog_create(VS_LEDGER_BACKLOG);
	ledger->retry_ms = VS_LEDGER_RETRY_FIRST_MS;
	ledger->routine = vs_timer_create(loop, write_routine, ledger);
	ledger->retry = vs_timer_create(loop, vs_ledger_mend, ledger);
	vs_buf_init(&ledger->why);
	vs_buf_init(&ledger->loss);
	return ledger;
}

void vs_ledger_destroy(struct vs_ledger *ledger)
{
	struct vs_entry *entry;
	struct vs_entry *next;

	if (ledger == NULL)
		return;
	VS_REQUIRE(ledger->under_way == 0);
	DL_FOREACH_SAFE2(ledger->dirty, entry, next, next_dirty)
	{
		vs_ledger_untouch(ledger, entry);
	}
	vs_timer_destroy(ledger->routine);
	vs_timer_destroy(ledger->retry);
	vs_backlog_destroy(ledger->backlog);
	vs_buf_fini(&ledger->why);
	vs_buf_fini(&ledger->loss);
	vs_free(ledger);
}

void vs_ledger_check_flushed(struct vs_ledger *ledger)
{
	void (*flushed)(void *arg) = ledger->flushed;

	if (flushed == NULL || ledger->under_way > 0 || ledger->last_try ||
		(ledger->dirty != NULL && !ledger->failing))
		return;
	ledger->flushed = NULL;
	flushed(ledger->flushed_arg);
}

/* --- units ----------------------------------------------------------------------------- */

static void answer(void *arg)
{
	struct commit *commit = arg;
	struct vs_ledger *ledger = commit->ledger;

	ledger->under_way--;
	if (commit->done != NULL)
		commit->done(commit->arg, commit->durable);
	vs_unit_destroy(commit->unit);
	vs_free(commit);
	vs_ledger_check_flushed(ledger);
}

static void on_committed(void *arg, enum vs_store_status status, const char *reason)
{
	struct commit *commit = arg;
	struct vs_ledger *ledger = commit->ledger;

	VS_FAULT("unit_committed");
	ledger->in_store--;
	commit->durable = status == VS_STORE_DONE;
	if (commit->durable) {
		ledger->stats->count[VS_STAT_STORE_COMMITS]++;
		vs_backlog_supersede(ledger->backlog, commit->unit, commit->seq);
		if (ledger->failing && !vs_ledger_waits(ledger))
			vs_ledger_heal(ledger);
	} else {
		vs_ledger_refused(ledger, status, reason);
		vs_ledger_absorb(ledger, commit->unit, commit->seq);
	}
	answer(commit);
}

void vs_ledger_commit(
	struct vs_ledger *ledger, struct vs_unit *unit, void (*done)(void *arg, bool durable), void *arg)
{
	struct commit *commit = vs_zalloc(sizeof(*commit));
	struct vs_batch *batch;

	commit->ledger = ledger;
	commit->unit = unit;
	commit->seq = ++ledger->seq;
	commit->done = done;
	commit->arg = arg;
	ledger->under_way++;
	/* Behind a backlog everything waits: otherwise an old value could be written over a new one. */
	if (vs_ledger_waits(ledger)) {
		vs_ledger_absorb(ledger, unit, commit->seq);
		vs_post(ledger->loop, answer, commit);
		return;
	}
	VS_FAULT("unit_committing");
	batch = vs_unit_batch(unit);
	if (vs_store_commit(ledger->store, batch, on_committed, commit) < 0) {
		vs_batch_destroy(batch);
		vs_ledger_refused(ledger, VS_STORE_RETRY, "its queue is full");
		vs_ledger_absorb(ledger, unit, commit->seq);
		vs_post(ledger->loop, answer, commit);
		return;
	}
	ledger->in_store++;
}

/* --- routine states -------------------------------------------------------------------- */

void vs_ledger_touch(struct vs_ledger *ledger, struct vs_entry *entry)
{
	if (entry->dirty)
		return;
	entry->dirty = true;
	DL_APPEND2(ledger->dirty, entry, prev_dirty, next_dirty);
	if (!vs_timer_is_set(ledger->routine))
		vs_timer_start(ledger->routine, ROUTINE_DELAY_MS);
}

void vs_ledger_untouch(struct vs_ledger *ledger, struct vs_entry *entry)
{
	if (!entry->dirty)
		return;
	DL_DELETE2(ledger->dirty, entry, prev_dirty, next_dirty);
	entry->prev_dirty = NULL;
	entry->next_dirty = NULL;
	entry->dirty = false;
}

static void write_routine(void *arg)
{
	struct vs_ledger *ledger = arg;
	struct vs_unit *unit;
	size_t i;

	/* While the store is slow or failing the states wait where they are and collapse. */
	if (vs_ledger_is_busy(ledger)) {
		vs_timer_start(ledger->routine, ROUTINE_DELAY_MS);
		vs_ledger_check_flushed(ledger);
		return;
	}
	unit = vs_unit_create();
	for (i = 0; i < ROUTINE_CHUNK && ledger->dirty != NULL; i++) {
		struct vs_entry *entry = ledger->dirty;

		vs_ledger_untouch(ledger, entry);
		vs_unit_put_client(unit, &entry->client, ledger->names);
	}
	if (i > 0)
		vs_ledger_commit(ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	if (ledger->dirty != NULL)
		vs_timer_start(ledger->routine, 0);
	vs_ledger_check_flushed(ledger);
}

static void flush_start(void *arg)
{
	struct vs_ledger *ledger = arg;

	ledger->under_way--;
	if (ledger->dirty != NULL)
		vs_timer_start(ledger->routine, 0);
	if (vs_ledger_waits(ledger)) {
		ledger->last_try = true;
		if (!ledger->mending)
			vs_timer_start(ledger->retry, 0);
	}
	vs_ledger_check_flushed(ledger);
}

void vs_ledger_flush(struct vs_ledger *ledger, void (*done)(void *arg), void *arg)
{
	VS_REQUIRE(ledger->flushed == NULL);
	ledger->flushed = done;
	ledger->flushed_arg = arg;
	ledger->under_way++;
	vs_post(ledger->loop, flush_start, ledger);
}

bool vs_ledger_is_failing(const struct vs_ledger *ledger, const char **why, int64_t *since)
{
	if (why != NULL)
		*why = vs_buf_text(&ledger->why);
	if (since != NULL)
		*since = ledger->failing_since;
	return ledger->failing;
}

size_t vs_ledger_waiting(const struct vs_ledger *ledger)
{
	return vs_backlog_count(ledger->backlog);
}

bool vs_ledger_is_busy(const struct vs_ledger *ledger)
{
	return ledger->failing || vs_store_busy(ledger->store);
}

/* --- reading --------------------------------------------------------------------------- */

struct reading {
	struct vs_ledger *ledger;
	bool (*each)(void *arg, struct vs_view key, struct vs_view value);
	void (*done)(void *arg, bool ok, const char *reason);
	void *arg;
};

static bool on_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct reading *reading = arg;

	return reading->each(reading->arg, key, value);
}

static void on_read(void *arg, enum vs_store_status status, const char *reason)
{
	struct reading *reading = arg;
	struct vs_ledger *ledger = reading->ledger;

	ledger->under_way--;
	if (status == VS_STORE_CORRUPT)
		vs_ledger_doubt(ledger, reason);
	reading->done(reading->arg, status == VS_STORE_DONE, reason);
	vs_free(reading);
	vs_ledger_check_flushed(ledger);
}

int vs_ledger_read(struct vs_ledger *ledger, enum vs_table table, const char *prefix, uint64_t limit,
	bool newest_first, bool (*each)(void *arg, struct vs_view key, struct vs_view value),
	void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	struct reading *reading = vs_zalloc(sizeof(*reading));
	struct vs_store_range range = {.table = table, .limit = limit, .reverse = newest_first};
	struct vs_buf from;
	struct vs_buf to;
	int rc;

	*reading = (struct reading){ledger, each, done, arg};
	vs_buf_init(&from);
	vs_buf_init(&to);
	if (prefix != NULL) {
		vs_buf_add(&from, prefix, strlen(prefix) + 1); /* with its NUL */
		vs_buf_add_text(&to, prefix);
		vs_buf_add_char(&to, '\1');
		range.from = vs_buf_view(&from);
		range.to = vs_buf_view(&to);
	}
	rc = vs_store_scan(ledger->store, &range, on_record, on_read, reading);
	vs_buf_fini(&from);
	vs_buf_fini(&to);
	if (rc < 0) {
		vs_free(reading);
		return rc;
	}
	ledger->under_way++;
	return 0;
}
