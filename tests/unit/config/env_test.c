#include "config_support.h"

static void an_empty_variable_counts_as_unset(void **state)
{
	const char *const entries[] = {"EMPTY=", "FULL=x=y", "FULLER=z", NULL};
	const struct vs_env env = {entries};

	(void)state;
	assert_null(vs_env_get(&env, "EMPTY"));
	assert_null(vs_env_get(&env, "NONE"));
	assert_null(vs_env_get(&env, "FUL"));
	assert_string_equal(vs_env_get(&env, "FULL"), "x=y");
	assert_string_equal(vs_env_get(&env, "FULLER"), "z");
}

static void without_entries_the_process_is_asked(void **state)
{
	const struct vs_env env = {NULL};

	(void)state;
	assert_non_null(vs_env_get(&env, "PATH"));
	assert_non_null(vs_env_get(NULL, "PATH"));
}

/* The value of NAME from an environment of up to two entries; rc is returned. */
static int value_of(const char *first, const char *second, struct vs_buf *out, struct vs_err *err)
{
	const char *const entries[] = {first, second, NULL};
	const struct vs_env env = {entries};

	vs_buf_init(out);
	memset(err, 0, sizeof(*err));
	return vs_env_value(&env, "NAME", out, err);
}

static void a_value_comes_from_the_file_that_name_file_names(void **state)
{
	static const char *const contents[][2] = {{"secret\n", "secret"}, {"secret", "secret"},
		{"secret\r\n", "secret"}, {"two\nlines\n", "two\nlines"}, {"blank \n\n", "blank \n"}};
	char path[64];
	char entry[128];
	struct vs_buf out;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		write_file(path, contents[i][0]);
		snprintf(entry, sizeof(entry), "NAME_FILE=%s", path);
		assert_int_equal(value_of(entry, NULL, &out, &err), 0);
		assert_string_equal(vs_buf_text(&out), contents[i][1]);
		vs_buf_fini(&out);
		unlink(path);
	}
}

static void both_forms_at_once_are_refused_unless_one_is_empty(void **state)
{
	struct vs_buf out;
	struct vs_err err;

	(void)state;
	assert_int_equal(value_of("NAME=x", "NAME_FILE=/dev/null", &out, &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "both NAME and NAME_FILE are set; unset one of them");
	vs_buf_fini(&out);
	assert_int_equal(value_of("NAME=x", "NAME_FILE=", &out, &err), 0);
	assert_string_equal(vs_buf_text(&out), "x");
	vs_buf_fini(&out);
}

static void a_file_that_is_missing_or_too_large_is_an_error_and_not_unset(void **state)
{
	char path[64];
	char entry[128];
	struct vs_buf out;
	struct vs_err err;
	char *large = malloc(VS_ENV_FILE_MAX + 2);

	(void)state;
	assert_int_equal(value_of("NAME_FILE=/nonexistent/x", NULL, &out, &err), VS_ERR_SYSTEM);
	assert_string_equal(err.text, "NAME_FILE: cannot open /nonexistent/x: No such file or directory");
	vs_buf_fini(&out);
	memset(large, 'a', VS_ENV_FILE_MAX + 1);
	large[VS_ENV_FILE_MAX + 1] = '\0';
	write_file(path, large);
	snprintf(entry, sizeof(entry), "NAME_FILE=%s", path);
	assert_int_equal(value_of(entry, NULL, &out, &err), VS_ERR_TOO_BIG);
	vs_buf_fini(&out);
	unlink(path);
	free(large);
}

static void an_empty_file_is_unset(void **state)
{
	struct vs_buf out;
	struct vs_err err;

	(void)state;
	assert_int_equal(value_of("NAME_FILE=/dev/null", NULL, &out, &err), VS_ERR_NOT_FOUND);
	vs_buf_fini(&out);
	assert_int_equal(value_of(NULL, NULL, &out, &err), VS_ERR_NOT_FOUND);
	vs_buf_fini(&out);
}

static void unknown_and_obsolete_variables_of_ours_are_warned_about(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k", "VPN_SENTINEL_CLIENT_ID_FILE=/x",
		"VPN_SENTINEL_INTERVALL=3", "VPN_SENTINEL_INTERVALL_FILE=/x", "VPN_SENTINEL_ZZZZZZZZZZ=1",
		"VPN_SENTINEL_DEBUG=1", "VPN_SENTINEL_LOG_FILE=/var/log/x", "VPN_SENTINEL_LOG_MAX_SIZE=1",
		"VPN_SENTINEL_EMPTY=", "VERSION=3", "SOMETHING=else", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};

	(void)state;
	vs_env_check(&env, NULL, &problems);
	assert_int_equal(problems.errors, 0);
	expect_problems(&problems,
		"warning: the environment variable VPN_SENTINEL_INTERVALL means nothing here; did you mean "
		"VPN_SENTINEL_INTERVAL?\n"
		"warning: the environment variable VPN_SENTINEL_INTERVALL_FILE means nothing here; did you "
		"mean "
		"VPN_SENTINEL_INTERVAL?\n"
		"warning: the environment variable VPN_SENTINEL_ZZZZZZZZZZ means nothing here; unset it\n"
		"warning: the environment variable VPN_SENTINEL_DEBUG has no effect: set log.level to "
		"debug\n");
}

