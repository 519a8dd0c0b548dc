/* How often a source may be asked, on a clock of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "plug/budget.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START INT64_C(1795000000123)

static struct vs_budget make(int64_t requests, int64_t per_ms)
{
	struct vs_budget budget = {0};

	vs_budget_limit(&budget, requests, per_ms);
	return budget;
}

static void an_unlimited_source_may_always_be_asked(void **state)
{
	struct vs_budget budget = make(0, 0);
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		vs_budget_take(&budget, START);
	assert_int_equal(vs_budget_wait(&budget, START), 0);
}

static void a_spent_budget_says_when_to_look_again(void **state)
{
	struct vs_budget budget = make(2, MINUTE);
	int64_t wait;

	(void)state;
	vs_budget_take(&budget, START);
	assert_int_equal(vs_budget_wait(&budget, START), 0);
	vs_budget_take(&budget, START);
	wait = vs_budget_wait(&budget, START);
	assert_in_range(wait, MINUTE - 6 * SECOND, MINUTE + 6 * SECOND);
	assert_true(vs_budget_wait(&budget, START + wait - 1) > 0);
	assert_int_equal(vs_budget_wait(&budget, START + wait), 0);
	assert_int_equal(vs_budget_used(&budget, START + wait), 0);
}

/* The strict promise: whichever stretch of the length of `per` somebody looks at. */
static void no_stretch_of_time_sees_more_than_the_budget(void **state)
{
	static int64_t asked[20000];
	static const struct {
		int64_t requests, per_ms, step_ms;
	} cases[] = {
		{10, 30 * SECOND, 97}, {1, MINUTE, 1000}, {40, MINUTE, 13}, {800, DAY, 11003}, {3, 1000, 1}};
	size_t c;

	(void)state;
	for (c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct vs_budget budget = make(cases[c].requests, cases[c].per_ms);
		size_t count = 0, first = 0;
		int64_t now;

		for (now = START; now < START + 7 * cases[c].per_ms && count < 20000;
			now += cases[c].step_ms) {
			if (vs_budget_wait(&budget, now) > 0)
				continue;
			vs_budget_take(&budget, now);
			asked[count++] = now;
			while (now - asked[first] >= cases[c].per_ms)
				first++;
			assert_true((int64_t)(count - first) <= cases[c].requests);
		}
		/* ... and it is used, not just spared: at least six tenths of what is allowed. */
		assert_true((int64_t)count >= 7 * cases[c].requests * 6 / 10);
	}
}

static void a_source_that_says_how_long_rests_so_long(void **state)
{
	struct vs_budget budget = make(0, 0);

	(void)state;
	vs_budget_refused(&budget, 90 * SECOND, START);
	assert_true(vs_budget_rests(&budget, START));
	assert_int_equal(vs_budget_wait(&budget, START), 90 * SECOND);
	assert_int_equal(vs_budget_wait(&budget, START + 89 * SECOND), SECOND);
	assert_int_equal(vs_budget_wait(&budget, START + 90 * SECOND), 0);
	assert_false(vs_budget_rests(&budget, START + 90 * SECOND));
}

static void nobody_may_silence_a_source_for_more_than_a_day(void **state)
{
	struct vs_budget budget = make(0, 0);

	(void)state;
	vs_budget_refused(&budget, 30 * DAY, START);
	assert_int_equal(vs_budget_wait(&budget, START), DAY);
}

static void a_source_that_does_not_say_rests_from_5_minutes_to_6_hours(void **state)
{
	static const int64_t expected[] = {5, 10, 20, 40, 80, 160, 320, 360, 360};
	struct vs_budget budget = make(0, 0);
	int64_t now = START;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		vs_budget_refused(&budget, 0, now);
		assert_int_equal(vs_budget_wait(&budget, now), expected[i] * MINUTE);
		now += expected[i] * MINUTE;
	}
	vs_budget_answered(&budget);
	vs_budget_refused(&budget, 0, now);
	assert_int_equal(vs_budget_wait(&budget, now), 5 * MINUTE);
}

static void a_source_that_is_not_reached_rests_from_30_seconds_to_10_minutes(void **state)
{
	static const int64_t expected[] = {30, 60, 120, 240, 480, 600, 600};
	struct vs_budget budget = make(0, 0);
	int64_t now = START;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		vs_budget_unreached(&budget, now);
		assert_int_equal(vs_budget_wait(&budget, now), expected[i] * 1000);
		now += expected[i] * 1000;
	}
	vs_budget_answered(&budget);
	vs_budget_unreached(&budget, now);
	assert_int_equal(vs_budget_wait(&budget, now), 30 * 1000);
}

static void a_refusal_after_it_was_not_reached_is_a_long_rest(void **state)
{
	struct vs_budget budget = make(0, 0);

	(void)state;
	vs_budget_unreached(&budget, START);
	vs_budget_refused(&budget, 0, START);
	assert_int_equal(vs_budget_wait(&budget, START), 5 * MINUTE);
	vs_budget_refused(&budget, 0, START);
	vs_budget_refused(&budget, 0, START);
	vs_budget_unreached(&budget, START);
	assert_int_equal(vs_budget_wait(&budget, START), 10 * MINUTE);
	vs_budget_refused(&budget, 0, START);
	assert_int_equal(vs_budget_wait(&budget, START), 40 * MINUTE);
}

static void what_was_used_survives_a_restart(void **state)
{
	struct vs_budget budget = make(10, 30 * SECOND);
	struct vs_budget after = make(10, 30 * SECOND);
	struct vs_buf text;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		vs_budget_take(&budget, START + i * SECOND);
	vs_budget_refused(&budget, 0, START);
	vs_buf_init(&text);
	vs_budget_write(&budget, &text);
	assert_true(vs_budget_read(&after, vs_buf_view(&text), START + 9 * SECOND));
	assert_memory_equal(&after, &budget, sizeof(budget));
	vs_buf_fini(&text);
}

