#include "server/audit.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "base/rotated.h"
#include "base/text.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "server/audit_line.h"
#include "server/repeats.h"
#include "server/stats.h"

#define AREA "audit"
#define SOON 65536 /* bytes that are not waited with */
#define KEPT 262144 /* bytes of memory that a quiet log may keep */
#define MILLIS 20 /* where they begin in a time's text */
#define CALM_MS 1000 /* without a loss, before all is well again */
#define LOOK_MS 1000 /* how often sums are looked at */
#define END_MS 500 /* for a write that is under way when the log is destroyed */

enum step { AT_REST, QUEUED, WRITING, WRITTEN };

/* What the thread works on. Outlives the audit log while it is at work. */
struct writer {
	struct vs_audit *audit; /* NULL: destroyed meanwhile */
	struct vs_rotated *file;
	struct vs_buf lines;
	bool reopen;
	atomic_int step;
	uint64_t lost; /* lines */
	struct vs_err err; /* code 0: none */
};

/* Somebody who waits for the lines that there were when it came. */
struct waiter {
	void (*done)(void *arg, bool written);
	void *arg;
	bool under_way; /* they are with the thread, or written */
	struct waiter *prev;
	struct waiter *next;
};

struct vs_audit {
	struct vs_loop *loop;
	struct vs_stats *stats;
	struct vs_pool *pool; /* one thread */
	struct vs_timer *timer; /* set while lines wait and nothing is under way */
	struct vs_repeats *repeats;
	struct vs_timer *look; /* set while there are sums */
	struct writer *writer;
	struct vs_buf lines; /* that wait */
	bool reopen; /* at the next write */
	bool failing;
	uint64_t lost; /* lines, since it fails */
	uint64_t lost_at_ms; /* the last of them */
	struct vs_err why;
	int64_t second; /* that time is the text of */
	char time[VS_TIME_TEXT];
	struct waiter *waiters;
	void (*flushed)(void *arg);
	void *flushed_arg;
};

static const char *now_text(struct vs_audit *audit)
{
	int64_t now = vs_wall_ms();
	int ms = (int)(now % 1000);

	if (now / 1000 != audit->second) {
		audit->second = now / 1000;
		vs_time_format(audit->time, now);
	}
	audit->time[MILLIS] = (char)('0' + ms / 100);
	audit->time[MILLIS + 1] = (char)('0' + ms / 10 % 10);
	audit->time[MILLIS + 2] = (char)('0' + ms % 10);
	return audit->time;
}

static uint64_t count_lines(struct vs_view text)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	return count;
}

/* --- the thread -------------------------------------------------------------------------------- */

static void write_all(struct writer *writer)
{
	struct vs_view lines = vs_buf_view(&writer->lines);
	size_t done;

	writer->err.code = 0;
	if (writer->reopen && vs_rotated_reopen(writer->file, &writer->err) < 0)
		vs_log(VS_LOG_WARN, AREA, "%s: it goes on in the file that is open", writer->err.text);
	writer->reopen = false;
	done = vs_rotated_add(writer->file, lines, &writer->err);
	writer->lost = 0;
	if (done < lines.len)
		writer->lost = count_lines((struct vs_view){lines.ptr + done, lines.len - done});
	vs_buf_clear(&writer->lines);
	if (writer->lines.cap > KEPT)
		vs_buf_fini(&writer->lines);
}

static void run(void *arg)
{
	struct writer *writer = arg;

	atomic_store(&writer->step, WRITING);
	write_all(writer);
	atomic_store(&writer->step, WRITTEN);
}

static void free_writer(struct writer *writer)
{
	vs_rotated_close(writer->file);
	vs_buf_fini(&writer->lines);
	vs_free(writer);
}

/* --- losing lines ------------------------------------------------------------------------------ */

static void lose(struct vs_audit *audit, uint64_t lines, const char *why)
{
	audit->stats->count[VS_STAT_AUDIT_LOST] += lines;
	audit->lost += lines;
	audit->lost_at_ms = vs_mono_ms();
	(void)vs_err_set(&audit->why, VS_ERR_SYSTEM, "%s", why);
	if (audit->failing)
		return;
	audit->failing = true;
	vs_log(VS_LOG_ERROR, AREA, "%s: requests are answered, and leave no line until that works again",
		why);
}

