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

static void on_taken(void *arg, const struct vs_reply *reply)
{
	struct fixture *f = arg;

	assert_int_equal(reply->overall, VS_VERDICT_SECURE);
	f->taken++;
}

static void on_failed(void *arg)
{
	struct fixture *f = arg;

	f->failed++;
}

static void on_amend(void *arg, struct vs_buf *body, uint64_t lost_ms)
{
	struct fixture *f = arg;

	f->lost_ms = lost_ms;
	if (f->amends && strstr(vs_buf_text(body), "amended") == NULL) {
		body->ptr[body->len - 1] = ',';
		vs_buf_add_text(body, "\"client_version\":\"amended\"}");
	}
	f->amended++;
}

static void create(struct fixture *f)
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

static int setup(void **state)
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

static int teardown(void **state)
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
static void send(struct fixture *f, unsigned seq)
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

static struct vs_uplink_status look(const struct fixture *f)
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

static const char *log_of(struct fixture *f)
{
	snprintf(f->log, sizeof(f->log), "%s", place_log(&f->place));
	assert_null(strstr(f->log, KEY));
	return f->log;
}

/* Lines that people see: the log without debug. */
static size_t warnings(const char *log)
{
	return count_of(log, "WARN");
}

/* Its age was measured; that of one from an earlier run is what two readings of the wall clock make it. */
static void assert_made(const struct fixture *f, const struct vs_report *report)
{
	assert_in_range(vs_wall_ms() - report->sent_at, 0, 2 * PATIENCE_MS);
	if (f->made_at[report->seq] != 0)
		assert_in_range(report->observed_at - f->made_at[report->seq] + 500, 0, 1000);
	else
		assert_int_equal(report->observed_at, INT64_C(999993600000) + (int64_t)report->seq * 1000);
}

static unsigned seq_of(const struct fixture *f, const struct stub_request *request, bool *late)
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

static void assert_request(const struct fixture *f, size_t index, unsigned seq, bool late)
{
	bool is_late;

	assert_true(index < f->stub.count);
	assert_int_equal(seq_of(f, &f->stub.requests[index], &is_late), seq);
	assert_int_equal(is_late, late);
}

static void a_report_that_is_taken_is_no_news(void **state)
{
	struct fixture *f = *state;

	send(f, 1);
	assert_int_equal(f->stub.count, 0);
	AWAIT(f, f->taken == 1);
	assert_request(f, 0, 1, false);
	assert_string_equal(log_of(f), "");
	assert_false(look(f).lost);
	assert_int_equal(look(f).taken, 1);
	assert_true(look(f).taken_at_ms > 0);
}

static void a_server_that_is_not_there_is_told_once_and_its_return_too(void **state)
{
	struct fixture *f = *state;
	const char *log;

	stub_close(&f->stub);
	send(f, 1);
	AWAIT(f, look(f).failures >= 4);
	assert_true(look(f).lost);
	assert_true(look(f).lost_since_ms > 0);
	assert_non_null(strstr(look(f).problem, "check that the server runs"));
	log = log_of(f);
	assert_int_equal(warnings(log), 1);
	assert_non_null(strstr(log, "no report gets through to the-server"));
	stub_listen(&f->stub);
	AWAIT(f, f->taken == 1);
	assert_request(f, 0, 1, false);
	assert_non_null(strstr(log_of(f), "server reachable again"));
	assert_false(look(f).lost);
	assert_string_equal(look(f).problem, "");
}

static void what_is_sent_in_an_outage_can_be_amended_before_each_attempt(void **state)
{
	struct fixture *f = *state;

	f->amends = true;
	send(f, 1);
	AWAIT(f, f->taken == 1);
	assert_int_equal(f->amended, 0);
	assert_int_equal(f->failed, 0);
	stub_close(&f->stub);
	send(f, 2);
	AWAIT(f, f->failed >= 3);
	assert_int_equal(look(f).failures, f->failed);
	assert_in_range(f->amended, f->failed - 1, f->failed); /* the first attempt did not know yet */
	assert_true(look(f).lost_for_ms >= f->lost_ms);
	stub_listen(&f->stub);
	AWAIT(f, f->taken == 2);
	assert_null(strstr(f->stub.requests[0].body, "amended"));
	assert_non_null(strstr(f->stub.requests[1].body, "amended"));
	assert_int_equal(look(f).lost_for_ms, 0);
	send(f, 3);
	AWAIT(f, f->taken == 3);
	assert_null(strstr(f->stub.requests[2].body, "amended"));
	log_of(f);
}

