/* `notify`: what it asks of the server, what it makes of the channels' answers, and its exit codes. */
#include "asking.h"

#include "cli/commands.h"
#include "server/trial.h"

#define KEY "a-key-of-decent-length"
#define SENT                                                                                                 \
	"{\"channel\":\"chat\",\"plugin\":\"telegram\",\"outcome\":\"sent\",\"reason\":\"\",\"took_ms\":"    \
	"120}"
#define REFUSED                                                                                              \
	"{\"channel\":\"mail\",\"plugin\":\"email\",\"outcome\":\"refused\",\"reason\":\"no\\u001b[2Jbox\"," \
	"\"took_ms\":7}"
#define LATER                                                                                                \
	"{\"channel\":\"push\",\"plugin\":\"ntfy\",\"outcome\":\"later\",\"reason\":\"too many\","           \
	"\"took_ms\":9,\"retry_after_ms\":30000}"

#define ASK(world, status, body, ...)                                                                        \
	ASK_BY(world, vs_command_notify, status, body, "--key", KEY, __VA_ARGS__)

static void all_channels_took_it(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "{\"channels\":[" SENT "]}", "is \"anybody\" there?", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.out, "chat (telegram): sent in 0.1s\n");
	assert_string_equal(world->caught.err, "");
	assert_string_equal(world->answerer.path, "/api/v1/notify");
	assert_string_equal(world->answerer.body, "{\"text\":\"is \\\"anybody\\\" there?\"}");
}

static void one_channel_is_named(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "{\"channels\":[" SENT "]}", "hello", "--channel", "chat", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->answerer.body, "{\"text\":\"hello\",\"channel\":\"chat\"}");
}

static void what_a_channel_did_not_take_makes_it_fail(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "{\"channels\":[" SENT "," REFUSED "," LATER "]}", "hello", NULL);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.out, "mail (email): refused: no?[2Jbox\n");
	assert_has(world->caught.out, "push (ntfy): later: too many; it asks to wait for 30s\n");
	assert_has(world->caught.err, "2 of 3 channels did not take it");
}

static void a_server_without_channels_is_told_how_to_get_one(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "{\"channels\":[]}", "hello", NULL);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "add one under 'notifiers'");
}

static void json_is_the_reply_as_it_is(void **state)
{
	struct world *world = *state;

	ASK(world, 200, "{\"channels\": [" REFUSED "]}\n", "hello", "--json");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_string_equal(world->caught.out, "{\"channels\": [" REFUSED "]}\n");
}

static void a_reply_of_something_else_is_not_printed(void **state)
{
	static const char *const bodies[] = {"[]", "", "<html>", "{\"channels\":7}"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ASK(world, 200, bodies[i], "hello", "--json");
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_string_equal(world->caught.out, "");
		assert_has(world->caught.err, "is this the right server?");
	}
}

static void a_refusal_says_why(void **state)
{
	static const struct {
		int status;
		const char *body;
		const char *sentence;
	} rows[] = {
		{404, "{\"detail\":\"channel: there is none of this name\"}", "there is none of this name"},
		{404, "{}", "VPN_SENTINEL_API_PATH"},
		{403, "{}", "the role operate or admin"},
		{401, "{}", "--key-file"},
		{429, "{}", "try again"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ASK(world, rows[i].status, rows[i].body, "hello", NULL);
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_has(world->caught.err, rows[i].sentence);
		assert_has_not(world->caught.err, KEY);
	}
}

static void a_text_that_cannot_be_sent_is_a_mistake(void **state)
{
	struct world *world = *state;
	char text[VS_TRIAL_TEXT_MAX + 2];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	RUN(&world->caught, &vs_command_notify, text, NULL);
	assert_int_equal(world->caught.code, 2);
	RUN(&world->caught, &vs_command_notify, "  ", NULL);
	assert_int_equal(world->caught.code, 2);
	RUN(&world->caught, &vs_command_notify, "\xff", NULL);
	assert_int_equal(world->caught.code, 2);
	assert_has(world->caught.err, "1 to 1000 bytes of UTF-8");
	/* The longest is no mistake: it fails where there is nobody to take it. */
	text[VS_TRIAL_TEXT_MAX] = '\0';
	RUN(&world->caught, &vs_command_notify, text, NULL);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "Is a server running here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_channels_took_it),
		TEST(one_channel_is_named),
		TEST(what_a_channel_did_not_take_makes_it_fail),
		TEST(a_server_without_channels_is_told_how_to_get_one),
		TEST(json_is_the_reply_as_it_is),
		TEST(a_reply_of_something_else_is_not_printed),
		TEST(a_refusal_says_why),
		TEST(a_text_that_cannot_be_sent_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
