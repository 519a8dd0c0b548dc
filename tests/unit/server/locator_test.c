/* Where addresses are: who is asked, what is made of the answers, and when again. */
#include "locator_world.h"

static void an_address_is_asked_for_once_however_many_want_it(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		want(f, "203.0.113.9");
	assert_int_equal(vs_locator_waiting(f->locator), 1);
	expect_asked(f, 0, 0, 0); /* nobody waits for it */
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 0);
	assert_int_equal(f->located, 1);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "RO");
	want(f, "203.0.113.9");
	advance(f->loop, HOUR);
	expect_asked(f, 1, 1, 0);
	assert_int_equal(vs_locator_waiting(f->locator), 0);
}

static void addresses_that_are_none_of_the_internet_are_never_asked_for(void **state)
{
	static const char *const texts[] = {"192.168.1.1", "10.0.0.1", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fd00::1",
		"ff02::1", "::"};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(texts); i++)
		want(f, texts[i]);
	assert_int_equal(vs_locator_waiting(f->locator), 0);
	want(f, "2001:db8::1");
	assert_int_equal(vs_locator_waiting(f->locator), 1);
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 0);
}

static void a_restart_asks_for_nothing_that_is_fresh(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	want(f, "2001:db8::1");
	advance(f->loop, 5 * SECOND);
	restart(f);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_non_null(place_of(f, "2001:db8::1"));
	want(f, "203.0.113.9");
	want(f, "2001:db8::1");
	advance(f->loop, HOUR);
	expect_asked(f, 1, 2, 1); /* nobody with a budget twice in a second */
}

static void a_place_that_is_a_day_old_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 26 * HOUR);
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 2, 2, 0);
	assert_false(place_of(f, "203.0.113.9")->stale);
}

static void what_is_stale_stays_and_is_marked_when_nobody_answers(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	break_all(f, 0);
	advance(f->loop, 26 * HOUR);
	want(f, "203.0.113.9");
	advance(f->loop, HOUR);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_true(place_of(f, "203.0.113.9")->stale);
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
}

/* 288 rounds a day, each of which wants the place; one in four of them after a restart. */
static void a_stable_exit_costs_next_to_nothing_a_day(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < 10 * 288; i++) {
		want(f, "203.0.113.9");
		want(f, "198.51.100.77"); /* the server's own */
		advance(f->loop, 5 * MINUTE);
		if (i % 4 == 0)
			restart(f);
	}
	assert_in_range(f->instances[0].asked, 9, 2 * 10); /* in ten days */
	assert_true(f->instances[0].asked < 50);
}

static void after_a_short_outage_places_are_known_soon(void **state)
{
	struct fixture *f = *state;
	int i;

	break_all(f, 0);
	for (i = 0; i < 4; i++) {
		want(f, "203.0.113.9");
		advance(f->loop, 30 * SECOND);
	}
	heal_all(f);
	want(f, "203.0.113.9");
	advance(f->loop, 2 * MINUTE);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_int_equal(place_of(f, "203.0.113.9")->agreed, 2);
}

static void an_address_that_nobody_knows_is_left_alone_for_longer_and_longer(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	break_all(f, 0);
	for (i = 0; i < 24 * 60; i++) { /* a day, wanted every minute */
		want(f, "203.0.113.9");
		advance(f->loop, MINUTE);
	}
	assert_in_range(f->instances[0].asked, 4, 16);
	assert_null(place_of(f, "203.0.113.9"));
}

static void one_that_is_wanted_no_more_is_not_asked_for_again(void **state)
{
	struct fixture *f = *state;

	break_all(f, 0);
	want(f, "203.0.113.9");
	advance(f->loop, DAY);
	expect_asked(f, 1, 1, 1);
}

static void with_one_answer_the_place_stands_and_the_others_are_asked_later(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = NULL;
	f->instances[1].status = VPNS_PROBE_UNKNOWN;
	f->instances[2].country = NULL;
	f->instances[2].status = VPNS_PROBE_UNKNOWN;
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 1);
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
	assert_int_equal(place_of(f, "203.0.113.9")->asked, 1);
	heal_all(f);
	advance(f->loop, MINUTE);
	assert_int_equal(place_of(f, "203.0.113.9")->agreed, 2);
	expect_asked(f, 2, 2, 1);
}

static void sources_that_disagree_are_outvoted_and_it_is_said(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 1);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "RO");
	assert_contains(place_of(f, "203.0.113.9")->disagreement, "ip_api DE");
	restart(f);
	assert_contains(place_of(f, "203.0.113.9")->disagreement, "ip_api DE");
}

static void when_all_disagree_it_is_not_asked_for_over_and_over(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	f->instances[2].country = "FR";
	want(f, "203.0.113.9");
	advance(f->loop, 20 * HOUR);
	expect_asked(f, 1, 1, 1);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_address_is_asked_for_once_however_many_want_it),
		TEST(addresses_that_are_none_of_the_internet_are_never_asked_for),
		TEST(a_restart_asks_for_nothing_that_is_fresh),
		TEST(a_place_that_is_a_day_old_is_asked_for_again),
		TEST(what_is_stale_stays_and_is_marked_when_nobody_answers),
		TEST(a_stable_exit_costs_next_to_nothing_a_day),
		TEST(after_a_short_outage_places_are_known_soon),
		TEST(an_address_that_nobody_knows_is_left_alone_for_longer_and_longer),
		TEST(one_that_is_wanted_no_more_is_not_asked_for_again),
		TEST(with_one_answer_the_place_stands_and_the_others_are_asked_later),
		TEST(sources_that_disagree_are_outvoted_and_it_is_said),
		TEST(when_all_disagree_it_is_not_asked_for_over_and_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
