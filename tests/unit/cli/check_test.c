/* `check` on files with mistakes of many kinds. The plugins are those of the build tree. */
#include "caught.h"

#include "cli/commands.h"

#define KEY "a-key-of-decent-length"
#define GOOD_CLIENT "client:\n  server: http://10.0.0.1:5000\n  key: " KEY "\n"
#define GOOD_AUTH "auth:\n  - { plugin: bearer, options: { keys: " KEY " } }\n"

struct world {
	struct place *place;
	struct caught caught;
	char file[256]; /* the one that is checked */
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

static void check(struct world *world, const char *name, const char *text)
{
	snprintf(world->file, sizeof(world->file), "%s", place_write(world->place, name, text));
	RUN(&world->caught, &vs_command_check, world->file);
}

/* Whether text has the line "FILE:rest" exactly; rest begins with line and column. */
static void expect_line(struct world *world, const char *text, const char *rest)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s:%s\n", world->file, rest);
	assert_has(text, line);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

static void a_good_file_is_counted_up(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		GOOD_AUTH "notifiers:\n  - plugin: console\nprobes:\n  - plugin: ipinfo\n");
	assert_int_equal(world->caught.code, 0);
	assert_null(strstr(
		world->caught.err, "server.yaml")); /* a busy machine may log that something took long */
	expect_line(world, world->caught.out, " ok: server, 1 probe, 1 channel, 1 access check, 1 store");
	check(world, "client.yaml",
		GOOD_CLIENT "probes:\n  - plugin: ipinfo\n  - plugin: cloudflare_trace\n");
	assert_int_equal(world->caught.code, 0);
	expect_line(world, world->caught.out, " ok: client, 2 probes");
}

static void sources_of_places_are_counted_apart_and_must_be_able_to_tell(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		GOOD_AUTH
		"locate:\n  sources:\n    - plugin: ipinfo\n    - { plugin: ipinfo, name: second }\n");
	assert_int_equal(world->caught.code, 0);
	expect_line(world, world->caught.out, " ok: server, 2 sources of places, 1 access check, 1 store");
	check(world, "server.yaml",
		GOOD_AUTH "locate:\n  sources:\n    - plugin: ipinfo\n    - plugin: cloudflare_trace\n");
	assert_int_equal(world->caught.code, 2);
	expect_line(world, world->caught.err,
		"6:7: error: the probe 'cloudflare_trace' tells only where it is itself, and no source of "
		"places: "
		"move it to 'probes', and list ipinfo or another one that `vpn-sentinel plugin show` says "
		"can "
		"locate");
	check(world, "server.yaml",
		GOOD_AUTH
		"locate:\n  by: client\n  sources:\n    - plugin: cloudflare_trace\n    - plugin: ipinfo\n");
	assert_int_equal(world->caught.code, 0);
	expect_line(world, world->caught.out, " ok: server, 1 access check, 1 store");
}

static void mistakes_of_many_kinds_are_told_in_one_run_a_line_each_in_order(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		"monitor:\n"
		"  intervall: 5m\n"
		"  grace: soon\n"
		"auth:\n"
		"  - plugin: bearer\n"
		"    options: { keys: \"${NO_SUCH_VARIABLE_AT_ALL}\" }\n"
		"notifiers:\n"
		"  - plugin: telegram\n"
		"    options: { token: \"1:x\", chat_id: \"5\", silent_below: alarm, tread_id: 7 }\n"
		"  - plugin: telegram\n"
		"    name: second\n"
		"probes:\n"
		"  - plugin: weather_oracle\n");
	assert_int_equal(world->caught.code, 2);
	assert_string_equal(world->caught.out, "");
	expect_line(world, world->caught.err,
		"2:3: error: unknown key 'intervall' in monitor; did you mean 'interval'?");
	assert_has(world->caught.err, ":3:10: error: 'grace' must be ");
	assert_has(world->caught.err, ":6:22: error: ");
	assert_has(world->caught.err, "NO_SUCH_VARIABLE_AT_ALL");
	assert_has(world->caught.err, ":9:58: error: 'silent_below' must be one of info|warning|critical");
	assert_has(world->caught.err,
		":9:65: error: unknown key 'tread_id' in notifier telegram; did you mean "
		"'thread_id'?");
	assert_has(world->caught.err, ":10:5: error: 'token' is required in notifier telegram: ");
	assert_has(world->caught.err, ":10:5: error: 'chat_id' is required in notifier telegram: ");
	assert_has(world->caught.err,
		":13:5: error: probe 'weather_oracle': there is no file weather_oracle.so in ");
	assert_has(world->caught.err, "server.yaml: 8 errors: the server would not start\n");
	assert_int_equal(count_lines(world->caught.err), 9);
	assert_true(strstr(world->caught.err, ":3:10:") < strstr(world->caught.err, ":6:22:"));
	assert_true(strstr(world->caught.err, ":9:65:") < strstr(world->caught.err, ":13:5:"));
}

