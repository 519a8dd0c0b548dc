/* `healthcheck`: whom it asks, and what it makes of the answer. */
#include "answerer.h"
#include "caught.h"

#include "cli/commands.h"

static const struct answer healthy = {200, "{\"status\":\"healthy\"}\n", false};
static const struct answer degraded = {200, "{\"status\":\"degraded\"}\n", false};

struct world {
	struct place *place;
	struct answerer server;
	struct answerer client;
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

static void the_answer_decides_and_is_printed(void **state)
{
	static const struct {
		struct answer answer;
		int code;
		const char *out;
	} rows[] = {
		{{200, "{\"status\":\"healthy\"}", false}, 0, "healthy\n"},
		{{200, "{\"status\":\"degraded\",\"more\":1}", false}, 0, "degraded\n"},
		{{503, "{\"status\":\"starting\"}", false}, 1, "starting\n"},
		{{503, "{\"status\":\"failing\"}", false}, 1, "failing\n"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answerer_start(&world->server, NULL, rows[i].answer);
		RUN(&world->caught, &vs_command_healthcheck, "--url", world->server.url);
		answerer_end(&world->server);
		assert_int_equal(world->caught.code, rows[i].code);
		assert_string_equal(world->caught.out, rows[i].out);
		assert_string_equal(world->caught.err, "");
		assert_string_equal(world->server.path, "/health");
	}
}

static void an_answer_of_somebody_else_is_not_well(void **state)
{
	static const char *const bodies[] = {
		"<html>healthy</html>",
		"",
		"[]",
		"{}",
		"{\"status\":\"\"}",
		"{\"status\":true}",
		"{\"status\":\"a status that is as long as this cannot be one of ours\"}",
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		answerer_start(&world->server, NULL, (struct answer){200, bodies[i], false});
		RUN(&world->caught, &vs_command_healthcheck, "--url", world->server.url);
		answerer_end(&world->server);
		assert_int_equal(world->caught.code, 1);
		assert_string_equal(world->caught.out, "");
		assert_has(world->caught.err, "is this the right server?");
	}
}

static void an_answer_does_not_steer_the_terminal(void **state)
{
	struct world *world = *state;

	answerer_start(&world->server, NULL, (struct answer){200, "{\"status\":\"a\\u001b[2J\\nb\"}", false});
	RUN(&world->caught, &vs_command_healthcheck, "--url", world->server.url);
	answerer_end(&world->server);
	assert_string_equal(world->caught.out, "a?[2J?b\n");
}

/* This machine's role is known; at a URL anybody may answer. */
static void why_it_fails_is_printed_for_the_role_of_this_machine_only(void **state)
{
	static const struct answer failing = {
		503, "{\"status\":\"failing\",\"reason\":\"no device\\u001b[2J\"}", false};
	struct world *world = *state;

	answerer_start(&world->client, place_path(world->place, "client.sock"), failing);
	RUN(&world->caught, &vs_command_healthcheck, "--role", "client");
	answerer_end(&world->client);
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "failing: no device?[2J\n");
	answerer_start(&world->server, NULL, failing);
	RUN(&world->caught, &vs_command_healthcheck, "--url", world->server.url);
	answerer_end(&world->server);
	assert_string_equal(world->caught.out, "failing\n");
}

static void a_reply_that_breaks_off_is_not_well(void **state)
{
	struct world *world = *state;

	answerer_start(&world->server, NULL, (struct answer){200, "{\"status\":\"healthy\"}", true});
	RUN(&world->caught, &vs_command_healthcheck, "--url", world->server.url);
	answerer_end(&world->server);
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "");
	assert_has(world->caught.err, "before the reply was complete");
}

static void the_role_that_runs_here_is_asked_by_itself(void **state)
{
	struct world *world = *state;

	answerer_start(&world->client, place_path(world->place, "client.sock"), degraded);
	RUN(&world->caught, &vs_command_healthcheck, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "degraded\n");
	answerer_start(&world->server, place_path(world->place, "server.sock"), healthy);
	RUN(&world->caught, &vs_command_healthcheck, NULL);
	assert_string_equal(world->caught.out, "healthy\n");
	answerer_end(&world->server);
	answerer_end(&world->client);
}

static void a_role_chooses_its_socket(void **state)
{
	struct world *world = *state;

	answerer_start(&world->server, place_path(world->place, "server.sock"), healthy);
	answerer_start(&world->client, place_path(world->place, "client.sock"), degraded);
	RUN(&world->caught, &vs_command_healthcheck, "--role", "client");
	assert_string_equal(world->caught.out, "degraded\n");
	RUN(&world->caught, &vs_command_healthcheck, "--role", "server");
	assert_string_equal(world->caught.out, "healthy\n");
	answerer_end(&world->server);
	RUN(&world->caught, &vs_command_healthcheck, "--role", "server");
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "");
	assert_has(world->caught.err, place_path(world->place, "server.sock"));
	answerer_end(&world->client);
}

static void a_socket_that_a_killed_server_left_does_not_hide_the_client(void **state)
{
	struct world *world = *state;

	leave_stale_socket(place_path(world->place, "server.sock"));
	answerer_start(&world->client, place_path(world->place, "client.sock"), degraded);
	RUN(&world->caught, &vs_command_healthcheck, NULL);
	answerer_end(&world->client);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "degraded\n");
	assert_string_equal(world->caught.err, "");
}

static void when_no_socket_answers_each_is_named(void **state)
{
	struct world *world = *state;

	leave_stale_socket(place_path(world->place, "server.sock"));
	leave_stale_socket(place_path(world->place, "client.sock"));
	RUN(&world->caught, &vs_command_healthcheck, NULL);
	assert_int_equal(world->caught.code, 1);
	assert_has(world->caught.err, place_path(world->place, "server.sock"));
	assert_has(world->caught.err, place_path(world->place, "client.sock"));
}

static void when_there_is_no_socket_the_directory_is_named(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_healthcheck, NULL);
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "");
	assert_has(world->caught.err, world->place->folder);
	assert_has(world->caught.err, "VPN_SENTINEL_STATE_DIR");
}

static void a_state_directory_that_is_named_twice_is_an_error(void **state)
{
	struct world *world = *state;

	setenv("VPN_SENTINEL_STATE_DIR_FILE", "/dev/null", 1);
	RUN(&world->caught, &vs_command_healthcheck, NULL);
	assert_int_equal(world->caught.code, 1);
	assert_has(world->caught.err, "unset one of them");
}

static void wrong_usage_is_2(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_healthcheck, "--role", "sever");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "not \"sever\"");
	RUN(&world->caught, &vs_command_healthcheck, "--role", "server", "--url", "http://127.0.0.1:1");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "give one of them");
}

#define health_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		health_test(the_answer_decides_and_is_printed),
		health_test(an_answer_of_somebody_else_is_not_well),
		health_test(an_answer_does_not_steer_the_terminal),
		health_test(why_it_fails_is_printed_for_the_role_of_this_machine_only),
		health_test(a_reply_that_breaks_off_is_not_well),
		health_test(the_role_that_runs_here_is_asked_by_itself),
		health_test(a_role_chooses_its_socket),
		health_test(a_socket_that_a_killed_server_left_does_not_hide_the_client),
		health_test(when_no_socket_answers_each_is_named),
		health_test(when_there_is_no_socket_the_directory_is_named),
		health_test(a_state_directory_that_is_named_twice_is_an_error),
		health_test(wrong_usage_is_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
