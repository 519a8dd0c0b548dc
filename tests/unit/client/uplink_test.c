/* What an uplink makes of outages and refusals, and what it says of them. */
#include "uplink_world.h"

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
		TEST(a_wrong_key_is_told_once_with_the_servers_words_and_not_hammered),
		TEST(a_report_that_the_server_refuses_is_dropped_with_the_reason),
		TEST(the_time_that_a_busy_server_asks_for_is_given_and_it_is_not_called_lost),
		TEST(a_server_that_stays_busy_is_told_of_at_the_next_report),
		TEST(trouble_of_every_sort_is_tried_again_until_it_works),
		TEST(another_target_gets_what_waits_and_a_fresh_start),
		TEST(a_report_on_its_way_arrives_where_it_was_sent_to),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