static void an_instance_that_would_be_skipped_is_named_with_its_place_and_the_reason(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		GOOD_AUTH "notifiers:\n"
			  "  - plugin: telegram\n"
			  "    name: oncall\n"
			  "    enabled: auto\n"
			  "    options: { chat_id: \"5\" }\n"
			  "  - plugin: telegram\n"
			  "    name: second\n"
			  "    enabled: auto\n"
			  "    options: { chat_id: \"5\", token: \"123456:abcdefghijklmnopqrstuvwxyz\" }\n"
			  "  - plugin: nobody_has_this\n"
			  "    enabled: no\n");
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err, "");
	expect_line(world, world->caught.out,
		"4:5: skipped: notifier 'oncall': enabled is auto, and not set: token");
	expect_line(world, world->caught.out, "12:5: skipped: notifier 'nobody_has_this': enabled is no");
	expect_line(world, world->caught.out, " ok: server, 1 channel, 1 access check, 1 store, 2 skipped");
	assert_int_equal(count_lines(world->caught.out), 3);
}

static void skipped_instances_are_named_beside_errors_too(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		GOOD_AUTH
		"notifiers:\n  - { plugin: telegram, enabled: auto }\nprobes:\n  - plugin: oracle\n");
	assert_int_equal(world->caught.code, 2);
	expect_line(world, world->caught.out,
		"4:5: skipped: notifier 'telegram': enabled is auto, and not set: token, chat_id");
	assert_has(world->caught.err, "1 error: the server would not start");
}

static void every_tag_that_servers_would_refuse_is_told_at_its_place(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml", GOOD_CLIENT "  tags: [good, \"b a d\", office, \"x!\"]\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err,
		":4:16: error: servers would refuse every report with the tag 'b a d': expected 1 to 64 "
		"letters, digits or ._:@/=-\n");
	assert_has(world->caught.err, ":4:33: error: servers would refuse every report with the tag 'x!'");
	assert_int_equal(count_lines(world->caught.err), 3);
	check(world, "client.yaml", GOOD_CLIENT "  tags: \"fine, b a d\"\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":4:9: error: servers would refuse every report with the tag 'b a d'");
	check(world, "client.yaml", GOOD_CLIENT "  tags: [a.b_c:d@e/f=g-1]\n");
	assert_int_equal(world->caught.code, 0);
}

static void more_tags_than_a_report_holds_are_refused(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml", GOOD_CLIENT "  tags: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]\n");
	assert_int_equal(world->caught.code, 0);
	check(world, "client.yaml",
		GOOD_CLIENT "  tags: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":4:9: error: client.tags: 17 tags are more than the 16");
}

static void a_placeholder_and_a_missing_file_of_certificates_are_both_told(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml",
		"client:\n  server: http://your-server-url:5000\n  key: " KEY
		"\n  ca: /there/is/no/ca.pem\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":2:11: error: the server's URL is still the placeholder");
	assert_has(world->caught.err, ":4:7: error: the file of trusted certificates /there/is/no/ca.pem");
}

static void more_probes_than_a_report_holds_are_refused(void **state)
{
	struct world *world = *state;
	char text[4096];
	size_t len = (size_t)snprintf(text, sizeof(text), GOOD_CLIENT "probes:\n");
	int i;

	for (i = 0; i < 33; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"  - { plugin: ipinfo, name: p%d, enabled: %s }\n", i, i < 32 ? "yes" : "no");
	check(world, "client.yaml", text);
	assert_int_equal(world->caught.code, 0);
	snprintf(text + len, sizeof(text) - len, "  - { plugin: ipinfo, name: last }\n");
	check(world, "client.yaml", text);
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":5:3: error: 33 probes are more than the 32");
}

