/* `status`: the table, the reply as it is, and what can go wrong. */
#include "asking.h"
#include "terminal.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"

#define KEY "a-key-of-decent-length"

#define ASK(world, status, body, ...) ASK_BY(world, vs_command_status, status, body, __VA_ARGS__)

/* One client, seen so long ago. */
static const char *client_json(char *text, size_t size, const char *verdict, int64_t age_ms)
{
	char seen[VS_TIME_TEXT];

	vs_time_format(seen, vs_wall_ms() - age_ms);
	snprintf(text, size,
		"{\"client_id\":\"office\",\"status\":\"alive\",\"verdict\":\"%s\",\"public_ip\":"
		"\"198.51.100.7\",\"city\":\"București\",\"country\":\"RO\",\"dns_location\":\"RO\","
		"\"last_seen\":\"%s\"}",
		verdict, seen);
	return text;
}

static void clients_become_rows_of_a_table(void **state)
{
	struct world *world = *state;
	char client[512];
	char body[2048];

	snprintf(body, sizeof(body),
		"[%s,\n{\"client_id\":\"b\",\"status\":\"lost\",\"verdict\":\"unknown\",\"public_ip\":"
		"\"unknown\","
		"\"city\":\"unknown\",\"country\":\"unknown\",\"dns_location\":\"unknown\",\"last_seen\":"
		"null}]\n",
		client_json(client, sizeof(client), "secure", 8100000));
	ASK(world, 200, body, NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err, "");
	assert_string_equal(world->caught.out,
		"CLIENT  STATUS  VERDICT  EXIT          LOCATION       DNS      SEEN\n"
		"office  alive   secure   198.51.100.7  București, RO  RO       2h 15m ago\n"
		"b       lost    unknown  unknown       unknown        unknown  never\n");
}

static void a_place_shows_what_is_known_of_it(void **state)
{
	struct world *world = *state;

	ASK(world, 200,
		"[{\"client_id\":\"a\",\"city\":\"Oslo\",\"country\":\"unknown\"},"
		"{\"client_id\":\"b\",\"city\":\"unknown\",\"country\":\"NO\"},"
		"{\"client_id\":\"c\",\"city\":\"\"}]",
		NULL);
	assert_has(world->caught.out, "unknown  Oslo      unknown  never\n");
	assert_has(world->caught.out, "unknown  NO        unknown  never\n");
	assert_has(world->caught.out, "unknown  unknown   unknown  never\n");
}

static void a_clock_that_is_ahead_does_not_make_an_age_negative(void **state)
{
	struct world *world = *state;
	char client[512];
	char body[600];

	snprintf(body, sizeof(body), "[%s]", client_json(client, sizeof(client), "secure", -90000));
	ASK(world, 200, body, NULL);
	assert_has(world->caught.out, "0s ago\n");
}

static void what_clients_say_does_not_steer_the_terminal(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "[{\"client_id\":\"a\\u001b[2Jb\",\"city\":\"x\\u009bm\",\"country\":\"RO\\n\"}]",
		NULL);
	assert_has(world->caught.out, "a?[2Jb");
	assert_has(world->caught.out, "x?m, RO?");
	assert_has_not(world->caught.out, "\x1b");
}

static void no_clients_are_a_sentence(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "[]\n", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "no client has reported yet\n");
}

static void members_that_are_missing_or_of_another_type_are_unknown(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "[{}, 7, {\"client_id\":[],\"last_seen\":\"yesterday\"}]", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out,
		"CLIENT   STATUS   VERDICT  EXIT     LOCATION  DNS      SEEN\n"
		"unknown  unknown  unknown  unknown  unknown   unknown  never\n"
		"unknown  unknown  unknown  unknown  unknown   unknown  never\n"
		"unknown  unknown  unknown  unknown  unknown   unknown  never\n");
}

static void json_is_the_reply_as_it_is_with_one_newline(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "[{\"b\": 1,  \"a\": 2}]\n", "--json");
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "[{\"b\": 1,  \"a\": 2}]\n");
	ASK(world, 200, "[]", "--json");
	assert_string_equal(world->caught.out, "[]\n");
}

static void a_reply_that_is_no_list_is_not_printed(void **state)
{
	static const char *const bodies[] = {
		"<html>\x1b[2J</html>", "{\"clients\":[]}", "", "[{\"client_id\":"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ASK(world, 200, bodies[i], NULL);
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_has(world->caught.err, "is this the right server?");
		assert_string_equal(world->caught.out, "");
		ASK(world, 200, bodies[i], "--json");
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_string_equal(world->caught.out, "");
	}
}

