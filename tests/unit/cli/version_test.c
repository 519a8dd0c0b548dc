/* `version`. */
#include "caught.h"

#include "vpn_sentinel/abi.h"

#include "cli/commands.h"

static void it_names_the_program_and_the_plugin_abi(void **state)
{
	struct caught *caught = calloc(1, sizeof(*caught));
	char expected[128];

	(void)state;
	assert_non_null(caught);
	RUN(caught, &vs_command_version, NULL);
	snprintf(expected, sizeof(expected), "vpn-sentinel %s (plugin ABI %d.%d)\n", VS_VERSION,
		VPNS_ABI_MAJOR, VPNS_ABI_MINOR);
	assert_int_equal(caught->code, 0);
	assert_string_equal(caught->out, expected);
	RUN(caught, &vs_command_version, "--json");
	snprintf(expected, sizeof(expected), "{\"version\":\"%s\",\"abi_major\":%d,\"abi_minor\":%d}\n",
		VS_VERSION, VPNS_ABI_MAJOR, VPNS_ABI_MINOR);
	assert_string_equal(caught->out, expected);
	free(caught);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_names_the_program_and_the_plugin_abi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
