#include "server_test.h"

#include "server/told.h"

#define A "01ARYZ6S411000000000000000"
#define B "01ARYZ6S411000000000000001"

static void what_was_told_is_remembered_with_the_name_of_its_last_message(void **state)
{
	struct vs_told *told = vs_told_create();
	char ref[] = "msg-1";

	(void)state;
	assert_null(vs_told_ref(told, A));
	vs_told_put(told, A, ref);
	ref[0] = 'x'; /* it was copied */
	vs_told_put(told, B, "");
	assert_string_equal(vs_told_ref(told, A), "msg-1");
	assert_string_equal(vs_told_ref(told, B), "");
	vs_told_put(told, A, "msg-2");
	assert_string_equal(vs_told_ref(told, A), "msg-2");
	vs_told_destroy(told);
	vs_told_destroy(NULL);
}

static void what_is_forgotten_was_told_once(void **state)
{
	struct vs_told *told = vs_told_create();

	(void)state;
	vs_told_put(told, A, "msg-1");
	assert_false(vs_told_forget(told, B));
	assert_true(vs_told_forget(told, A));
	assert_false(vs_told_forget(told, A));
	assert_null(vs_told_ref(told, A));
	vs_told_destroy(told);
}

static void a_key_that_is_too_long_for_an_incident_is_left_alone(void **state)
{
	struct vs_told *told = vs_told_create();

	(void)state;
	vs_told_put(told, A "x", "msg-1");
	assert_null(vs_told_ref(told, A "x"));
	vs_told_put(told, "", "msg-1"); /* a notice's: none */
	vs_told_destroy(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_told_is_remembered_with_the_name_of_its_last_message),
		cmocka_unit_test(what_is_forgotten_was_told_once),
		cmocka_unit_test(a_key_that_is_too_long_for_an_incident_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
