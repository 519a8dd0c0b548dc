/* The table of errors that the API answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "model/json.h"
#include "server/problem.h"

static const enum vs_api_problem all[] = {
#define ROW(name, status, code, title) VS_P_##name,
	VS_API_PROBLEM_ROWS(ROW)
#undef ROW
};

#define COUNT (sizeof(all) / sizeof(all[0]))

static json_t *write(enum vs_api_problem problem, const char *detail, const char *member)
{
	struct vs_err err;
	struct vs_buf out;
	json_t *json;

	vs_buf_init(&out);
	vs_api_problem_write(problem, detail, member, &out);
	json = vs_json_parse(vs_buf_view(&out), &err);
	vs_buf_fini(&out);
	assert_non_null(json);
	return json;
}

static void every_problem_is_an_object_with_its_status_and_code(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		json_t *json = write(all[i], NULL, NULL);

		assert_string_equal(vs_json_get_text(json, "type"), "about:blank");
		assert_int_equal(vs_json_get_int(json, "status"), vs_api_problem_status(all[i]));
		assert_string_equal(vs_json_get_text(json, "error"), vs_api_problem_code(all[i]));
		assert_true(strlen(vs_json_get_text(json, "title")) > 5);
		assert_null(json_object_get(json, "detail"));
		assert_null(json_object_get(json, "member"));
		assert_in_range(vs_api_problem_status(all[i]), 400, 599);
		json_decref(json);
	}
}

static void no_two_problems_have_one_code(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < COUNT; i++)
		for (k = i + 1; k < COUNT; k++)
			assert_string_not_equal(vs_api_problem_code(all[i]), vs_api_problem_code(all[k]));
}

static void codes_are_words_that_programs_can_compare(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		const char *code = vs_api_problem_code(all[i]);

		assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz_"), strlen(code));
	}
}

static void a_detail_is_escaped_and_kept_exactly(void **state)
{
	const char *detail = "client_id: \"<a>\\\" is no id — ключ\n";
	json_t *json = write(VS_P_BAD_REPORT, detail, "");

	(void)state;
	assert_string_equal(vs_json_get_text(json, "detail"), detail);
	json_decref(json);
}

static void the_contract_of_the_codes_is_not_changed_by_accident(void **state)
{
	(void)state;
	assert_int_equal(vs_api_problem_status(VS_P_NO_CREDENTIALS), 401);
	assert_int_equal(vs_api_problem_status(VS_P_BAD_CREDENTIALS), 401);
	assert_int_equal(vs_api_problem_status(VS_P_FORBIDDEN), 403);
	assert_int_equal(vs_api_problem_status(VS_P_RATE_LIMITED), 429);
	assert_int_equal(vs_api_problem_status(VS_P_AUTH_UNAVAILABLE), 503);
	assert_string_equal(vs_api_problem_code(VS_P_NO_CREDENTIALS), "no_credentials");
	assert_string_equal(vs_api_problem_code(VS_P_BAD_CREDENTIALS), "bad_credentials");
	assert_string_equal(vs_api_problem_code(VS_P_RATE_LIMITED), "rate_limited");
	assert_string_equal(vs_api_problem_code(VS_P_BAD_REPORT), "bad_report");
}

static void the_member_that_is_to_blame_stands_alone(void **state)
{
	json_t *json = write(VS_P_BAD_REPORT, "a.b: \"x\" is not an address", "a.b");

	(void)state;
	assert_string_equal(vs_json_get_text(json, "member"), "a.b");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_problem_is_an_object_with_its_status_and_code),
		cmocka_unit_test(no_two_problems_have_one_code),
		cmocka_unit_test(codes_are_words_that_programs_can_compare),
		cmocka_unit_test(a_detail_is_escaped_and_kept_exactly),
		cmocka_unit_test(the_member_that_is_to_blame_stands_alone),
		cmocka_unit_test(the_contract_of_the_codes_is_not_changed_by_accident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
