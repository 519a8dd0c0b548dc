/* `key new`. */
#include "caught.h"

#include "cli/commands.h"

static void a_key_is_64_hexadecimal_digits_alone_on_a_line(void **state)
{
	struct caught *caught = calloc(1, sizeof(*caught));

	(void)state;
	assert_non_null(caught);
	RUN(caught, &vs_command_key_new, NULL);
	assert_int_equal(caught->code, 0);
	assert_string_equal(caught->err, "");
	assert_int_equal(strspn(caught->out, "0123456789abcdef"), 64);
	assert_string_equal(caught->out + 64, "\n");
	free(caught);
}

static void no_two_keys_are_alike(void **state)
{
	struct caught *caught = calloc(2, sizeof(*caught));

	(void)state;
	assert_non_null(caught);
	RUN(&caught[0], &vs_command_key_new, NULL);
	RUN(&caught[1], &vs_command_key_new, NULL);
	assert_string_not_equal(caught[0].out, caught[1].out);
	free(caught);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_64_hexadecimal_digits_alone_on_a_line),
		cmocka_unit_test(no_two_keys_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
