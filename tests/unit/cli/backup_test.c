/* `backup`: what it asks of the server, and what it makes of the answer. */
#include "answerer.h"
#include "caught.h"

#include "cli/commands.h"

struct world {
	struct place *place;
	struct answerer server;
	struct caught caught;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	void *place = NULL;

	if (world == NULL || place_setup(&place) != 0)
		return -1;
	world->place = place;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	void *place = world->place;

	free(world);
	return place_teardown(&place);
}

static void run_against(struct world *world, int status, const char *body)
{
	answerer_start(&world->server, place_path(world->place, "server.sock"),
		(struct answer){status, body, false});
	RUN(&world->caught, &vs_command_backup, "/backups/copy.db");
	answerer_end(&world->server);
}

static void the_server_is_asked_over_its_socket_for_an_absolute_path(void **state)
{
	struct world *world = *state;
	char here[256];
	char expected[400];

	run_against(world, 200, "{\"file\":\"/backups/copy.db\",\"bytes\":12345,\"missing\":0}");
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "/backups/copy.db: 12345 bytes\n");
	assert_string_equal(world->caught.err, "");
	assert_string_equal(world->server.path, "/api/v1/backup");
	assert_string_equal(world->server.body, "{\"file\":\"/backups/copy.db\"}");

	answerer_start(&world->server, place_path(world->place, "other"),
		(struct answer){200, "{\"file\":\"/x\",\"bytes\":1}", false});
	RUN(&world->caught, &vs_command_backup, "a \"name\"", "--socket", place_path(world->place, "other"));
	answerer_end(&world->server);
	assert_int_equal(world->caught.code, 0);
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(expected, sizeof(expected), "{\"file\":\"%s/a \\\"name\\\"\"}", here);
	assert_string_equal(world->server.body, expected);
}

static void a_copy_that_lacks_records_is_a_failure(void **state)
{
	struct world *world = *state;

	run_against(world, 200, "{\"file\":\"/backups/copy.db\",\"bytes\":12345,\"missing\":7}");
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "/backups/copy.db: 12345 bytes\n");
	assert_has(world->caught.err, "7 records are not in it");
}

static void a_refusal_is_told_with_its_reason(void **state)
{
	static const struct {
		int status;
		const char *body;
		const char *sentence;
	} rows[] = {
		{409, "{\"title\":\"T\",\"detail\":\"/backups/copy.db exists\"}",
			"/backups/copy.db exists\n"},
		{503, "{\"title\":\"No backup could be made now\"}", "No backup could be made now\n"},
		{500, "<html>", "the server answered 500; see its log\n"},
		{401, "{\"detail\":\"x\"}", "root and its own user only"},
		{403, "{\"detail\":\"x\"}", "root and its own user only"},
		{404, "{\"detail\":\"x\"}", "VPN_SENTINEL_API_PATH"},
		{200, "{}", "is this the right server?"},
		{200, "<html>", "is this the right server?"},
		{409, "{\"detail\":\"a\\u001b[2Jb\"}", "a?[2Jb\n"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_against(world, rows[i].status, rows[i].body);
		assert_int_equal(world->caught.code, 1);
		assert_string_equal(world->caught.out, "");
		assert_has(world->caught.err, rows[i].sentence);
	}
}

static void without_a_server_it_says_what_else_can_be_done(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_backup, "copy.db");
	assert_int_equal(world->caught.code, 1);
	assert_has(world->caught.err, "no server answers at ");
	assert_has(world->caught.err, "--socket");
	assert_has(world->caught.err, "-wal");
	leave_stale_socket(place_path(world->place, "server.sock"));
	RUN(&world->caught, &vs_command_backup, "copy.db");
	assert_int_equal(world->caught.code, 1);
	assert_has(world->caught.err, "no server answers at ");
}

static void mistakes_in_the_usage_are_2(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_backup, NULL);
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	RUN(&world->caught, &vs_command_backup, "one", "two");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	RUN(&world->caught, &vs_command_backup, "");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "empty");
	RUN(&world->caught, &vs_command_backup, "/tmp/\xff");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_server_is_asked_over_its_socket_for_an_absolute_path, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_that_lacks_records_is_a_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_is_told_with_its_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_a_server_it_says_what_else_can_be_done, setup, teardown),
		cmocka_unit_test_setup_teardown(mistakes_in_the_usage_are_2, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
