#include "server/ledger_inside.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/log.h"
#include "loop/loop.h"
#include "server/backlog.h"
#include "server/clock.h"
#include "server/half.h"
#include "server/stats.h"
#include "store/batch.h"

#define AREA "ledger"
#define RETRY_LAST_MS 10000
#define BATCH 512 /* records given to the store at once */
#define REOPEN_PAUSE_MS 60000 /* each time a damaged file may be set aside, which takes space */
#define PROBE "probe" /* a key that is put and deleted in one batch */

bool vs_ledger_waits(const struct vs_ledger *ledger)
{
	return vs_backlog_count(ledger->backlog) > 0 || ledger->damaged || ledger->rewriting;
}

/* --- refusals -------------------------------------------------------------------------- */

static void note_refusal(struct vs_ledger *ledger, const char *why)
{
	ledger->stats->count[VS_STAT_STORE_FAILURES]++;
	vs_buf_clear(&ledger->why);
	vs_buf_add_text(&ledger->why, why);
	if (ledger->failing)
		return;
	ledger->failing = true;
	ledger->failing_since = ledger->clock->wall_ms();
	vs_log(VS_LOG_ERROR, AREA, "the store refuses: %s; records wait in memory until it is back", why);
}

static void try_soon(struct vs_ledger *ledger)
{
	vs_timer_start(ledger->retry, 0);
}

static void try_later(struct vs_ledger *ledger)
{
	ledger->last_try = false;
	ledger->retry_ms = ledger->retry_ms * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : ledger->retry_ms * 2;
	vs_timer_start(ledger->retry, ledger->retry_ms);
}

/* The first time the store is opened anew at once, also for a flush that would end otherwise. */
static void note_damage(struct vs_ledger *ledger)
{
	if (ledger->source.next == NULL || ledger->damaged)
		return;
	ledger->damaged = true;
	if (ledger->reopenings > 0)
		return;
	ledger->last_try = ledger->last_try || ledger->flushed != NULL;
	if (!ledger->mending)
		try_soon(ledger);
}

void vs_ledger_refused(struct vs_ledger *ledger, enum vs_store_status status, const char *why)
{
	note_refusal(ledger, why);
	if (status == VS_STORE_CORRUPT)
		note_damage(ledger);
	if (!ledger->mending && !vs_timer_is_set(ledger->retry))
		vs_timer_start(ledger->retry, ledger->retry_ms);
}

void vs_ledger_absorb(struct vs_ledger *ledger, struct vs_unit *unit, uint64_t seq)
{
	size_t lost = vs_backlog_take(ledger->backlog, unit, seq);

	if (lost > 0 && ledger->lost == 0)
		vs_log(VS_LOG_ERROR, AREA,
			"more than %d records wait for the store: what comes now is not kept",
			VS_LEDGER_BACKLOG);
	ledger->lost += lost;
	if (!ledger->mending && !vs_timer_is_set(ledger->retry))
		vs_timer_start(ledger->retry, ledger->retry_ms);
}

void vs_ledger_heal(struct vs_ledger *ledger)
{
	if (ledger->lost > 0)
		vs_log(VS_LOG_WARN, AREA, "%zu records found no room while the store refused", ledger->lost);
	ledger->lost = 0;
	ledger->last_try = false;
	ledger->slice = 0;
	ledger->reopenings = 0;
	ledger->failing = false;
	ledger->failing_since = ledger->clock->wall_ms();
	ledger->retry_ms = VS_LEDGER_RETRY_FIRST_MS;
	vs_timer_stop(ledger->retry);
	vs_buf_clear(&ledger->why);
	vs_log(VS_LOG_INFO, AREA, "the store is back; everything that waited is written");
	if (ledger->dirty != NULL)
		vs_timer_start(ledger->routine, 0);
}

/* --- one thing after the other --------------------------------------------------------- */

static void begin(struct vs_ledger *ledger)
{
	ledger->mending = true;
	ledger->under_way++;
}

static void go_on(struct vs_ledger *ledger)
{
	if (vs_ledger_waits(ledger))
		try_soon(ledger);
	else
		vs_ledger_heal(ledger);
}

/* What began has ended. True when the store did it; else it is tried again, and that is seen to. */
static bool ended(struct vs_ledger *ledger, enum vs_store_status status, const char *why)
{
	ledger->mending = false;
	ledger->under_way--;
	if (status == VS_STORE_DONE)
		return true;
	note_refusal(ledger, why);
	if (status == VS_STORE_CORRUPT)
		note_damage(ledger);
	if (!vs_timer_is_set(ledger->retry))
		try_later(ledger);
	return false;
}

