/* Where plugins are looked for, and in which order. */
#include <limits.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "plug/kind.h"
#include "plug/name.h"
#include "plug/search.h"
#include "vpn_sentinel/abi.h"

static void configuration_comes_before_environment_before_built_in(void **state)
{
	static const char *const configured[] = {"/a", "/b/"};
	struct vs_search *search = vs_search_create(configured, 2, "/c:/d");

	(void)state;
	assert_int_equal(vs_search_count(search), 5);
	assert_string_equal(vs_search_dir(search, 0), "/a");
	assert_string_equal(vs_search_dir(search, 1), "/b");
	assert_string_equal(vs_search_dir(search, 2), "/c");
	assert_string_equal(vs_search_dir(search, 3), "/d");
	vs_search_destroy(search);
}

static void the_built_in_directory_lies_beside_the_programs_folder(void **state)
{
	struct vs_search *search = vs_search_create(NULL, 0, NULL);
	char expected[PATH_MAX + 32];
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	(void)state;
	assert_true(len > 0);
	program[len] = '\0';
	*strrchr(program, '/') = '\0';
	*strrchr(program, '/') = '\0';
	snprintf(expected, sizeof(expected), "%s/lib/vpn-sentinel", program);
	assert_int_equal(vs_search_count(search), 1);
	assert_string_equal(vs_search_dir(search, 0), expected);
	vs_search_destroy(search);
}

static void empty_and_repeated_directories_are_left_out(void **state)
{
	static const char *const configured[] = {"/a", "", "/a//"};
	struct vs_search *search = vs_search_create(configured, 3, "::/a:/b:");

	(void)state;
	assert_int_equal(vs_search_count(search), 3);
	assert_string_equal(vs_search_dir(search, 0), "/a");
	assert_string_equal(vs_search_dir(search, 1), "/b");
	vs_search_destroy(search);
	vs_search_destroy(NULL);
}

static void kinds_have_folders(void **state)
{
	(void)state;
	assert_string_equal(vs_kind_folder(VPNS_KIND_PROBE), "probes");
	assert_string_equal(vs_kind_folder(VPNS_KIND_NOTIFIER), "notifiers");
	assert_string_equal(vs_kind_folder(VPNS_KIND_AUTH), "auth");
	assert_string_equal(vs_kind_folder(VPNS_KIND_STORE), "stores");
	assert_string_equal(vs_kind_folder(0), "?");
	assert_string_equal(vs_kind_folder(5), "?");
	assert_int_equal(vs_kind_of_word("store"), VPNS_KIND_STORE);
	assert_int_equal(vs_kind_of_word("stores"), 0);
}

static void names_follow_their_rules(void **state)
{
	static const struct {
		const char *name;
		bool plugin;
		bool fact;
	} rows[] = {
		{"ipinfo", true, true},
		{"a", true, true},
		{"a_1", true, true},
		{"1a", false, true},
		{"_a", false, true},
		{"exit.ip", false, true},
		{"Ipinfo", false, false},
		{"", false, false},
		{"a-b", false, false},
		{"../x", false, false},
		{"abcdefghijklmnopqrstuvwxyzabcdef", true, true},
		{"abcdefghijklmnopqrstuvwxyzabcdefg", false, true},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv", false, true},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw", false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (vs_name_is_valid(rows[i].name) != rows[i].plugin)
			fail_msg("plugin name '%s'", rows[i].name);
		if (vs_fact_name_is_valid(rows[i].name) != rows[i].fact)
			fail_msg("fact name '%s'", rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_comes_before_environment_before_built_in),
		cmocka_unit_test(the_built_in_directory_lies_beside_the_programs_folder),
		cmocka_unit_test(empty_and_repeated_directories_are_left_out),
		cmocka_unit_test(kinds_have_folders),
		cmocka_unit_test(names_follow_their_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