static void another_rule_forgets_nothing_that_was_used(void **state)
{
	struct vs_budget budget = make(10, MINUTE);
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		vs_budget_take(&budget, START);
	vs_budget_limit(&budget, 10, HOUR);
	assert_true(vs_budget_wait(&budget, START) > MINUTE);
	vs_budget_limit(&budget, 20, HOUR);
	assert_int_equal(vs_budget_wait(&budget, START), 0);
	assert_int_equal(vs_budget_used(&budget, START), 10);
}

static void a_clock_that_is_set_back_neither_frees_nor_blocks_for_ever(void **state)
{
	struct vs_budget budget = make(1, MINUTE);

	(void)state;
	vs_budget_take(&budget, START);
	assert_true(vs_budget_wait(&budget, START - 10 * DAY) > 0);
	vs_budget_limit(&budget, 2, MINUTE);
	vs_budget_take(&budget, START - 10 * DAY);
	assert_in_range(vs_budget_wait(&budget, START - 10 * DAY), 1, MINUTE + 6 * SECOND);
	vs_budget_refused(&budget, HOUR, START);
	assert_int_equal(vs_budget_wait(&budget, START - 100 * DAY), DAY);
}

static void what_was_used_before_a_clock_was_set_back_ends_as_if_it_were_of_now(void **state)
{
	const int64_t then = START - 3650 * DAY;
	struct vs_budget budget = make(1, MINUTE);

	(void)state;
	vs_budget_take(&budget, START);
	vs_budget_settle(&budget, then);
	assert_in_range(vs_budget_wait(&budget, then), 1, MINUTE + 6 * SECOND);
	vs_budget_settle(&budget, then + 2 * MINUTE);
	assert_int_equal(vs_budget_wait(&budget, then + 2 * MINUTE), 0);

	vs_budget_refused(&budget, HOUR, START);
	vs_budget_settle(&budget, then);
	assert_int_equal(vs_budget_wait(&budget, then), DAY);
	vs_budget_settle(&budget, then + DAY - HOUR);
	assert_int_equal(vs_budget_wait(&budget, then + DAY - HOUR), HOUR);
	assert_int_equal(vs_budget_wait(&budget, then + DAY), 0);
}

static void a_clock_that_is_set_forward_frees(void **state)
{
	struct vs_budget budget = make(1, MINUTE);

	(void)state;
	vs_budget_take(&budget, START);
	assert_int_equal(vs_budget_wait(&budget, START + 3650 * DAY), 0);
	vs_budget_take(&budget, START + 3650 * DAY);
	assert_int_equal(vs_budget_used(&budget, START + 3650 * DAY), 1);
}

static void what_was_not_written_so_is_as_if_nothing_was_used(void **state)
{
	static const char *const texts[] = {"", "1", "2 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0",
		"1 60000 1 1 1 0 0 0 0 0 0 0 0 0 0 0", "1 60000 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"1 60000 -1 1 1 0 0 0 0 0 0 0 0 0 0 0 0", "1 60000 1 1 99999999999 0 0 0 0 0 0 0 0 0 0 0 0",
		"1 60000 1 1 1 0 0 0 0 0 0 0 0 0 0 0 4294967296", "1 x", "1  1", "one"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_budget budget = make(1, MINUTE);

		assert_false(vs_budget_read(&budget, vs_view_of(texts[i]), START));
		assert_int_equal(budget.requests, 1);
		assert_int_equal(vs_budget_wait(&budget, START), 0);
	}
}

/* Whatever stands in the state, no arithmetic of ours overflows (the sanitizer watches). */
static void random_states_are_read_without_harm(void **state)
{
	int round;

	(void)state;
	srandom(1);
	for (round = 0; round < 20000; round++) {
		struct vs_budget budget = make(random() % 5, random() % 100000);
		struct vs_buf text;
		int i;

		vs_buf_init(&text);
		vs_buf_add_text(&text, "1");
		for (i = 0; i < 16; i++)
			vs_buf_printf(&text, " %llu",
				(unsigned long long)(((uint64_t)random() << 32 | (uint64_t)random()) >>
						     (random() % 64)));
		(void)vs_budget_read(&budget, vs_buf_view(&text), START);
		assert_true(vs_budget_wait(&budget, START) >= 0);
		vs_budget_take(&budget, START);
		vs_budget_refused(&budget, random() % 3, START);
		vs_buf_fini(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unlimited_source_may_always_be_asked),
		cmocka_unit_test(a_spent_budget_says_when_to_look_again),
		cmocka_unit_test(no_stretch_of_time_sees_more_than_the_budget),
		cmocka_unit_test(a_source_that_says_how_long_rests_so_long),
		cmocka_unit_test(nobody_may_silence_a_source_for_more_than_a_day),
		cmocka_unit_test(a_source_that_does_not_say_rests_from_5_minutes_to_6_hours),
		cmocka_unit_test(a_source_that_is_not_reached_rests_from_30_seconds_to_10_minutes),
		cmocka_unit_test(a_refusal_after_it_was_not_reached_is_a_long_rest),
		cmocka_unit_test(what_was_used_survives_a_restart),
		cmocka_unit_test(another_rule_forgets_nothing_that_was_used),
		cmocka_unit_test(a_clock_that_is_set_back_neither_frees_nor_blocks_for_ever),
		cmocka_unit_test(what_was_used_before_a_clock_was_set_back_ends_as_if_it_were_of_now),
		cmocka_unit_test(a_clock_that_is_set_forward_frees),
		cmocka_unit_test(what_was_not_written_so_is_as_if_nothing_was_used),
		cmocka_unit_test(random_states_are_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
