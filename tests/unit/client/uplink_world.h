/* An uplink with a spool, and a stub of its server. */
#ifndef VS_TESTS_CLIENT_UPLINK_WORLD_H
#define VS_TESTS_CLIENT_UPLINK_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "client/attempt.h"
#include "client/reply.h"
#include "client/spool.h"
#include "client/uplink.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"
#include "net/http_client.h"
#include "place.h"
#include "stub.h"

#define KEY "a-key-of-16-chars-or-more"
#define PATIENCE_MS 8000 /* of a test for what it waits for */

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct stub stub;
	struct vs_spool *spool;
	struct vs_uplink *uplink;
	unsigned taken;
	bool amends; /* the reports of an outage */
	unsigned failed;
	unsigned amended;
	uint64_t lost_ms; /* as told last */
	int64_t made_at[16]; /* by seq: wall, when a report was sent in this run; 0: not in this one */
	char log[16384];
};

static inline void on_taken(void *arg, const struct vs_reply *reply)
{
	struct fixture *f = arg;

	assert_int_equal(reply->overall, VS_VERDICT_SECURE);
	f->taken++;
}

static inline void on_failed(void *arg)
{
	struct fixture *f = arg;

	f->failed++;
}

static inline void on_amend(void *arg, struct vs_buf *body, uint64_t lost_ms)
{
	struct fixture *f = arg;

	f->lost_ms = lost_ms;
	if (f->amends && strstr(vs_buf_text(body), "amended") == NULL) {
		body->ptr[body->len - 1] = ',';
		vs_buf_add_text(body, "\"client_version\":\"amended\"}");
	}
	f->amended++;
}

static inline void create(struct fixture *f)
{
	char url[96];
	const struct vs_attempt_settings target = {.url = url, .key = KEY, .timeout_ms = 300};
	const struct vs_uplink_settings settings = {.shown = "the-server",
		.retry_min_ms = 20,
		.retry_max_ms = 80,
		.late_gap_ms = 1,
		.failed = on_failed,
		.amend = on_amend};

	memset(f->made_at, 0, sizeof(f->made_at));
	snprintf(url, sizeof(url), "%s/api/v1/keepalive", f->stub.url);
	f->spool = vs_spool_create(place_path(&f->place, "spool.jsonl"), VS_SPOOL_LIMIT);
	f->uplink = vs_uplink_create(f->loop, f->http, f->spool, &target, &settings, on_taken, f);
}

static inline int setup(void **state)
{
	static const struct vs_http_settings settings = {.version = "test"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	place_init(&f->place);
	f->loop = vs_loop_create();
	f->http = vs_http_client_create(f->loop, &settings);
	stub_init(&f->stub, f->loop);
	create(f);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	vs_uplink_destroy(f->uplink);
	vs_spool_destroy(f->spool);
	stub_fini(&f->stub);
	vs_http_client_destroy(f->http);
	vs_loop_destroy(f->loop);
	assert_null(strstr(place_log(&f->place), KEY));
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

/* Made at second seq of a day long ago: whatever the clock says afterwards, it has jumped. */
static inline void send(struct fixture *f, unsigned seq)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_printf(&body,
		"{\"client_id\":\"c\",\"v\":2,\"seq\":%u,\"timestamp\":\"2001-09-09T00:00:%02uZ\"}", seq,
		seq);
	f->made_at[seq] = vs_wall_ms();
	vs_uplink_send(f->uplink, &body);
	assert_int_equal(body.len, 0);
	vs_buf_fini(&body);
}

static inline struct vs_uplink_status look(const struct fixture *f)
{
	struct vs_uplink_status status;

	vs_uplink_status(f->uplink, &status);
	return status;
}

/* Runs the loop until condition holds, and fails when it never does. */
#define AWAIT(f, condition)                                                                                  \
	do {                                                                                                 \
		uint64_t until_ = vs_mono_ms() + PATIENCE_MS;                                                \
		while (!(condition) && vs_mono_ms() < until_)                                                \
			vs_loop_run_for((f)->loop, 5);                                                       \
		assert_true(condition);                                                                      \
	} while (0)

static inline const char *log_of(struct fixture *f)
{
	snprintf(f->log, sizeof(f->log), "%s", place_log(&f->place));
	assert_null(strstr(f->log, KEY));
	return f->log;
}

/* Lines that people see: the log without debug. */
static inline size_t warnings(const char *log)
{
	return count_of(log, "WARN");
}

/* Its age was measured; that of one from an earlier run is what two readings of the wall clock make it. */
static inline void assert_made(const struct fixture *f, const struct vs_report *report)
{
	assert_in_range(vs_wall_ms() - report->sent_at, 0, 2 * PATIENCE_MS);
	if (f->made_at[report->seq] != 0)
		assert_in_range(report->observed_at - f->made_at[report->seq] + 500, 0, 1000);
	else
		assert_int_equal(report->observed_at, INT64_C(999993600000) + (int64_t)report->seq * 1000);
}

static inline unsigned seq_of(const struct fixture *f, const struct stub_request *request, bool *late)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	unsigned seq;

	assert_int_equal(vs_report_parse(report, vs_view_of(request->body), NULL), 0);
	seq = (unsigned)report->seq;
	*late = report->late;
	if (report->late)
		assert_made(f, report);
	vs_report_fini(report);
	vs_free(report);
	return seq;
}

static inline void assert_request(const struct fixture *f, size_t index, unsigned seq, bool late)
{
	bool is_late;

	assert_true(index < f->stub.count);
	assert_int_equal(seq_of(f, &f->stub.requests[index], &is_late), seq);
	assert_int_equal(is_late, late);
}

#endif