static void a_refusal_says_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *advice;
	} rows[] = {
		{401, "answered 401: give the server's key with --key-file FILE or VPN_SENTINEL_API_KEY"},
		{403, "answered 403: this needs a key with the role read"},
		{404, "VPN_SENTINEL_API_PATH"},
		{429, "try again"},
		{503, "not ready"},
		{500, "answered 500\n"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ASK(world, rows[i].status, "[]", "--key", KEY);
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_has(world->caught.err, rows[i].advice);
		assert_string_equal(world->caught.out, "");
		assert_has_not(world->caught.err, KEY);
	}
}

static void the_key_and_the_path_go_to_the_server(void **state)
{
	struct world *world = *state;
	char file[256];

	setenv("VPN_SENTINEL_API_PATH", "/sentinel/", 1);
	ASK(world, 200, "[]", "--key", KEY);
	assert_string_equal(world->answerer.path, "/sentinel/status");
	assert_string_equal(world->answerer.key, KEY);
	snprintf(file, sizeof(file), "%s", place_write(world->place, "key", "from-a-file\n"));
	ASK(world, 200, "[]", "--key-file", file);
	assert_string_equal(world->answerer.key, "from-a-file");
	setenv("VPN_SENTINEL_API_KEY", "from-the-environment", 1);
	ASK(world, 200, "[]", NULL);
	assert_string_equal(world->answerer.key, "from-the-environment");
	assert_int_equal(world->answerer.requests, 1);
}

static void without_a_url_the_local_socket_is_asked(void **state)
{
	struct world *world = *state;

	answerer_start(&world->answerer, place_path(world->place, "server.sock"),
		(struct answer){200, "[{\"client_id\":\"over-the-socket\"}]", false});
	RUN(&world->caught, &vs_command_status, NULL);
	answerer_end(&world->answerer);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, "over-the-socket");
	assert_string_equal(world->answerer.path, "/api/v1/status");
}

static void without_a_server_it_says_where_it_looked_and_what_else_there_is(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_status, NULL);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, place_path(world->place, "server.sock"));
	assert_has(world->caught.err, "--url URL");
	RUN(&world->caught, &vs_command_status, "--url", "http://127.0.0.1:1");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "Connection refused");
	assert_has_not(world->caught.err, "--url URL");
}

static void two_keys_are_one_too_many(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_status, "--key", KEY, "--key-file", "/dev/null");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "give one of them");
	assert_has_not(world->caught.err, KEY);
}

static void a_key_file_that_cannot_be_read_is_told_before_anybody_is_asked(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "[]", "--key-file", "/there/is/no/key");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "/there/is/no/key");
	assert_int_equal(world->answerer.requests, 0);
}

/* Runs status with its output on a terminal. */
static void on_a_terminal(struct world *world, char *text, size_t size)
{
	struct terminal terminal;
	char client[512];
	char body[1200];
	char *argv[] = {(char[]){"status"}, (char[]){"--url"}, world->answerer.url, NULL};
	int kept = dup(STDOUT_FILENO);

	snprintf(body, sizeof(body), "[%s]", client_json(client, sizeof(client), "leak", 0));
	answerer_start(&world->answerer, NULL, (struct answer){200, body, false});
	terminal_open(&terminal);
	fflush(stdout);
	dup2(fileno(terminal.file), STDOUT_FILENO);
	world->caught.code = vs_cli_options_run(&vs_command_status, 3, argv);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	answerer_end(&world->answerer);
	terminal_close(&terminal, text, size);
	assert_int_equal(world->caught.code, 0);
}

static void verdicts_are_coloured_on_a_terminal_unless_no_color_is_set(void **state)
{
	struct world *world = *state;
	char text[4096];

	on_a_terminal(world, text, sizeof(text));
	assert_has(text, "alive   \x1b[31mleak\x1b[0m     198.51.100.7");
	setenv("NO_COLOR", "1", 1);
	on_a_terminal(world, text, sizeof(text));
	assert_has(text, "alive   leak     198.51.100.7");
	assert_has_not(text, "\x1b[");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clients_become_rows_of_a_table),
		TEST(a_place_shows_what_is_known_of_it),
		TEST(a_clock_that_is_ahead_does_not_make_an_age_negative),
		TEST(what_clients_say_does_not_steer_the_terminal),
		TEST(no_clients_are_a_sentence),
		TEST(members_that_are_missing_or_of_another_type_are_unknown),
		TEST(json_is_the_reply_as_it_is_with_one_newline),
		TEST(a_reply_that_is_no_list_is_not_printed),
		TEST(a_refusal_says_what_to_do),
		TEST(the_key_and_the_path_go_to_the_server),
		TEST(without_a_url_the_local_socket_is_asked),
		TEST(without_a_server_it_says_where_it_looked_and_what_else_there_is),
		TEST(two_keys_are_one_too_many),
		TEST(a_key_file_that_cannot_be_read_is_told_before_anybody_is_asked),
		TEST(verdicts_are_coloured_on_a_terminal_unless_no_color_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
