#include "config_support.h"

#include "base/log.h"
#include "config/option.h"

static int parse_option(const struct vpns_option *option, const char *text, const char *folder, void *field,
	struct vs_arena *arena, struct vs_err *err)
{
	memset(err, 0, sizeof(*err));
	return vs_option_parse(option, text, folder, field, arena, err);
}

/* A row of one type with bounds. */
static struct vpns_option option_of(uint32_t type, int64_t min, int64_t max)
{
	return (struct vpns_option){.name = "o",
		.type = type,
		.min = min,
		.max = max,
		.unit_ms = 1000,
		.choices = "human|json|auto"};
}

static void whole_numbers_have_their_value(void **state)
{
	static const struct {
		uint32_t type;
		const char *text;
		int64_t value;
	} rows[] = {
		{VPNS_OPTION_INT, "0", 0},
		{VPNS_OPTION_INT, "-5", -5},
		{VPNS_OPTION_INT, " 42 ", 42},
		{VPNS_OPTION_INT, "9223372036854775807", INT64_MAX},
		{VPNS_OPTION_DURATION, "250ms", 250},
		{VPNS_OPTION_DURATION, "90s", 90000},
		{VPNS_OPTION_DURATION, "1.5h", 5400000},
		{VPNS_OPTION_DURATION, "30", 30000},
		{VPNS_OPTION_DURATION, "2d", 172800000},
		{VPNS_OPTION_SIZE, "64KiB", 65536},
		{VPNS_OPTION_SIZE, "2MiB", 2097152},
		{VPNS_OPTION_SIZE, "17", 17},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpns_option option = option_of(rows[i].type, 0, 0);
		struct vs_err err;
		int64_t value = 77;

		assert_int_equal(parse_option(&option, rows[i].text, NULL, &value, NULL, &err), 0);
		assert_int_equal(value, rows[i].value);
	}
}