static void reports_of_an_outage_follow_late_and_in_order(void **state)
{
	struct fixture *f = *state;
	const char *log;

	stub_close(&f->stub);
	for (unsigned seq = 1; seq <= 3; seq++) {
		uint64_t failures = look(f).failures;

		send(f, seq);
		AWAIT(f, look(f).failures > failures);
	}
	assert_int_equal(look(f).waiting, 2);
	assert_int_equal(warnings(log_of(f)), 1);
	stub_listen(&f->stub);
	AWAIT(f, look(f).waiting == 0);
	assert_int_equal(f->stub.count, 3);
	assert_request(f, 0, 3, false);
	assert_request(f, 1, 1, true);
	assert_request(f, 2, 2, true);
	assert_int_equal(f->taken, 1);
	log = log_of(f);
	assert_non_null(strstr(log, "server reachable again; 2 reports will be delivered late"));
	assert_non_null(strstr(log, "2 reports delivered late"));
	assert_int_not_equal(access(place_path(&f->place, "spool.jsonl"), F_OK), 0);
}

static void what_an_earlier_run_left_is_delivered_after_the_first_success(void **state)
{
	struct fixture *f = *state;

	stub_close(&f->stub);
	send(f, 1);
	AWAIT(f, look(f).failures > 0);
	vs_uplink_destroy(f->uplink);
	vs_spool_destroy(f->spool);
	stub_listen(&f->stub);
	create(f);
	assert_int_equal(look(f).waiting, 1);
	assert_false(vs_loop_run_for(f->loop, 60));
	assert_int_equal(f->stub.count, 0);
	send(f, 2);
	AWAIT(f, look(f).waiting == 0);
	assert_request(f, 0, 2, false);
	assert_request(f, 1, 1, true);
}

static void a_wrong_key_is_told_once_with_the_servers_words_and_not_hammered(void **state)
{
	struct fixture *f = *state;
	const char *log;

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 401, "{\"detail\":\"this key is not known\"}", NULL});
	send(f, 1);
	AWAIT(f, look(f).failures == 1);
	assert_false(vs_loop_run_for(f->loop, 200));
	assert_int_equal(f->stub.count, 1);
	assert_int_equal(look(f).waiting, 1);
	send(f, 2);
	AWAIT(f, look(f).failures == 2);
	log = log_of(f);
	assert_int_equal(warnings(log), 1);
	assert_non_null(strstr(log, "401 (this key is not known): check VPN_SENTINEL_API_KEY"));
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 3);
	AWAIT(f, look(f).waiting == 0 && f->stub.count == 5);
	assert_request(f, 2, 3, false);
	assert_request(f, 3, 1, true);
	assert_request(f, 4, 2, true);
}

static void a_report_that_the_server_refuses_is_dropped_with_the_reason(void **state)
{
	struct fixture *f = *state;
	const char *log;

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 400, "{\"detail\":\"seq: not a number\"}", NULL},
		{STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 1);
	AWAIT(f, look(f).failures == 1);
	assert_false(vs_loop_run_for(f->loop, 100));
	assert_int_equal(f->stub.count, 1);
	assert_int_equal(look(f).waiting, 0);
	assert_false(look(f).lost);
	log = log_of(f);
	assert_int_equal(warnings(log), 1);
	assert_non_null(strstr(log, "400 (seq: not a number)"));
	send(f, 2);
	AWAIT(f, f->taken == 1);
	assert_request(f, 1, 2, false);
}

static void a_late_report_that_is_refused_does_not_hold_up_the_others(void **state)
{
	struct fixture *f = *state;

	stub_close(&f->stub);
	for (unsigned seq = 1; seq <= 3; seq++) {
		uint64_t failures = look(f).failures;

		send(f, seq);
		AWAIT(f, look(f).failures > failures);
	}
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, STUB_OK, NULL}, {STUB_ANSWER, 422, "{}", NULL},
		{STUB_ANSWER, 200, STUB_OK, NULL});
	stub_listen(&f->stub);
	AWAIT(f, look(f).waiting == 0 && f->stub.count == 3);
	assert_request(f, 1, 1, true);
	assert_request(f, 2, 2, true);
	assert_non_null(strstr(log_of(f), "1 report delivered late"));
}

static void the_time_that_a_busy_server_asks_for_is_given_and_it_is_not_called_lost(void **state)
{
	struct fixture *f = *state;
	uint64_t asked_ms;

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 429, "{}", "1"}, {STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 1);
	AWAIT(f, look(f).failures == 1);
	asked_ms = vs_mono_ms();
	assert_false(look(f).lost);
	AWAIT(f, f->taken == 1);
	assert_true(vs_mono_ms() - asked_ms >= 900);
	assert_int_equal(f->stub.count, 2);
	assert_int_equal(warnings(log_of(f)), 0);
}

