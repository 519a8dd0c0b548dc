/* Where addresses are: budgets, refusals, and how many may wait. */
#include "locator_world.h"

static void refusals_wait_for_all_and_lose_nobody(void **state)
{
	struct fixture *f = *state;
	char text[32];
	int i;

	break_all(f, 600000);
	for (i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		want(f, text);
	}
	advance(f->loop, 9 * MINUTE);
	expect_asked(f, 1, 1, 1);
	assert_int_equal(vs_locator_waiting(f->locator), 49);
	heal_all(f);
	want(f, "203.0.113.1");
	advance(f->loop, 10 * MINUTE);
	for (i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		assert_non_null(place_of(f, text));
	}
}

static void budgets_hold_whatever_is_wanted_also_over_restarts(void **state)
{
	struct fixture *f = *state;
	char text[32];
	int i;

	for (i = 0; i < SOURCES; i++) {
		f->sources[i].requests = 10;
		f->sources[i].per_ms = 30 * SECOND;
	}
	vs_locator_ask(f->locator, f->sources, SOURCES, 2);
	for (i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		want(f, text);
		if (i == 100) {
			advance(f->loop, 10 * SECOND);
			restart(f);
		}
	}
	advance(f->loop, 10 * SECOND);
	for (i = 0; i < SOURCES; i++)
		assert_true(f->instances[i].asked <= 10);
	advance(f->loop, 29 * MINUTE);
	assert_non_null(place_of(f, "203.0.113.200"));
	assert_int_equal(vs_locator_waiting(f->locator), 0);
}

static void the_servers_own_exit_goes_first(void **state)
{
	struct fixture *f = *state;
	const struct vs_addr own = addr("198.51.100.77");

	want(f, "203.0.113.1");
	want(f, "203.0.113.2");
	vs_locator_want_first(f->locator, &own);
	advance(f->loop, 5 * SECOND);
	assert_string_equal(f->instances[0].first, "198.51.100.77");
	expect_asked(f, 1, 3, 2);
}

static void so_many_may_wait_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct vs_addr one = addr("203.0.0.0");
	char client[20];
	int i;

	for (i = 0; i < VS_LOCATOR_MAX + 500; i++) {
		one.bytes[2] = (uint8_t)(i >> 8);
		one.bytes[3] = (uint8_t)i;
		snprintf(client, sizeof(client), "client-%d", i / VS_LOCATOR_OF_ONE);
		vs_locator_want(f->locator, client, &one);
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_MAX);
}

static void one_client_cannot_use_up_what_is_there_for_all(void **state)
{
	struct fixture *f = *state;
	struct vs_addr one = addr("203.0.0.0");
	int i;

	for (i = 0; i < 1000; i++) {
		one.bytes[2] = (uint8_t)(i >> 8);
		one.bytes[3] = (uint8_t)i;
		vs_locator_want(f->locator, "greedy", &one);
		vs_locator_want(f->locator, "greedy", &one); /* the same costs nothing */
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE);
	want(f, "198.51.100.1");
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE + 1);
	fake_now.mono += 3600 * SECOND;
	for (i = 0; i < 1000; i++) {
		one.bytes[3] = (uint8_t)i;
		one.bytes[1] = 7;
		vs_locator_want(f->locator, "greedy", &one);
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE + 1 + VS_LOCATOR_OF_ONE_PER_HOUR);
}

static void other_sources_are_asked_what_the_old_ones_were_asked(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 100);
	expect_asked(f, 1, 1, 0);
	vs_locator_ask(f->locator, f->sources + 1, 2, 2);
	assert_int_equal(f->instances[0].cancels, 1);
	assert_int_equal(f->instances[1].cancels, 1);
	advance(f->loop, SECOND);
	expect_asked(f, 1, 2, 1);
	assert_non_null(place_of(f, "203.0.113.9"));
}

static void without_sources_nobody_is_asked_and_nothing_waits(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 100);
	vs_locator_ask(f->locator, NULL, 0, 2);
	assert_false(vs_locator_is_on(f->locator));
	want(f, "203.0.113.10");
	assert_int_equal(vs_locator_waiting(f->locator), 0);
	advance(f->loop, HOUR);
	expect_asked(f, 1, 1, 0);
}

static void health_shows_who_rests_and_why(void **state)
{
	struct fixture *f = *state;
	struct vs_buf json;
	struct vs_err err;
	json_t *tree;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].country = NULL;
	f->instances[0].retry_after_ms = 600000;
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	vs_buf_init(&json);
	vs_buf_add_char(&json, '{');
	vs_locator_write(f->locator, f->atlas, &json);
	vs_buf_add_char(&json, '}');
	tree = vs_json_parse(vs_buf_view(&json), &err);
	assert_non_null(tree);
	json_decref(tree);
	assert_contains(vs_buf_text(&json), "\"locate\":{\"state\":\"on\",\"places\":1,\"waiting\":0");
	assert_contains(vs_buf_text(&json), "\"name\":\"ipinfo\",\"state\":\"resting\",\"wait_seconds\":600");
	assert_contains(vs_buf_text(&json), "\"last_error\":\"the provider refuses us\"");
	assert_contains(vs_buf_text(&json), "\"name\":\"ip_api\",\"state\":\"ok\"");
	vs_buf_fini(&json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refusals_wait_for_all_and_lose_nobody),
		TEST(budgets_hold_whatever_is_wanted_also_over_restarts),
		TEST(the_servers_own_exit_goes_first),
		TEST(so_many_may_wait_and_no_more),
		TEST(one_client_cannot_use_up_what_is_there_for_all),
		TEST(other_sources_are_asked_what_the_old_ones_were_asked),
		TEST(without_sources_nobody_is_asked_and_nothing_waits),
		TEST(health_shows_who_rests_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
