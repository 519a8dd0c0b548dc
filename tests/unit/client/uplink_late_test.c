/* Reports that wait: which of them are late, in which order they follow, and that none is lost. */
#include "uplink_world.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_of_an_outage_follow_late_and_in_order),
		TEST(what_an_earlier_run_left_is_delivered_after_the_first_success),
		TEST(a_late_report_that_is_refused_does_not_hold_up_the_others),
		TEST(a_report_that_comes_while_one_is_on_its_way_waits_for_it),
		TEST(a_report_that_waits_on_a_way_that_is_gone_is_given_up_and_comes_late),
		TEST(another_way_while_nothing_is_on_its_way_changes_nothing),
		TEST(of_reports_that_wait_for_a_slow_server_only_the_newest_is_not_late),
		TEST(a_late_report_that_the_spool_drops_on_its_way_takes_no_other_along),
		TEST(an_end_in_the_middle_keeps_every_report),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
