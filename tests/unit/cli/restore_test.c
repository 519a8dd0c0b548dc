/* `restore`: usage, and which configurations it can do nothing with. The scenarios restore for real. */
#include "caught.h"

#include "cli/commands.h"

static void mistakes_in_the_usage_are_2(void **state)
{
	struct caught caught;

	(void)state;
	RUN(&caught, &vs_command_restore, NULL);
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	RUN(&caught, &vs_command_restore, "one", "two");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	RUN(&caught, &vs_command_restore, "one", "-c");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
}

static void a_configuration_that_cannot_be_read_is_2(void **state)
{
	struct caught caught;

	RUN(&caught, &vs_command_restore, "copy.db", "-c", place_path(*state, "absent.yaml"));
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, "absent.yaml");
	RUN(&caught, &vs_command_restore, "copy.db", "-c", place_write(*state, "server.yaml", "store: [\n"));
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, "server.yaml:");
}

static void a_store_without_a_database_has_no_place_for_a_backup(void **state)
{
	static const struct {
		const char *conf;
		const char *sentence;
	} rows[] = {
		{"store: { plugin: memory }\n", "is memory, which keeps nothing"},
		{"log: { level: info }\n", "is memory, which keeps nothing"},
		{"store: { plugin: postgres }\n", "is postgres: only a database of the store sqlite"},
	};
	struct caught caught;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		RUN(&caught, &vs_command_restore, "copy.db", "-c",
			place_write(*state, "server.yaml", rows[i].conf));
		assert_int_equal(caught.code, VS_EXIT_FAILED);
		assert_string_equal(caught.out, "");
		assert_has(caught.err, rows[i].sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(mistakes_in_the_usage_are_2),
		place_test(a_configuration_that_cannot_be_read_is_2),
		place_test(a_store_without_a_database_has_no_place_for_a_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