/* Gives batch to the store; done comes with the answer. */
static void give(struct vs_ledger *ledger, struct vs_batch *batch, vs_store_done *done)
{
	begin(ledger);
	if (vs_store_commit(ledger->store, batch, done, ledger) == 0)
		return;
	vs_batch_destroy(batch);
	done(ledger, VS_STORE_RETRY, "its queue is full");
}

/* --- what waits ------------------------------------------------------------------------ */

/* The store takes something else: so what it refused is what it can never take. */
static void on_probed(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_ledger *ledger = arg;
	struct vs_buf name;

	vs_buf_init(&name);
	if (!ended(ledger, status, reason)) {
		vs_backlog_undone(ledger->backlog);
	} else {
		if (vs_backlog_give_up(ledger->backlog, &name)) {
			ledger->stats->count[VS_STAT_STORE_DROPS]++;
			vs_log(VS_LOG_ERROR, AREA,
				"a record is given up, which the store can never take (%s): %s",
				vs_buf_text(&name), vs_buf_text(&ledger->why));
		}
		go_on(ledger);
	}
	ledger->slice = 0;
	vs_buf_fini(&name);
	vs_ledger_check_flushed(ledger);
}

/* A store that refuses everything is broken, and what waits is not at fault. */
static void probe(struct vs_ledger *ledger)
{
	struct vs_batch *batch = vs_batch_create();

	vs_batch_put(batch, VS_TABLE_STATE, vs_view_of(PROBE), vs_view_of(""));
	vs_batch_delete(batch, VS_TABLE_STATE, vs_view_of(PROBE));
	give(ledger, batch, on_probed);
}

static void on_written(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_ledger *ledger = arg;

	if (status == VS_STORE_FAILED) {
		ended(ledger, VS_STORE_DONE, "");
		note_refusal(ledger, reason);
		if (ledger->given == 1) {
			probe(ledger);
			return;
		}
		vs_backlog_undone(ledger->backlog);
		ledger->slice = ledger->given / 2;
		try_soon(ledger);
	} else if (ended(ledger, status, reason)) {
		ledger->stats->count[VS_STAT_STORE_COMMITS]++;
		vs_backlog_done(ledger->backlog);
		go_on(ledger);
	} else {
		vs_backlog_undone(ledger->backlog);
	}
	vs_ledger_check_flushed(ledger);
}

static void write_backlog(struct vs_ledger *ledger)
{
	struct vs_batch *batch = ledger->slice > 0 ? vs_backlog_slice(ledger->backlog, ledger->slice)
						   : vs_backlog_batch(ledger->backlog, BATCH);

	ledger->given = vs_batch_count(batch);
	give(ledger, batch, on_written);
}

/* --- a store that is opened anew -------------------------------------------------------- */

static void rewrite(struct vs_ledger *ledger, const char *said)
{
	vs_buf_clear(&ledger->loss);
	vs_buf_printf(&ledger->loss,
		"%s. What the server knows is written into it: clients, open incidents, waiting messages. "
		"Closed incidents and the history of before are not",
		said);
	vs_log(VS_LOG_WARN, AREA, "%s", vs_buf_text(&ledger->loss));
	vs_buf_clear(&ledger->mark);
	vs_half_encode(&ledger->mark, ledger->clock->wall_ms(), vs_view_of(said));
	ledger->rewriting = true;
}

static void rewrite_from_the_first(struct vs_ledger *ledger)
{
	ledger->marked = false;
	ledger->source.begin(ledger->source.arg);
}

/* In the store as long as it holds a part only: see half.h. */
static void mark(struct vs_ledger *ledger)
{
	if (ledger->rewriting && !ledger->marked)
		vs_unit_put(ledger->chunk, VS_TABLE_STATE, VS_HALF_OWNER, VS_HALF_KEY,
			vs_buf_view(&ledger->mark));
	else if (!ledger->rewriting && ledger->marked)
		vs_unit_delete(ledger->chunk, VS_TABLE_STATE, VS_HALF_OWNER, VS_HALF_KEY);
	ledger->marked = ledger->rewriting;
}

static void mended(struct vs_ledger *ledger)
{
	ledger->damaged = false;
	if (ledger->rewriting && ledger->source.next != NULL)
		rewrite_from_the_first(ledger);
	else
		ledger->rewriting = false;
	go_on(ledger);
}

static bool on_client(void *arg, struct vs_view key, struct vs_view value)
{
	struct vs_ledger *ledger = arg;

	(void)key;
	(void)value;
	ledger->found = true;
	return false;
}

static void on_looked(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_ledger *ledger = arg;

	if (ended(ledger, status, reason)) {
		if (ledger->found)
			vs_log(VS_LOG_WARN, AREA, "the store was opened anew, and all that it held is there");
		else
			rewrite(ledger, "the store was opened anew, and is empty");
		mended(ledger);
	}
	vs_ledger_check_flushed(ledger);
}

