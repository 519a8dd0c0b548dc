#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "server/media_type.h"

static void assert_json(const char *const *types, size_t count, bool expected)
{
	for (size_t i = 0; i < count; i++)
		if (vs_media_type_is_json(vs_view_of(types[i])) != expected)
			fail_msg("\"%s\" is %s", types[i], expected ? "refused" : "taken");
}

static void json_is_taken_in_any_case_and_with_parameters(void **state)
{
	static const char *const types[] = {"application/json", "Application/JSON", " application/json ",
		"application/json;", "application/json; charset=utf-8", "application/json;charset=UTF-8",
		"application/json; charset=\"utf-8\"", "application/json ; Charset = utf8",
		"application/json; charset=us-ascii", "application/json; profile=x; charset=utf-8",
		"application/json; odd"};

	(void)state;
	assert_json(types, sizeof(types) / sizeof(types[0]), true);
}

static void another_type_or_charset_is_refused(void **state)
{
	static const char *const types[] = {"", " ", ";", "text/plain", "text/json",
		"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
		"application/problem+json", "application/json, text/plain",
		"application/json; charset=utf-16", "application/json; charset=iso-8859-1",
		"application/json; charset", "application/json; charset=", "application/json; charset=\"",
		"application/json; x=y; charset=latin1", "json"};

	(void)state;
	assert_json(types, sizeof(types) / sizeof(types[0]), false);
}

static void a_body_without_a_type_is_taken_for_json(void **state)
{
	(void)state;
	assert_true(vs_media_type_is_json((struct vs_view){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_taken_in_any_case_and_with_parameters),
		cmocka_unit_test(another_type_or_charset_is_refused),
		cmocka_unit_test(a_body_without_a_type_is_taken_for_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
