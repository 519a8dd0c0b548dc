#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/host.h"

static void names_are_read_in_any_case_and_with_their_last_dot(void **state)
{
	char out[VS_HOST_TEXT];

	(void)state;
	assert_int_equal(vs_host_parse(out, vs_view_of("LEAK.Example.net.")), 0);
	assert_string_equal(out, "leak.example.net");
	assert_int_equal(vs_host_parse(out, vs_view_of("_x.a-1")), 0);
	assert_string_equal(out, "_x.a-1");
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const wrong[] = {"", ".", "a..b", "a b", "caf\xc3\xa9.example", "a.b..", ".a",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl.example"};
	char out[VS_HOST_TEXT];
	char longest[VS_HOST_TEXT + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(vs_host_parse(out, vs_view_of(wrong[i])), VS_ERR_INVALID);
	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 == 0 ? 'a' : '.';
	assert_int_equal(vs_host_parse(out, (struct vs_view){longest, VS_HOST_TEXT - 1}), 0);
	assert_int_equal(vs_host_parse(out, (struct vs_view){longest, VS_HOST_TEXT + 1}), VS_ERR_INVALID);
}

static void what_stands_below_a_name_is_told_from_what_ends_alike(void **state)
{
	struct vs_view inside;

	(void)state;
	assert_true(vs_host_is_below("a.b.example.net", "example.net", &inside));
	assert_true(vs_view_equal_text(inside, "a.b"));
	assert_false(vs_host_is_below("example.net", "example.net", &inside));
	assert_false(vs_host_is_below("xexample.net", "example.net", &inside));
	assert_false(vs_host_is_below(".example.net.x", "example.net", &inside));
	assert_false(vs_host_is_below("net", "example.net", &inside));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_any_case_and_with_their_last_dot),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(what_stands_below_a_name_is_told_from_what_ends_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