/* A plugin that says nothing may have lost everything all the same, or said it when it failed after that. */
static void look(struct vs_ledger *ledger)
{
	const struct vs_store_range range = {.table = VS_TABLE_CLIENTS, .limit = 1};

	ledger->found = false;
	begin(ledger);
	if (vs_store_scan(ledger->store, &range, on_client, on_looked, ledger) < 0)
		on_looked(ledger, VS_STORE_RETRY, "its queue is full");
}

static void on_reopened(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_ledger *ledger = arg;

	if (ended(ledger, status, reason)) {
		ledger->reopened_ms = ledger->clock->mono_ms();
		if (reason[0] == '\0') {
			look(ledger);
			return;
		}
		rewrite(ledger, reason);
		mended(ledger);
	}
	vs_ledger_check_flushed(ledger);
}

static void reopen(struct vs_ledger *ledger)
{
	uint64_t since = ledger->clock->mono_ms() - ledger->reopened_ms;

	if (ledger->reopened_ms != 0 && since < REOPEN_PAUSE_MS) {
		vs_timer_start(ledger->retry, REOPEN_PAUSE_MS - since);
		ledger->last_try = false;
		vs_ledger_check_flushed(ledger);
		return;
	}
	ledger->reopenings++;
	begin(ledger);
	if (vs_store_reopen(ledger->store, on_reopened, ledger) < 0)
		on_reopened(ledger, VS_STORE_RETRY, "its queue is full");
}

/*
 * A chunk that is refused waits with the rest. Should that be full, everything is given again from the
 * beginning.
 */
static void on_rewritten(void *arg, enum vs_store_status status, const char *reason)
{
	struct vs_ledger *ledger = arg;

	VS_FAULT("store_rewritten");
	if (ended(ledger, status, reason)) {
		ledger->stats->count[VS_STAT_STORE_COMMITS]++;
		go_on(ledger);
	} else if (vs_backlog_take(ledger->backlog, ledger->chunk, ledger->chunk_seq) > 0 &&
		   ledger->source.next != NULL) {
		rewrite_from_the_first(ledger);
	}
	vs_unit_destroy(ledger->chunk);
	ledger->chunk = NULL;
	vs_ledger_check_flushed(ledger);
}

/*
 * Only when nothing waits: so whatever the chunk tells of a client, the messages about it were written
 * before, and nothing older will be written over it.
 */
static void write_chunk(struct vs_ledger *ledger)
{
	ledger->chunk = vs_unit_create();
	ledger->chunk_seq = ++ledger->seq;
	ledger->rewriting = ledger->source.next(ledger->source.arg, ledger->chunk);
	mark(ledger);
	if (ledger->chunk->count > 0) {
		give(ledger, vs_unit_batch(ledger->chunk), on_rewritten);
		return;
	}
	vs_unit_destroy(ledger->chunk);
	ledger->chunk = NULL;
	go_on(ledger);
	vs_ledger_check_flushed(ledger);
}

void vs_ledger_mend(void *arg)
{
	struct vs_ledger *ledger = arg;

	/* A commit before it in the queue may be newer than what waits here, and succeed. */
	if (ledger->in_store > 0) {
		vs_timer_start(ledger->retry, VS_LEDGER_RETRY_FIRST_MS);
		return;
	}
	if (ledger->damaged)
		reopen(ledger);
	else if (vs_backlog_count(ledger->backlog) > 0)
		write_backlog(ledger);
	else if (ledger->rewriting)
		write_chunk(ledger);
	else
		vs_ledger_heal(ledger);
}

/* --- what others see -------------------------------------------------------------------- */

void vs_ledger_set_source(struct vs_ledger *ledger, const struct vs_ledger_source *source)
{
	ledger->source = source != NULL ? *source : (struct vs_ledger_source){0};
	if (source != NULL)
		return;
	if (ledger->rewriting)
		vs_log(VS_LOG_ERROR, AREA, "not everything the server knows was written into the new store");
	ledger->rewriting = false;
	ledger->damaged = false;
	if (!ledger->mending && !vs_ledger_waits(ledger))
		vs_timer_stop(ledger->retry);
}

void vs_ledger_doubt(struct vs_ledger *ledger, const char *why)
{
	if (ledger->source.next != NULL)
		vs_ledger_refused(ledger, VS_STORE_CORRUPT, why);
}

bool vs_ledger_is_rewriting(const struct vs_ledger *ledger)
{
	return ledger->damaged || ledger->rewriting;
}

const char *vs_ledger_loss(const struct vs_ledger *ledger)
{
	return ledger->loss.len > 0 ? vs_buf_text(&ledger->loss) : NULL;
}

void vs_ledger_loss_told(struct vs_ledger *ledger)
{
	vs_buf_clear(&ledger->loss);
}
