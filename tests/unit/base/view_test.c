#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/view.h"

static void a_view_of_nothing_is_empty(void **state)
{
	(void)state;
	assert_int_equal(vs_view_of(NULL).len, 0);
	assert_null(vs_view_of(NULL).ptr);
	assert_int_equal(vs_view_of("").len, 0);
	assert_int_equal(vs_view_of("abc").len, 3);
}

static void views_are_equal_by_content(void **state)
{
	const struct vs_view with_nul = {"a\0b", 3};
	(void)state;

	assert_true(vs_view_equal(vs_view_of("ab"), vs_view_of("ab")));
	assert_true(vs_view_equal(vs_view_of(NULL), vs_view_of("")));
	assert_false(vs_view_equal(vs_view_of("ab"), vs_view_of("aB")));
	assert_false(vs_view_equal(vs_view_of("ab"), vs_view_of("abc")));
	assert_true(vs_view_equal(with_nul, (struct vs_view){"a\0b", 3}));
	assert_false(vs_view_equal(with_nul, (struct vs_view){"a\0c", 3}));
	assert_true(vs_view_equal_text(vs_view_of("x"), "x"));
	assert_false(vs_view_equal_text(with_nul, "a"));
	assert_true(vs_view_equal_text(vs_view_of(""), NULL));
}

static void case_is_ignored_for_ascii_only(void **state)
{
	(void)state;
	assert_true(vs_view_equal_nocase(vs_view_of("Keep-Alive"), "keep-ALIVE"));
	assert_true(vs_view_equal_nocase(vs_view_of("azAZ@[`{"), "AZaz@[`{"));
	assert_false(vs_view_equal_nocase(vs_view_of("@"), "`"));
	assert_false(vs_view_equal_nocase(vs_view_of("["), "{"));
	assert_false(vs_view_equal_nocase(vs_view_of("\xc3\xa9"), "\xc3\x89"));
	assert_false(vs_view_equal_nocase(vs_view_of("abc"), "ab"));
}

static void a_prefix_is_found_at_the_front_only(void **state)
{
	(void)state;
	assert_true(vs_view_starts_with(vs_view_of("https://x"), "https://"));
	assert_true(vs_view_starts_with(vs_view_of("x"), ""));
	assert_true(vs_view_starts_with(vs_view_of(NULL), ""));
	assert_false(vs_view_starts_with(vs_view_of("http"), "https"));
	assert_false(vs_view_starts_with(vs_view_of("xhttp"), "http"));
}

static void blanks_are_trimmed_at_both_ends_only(void **state)
{
	static const struct {
		const char *text;
		const char *trimmed;
	} rows[] = {
		{"", ""},
		{" \t\r\n\v\f", ""},
		{"a", "a"},
		{"  a b\t", "a b"},
		{"\na", "a"},
		{"\x1f"
		 "a\xc2\xa0",
			"\x1f"
			"a\xc2\xa0"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(vs_view_equal_text(vs_view_trim(vs_view_of(rows[i].text)), rows[i].trimmed));
	assert_int_equal(vs_view_trim(vs_view_of(NULL)).len, 0);
}

static void splitting_gives_every_part_and_then_ends(void **state)
{
	static const struct {
		const char *text;
		const char *parts[5];
	} rows[] = {
		{NULL, {NULL}},
		{"", {"", NULL}},
		{"a", {"a", NULL}},
		{"a,b", {"a", "b", NULL}},
		{",a,,", {"", "a", "", "", NULL}},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_view rest = vs_view_of(rows[i].text);
		struct vs_view part;

		for (size_t j = 0; rows[i].parts[j]; j++) {
			assert_true(vs_view_split(&rest, ',', &part));
			assert_true(vs_view_equal_text(part, rows[i].parts[j]));
		}
		assert_false(vs_view_split(&rest, ',', &part));
		assert_false(vs_view_split(&rest, ',', &part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_of_nothing_is_empty),
		cmocka_unit_test(views_are_equal_by_content),
		cmocka_unit_test(case_is_ignored_for_ascii_only),
		cmocka_unit_test(a_prefix_is_found_at_the_front_only),
		cmocka_unit_test(blanks_are_trimmed_at_both_ends_only),
		cmocka_unit_test(splitting_gives_every_part_and_then_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
