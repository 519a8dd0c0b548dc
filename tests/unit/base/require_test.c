#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/require.h"
#include "dies.h"

static int calls;

static void break_a_promise(void)
{
	VS_REQUIRE(calls == 42);
}

static void a_broken_promise_ends_the_process_and_names_its_place(void **state)
{
	char said[256];
	(void)state;

	assert_true(dies(break_a_promise, said, sizeof(said)));
	assert_non_null(strstr(said, "require_test.c:"));
	assert_non_null(strstr(said, "calls == 42"));
}

static void a_kept_promise_is_evaluated_once(void **state)
{
	(void)state;
	calls = 0;
	VS_REQUIRE(++calls == 1);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_promise_ends_the_process_and_names_its_place),
		cmocka_unit_test(a_kept_promise_is_evaluated_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
