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
#define LOOK_MS 500
#define LOOKS_MAX 11 /* that a commit is waited for: 5 s and a bit */
#define LOOKS_AT_THE_END 3 /* the same while the server waits for it to end */
#define HANGS "it has not answered for 5 seconds; the disk seems to hang: look at it and at the kernel's log"

struct vs_commit {
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	uint64_t seq;
	void (*done)(void *arg, bool durable);
	void *arg;
	bool durable;
	uint64_t looks; /* of the watch when it was given to the store */
	bool overdue; /* it counts as refused, and done was called */
	struct vs_commit *prev;
	struct vs_commit *next;
};

static void write_routine(void *arg);
static void look_for_answers(void *arg);

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
	ledger->watch = vs_timer_create(loop, look_for_answers, ledger);
	vs_buf_init(&ledger->why);
	vs_buf_init(&ledger->loss);
	vs_buf_init(&ledger->mark);
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
	vs_timer_destroy(ledger->watch);
	vs_backlog_destroy(ledger->backlog);
	vs_buf_fini(&ledger->why);
	vs_buf_fini(&ledger->loss);
	vs_buf_fini(&ledger->mark);
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

static void call_done(struct vs_commit *commit)
{
	void (*done)(void *arg, bool durable) = commit->done;

	commit->done = NULL;
	if (done != NULL)
		done(commit->arg, commit->durable);
}

static void answer(void *arg)
{
	struct vs_commit *commit = arg;
	struct vs_ledger *ledger = commit->ledger;

	ledger->under_way--;
	call_done(commit);
	vs_unit_destroy(commit->unit);
	vs_free(commit);
	vs_ledger_check_flushed(ledger);
}

static void on_committed(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_commit *commit = arg;
	struct vs_ledger *ledger = commit->ledger;

	VS_FAULT("unit_committed");
	ledger->in_store--;
	if (!commit->overdue)
		DL_DELETE(ledger->commits, commit);
	if (status == VS_STORE_DONE) {
		commit->durable = true;
		ledger->stats->count[VS_STAT_STORE_COMMITS]++;
		vs_backlog_supersede(ledger->backlog, commit->unit, commit->seq);
		if (ledger->failing && !vs_ledger_waits(ledger))
			vs_ledger_heal(ledger);
	} else {
		vs_ledger_refused(ledger, status, reason);
		if (!commit->overdue)
			vs_ledger_absorb(ledger, commit->unit, commit->seq);
	}
	answer(commit);
}

/* Its records wait in memory from now on, until the store says after all that it has them. */
static void stop_waiting(struct vs_ledger *ledger, struct vs_commit *commit)
{
	struct vs_unit *copy = vs_unit_copy(commit->unit);

	DL_DELETE(ledger->commits, commit);
	commit->overdue = true;
	vs_ledger_absorb(ledger, copy, commit->seq);
	vs_unit_destroy(copy);
	call_done(commit);
}

/*
 * A disk that hangs refuses nothing. Looks are counted and not time: while the process itself stood still,
 * the store could not answer either.
 */
static void look_for_answers(void *arg)
{
	struct vs_ledger *ledger = arg;
	uint64_t most = ledger->flushed != NULL ? LOOKS_AT_THE_END : LOOKS_MAX;

	ledger->looks++;
	if (ledger->commits == NULL)
		return;
	if (ledger->looks - ledger->commits->looks < most) {
		vs_timer_start(ledger->watch, LOOK_MS);
		return;
	}
	vs_ledger_refused(ledger, VS_STORE_RETRY, HANGS);
	ledger->last_try = ledger->last_try || ledger->flushed != NULL;
	while (ledger->commits != NULL)
		stop_waiting(ledger, ledger->commits);
}

static void await_answer(struct vs_ledger *ledger, struct vs_commit *commit)
{
	ledger->in_store++;
	commit->looks = ledger->looks;
	DL_APPEND(ledger->commits, commit);
	if (!vs_timer_is_set(ledger->watch))
		vs_timer_start(ledger->watch, LOOK_MS);
}

uint64_t vs_ledger_commit(
	struct vs_ledger *ledger, struct vs_unit *unit, void (*done)(void *arg, bool durable), void *arg)
{
	struct vs_commit *commit = vs_zalloc(sizeof(*commit));
	uint64_t number = ++ledger->seq;
	struct vs_batch *batch;

	commit->ledger = ledger;
	commit->unit = unit;
	commit->seq = number;
	commit->done = done;
	commit->arg = arg;
	ledger->under_way++;
	/* Behind a backlog everything waits: otherwise an old value could be written over a new one. */
	if (vs_ledger_waits(ledger)) {
		vs_ledger_absorb(ledger, unit, number);
		vs_post(ledger->loop, answer, commit);
		return number;
	}
	VS_FAULT("unit_committing");
	batch = vs_unit_batch(unit);
	if (vs_store_commit(ledger->store, batch, on_committed, commit) == 0) {
		await_answer(ledger, commit);
	} else {
		vs_batch_destroy(batch);
		vs_ledger_refused(ledger, VS_STORE_RETRY, "its queue is full");
		vs_ledger_absorb(ledger, unit, number);
		vs_post(ledger->loop, answer, commit);
	}
	return number;
}

bool vs_ledger_is_settled(const struct vs_ledger *ledger, uint64_t number)
{
	return ledger->commits == NULL || number < ledger->commits->seq;
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

void vs_ledger_add_loss(struct vs_ledger *ledger, const char *sentence)
{
	if (ledger->loss.len > 0)
		vs_buf_add_text(&ledger->loss, ". ");
	vs_buf_add_text(&ledger->loss, sentence);
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

/* Takes reading. */
static int begin_reading(const struct vs_store_range *range, struct reading *reading)
{
	int rc = vs_store_scan(reading->ledger->store, range, on_record, on_read, reading);

	if (rc < 0)
		vs_free(reading);
	else
		reading->ledger->under_way++;
	return rc;
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
	rc = begin_reading(&range, reading);
	vs_buf_fini(&from);
	vs_buf_fini(&to);
	return rc;
}

int vs_ledger_read_before(struct vs_ledger *ledger, enum vs_table table, struct vs_view key, uint64_t limit,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value),
	void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	const struct vs_store_range range = {.table = table, .to = key, .limit = limit, .reverse = true};
	struct reading *reading = vs_zalloc(sizeof(*reading));

	*reading = (struct reading){ledger, each, done, arg};
	return begin_reading(&range, reading);
}
