/* Where a configuration is found, and how its problems are told. */
#include "caught.h"

#include "base/alloc.h"
#include "cli/conf_file.h"
#include "config/common_conf.h"
#include "config/problem.h"

static void expect_found(const char *given, const char *expected)
{
	struct vs_buf out = {0};

	assert_true(vs_conf_file_find(&out, given, "server"));
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void the_file_given_wins_then_the_environments(void **state)
{
	(void)state;
	setenv("VPN_SENTINEL_CONFIG", "/elsewhere/a.yaml", 1);
	expect_found("given.yaml", "given.yaml");
	expect_found(NULL, "/elsewhere/a.yaml");
}

static void a_file_that_was_named_is_not_looked_for(void **state)
{
	(void)state;
	expect_found("/there/is/no/such/file.yaml", "/there/is/no/such/file.yaml");
}

static void without_any_file_nothing_is_appended(void **state)
{
	struct vs_buf out = {0};

	(void)state;
	vs_buf_add_text(&out, "before");
	assert_false(vs_conf_file_find(&out, NULL, "no-such-role"));
	assert_string_equal(vs_buf_text(&out), "before");
	vs_buf_fini(&out);
}

static const struct vs_log_conf json_log = {.format = VS_LOG_CHOICE_JSON, .level = VS_LOG_INFO};

static int accept(const void *problems, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return vs_conf_file_accept(problems, &json_log);
}

static void warnings_become_lines_of_the_log_in_its_form(void **state)
{
	struct caught *caught = vs_zalloc(sizeof(*caught));
	const char *const none[] = {NULL};
	struct vs_problems problems = {0};

	(void)state;
	vs_problems_warn(&problems, (struct vs_mark){"a.yaml", 3, 7}, "odd but usable");
	catch_call(caught, accept, &problems, none);
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	assert_true(caught->code);
	assert_int_equal(caught->err[0], '{');
	assert_has(caught->err, "a.yaml:3:7: warning: odd but usable");
	vs_problems_fini(&problems);
	vs_free(caught);
}

static void errors_are_printed_a_line_each_and_the_role_does_not_run(void **state)
{
	struct caught *caught = vs_zalloc(sizeof(*caught));
	const char *const none[] = {NULL};
	struct vs_problems problems = {0};

	(void)state;
	vs_problems_error(&problems, (struct vs_mark){"a.yaml", 9, 1}, "second");
	vs_problems_error(&problems, (struct vs_mark){"a.yaml", 3, 7}, "first,\nof two lines");
	catch_call(caught, accept, &problems, none);
	assert_false(caught->code);
	assert_string_equal(caught->err, "a.yaml:3:7: error: first, of two lines\n"
					 "a.yaml:9:1: error: second\n");
	vs_problems_fini(&problems);
	vs_free(caught);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(the_file_given_wins_then_the_environments),
		place_test(a_file_that_was_named_is_not_looked_for),
		place_test(without_any_file_nothing_is_appended),
		place_test(warnings_become_lines_of_the_log_in_its_form),
		place_test(errors_are_printed_a_line_each_and_the_role_does_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