static void a_server_that_anybody_could_use_is_refused(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml", "server:\n  listen:\n    - address: \"0.0.0.0:5000\"\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "error: anybody could use the server at 0.0.0.0");
	check(world, "server.yaml", "server:\n  listen:\n    - address: \"127.0.0.1:5000\"\n");
	assert_int_equal(world->caught.code, 0);
}

static void what_only_the_plugins_know_is_told_at_their_place(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		"auth:\n"
		"  - { plugin: cidr, control: required, options: { allow: \"one, ::1, 10.0.0.1/8\" } }\n"
		"  - { plugin: bearer, options: { keys: \",\" } }\n"
		"notifiers:\n"
		"  - { plugin: telegram, options: { token: \"nonsense secret\", chat_id: \"5\" } }\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err,
		":2:5: error: auth 'cidr' could not be created: option allow: \"one\" is not an address or a "
		"prefix; option allow: \"10.0.0.1/8\" has bits set behind its length");
	assert_has(world->caught.err,
		":3:5: error: auth 'bearer' could not be created: no API key is configured");
	assert_has(world->caught.err, ":5:5: error: notifier 'telegram' could not be created: ");
	assert_has_not(world->caught.err, "nonsense secret");
	assert_has(world->caught.err, "server.yaml: 3 errors: the server would not start\n");
}

static void what_a_plugin_warns_of_is_shown_and_is_no_error(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml", "auth:\n  - { plugin: bearer, options: { keys: short-key } }\n");
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.err, "[bearer] 1 of 1 API keys are shorter than 16 characters");
	assert_has_not(world->caught.err, "short-key");
}

static void a_port_that_is_none_is_told_with_the_other_mistakes(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		"server: { listen: [{ address: \"0.0.0.0:99999\" }] }\nmonitor: { grace: soon }\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":1:31: error: a port is from 0 to 65535, not 99999\n");
	assert_has(world->caught.err, ":2:19: error: 'grace' must be ");
	assert_has(world->caught.err, "server.yaml: 2 errors: the server would not start\n");
}

static void a_plugin_without_a_pin_is_refused_where_pins_are_wanted(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml", GOOD_CLIENT "plugins: { trust: pinned }\nprobes:\n  - plugin: ipinfo\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":6:5: error: probe 'ipinfo': `trust: pinned` needs `run: { sha256: ");
	check(world, "server.yaml", "plugins: { trust: pinned }\n" GOOD_AUTH);
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, ":3:5: error: auth 'bearer': `trust: pinned` needs `run: { sha256: ");
}

static void the_environment_is_warned_about_and_does_not_fail(void **state)
{
	struct world *world = *state;

	setenv("VPN_SENTINEL_INTERVALL", "5", 1);
	check(world, "client.yaml", GOOD_CLIENT);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err,
		"warning: the environment variable VPN_SENTINEL_INTERVALL means "
		"nothing here; did you mean VPN_SENTINEL_INTERVAL?\n");
	expect_line(world, world->caught.out, " ok: client, 1 warning");
}

static void secrets_are_not_repeated(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		"auth:\n  - { plugin: bearer, options: { keys: hunter2hunter2hunter2, kyes: "
		"hunter2hunter2hunter2 } "
		"}\n");
	assert_int_equal(world->caught.code, 2);
	assert_has_not(world->caught.err, "hunter2");
	assert_has_not(world->caught.out, "hunter2");
}

static void the_role_is_guessed_by_sections_then_by_the_files_name(void **state)
{
	struct world *world = *state;

	check(world, "a.yaml", GOOD_CLIENT);
	assert_has(world->caught.out, " ok: client");
	check(world, "client.yaml", GOOD_AUTH "monitor: { grace: 10s }\n");
	assert_has(world->caught.out, " ok: server");
	check(world, "my-client.yaml", "clinet: { key: " KEY " }\n");
	assert_has(world->caught.err, "unknown key 'clinet' in the file; did you mean 'client'?");
	check(world, "a.yaml", "probes: []\n" GOOD_AUTH);
	assert_has(world->caught.out, " ok: server");
	check(world, "client.yaml", "[1, 2\n");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "the client would not start");
}

