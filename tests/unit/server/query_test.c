/* Queries of request targets. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "server/query.h"

static int get(const char *query, const char *name, char value[8])
{
	memset(value, 'x', 8);
	return vs_query_get(vs_view_of(query), name, value, 8);
}

static void a_parameter_is_found_wherever_it_stands(void **state)
{
	char value[8];

	(void)state;
	assert_int_equal(get("limit=10&after=ab", "limit", value), 0);
	assert_string_equal(value, "10");
	assert_int_equal(get("limit=10&after=ab", "after", value), 0);
	assert_string_equal(value, "ab");
	assert_int_equal(get("&&limit=&x", "limit", value), 0);
	assert_string_equal(value, "");
}

static void the_first_of_two_counts(void **state)
{
	char value[8];

	(void)state;
	assert_int_equal(get("a=1&a=2", "a", value), 0);
	assert_string_equal(value, "1");
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char *const queries[] = {"", "b=1", "aa=1", "A=1", "=a", "&", "xa=1"};
	char value[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		assert_int_equal(get(queries[i], "a", value), VS_ERR_NOT_FOUND);
	assert_int_equal(vs_query_get((struct vs_view){NULL, 0}, "a", value, 8), VS_ERR_NOT_FOUND);
}

static void escapes_are_decoded(void **state)
{
	char value[8];

	(void)state;
	assert_int_equal(get("a=%41%2e+%e2%82%AC", "a", value), 0);
	assert_string_equal(value, "A. €");
}

static void broken_escapes_and_hidden_ends_are_refused(void **state)
{
	static const char *const queries[] = {"a=%", "a=%4", "a=%g1", "a=%1g", "a=%00", "a=x%00y"};
	char value[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		assert_int_equal(get(queries[i], "a", value), VS_ERR_INVALID);
}

static void a_value_that_does_not_fit_is_refused(void **state)
{
	char value[8];

	(void)state;
	assert_int_equal(get("a=1234567", "a", value), 0);
	assert_int_equal(get("a=12345678", "a", value), VS_ERR_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parameter_is_found_wherever_it_stands),
		cmocka_unit_test(the_first_of_two_counts),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(broken_escapes_and_hidden_ends_are_refused),
		cmocka_unit_test(a_value_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
