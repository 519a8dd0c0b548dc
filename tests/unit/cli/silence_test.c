/* `silence`, `incidents` and `ack`: what they ask of the server, and what they make of its answers. */
#include "asking.h"

#include "cli/commands.h"

#define KEY "a-key-of-decent-length"
#define ID "01JDB9K3Z7Q4T2W8X5Y6V0R1S2"

#define ASK(world, command, status, body, ...) ASK_BY(world, command, status, body, "--key", KEY, __VA_ARGS__)

static void a_silence_is_asked_for_and_its_id_printed(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_add, 201, "{\"id\":\"" ID "\",\"durable\":true}", "lab-*", "attic",
		"--for", "2h", "--kind", "dns_leak, policy", "--comment", "new \"kernel\"", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, ID "\n");
	assert_string_equal(world->caught.err, "");
	assert_string_equal(world->answerer.path, "/api/v1/silences");
	assert_string_equal(world->answerer.body,
		"{\"client\":[\"lab-*\",\"attic\"],\"kind\":[\"dns_leak\",\"policy\"],\"for\":\"2h\","
		"\"comment\":\"new \\\"kernel\\\"\"}");
}

static void one_that_recurs_names_days_hours_and_zone(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_add, 201, "{\"id\":\"" ID "\",\"durable\":false}", "--tag", "test",
		"--every", "sat,sun", "--hours", "22:00-06:00", "--zone", "Europe/Madrid", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_non_null(strstr(world->caught.err, "the store refuses"));
	assert_string_equal(world->answerer.body,
		"{\"tag\":[\"test\"],\"recurring\":{\"weekdays\":[\"sat\",\"sun\"],\"from\":\"22:00\",\"to\":"
		"\"06:00\",\"zone\":\"Europe/Madrid\"}}");
}

static void a_reply_that_names_no_silence_is_no_success(void **state)
{
	static const char *const bodies[] = {
		"", "<html>", "[]", "{\"durable\":true}", "{\"id\":\"\\u001b[2J\"}"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ASK(world, vs_command_silence_add, 201, bodies[i], "lab", "--for", "2h", NULL);
		assert_int_equal(world->caught.code, 1);
		assert_string_equal(world->caught.out, "");
		assert_has(world->caught.err, "the reply names no silence; is this the right server?");
	}
}

static void days_without_hours_are_a_mistake(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_silence_add, "lab", "--every", "sat", NULL);
	assert_int_equal(world->caught.code, 2);
	assert_non_null(strstr(world->caught.err, "--hours"));
}

static void the_servers_sentence_is_passed_on(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_add, 400,
		"{\"error\":\"bad_body\",\"detail\":\"for: say how long\\u001b[2J\"}", "lab", NULL);
	assert_int_equal(world->caught.code, 1);
	assert_non_null(strstr(world->caught.err, "vpn-sentinel silence add: for: say how long"));
	assert_null(strchr(world->caught.err, '\033'));
	ASK(world, vs_command_silence_add, 403, "{}", "lab", "--for", "1h", NULL);
	assert_int_equal(world->caught.code, 1);
	assert_non_null(strstr(world->caught.err, "a key with the role operate or admin"));
	ASK(world, vs_command_silence_add, 503, "{}", "lab", "--for", "1h", NULL);
	assert_non_null(strstr(world->caught.err, "the server answered 503"));
}

static const char list[] =
	"[{\"id\":\"" ID "\",\"client\":[\"lab-*\"],\"kind\":[\"dns_leak\"],\"created_at\":"
	"\"2026-11-23T12:00:00.000Z\",\"starts_at\":\"2026-11-23T12:00:00.000Z\",\"until\":"
	"\"2026-11-23T14:00:00.000Z\",\"author\":\"ana\",\"comment\":\"kernel\",\"active\":true}]";

static void silences_are_listed_in_words(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_list, 200, list, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_non_null(strstr(world->caught.out, ID));
	assert_non_null(strstr(world->caught.out, "now"));
	assert_non_null(
		strstr(world->caught.out, "clients lab-*, kinds dns_leak, until 2026-11-23T14:00:00.000Z"));
	ASK(world, vs_command_silence_list, 200, list, "--json", NULL);
	assert_non_null(strstr(world->caught.out, "\"active\":true"));
	ASK(world, vs_command_silence_list, 200, "[]", NULL);
	assert_string_equal(world->caught.out, "nothing is silenced\n");
	ASK(world, vs_command_silence_list, 200, "{}", NULL);
	assert_int_equal(world->caught.code, 1);
	assert_non_null(strstr(world->caught.err, "not a list of silences; is this the right server?"));
	ASK(world, vs_command_silence_list, 200, "{}", "--json", NULL);
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "");
	ASK(world, vs_command_silence_list, 401, "{}", NULL);
	assert_int_equal(world->caught.code, 1);
}