static void an_alias_beside_its_name_is_warned_about(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_URL=http://a",
		"VPN_SENTINEL_SERVER_API_BASE_URL_FILE=/x", "VPN_SENTINEL_TELEGRAM_CHAT_ID=1", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};

	(void)state;
	vs_env_check(&env, NULL, &problems);
	expect_problems(&problems, "warning: the environment variable VPN_SENTINEL_URL has no effect while "
				   "VPN_SENTINEL_SERVER_API_BASE_URL is set; unset one of them\n");
}

static void a_variable_that_the_file_mentions_is_known(void **state)
{
	const char *const entries[] = {
		"VPN_SENTINEL_MINE=1", "VPN_SENTINEL_OTHER_FILE=/x", "VPN_SENTINEL_DEBUG=1", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: \"${VPN_SENTINEL_MINE}\"\n"
				     "b: \"${VPN_SENTINEL_MINE:-${VPN_SENTINEL_OTHER}}\"\n"
				     "c: \"${VPN_SENTINEL_DEBUG:-}\"\n",
		&env, &problems);

	(void)state;
	assert_non_null(conf);
	vs_env_check(&env, conf, &problems);
	expect_problems(&problems, "");
	vs_conf_destroy(conf);
}

static const struct vs_env_variable *find(const char *name)
{
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static void every_alias_stands_for_an_accepted_name_and_no_name_stands_twice(void **state)
{
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t i;

	(void)state;
	for (i = 0; i < count; i++) {
		assert_ptr_equal(find(table[i].name), &table[i]);
		assert_true(strlen(table[i].note) > 0);
		if (table[i].status == VS_ENV_ALIAS)
			assert_int_equal(find(table[i].note)->status, VS_ENV_ACCEPTED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_variable_counts_as_unset),
		cmocka_unit_test(without_entries_the_process_is_asked),
		cmocka_unit_test(a_value_comes_from_the_file_that_name_file_names),
		cmocka_unit_test(both_forms_at_once_are_refused_unless_one_is_empty),
		cmocka_unit_test(a_file_that_is_missing_or_too_large_is_an_error_and_not_unset),
		cmocka_unit_test(an_empty_file_is_unset),
		cmocka_unit_test(unknown_and_obsolete_variables_of_ours_are_warned_about),
		cmocka_unit_test(an_alias_beside_its_name_is_warned_about),
		cmocka_unit_test(a_variable_that_the_file_mentions_is_known),
		cmocka_unit_test(every_alias_stands_for_an_accepted_name_and_no_name_stands_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