static void a_server_that_stays_busy_is_told_of_at_the_next_report(void **state)
{
	struct fixture *f = *state;

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 429, "{}", "60"});
	send(f, 1);
	AWAIT(f, look(f).failures == 1);
	send(f, 2);
	assert_int_equal(look(f).waiting, 1);
	assert_int_equal(warnings(log_of(f)), 1);
	assert_false(vs_loop_run_for(f->loop, 100));
	assert_int_equal(f->stub.count, 1);
	send(f, 3);
	assert_int_equal(warnings(log_of(f)), 0);
}

static void trouble_of_every_sort_is_tried_again_until_it_works(void **state)
{
	struct fixture *f = *state;
	const char *log;

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 500, "{}", NULL}, {STUB_CUT, 200, NULL, NULL},
		{STUB_HANG, 0, NULL, NULL}, {STUB_ANSWER, 200, "<html>", NULL},
		{STUB_ANSWER, 500, "{}", NULL}, {STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 1);
	AWAIT(f, f->taken == 1);
	assert_int_equal(f->stub.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_request(f, i, 1, false);
	log = log_of(f);
	assert_int_equal(warnings(log), 4); /* each sort of trouble once */
	assert_int_equal(look(f).waiting, 0);
}

static void a_report_that_comes_while_one_is_on_its_way_waits_for_it(void **state)
{
	struct fixture *f = *state;

	send(f, 1);
	AWAIT(f, vs_loop_run_for(f->loop, 1) || f->stub.count == 1);
	send(f, 2);
	AWAIT(f, f->taken == 2);
	assert_request(f, 0, 1, false);
	assert_request(f, 1, 2, false);
}

static void a_report_that_waits_on_a_way_that_is_gone_is_given_up_and_comes_late(void **state)
{
	struct fixture *f = *state;
	uint64_t begun = vs_mono_ms();

	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL}, {STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 1);
	AWAIT(f, f->stub.count == 1);
	send(f, 2);
	vs_loop_run_for(f->loop, 50); /* longer than the shortest retry */
	vs_uplink_anew(f->uplink);
	assert_true(look(f).lost);
	assert_int_equal(f->failed, 1);
	assert_int_equal(look(f).waiting, 2);
	assert_non_null(strstr(place_log(&f->place), "and then the network changed"));
	send(f, 3);
	AWAIT(f, look(f).taken == 3);
	assert_true(vs_mono_ms() - begun < 300); /* the patience of one attempt */
	assert_int_equal(f->taken, 1);
	assert_int_equal(f->amended, 1);
	assert_non_null(strstr(f->stub.requests[1].body, "\"seq\":3"));
	assert_null(strstr(f->stub.requests[1].body, "late"));
	assert_non_null(strstr(f->stub.requests[2].body, "\"late\":true"));
}

static void another_way_while_nothing_is_on_its_way_changes_nothing(void **state)
{
	struct fixture *f = *state;

	vs_uplink_anew(f->uplink);
	send(f, 1);
	vs_uplink_anew(f->uplink); /* it goes with the next turn of the loop */
	AWAIT(f, f->taken == 1);
	vs_uplink_anew(f->uplink);
	assert_int_equal(f->stub.count, 1);
	assert_int_equal(f->failed, 0);
}

static void of_reports_that_wait_for_a_slow_server_only_the_newest_is_not_late(void **state)
{
	struct fixture *f = *state;

	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL}, {STUB_ANSWER, 200, STUB_OK, NULL});
	send(f, 1);
	AWAIT(f, f->stub.count == 1);
	send(f, 2);
	send(f, 3);
	assert_int_equal(look(f).waiting, 1);
	AWAIT(f, look(f).waiting == 0 && f->stub.count == 4);
	assert_request(f, 1, 3, false);
	assert_request(f, 2, 2, true);
	assert_request(f, 3, 1, true);
}

