#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "net/http_date.h"

#define NOV_1994 INT64_C(784111777000)

static void the_three_forms_of_a_date_mean_the_same(void **state)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994"};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(vs_http_date_parse(&ms, vs_view_of(forms[i])), 0);
		assert_int_equal(ms, NOV_1994);
	}
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = {"", "now", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Foo 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z", "Fri, 31 Dec 9999 23:59:60 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT                                    "};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vs_http_date_parse(&ms, vs_view_of(bad[i])), VS_ERR_INVALID);
	assert_int_equal(vs_http_date_parse(&ms, (struct vs_view){"Sun, 06 Nov 1994 08:49:37 GMT\0", 30}),
		VS_ERR_INVALID);
}

static void a_date_is_written_as_it_is_read(void **state)
{
	static const int64_t times[] = {0, NOV_1994, INT64_C(951782400000), INT64_C(4102444799000)};
	char text[VS_HTTP_DATE_TEXT];
	int64_t ms;
	size_t i;

	(void)state;
	vs_http_date_format(text, NOV_1994 + 999);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	for (i = 0; i < 4; i++) {
		vs_http_date_format(text, times[i]);
		assert_int_equal(vs_http_date_parse(&ms, vs_view_of(text)), 0);
		assert_int_equal(ms, times[i]);
	}
}

static void retry_after_is_seconds_or_a_date(void **state)
{
	static const struct {
		const char *text;
		int64_t server_ms;
		int64_t now_ms;
		uint64_t expected; /* 0: refused */
	} rows[] = {
		{"120", 0, 0, 120000},
		{" 5 ", 0, 0, 5000},
		{"2592001", 0, 0, UINT64_C(2592000000)},
		{"99999999999999999999999999", 0, 0, UINT64_C(2592000000)},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 0, NOV_1994 - 4500, 4500},
		{"Sun, 06 Nov 1994 08:49:37 GMT", NOV_1994 - 9000, NOV_1994 + 86400000, 9000},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 0, NOV_1994 + 1, 1},
		{"Sun, 06 Nov 2094 08:49:37 GMT", 0, NOV_1994, UINT64_C(2592000000)},
		{"", 0, 0, 0},
		{"-1", 0, 0, 0},
		{"1.5", 0, 0, 0},
		{"soon", 0, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t ms = 0;
		int rc = vs_retry_after_parse(
			&ms, vs_view_of(rows[i].text), rows[i].server_ms, rows[i].now_ms);

		assert_int_equal(rc, rows[i].expected != 0 ? 0 : VS_ERR_INVALID);
		assert_int_equal(ms, rows[i].expected);
	}
	assert_int_equal(vs_retry_after_parse(&(uint64_t){0}, vs_view_of("0"), 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_forms_of_a_date_mean_the_same),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(a_date_is_written_as_it_is_read),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