/* The gap is told where it is. */
static void recover(struct vs_audit *audit)
{
	char detail[80];

	(void)snprintf(detail, sizeof(detail), "%" PRIu64 " line%s could not be written", audit->lost,
		audit->lost == 1 ? "" : "s");
	vs_log(VS_LOG_INFO, AREA, "the audit log is written again; %s", detail);
	audit->failing = false;
	audit->lost = 0;
	vs_audit_line_event(&audit->lines, now_text(audit), "lost", detail);
}

/* --- handing over ------------------------------------------------------------------------------- */

static void on_done(void *arg, int rc);

static bool is_busy(const struct vs_audit *audit)
{
	return atomic_load(&audit->writer->step) != AT_REST;
}

static void start(struct vs_audit *audit)
{
	struct writer *writer = audit->writer;
	struct vs_buf empty = writer->lines;
	struct waiter *waiter;

	DL_FOREACH (audit->waiters, waiter)
		waiter->under_way = true;
	vs_timer_stop(audit->timer);
	writer->lines = audit->lines;
	audit->lines = empty;
	writer->reopen = audit->reopen;
	audit->reopen = false;
	atomic_store(&writer->step, QUEUED);
	VS_REQUIRE(vs_pool_start(audit->pool, run, on_done, writer) == 0);
}

/* all: also those whose lines are in memory. */
static void settle_waiters(struct vs_audit *audit, bool all, bool written)
{
	struct waiter *waiters = audit->waiters;
	struct waiter *waiter;
	struct waiter *next;

	audit->waiters = NULL; /* who is told may come again */
	DL_FOREACH_SAFE(waiters, waiter, next)
	{
		DL_DELETE(waiters, waiter);
		if (all || waiter->under_way) {
			waiter->done(waiter->arg, written);
			vs_free(waiter);
		} else {
			DL_APPEND(audit->waiters, waiter);
		}
	}
}

static void settle_flush(struct vs_audit *audit)
{
	void (*flushed)(void *arg) = audit->flushed;

	audit->flushed = NULL;
	if (flushed != NULL)
		flushed(audit->flushed_arg);
}

static void on_done(void *arg, int rc)
{
	struct writer *writer = arg;
	struct vs_audit *audit = writer->audit;

	if (rc != 0) /* its turn did not come before the end */
		write_all(writer);
	atomic_store(&writer->step, AT_REST);
	if (audit == NULL) {
		free_writer(writer);
		return;
	}
	if (writer->lost > 0)
		lose(audit, writer->lost, writer->err.text);
	else if (writer->err.code != 0)
		vs_log(VS_LOG_WARN, AREA, "%s", writer->err.text);
	else if (audit->failing && vs_mono_ms() - audit->lost_at_ms >= CALM_MS)
		recover(audit);
	settle_waiters(audit, audit->lines.len == 0, true);
	if (audit->lines.len >= SOON || audit->reopen ||
		((audit->flushed != NULL || audit->waiters != NULL) && audit->lines.len > 0))
		start(audit);
	else if (audit->lines.len > 0 || audit->failing)
		vs_timer_start(audit->timer, VS_AUDIT_FLUSH_MS);
	if (!is_busy(audit) && audit->lines.len == 0)
		settle_flush(audit);
}

static void on_time(void *arg)
{
	struct vs_audit *audit = arg;

	if (!is_busy(audit))
		start(audit);
}

/* There is a new line. */
static void hand_over(struct vs_audit *audit)
{
	if (is_busy(audit))
		return;
	if (audit->lines.len >= SOON)
		start(audit);
	else if (!vs_timer_is_set(audit->timer))
		vs_timer_start(audit->timer, VS_AUDIT_FLUSH_MS);
}

static bool has_room(struct vs_audit *audit, size_t reserved)
{
	if (audit->lines.len < VS_AUDIT_WAITING_MAX - reserved)
		return true;
	lose(audit, 1, "the audit log cannot be written as fast as requests come");
	return false;
}

/* --- what strangers repeat ----------------------------------------------------------------------- */

static bool tell_sum(void *arg, const struct vs_repeat *sum)
{
	struct vs_audit *audit = arg;

	if (audit->lines.len >= VS_AUDIT_WAITING_MAX)
		return false;
	vs_audit_line_repeat(&audit->lines, now_text(audit), sum);
	return true;
}

static void on_look(void *arg)
{
	struct vs_audit *audit = arg;

	if (vs_repeats_tell(audit->repeats, vs_mono_ms(), false, tell_sum, audit))
		vs_timer_start(audit->look, LOOK_MS);
	if (audit->lines.len > 0)
		hand_over(audit);
}

