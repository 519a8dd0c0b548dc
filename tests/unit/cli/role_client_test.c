/* `client`: usage, configuration, and the exit codes of both ways to run it. */
#include "answerer.h"
#include "caught.h"

#include "cli/commands.h"
#include "client/client.h"

#define KEY "a-key-of-decent-length"

struct world {
	struct place *place;
	struct answerer answerer;
	struct caught caught;
	char file[256];
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

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	free(world);
	return place_teardown(&place);
}

/* A client without probes that reports to url. */
static void write_conf(struct world *world, const char *url, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), "state_dir: %s\nclient:\n  server: %s\n  key: " KEY "\n%s",
		world->place->folder, url, more);
	snprintf(world->file, sizeof(world->file), "%s", place_write(world->place, "client.yaml", text));
}

static void mistakes_in_the_usage_are_3_with_once_and_2_without(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_client, "--once", "--nonsense");
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	RUN(&world->caught, &vs_command_client, "--nonsense", "--once");
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	RUN(&world->caught, &vs_command_client, "--once", "word");
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	RUN(&world->caught, &vs_command_client, "--once", "-c");
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	RUN(&world->caught, &vs_command_client, "--nonsense");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	RUN(&world->caught, &vs_command_client, "--json");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "--json goes with --once");
	assert_string_equal(world->caught.out, "");
}

static void mistakes_in_the_configuration_are_3_with_once_and_2_without(void **state)
{
	static const char *const files[] = {
		"client: { intervall: 5m }\n",
		"nonsense: [1, 2\n",
		"client: { server: \"http://127.0.0.1:1\", key: " KEY ", tags: [\"b a d\"] }\n",
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(world->file, sizeof(world->file), "%s",
			place_write(world->place, "client.yaml", files[i]));
		RUN(&world->caught, &vs_command_client, "-c", world->file);
		assert_int_equal(world->caught.code, VS_EXIT_USAGE);
		assert_true(world->caught.err[0] != '\0');
		RUN(&world->caught, &vs_command_client, "-c", world->file, "--once");
		assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
		assert_true(world->caught.err[0] != '\0');
		assert_string_equal(world->caught.out, "");
	}
	RUN(&world->caught, &vs_command_client, "-c", "/there/is/no/client.yaml", "--once");
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	assert_has(world->caught.err, "/there/is/no/client.yaml");
}

static void the_servers_verdict_is_printed_and_becomes_the_code(void **state)
{
	struct world *world = *state;

	answerer_start(&world->answerer, NULL,
		(struct answer){200,
			"{\"status\":\"ok\",\"verdict\":\"leak\",\"verdicts\":{\"tunnel\":\"leak\"}}",
			false});
	write_conf(world, world->answerer.url, "");
	RUN(&world->caught, &vs_command_client, "--once", "-c", world->file);
	answerer_end(&world->answerer);
	assert_int_equal(world->caught.code, VS_ONCE_CRITICAL);
	assert_has(world->caught.out, "verdict  leak");
	assert_string_equal(world->answerer.path, "/api/v1/keepalive");
}

static void a_server_that_is_not_there_is_3(void **state)
{
	struct world *world = *state;

	write_conf(world, "http://127.0.0.1:1", "");
	RUN(&world->caught, &vs_command_client, "--once", "--json", "-c", world->file);
	assert_int_equal(world->caught.code, VS_ONCE_UNKNOWN);
	assert_has(world->caught.out, "\"delivered\":false");
	assert_has_not(world->caught.out, KEY);
	assert_has_not(world->caught.err, KEY);
}

static void warnings_and_what_keeps_it_from_starting_have_the_form_of_the_log(void **state)
{
	struct world *world = *state;
	const char *line;

	setenv("VPN_SENTINEL_INTERVALL", "5", 1);
	write_conf(
		world, "http://127.0.0.1:1", "probes:\n  - plugin: weather_oracle\nlog: { format: json }\n");
	RUN(&world->caught, &vs_command_client, "-c", world->file);
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "VPN_SENTINEL_INTERVALL");
	assert_has(world->caught.err, "weather_oracle");
	for (line = world->caught.err; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_int_equal(line[0], '{');
}

static void the_help_explains_the_codes(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_client, "--help");
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out,
		"usage: vpn-sentinel client [OPTIONS]\n"
		"\n"
		"Probe what the world sees of this host and report it.\n"
		"\n"
		"Runs inside the VPN's network namespace, until SIGTERM or Ctrl-C.\n"
		"\n"
		"Ends with exit code 75 when only loopback has been up for client.exit_when_isolated.\n"
		"\n"
		"Exit codes of --once, as monitoring plugins have them:\n"
		"  0  secure\n"
		"  1  seen by a third party, or exposed\n"
		"  2  leak, violation or down\n"
		"  3  unknown, not delivered, or a mistake in usage or configuration\n"
		"\n"
		"Options:\n"
		"  -c, --config FILE  the configuration (default: /etc/vpn-sentinel/client.yaml)\n"
		"      --once         probe and report once, print the verdict\n"
		"      --json         with --once: print one JSON object\n"
		"  -h, --help         this text\n");
}

#define client_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		client_test(mistakes_in_the_usage_are_3_with_once_and_2_without),
		client_test(mistakes_in_the_configuration_are_3_with_once_and_2_without),
		client_test(the_servers_verdict_is_printed_and_becomes_the_code),
		client_test(a_server_that_is_not_there_is_3),
		client_test(warnings_and_what_keeps_it_from_starting_have_the_form_of_the_log),
		client_test(the_help_explains_the_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