static void what_is_no_value_is_refused_with_what_it_must_be(void **state)
{
	static const struct {
		uint32_t type;
		const char *text;
		const char *sentence;
	} rows[] = {
		{VPNS_OPTION_INT, "abc", "'o' must be a whole number, not 'abc'"},
		{VPNS_OPTION_INT, "1.5", "'o' must be a whole number, not '1.5'"},
		{VPNS_OPTION_INT, "9223372036854775808",
			"'o' must be a whole number, not '9223372036854775808'"},
		{VPNS_OPTION_REAL, "x", "'o' must be a number, not 'x'"},
		{VPNS_OPTION_REAL, "nan", "'o' must be a number, not 'nan'"},
		{VPNS_OPTION_BOOL, "maybe", "'o' must be yes or no, not 'maybe'"},
		{VPNS_OPTION_DURATION, "1y",
			"'o' must be a duration such as '90s', '5m' or '1.5h', not '1y'"},
		{VPNS_OPTION_DURATION, "-1s",
			"'o' must be a duration such as '90s', '5m' or '1.5h', not '-1s'"},
		{VPNS_OPTION_SIZE, "3MB", "'o' must be a size such as '4096', '64KiB' or '2MiB', not '3MB'"},
		{VPNS_OPTION_SIZE, "18446744073709551615",
			"'o' must be a size such as '4096', '64KiB' or '2MiB', not '18446744073709551615'"},
		{VPNS_OPTION_CHOICE, "xml", "'o' must be one of human|json|auto, not 'xml'"},
		{VPNS_OPTION_CHOICE, "jsom",
			"'o' must be one of human|json|auto (did you mean 'json'?), not 'jsom'"},
		{VPNS_OPTION_URL, "ftp://x/secret",
			"'o' must be a URL that begins with http:// or https:// and a host"},
		{99, "x", "'o' has a type (99) that this program does not know"},
		{0, "x", "'o' has a type (0) that this program does not know"},
		{VPNS_OPTION_INT,
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"a",
			"'o' must be a whole number, not "
			"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpns_option option = option_of(rows[i].type, 0, 0);
		struct vs_arena arena = {0};
		struct vs_err err;
		char field[16];

		assert_true(parse_option(&option, rows[i].text, NULL, field, &arena, &err) < 0);
		assert_string_equal(err.text, rows[i].sentence);
		vs_arena_fini(&arena);
	}
}

static void what_is_out_of_range_is_refused_with_the_range(void **state)
{
	static const struct {
		uint32_t type;
		int64_t min;
		int64_t max;
		const char *text;
		const char *sentence; /* NULL: within */
	} rows[] = {
		{VPNS_OPTION_INT, 1, 100, "0", "'o' must be a whole number from 1 to 100, not '0'"},
		{VPNS_OPTION_INT, 1, 100, "101", "'o' must be a whole number from 1 to 100, not '101'"},
		{VPNS_OPTION_INT, 1, 100, "1", NULL},
		{VPNS_OPTION_INT, 1, 100, "100", NULL},
		{VPNS_OPTION_INT, 5, 0, "4", "'o' must be a whole number of at least 5, not '4'"},
		{VPNS_OPTION_INT, 5, 0, "999999", NULL},
		{VPNS_OPTION_INT, -3, 3, "-4", "'o' must be a whole number from -3 to 3, not '-4'"},
		{VPNS_OPTION_DURATION, 1000, 86400000, "10ms",
			"'o' must be a duration from 1s to 1d, not '10ms'"},
		{VPNS_OPTION_DURATION, 1000, 86400000, "25h",
			"'o' must be a duration from 1s to 1d, not '25h'"},
		{VPNS_OPTION_DURATION, 1000, 86400000, "24h", NULL},
		{VPNS_OPTION_DURATION, 0, 90000, "91s", "'o' must be a duration from 0 to 90s, not '91s'"},
		{VPNS_OPTION_DURATION, 1, 60000, "0", "'o' must be a duration from 1ms to 1m, not '0'"},
		{VPNS_OPTION_SIZE, 1024, 1048576, "1", "'o' must be a size from 1KiB to 1MiB, not '1'"},
		{VPNS_OPTION_REAL, 0, 1, "1.5", "'o' must be a number from 0 to 1, not '1.5'"},
		{VPNS_OPTION_REAL, 0, 1, "0.5", NULL},
		{VPNS_OPTION_LIST, 0, 2, "a,b,c",
			"'o' must be a list whose number of items is from 0 to 2, not 'a,b,c'"},
		{VPNS_OPTION_LIST, 0, 2, "a,b", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpns_option option = option_of(rows[i].type, rows[i].min, rows[i].max);
		struct vs_arena arena = {0};
		struct vs_err err;
		char field[16];
		int rc = parse_option(&option, rows[i].text, NULL, field, &arena, &err);

		assert_int_equal(rc == 0, rows[i].sentence == NULL);
		assert_string_equal(err.text, rows[i].sentence ? rows[i].sentence : "");
		vs_arena_fini(&arena);
	}
}

static void yes_and_no_have_many_forms(void **state)
{
	struct vpns_option option = option_of(VPNS_OPTION_BOOL, 0, 0);
	struct vs_err err;
	uint8_t value = 7;

	(void)state;
	assert_int_equal(parse_option(&option, "yes", NULL, &value, NULL, &err), 0);
	assert_int_equal(value, 1);
	assert_int_equal(parse_option(&option, "false", NULL, &value, NULL, &err), 0);
	assert_int_equal(value, 0);
	assert_int_equal(parse_option(&option, "on", NULL, &value, NULL, &err), 0);
	assert_int_equal(value, 1);
}

static void a_choice_is_its_place_in_the_list(void **state)
{
	struct vpns_option option = option_of(VPNS_OPTION_CHOICE, 0, 0);
	struct vs_err err;
	uint32_t value = 7;

	(void)state;
	assert_int_equal(parse_option(&option, "human", NULL, &value, NULL, &err), 0);
	assert_int_equal(value, 0);
	assert_int_equal(parse_option(&option, "Auto", NULL, &value, NULL, &err), 0);
	assert_int_equal(value, 2);
	option.choices = NULL;
	assert_int_equal(parse_option(&option, "x", NULL, &value, NULL, &err), VS_ERR_INTERNAL);
}

static void urls_are_http_and_name_a_host(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"http://a", true},
		{"https://a.b:8443/c?d=e#f", true},
		{"HTTPS://a", true},
		{" http://a ", true},
		{"http://[::1]:5000", true},
		{"http://", false},
		{"https:///path", false},
		{"http://:80", false},
		{"http://a b", false},
		{"http://a\tb", false},
		{"a.b", false},
		{"//a", false},
		{"http:/a", false},
	};
	struct vpns_option option = option_of(VPNS_OPTION_URL, 0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_arena arena = {0};
		const char *value = NULL;
		struct vs_err err;

		assert_int_equal(
			parse_option(&option, rows[i].text, NULL, &value, &arena, &err) == 0, rows[i].good);
		vs_arena_fini(&arena);
	}
}

static void a_list_is_split_at_newlines_if_it_has_any_and_else_at_commas(void **state)
{
	static const struct {
		const char *text;
		const char *joined;
	} rows[] = {
		{"a, b,c", "a|b|c|"},
		{" a ,, b , ", "a|b|"},
		{",", ""},
		{"one", "one|"},
		{"a, b\nc\n\n d\r\n", "a, b|c|d|"},
		{"a, b\n", "a, b|"},
	};
	struct vpns_option option = option_of(VPNS_OPTION_LIST, 0, 0);
	size_t i;
	uint32_t k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_arena arena = {0};
		struct vpns_list list;
		char joined[64] = "";
		struct vs_err err;

		assert_int_equal(parse_option(&option, rows[i].text, NULL, &list, &arena, &err), 0);
		for (k = 0; k < list.count; k++)
			strcat(strcat(joined, list.items[k]), "|");
		assert_string_equal(joined, rows[i].joined);
		vs_arena_fini(&arena);
	}
}

