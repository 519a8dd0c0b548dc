#include "config_support.h"

#include "base/log.h"

static void problems_are_told_in_the_order_of_their_places(void **state)
{
	struct vs_problems problems = {0};

	(void)state;
	vs_problems_error(&problems, (struct vs_mark){"b.yaml", 1, 1}, "six");
	vs_problems_error(&problems, (struct vs_mark){"a.yaml", 12, 5}, "five");
	vs_problems_warn(&problems, (struct vs_mark){"a.yaml", 12, 4}, "four");
	vs_problems_error(&problems, (struct vs_mark){"a.yaml", 2, 30}, "three");
	vs_problems_error(&problems, (struct vs_mark){"a.yaml", 0, 0}, "two");
	vs_problems_warn(&problems, (struct vs_mark){0}, "one");
	assert_int_equal(problems.errors, 4);
	assert_int_equal(problems.warnings, 2);
	expect_problems(&problems, "warning: one\n"
				   "a.yaml: error: two\n"
				   "a.yaml:2:30: error: three\n"
				   "a.yaml:12:4: warning: four\n"
				   "a.yaml:12:5: error: five\n"
				   "b.yaml:1:1: error: six\n");
}

static void problems_of_one_place_keep_the_order_in_which_they_came(void **state)
{
	const struct vs_mark mark = {"f", 3, 3};
	struct vs_problems problems = {0};

	(void)state;
	vs_problems_error(&problems, mark, "a");
	vs_problems_error(&problems, mark, "b");
	vs_problems_error(&problems, mark, "c");
	expect_problems(&problems, "f:3:3: error: a\nf:3:3: error: b\nf:3:3: error: c\n");
}

static void what_is_too_much_is_counted_and_said(void **state)
{
	struct vs_problems problems = {0};
	struct vs_buf text;
	unsigned i;

	(void)state;
	for (i = 0; i < VS_PROBLEMS_MAX + 23; i++)
		vs_problems_error(&problems, (struct vs_mark){"f", i + 1, 1}, "p%u", i);
	assert_int_equal(problems.count, VS_PROBLEMS_MAX);
	assert_int_equal(problems.errors, VS_PROBLEMS_MAX + 23);
	vs_buf_init(&text);
	vs_problems_format(&problems, &text);
	assert_non_null(strstr(vs_buf_text(&text), "\n... and 23 more problems; mend these first\n"));
	vs_buf_fini(&text);
	vs_problems_fini(&problems);
	vs_problems_fini(&problems);
}

static void foreign_text_cannot_steer_a_terminal(void **state)
{
	struct vs_problems problems = {0};

	(void)state;
	vs_problems_error(&problems, (struct vs_mark){0}, "a\033[31mb\nc");
	expect_problems(&problems, "error: a [31mb c\n");
}

static void a_registered_secret_is_masked(void **state)
{
	struct vs_problems problems = {0};

	(void)state;
	vs_log_secret("hunter2hunter2");
	vs_problems_error(&problems, (struct vs_mark){0}, "it says hunter2hunter2 there");
	vs_log_forget_secrets();
	expect_problems(&problems, "error: it says *** there\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems_are_told_in_the_order_of_their_places),
		cmocka_unit_test(problems_of_one_place_keep_the_order_in_which_they_came),
		cmocka_unit_test(what_is_too_much_is_counted_and_said),
		cmocka_unit_test(foreign_text_cannot_steer_a_terminal),
		cmocka_unit_test(a_registered_secret_is_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