static void the_role_can_be_given(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml", GOOD_CLIENT);
	RUN(&world->caught, &vs_command_check, "--role", "server", world->file);
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "unknown key 'client'");
	RUN(&world->caught, &vs_command_check, world->file, "--role=client");
	assert_int_equal(world->caught.code, 0);
	RUN(&world->caught, &vs_command_check, world->file, "--role", "clinet");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "--role is server or client, not \"clinet\"");
}

static void the_file_is_an_operand_an_option_or_a_variable(void **state)
{
	struct world *world = *state;

	check(world, "client.yaml", GOOD_CLIENT);
	RUN(&world->caught, &vs_command_check, "-c", world->file);
	assert_int_equal(world->caught.code, 0);
	RUN(&world->caught, &vs_command_check, "-c", world->file, world->file);
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "one file at a time");
	setenv("VPN_SENTINEL_CONFIG", world->file, 1);
	RUN(&world->caught, &vs_command_check, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, " ok: client");
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_check, "/there/is/no/server.yaml");
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "/there/is/no/server.yaml: error: ");
	assert_string_equal(world->caught.out, "");
}

#define CHANNEL(name, route) "  - { plugin: console, name: " name ", route: { " route " } }\n"

static void a_severity_that_reaches_no_channel_is_warned_of(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml",
		GOOD_AUTH "notifiers:\n" CHANNEL("a", "severity: critical")
			CHANNEL("b", "kind: [\"!dns_leak\"], severity: critical"));
	assert_int_equal(world->caught.code, 0);
	expect_line(world, world->caught.err,
		"4:3: warning: nobody is told of anything warning: no channel's 'route' takes it");
	check(world, "server.yaml", GOOD_AUTH "notifiers:\n" CHANNEL("a", "kind: [dns_leak, connected]"));
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.err, "nobody is told of anything critical: no channel's 'route' takes it");
	assert_null(strstr(world->caught.err, "anything warning"));
	check(world, "server.yaml",
		GOOD_AUTH "notifiers:\n" CHANNEL("a", "severity: critical") CHANNEL("b", "kind: [dns_leak]"));
	assert_null(strstr(world->caught.err, "nobody is told"));
	check(world, "server.yaml", GOOD_AUTH "notifiers:\n" CHANNEL("a", "severity: warning"));
	assert_null(strstr(world->caught.err, "nobody is told"));
}

static void a_kind_of_a_route_that_does_not_exist_is_told_at_its_place(void **state)
{
	struct world *world = *state;

	check(world, "server.yaml", GOOD_AUTH "notifiers:\n" CHANNEL("a", "kind: [bypas]"));
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "server.yaml:4:");
	assert_has(world->caught.err, ": error: there is no kind 'bypas'; did you mean 'bypass'?");
}

#define check_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		check_test(a_good_file_is_counted_up),
		check_test(sources_of_places_are_counted_apart_and_must_be_able_to_tell),
		check_test(mistakes_of_many_kinds_are_told_in_one_run_a_line_each_in_order),
		check_test(an_instance_that_would_be_skipped_is_named_with_its_place_and_the_reason),
		check_test(skipped_instances_are_named_beside_errors_too),
		check_test(every_tag_that_servers_would_refuse_is_told_at_its_place),
		check_test(more_tags_than_a_report_holds_are_refused),
		check_test(a_placeholder_and_a_missing_file_of_certificates_are_both_told),
		check_test(more_probes_than_a_report_holds_are_refused),
		check_test(a_server_that_anybody_could_use_is_refused),
		check_test(what_only_the_plugins_know_is_told_at_their_place),
		check_test(what_a_plugin_warns_of_is_shown_and_is_no_error),
		check_test(a_port_that_is_none_is_told_with_the_other_mistakes),
		check_test(a_plugin_without_a_pin_is_refused_where_pins_are_wanted),
		check_test(a_severity_that_reaches_no_channel_is_warned_of),
		check_test(a_kind_of_a_route_that_does_not_exist_is_told_at_its_place),
		check_test(the_environment_is_warned_about_and_does_not_fail),
		check_test(secrets_are_not_repeated),
		check_test(the_role_is_guessed_by_sections_then_by_the_files_name),
		check_test(the_role_can_be_given),
		check_test(the_file_is_an_operand_an_option_or_a_variable),
		check_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
