/* When a plugin instance is failing as a plugin, and when it behaves again. */
#include "server_test.h"

#include "server/conduct.h"

#define LIE "told facts that it did not declare"

static struct vs_conduct conduct;
static struct vs_conduct_seen seen;
static uint64_t now;

static int setup(void **state)
{
	(void)state;
	memset(&conduct, 0, sizeof(conduct));
	seen = (struct vs_conduct_seen){0, 0, LIE, false};
	now = 5000;
	return 0;
}

static void look_after(int64_t ms)
{
	now += (uint64_t)ms;
	vs_conduct_look(&conduct, &seen, now);
}

/* So many operations, each of them good or a lapse, with pause between two. */
static void operate(unsigned count, bool good, int64_t pause)
{
	while (count-- > 0) {
		seen.ended++;
		seen.lapses += !good;
		look_after(pause);
	}
}

static void the_third_lapse_makes_it_failing(void **state)
{
	(void)state;
	operate(1000, true, SECOND);
	assert_false(conduct.failing);
	operate(2, false, 5 * MINUTE);
	assert_false(conduct.failing);
	operate(1, false, 5 * MINUTE);
	assert_true(conduct.failing);
}

static void three_between_two_looks_are_enough(void **state)
{
	(void)state;
	seen.lapses = 3;
	look_after(0);
	assert_true(conduct.failing);
}

static void one_that_is_asked_seldom_and_lies_each_time_is_failing(void **state)
{
	(void)state;
	operate(3, false, 6 * HOUR);
	assert_true(conduct.failing);
	operate(2, true, 6 * HOUR);
	assert_true(conduct.failing); /* it is not over between two of its rounds */
	operate(1, true, 6 * HOUR);
	assert_false(conduct.failing);
}

static void one_lapse_among_many_good_answers_never_adds_up(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		operate(1, false, 5 * MINUTE);
		operate(4, true, 5 * MINUTE);
	}
	assert_false(conduct.failing);
}

static void it_is_over_when_it_was_asked_and_behaved_for_ten_minutes(void **state)
{
	(void)state;
	operate(3, false, SECOND);
	operate(100, true, SECOND);
	assert_true(conduct.failing); /* too soon */
	look_after(10 * MINUTE);
	assert_false(conduct.failing);
	operate(2, false, SECOND);
	assert_false(conduct.failing); /* from the beginning again */
}

static void time_alone_ends_nothing_before_a_day(void **state)
{
	(void)state;
	operate(3, false, SECOND);
	look_after(23 * HOUR);
	assert_true(conduct.failing);
	look_after(2 * HOUR);
	assert_false(conduct.failing);
}

static void one_that_gets_no_more_operations_cannot_behave(void **state)
{
	(void)state;
	operate(16, false, SECOND);
	seen.shut = true;
	look_after(30 * DAY);
	look_after(30 * DAY);
	assert_true(conduct.failing);
	seen.shut = false; /* it finished what it had swallowed */
	operate(3, true, 4 * MINUTE);
	assert_false(conduct.failing);
}

static void after_a_restart_it_has_to_show_that_it_behaves(void **state)
{
	(void)state;
	vs_conduct_restore(&conduct, now);
	operate(3, true, SECOND);
	assert_true(conduct.failing);
	look_after(10 * MINUTE);
	assert_false(conduct.failing);
}

static void assert_said(const char *closed, const char *expected)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_conduct_say(&conduct, &seen, "probe tide", closed, &out);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void the_sentence_says_what_it_did_and_how_often(void **state)
{
	(void)state;
	seen.lapses = 4;
	look_after(0);
	assert_said("", "probe tide: broke the rules for plugins 4 times; the last time it " LIE);
	operate(1, false, 0);
	now += 150 * SECOND;
	operate(1, false, 0);
	assert_said(
		"", "probe tide: broke the rules for plugins 6 times within 2m 30s; the last time it " LIE);
	seen.shut = true;
	assert_said(": nobody comes in",
		"probe tide: broke the rules for plugins 6 times within 2m 30s; the last time it " LIE
		". It gets no more operations: nobody comes in");
}

#define T(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_third_lapse_makes_it_failing),
		T(three_between_two_looks_are_enough),
		T(one_that_is_asked_seldom_and_lies_each_time_is_failing),
		T(one_lapse_among_many_good_answers_never_adds_up),
		T(it_is_over_when_it_was_asked_and_behaved_for_ten_minutes),
		T(time_alone_ends_nothing_before_a_day),
		T(one_that_gets_no_more_operations_cannot_behave),
		T(after_a_restart_it_has_to_show_that_it_behaves),
		T(the_sentence_says_what_it_did_and_how_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