static void a_path_starts_from_the_folder_of_the_configuration(void **state)
{
	static const struct {
		const char *text;
		const char *folder;
		const char *path;
	} rows[] = {
		{"/a/b", "/etc/v", "/a/b"},
		{"a/b", "/etc/v", "/etc/v/a/b"},
		{"a b", "v", "v/a b"},
		{"a", ".", "a"},
		{"a", NULL, "a"},
	};
	struct vpns_option option = option_of(VPNS_OPTION_PATH, 0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_arena arena = {0};
		const char *path;
		struct vs_err err;

		assert_int_equal(parse_option(&option, rows[i].text, rows[i].folder, &path, &arena, &err), 0);
		assert_string_equal(path, rows[i].path);
		vs_arena_fini(&arena);
	}
}

static void a_text_keeps_its_blanks(void **state)
{
	struct vpns_option option = option_of(VPNS_OPTION_TEXT, 0, 0);
	struct vs_arena arena = {0};
	const char *text;
	struct vs_err err;

	(void)state;
	assert_int_equal(parse_option(&option, " a b ", NULL, &text, &arena, &err), 0);
	assert_string_equal(text, " a b ");
	vs_arena_fini(&arena);
}

static void a_secret_is_hidden_from_the_log_and_from_sentences(void **state)
{
	struct vpns_option number = option_of(VPNS_OPTION_INT, 0, 0);
	struct vpns_option list = option_of(VPNS_OPTION_LIST, 0, 0);
	char line[] = "whole-secret, alice=part-secret part-secret key-two open-text";
	char field[16];
	struct vs_err err;

	(void)state;
	number.flags = VPNS_OPTION_SECRET;
	assert_true(parse_option(&number, "hunter2", NULL, field, NULL, &err) < 0);
	assert_string_equal(err.text, "'o' must be a whole number");
	list.flags = VPNS_OPTION_SECRET;
	vs_option_hide(&number, "whole-secret");
	vs_option_hide(&list, "alice=part-secret, key-two");
	list.flags = 0;
	vs_option_hide(&list, "open-text");
	vs_log_mask(line);
	vs_log_forget_secrets();
	assert_null(strstr(line, "whole-secret"));
	assert_null(strstr(line, "part-secret"));
	assert_null(strstr(line, "key-two"));
	assert_non_null(strstr(line, "open-text"));
}

static void the_lines_of_a_secret_path_are_masked_and_the_path_is_not(void **state)
{
	const struct vpns_option secret = {
		.name = "o", .type = VPNS_OPTION_PATH, .flags = VPNS_OPTION_SECRET};
	const struct vpns_option open = {.name = "o", .type = VPNS_OPTION_PATH};
	char text[] = "first-key-01 second-key-02 comment-03 /tmp/vs-config";
	char path[64];

	(void)state;
	write_file(path, "# comment-03\n\n first-key-01 \r\nbob=second-key-02\n");
	vs_log_forget_secrets();
	vs_option_hide_file(&open, path);
	vs_option_hide_file(&secret, NULL);
	vs_option_hide_file(&secret, "/nonexistent");
	vs_log_mask(text);
	assert_string_equal(text, "first-key-01 second-key-02 comment-03 /tmp/vs-config");
	vs_option_hide(&secret, path);
	vs_option_hide_file(&secret, path);
	vs_log_mask(text);
	vs_log_mask(path);
	vs_log_forget_secrets();
	assert_string_equal(text, "*** *** comment-03 /tmp/vs-config");
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_of_a_secret_path_are_masked_and_the_path_is_not),
		cmocka_unit_test(whole_numbers_have_their_value),
		cmocka_unit_test(what_is_no_value_is_refused_with_what_it_must_be),
		cmocka_unit_test(what_is_out_of_range_is_refused_with_the_range),
		cmocka_unit_test(yes_and_no_have_many_forms),
		cmocka_unit_test(a_choice_is_its_place_in_the_list),
		cmocka_unit_test(urls_are_http_and_name_a_host),
		cmocka_unit_test(a_list_is_split_at_newlines_if_it_has_any_and_else_at_commas),
		cmocka_unit_test(a_path_starts_from_the_folder_of_the_configuration),
		cmocka_unit_test(a_text_keeps_its_blanks),
		cmocka_unit_test(a_secret_is_hidden_from_the_log_and_from_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