static void tell_all_sums(struct vs_audit *audit)
{
	(void)vs_repeats_tell(audit->repeats, vs_mono_ms(), true, tell_sum, audit);
}

/* False: it needs no line of its own. */
static bool add_stranger(struct vs_audit *audit, const struct vs_audit_line *line)
{
	bool room = audit->lines.len < VS_AUDIT_WAITING_MAX / 2;

	if (!vs_timer_is_set(audit->look))
		vs_timer_start(audit->look, LOOK_MS);
	return vs_repeats_add(audit->repeats, line, room, vs_mono_ms(), vs_wall_ms());
}

/* --- what others see ---------------------------------------------------------------------------- */

struct vs_audit *vs_audit_create(
	struct vs_loop *loop, const struct vs_audit_place *place, struct vs_stats *stats, struct vs_err *err)
{
	struct vs_rotated *file = vs_rotated_open(place->path, place->max_size, place->keep, err);
	struct vs_audit *audit;

	if (file == NULL)
		return NULL;
	audit = vs_zalloc(sizeof(*audit));
	audit->loop = loop;
	audit->stats = stats;
	audit->pool = vs_pool_create(loop, 1, 0);
	audit->timer = vs_timer_create(loop, on_time, audit);
	audit->look = vs_timer_create(loop, on_look, audit);
	audit->repeats = vs_repeats_create();
	audit->writer = vs_zalloc(sizeof(*audit->writer));
	audit->writer->audit = audit;
	audit->writer->file = file;
	audit->second = -1;
	return audit;
}

void vs_audit_destroy(struct vs_audit *audit)
{
	struct writer *writer;
	int step;

	if (audit == NULL)
		return;
	writer = audit->writer;
	tell_all_sums(audit);
	settle_waiters(audit, true, false);
	vs_timer_destroy(audit->timer);
	vs_timer_destroy(audit->look);
	vs_pool_destroy(audit->pool, END_MS);
	step = atomic_load(&writer->step);
	if (step != WRITING) { /* the thread does not touch it any more */
		if (step == WRITTEN)
			vs_buf_clear(&writer->lines);
		vs_buf_add(&writer->lines, audit->lines.ptr, audit->lines.len);
		if (step != QUEUED)
			write_all(writer);
	}
	if (step == AT_REST)
		free_writer(writer);
	else
		writer->audit = NULL;
	vs_repeats_destroy(audit->repeats);
	vs_buf_fini(&audit->lines);
	vs_free(audit);
}

void vs_audit_add(struct vs_audit *audit, const struct vs_audit_line *line)
{
	if (audit == NULL)
		return;
	if (line->is_stranger ? !add_stranger(audit, line) : !has_room(audit, VS_AUDIT_EVENTS_ROOM))
		return;
	vs_audit_line_write(&audit->lines, now_text(audit), line);
	hand_over(audit);
}

void vs_audit_event(struct vs_audit *audit, const char *event, const char *detail)
{
	if (audit == NULL)
		return;
	tell_all_sums(audit); /* what was before it stands before it */
	if (!has_room(audit, 0))
		return;
	vs_audit_line_event(&audit->lines, now_text(audit), event, detail);
	hand_over(audit);
}

void vs_audit_await(struct vs_audit *audit, void (*done)(void *arg, bool written), void *arg)
{
	struct waiter *waiter = vs_zalloc(sizeof(*waiter));

	VS_REQUIRE(audit != NULL);
	waiter->done = done;
	waiter->arg = arg;
	DL_APPEND(audit->waiters, waiter);
	if (!is_busy(audit))
		start(audit);
}

void vs_audit_flush(struct vs_audit *audit, void (*done)(void *arg), void *arg)
{
	VS_REQUIRE(audit != NULL && audit->flushed == NULL);
	audit->flushed = done;
	audit->flushed_arg = arg;
	tell_all_sums(audit);
	if (!is_busy(audit))
		start(audit);
}

void vs_audit_reopen(struct vs_audit *audit)
{
	if (audit == NULL)
		return;
	audit->reopen = true;
	if (!is_busy(audit))
		start(audit);
}

bool vs_audit_is_failing(const struct vs_audit *audit, const char **why)
{
	if (audit == NULL || !audit->failing)
		return false;
	*why = audit->why.text;
	return true;
}