static void a_silence_of_an_unknown_sort_is_listed_all_the_same(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_list, 200,
		"[7, {\"id\":\"" ID
		"\",\"client\":{\"but\":[\"lab\"]},\"author\":\"ana\",\"comment\":\"move\","
		"\"active\":true}]",
		NULL);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, ID "  now");
	assert_has(world->caught.out, "ana");
	assert_has(world->caught.out, "--json shows it");
	assert_has(world->caught.out, "move");
}

static void a_silence_is_ended_by_its_id(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_silence_end, 204, "", ID, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->answerer.path, "/api/v1/silences/" ID);
	ASK(world, vs_command_silence_end, 404, "{\"detail\":\"there is no silence of this id\"}", ID, NULL);
	assert_int_equal(world->caught.code, 1);
	assert_non_null(strstr(world->caught.err, "there is no silence of this id"));
	RUN(&world->caught, &vs_command_silence_end, "../status", NULL);
	assert_int_equal(world->caught.code, 2);
}

static void incidents_tell_who_looks_after_them(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_incidents, 200,
		"[{\"id\":\"" ID "\",\"kind\":\"bypass\",\"client\":\"office\",\"acknowledged_by\":\"ana\"},"
		"{\"id\":\"" ID "\",\"kind\":\"store_failing\",\"client\":\"\",\"evidence\":\"full\","
		"\"next_reminder\":\"2026-11-23T13:00:00Z\",\"escalates_at\":\"2026-11-23T12:15:00Z\"},"
		"{\"id\":\"" ID "\",\"kind\":\"policy\",\"client\":\"lab\",\"silenced_by\":\"" ID "\"}]",
		NULL);
	assert_int_equal(world->caught.code, 0);
	assert_non_null(strstr(world->caught.out, "ana"));
	assert_non_null(strstr(world->caught.out, "(the server)"));
	assert_non_null(strstr(world->caught.out, "nobody"));
	assert_non_null(strstr(world->caught.out, "2026-11-23T12:15:00Z"));
	assert_null(strstr(world->caught.out, "2026-11-23T13:00:00Z"));
	assert_non_null(strstr(world->caught.out, "(silenced)"));
	ASK(world, vs_command_incidents, 200, "[]", NULL);
	assert_string_equal(world->caught.out, "no incident is open\n");
	ASK(world, vs_command_incidents, 200, "[]", "--json", NULL);
	assert_string_equal(world->caught.out, "[]\n");
	ASK(world, vs_command_incidents, 200, "7", NULL);
	assert_int_equal(world->caught.code, 1);
	ASK(world, vs_command_incidents, 200, "<html>", "--json", NULL);
	assert_int_equal(world->caught.code, 1);
	assert_string_equal(world->caught.out, "");
	assert_non_null(strstr(world->caught.err, "not a list of incidents; is this the right server?"));
	ASK(world, vs_command_incidents, 503, "{}", NULL);
	assert_int_equal(world->caught.code, 1);
}

static void an_incident_is_acknowledged_with_a_note(void **state)
{
	struct world *world = *state;

	ASK(world, vs_command_ack, 200, "{}", ID, "--note", "on it", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->answerer.path, "/api/v1/incidents/" ID "/ack");
	assert_string_equal(world->answerer.body, "{\"note\":\"on it\"}");
	ASK(world, vs_command_ack, 409, "{\"detail\":\"it is acknowledged already, by ana\"}", ID, NULL);
	assert_int_equal(world->caught.code, 1);
	assert_non_null(strstr(world->caught.err, "already, by ana"));
	RUN(&world->caught, &vs_command_ack, "x", NULL);
	assert_int_equal(world->caught.code, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_silence_is_asked_for_and_its_id_printed),
		TEST(one_that_recurs_names_days_hours_and_zone),
		TEST(a_reply_that_names_no_silence_is_no_success),
		TEST(days_without_hours_are_a_mistake),
		TEST(the_servers_sentence_is_passed_on),
		TEST(silences_are_listed_in_words),
		TEST(a_silence_of_an_unknown_sort_is_listed_all_the_same),
		TEST(a_silence_is_ended_by_its_id),
		TEST(incidents_tell_who_looks_after_them),
		TEST(an_incident_is_acknowledged_with_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