/* The oldest goes to make room while the server is still at it: its answer must not cost the next one. */
static void a_late_report_that_the_spool_drops_on_its_way_takes_no_other_along(void **state)
{
	static const struct {
		int status;
		const char *body;
	} answers[] = {{200, STUB_OK}, {422, "{}"}};
	struct fixture *f = *state;
	unsigned seq = 0;

	vs_spool_limit(f->spool, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct vs_http_answer answer = {
			.status = answers[i].status, .type = "application/json"};
		size_t count = f->stub.count;
		unsigned first = seq + 1;

		stub_close(&f->stub);
		while (seq < first + 2) {
			uint64_t failures = look(f).failures;

			send(f, ++seq);
			AWAIT(f, look(f).failures > failures);
		}
		STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, STUB_OK, NULL}, {STUB_HANG, 0, NULL, NULL},
			{STUB_ANSWER, 200, STUB_OK, NULL});
		stub_listen(&f->stub);
		AWAIT(f, f->stub.hanging_count == 1);
		assert_request(f, count + 1, first, true);
		send(f, ++seq);
		send(f, ++seq);
		send(f, ++seq); /* two wait for the answer, and the older one of those goes to the spool */
		assert_int_equal(look(f).waiting, 2);
		vs_http_answer(
			f->stub.hanging[--f->stub.hanging_count], &answer, vs_view_of(answers[i].body));
		AWAIT(f, look(f).waiting == 0 && f->stub.count == count + 6);
		assert_request(f, count + 2, first + 3, false);
		assert_request(f, count + 3, first + 5, false);
		assert_request(f, count + 4, first + 1, true);
		assert_request(f, count + 5, first + 4, true);
	}
}

static void an_end_in_the_middle_keeps_every_report(void **state)
{
	struct fixture *f = *state;

	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL});
	send(f, 1);
	AWAIT(f, f->stub.count == 1);
	send(f, 2);
	vs_uplink_destroy(f->uplink);
	assert_int_equal(vs_spool_count(f->spool), 2);
	vs_spool_destroy(f->spool);
	create(f);
	assert_int_equal(look(f).waiting, 2);
}

/* What waits goes to the new place at once, and what is wrong there is told anew. */
static void another_target_gets_what_waits_and_a_fresh_start(void **state)
{
	struct fixture *f = *state;
	struct vs_attempt_settings target = {.key = KEY, .timeout_ms = 300};
	struct stub other;
	char url[96];

	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 503, "{}", "3600"});
	send(f, 1);
	AWAIT(f, f->stub.count == 1 && look(f).failures == 1);
	stub_init(&other, f->loop);
	snprintf(url, sizeof(url), "%s/api/v1/keepalive", other.url);
	target.url = url;
	vs_uplink_retarget(f->uplink, &target, "another-server");
	AWAIT(f, f->taken == 1);
	assert_int_equal(other.count, 1);
	assert_int_equal(f->stub.count, 1);
	(void)log_of(f);
	stub_close(&other);
	send(f, 2);
	AWAIT(f, look(f).lost);
	assert_non_null(strstr(log_of(f), "no report gets through to another-server"));
	stub_fini(&other);
}

/* The request has copies of its own. */
static void a_report_on_its_way_arrives_where_it_was_sent_to(void **state)
{
	struct fixture *f = *state;
	const struct vs_attempt_settings target = {
		.url = "http://127.0.0.1:1/nowhere", .key = KEY, .timeout_ms = 300};
	const struct vs_http_answer answer = {.status = 200, .type = "application/json"};

	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL});
	send(f, 1);
	AWAIT(f, f->stub.hanging_count == 1);
	vs_uplink_retarget(f->uplink, &target, "nowhere");
	vs_http_answer(f->stub.hanging[--f->stub.hanging_count], &answer, vs_view_of(STUB_OK));
	AWAIT(f, f->taken == 1);
	assert_int_equal(look(f).failures, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_that_is_taken_is_no_news),
		TEST(a_server_that_is_not_there_is_told_once_and_its_return_too),
		TEST(what_is_sent_in_an_outage_can_be_amended_before_each_attempt),
		TEST(reports_of_an_outage_follow_late_and_in_order),
		TEST(what_an_earlier_run_left_is_delivered_after_the_first_success),
		TEST(a_wrong_key_is_told_once_with_the_servers_words_and_not_hammered),
		TEST(a_report_that_the_server_refuses_is_dropped_with_the_reason),
		TEST(a_late_report_that_is_refused_does_not_hold_up_the_others),
		TEST(the_time_that_a_busy_server_asks_for_is_given_and_it_is_not_called_lost),
		TEST(a_server_that_stays_busy_is_told_of_at_the_next_report),
		TEST(trouble_of_every_sort_is_tried_again_until_it_works),
		TEST(a_report_that_comes_while_one_is_on_its_way_waits_for_it),
		TEST(a_report_that_waits_on_a_way_that_is_gone_is_given_up_and_comes_late),
		TEST(another_way_while_nothing_is_on_its_way_changes_nothing),
		TEST(of_reports_that_wait_for_a_slow_server_only_the_newest_is_not_late),
		TEST(a_late_report_that_the_spool_drops_on_its_way_takes_no_other_along),
		TEST(an_end_in_the_middle_keeps_every_report),
		TEST(another_target_gets_what_waits_and_a_fresh_start),
		TEST(a_report_on_its_way_arrives_where_it_was_sent_to),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
