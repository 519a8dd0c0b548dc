/* Notifier telegram, listening: how others who listen, and trouble, are met. */
#include "telegram_bot_kit.h"

static void another_program_that_polls_is_told_of_and_waited_for(void **state)
{
	struct vpnt *kit = *state;
	uint32_t before;
	int i;

	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	for (i = 0; i < 2; i++)
		expect_error(kit, "getUpdates", 409,
			"{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by other "
			"getUpdates "
			"request; make sure that only one bot instance is running\"}");
	expect(kit, "getUpdates", NOTHING);
	run(kit);
	before = vpnt_sent_count(kit);
	assert_contains(vpnt_deafness(kit), "Another program uses the token");
	vpnt_advance(kit, 5000);
	assert_int_equal(vpnt_sent_count(kit), before); /* 10 s, then 20 s */
	vpnt_advance(kit, 30000);
	vpnt_advance(kit, 1000);
	assert_string_equal(vpnt_deafness(kit), "");
	assert_int_equal(asked_offset(kit), 70);
}

static void a_webhook_is_told_of_with_how_to_end_it(void **state)
{
	struct vpnt *kit = *state;

	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	expect_error(kit, "getUpdates", 409,
		"{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: can't use getUpdates method "
		"while "
		"webhook is active; use deleteWebhook to delete the webhook first\"}");
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 1000);
	vpnt_advance(kit, 1000);
	assert_contains(vpnt_deafness(kit), "/deleteWebhook once to end that");
	assert_lacks(vpnt_deafness(kit), "Another program");
}

static void trouble_is_met_with_patience(void **state)
{
	struct vpnt *kit = *state;
	int was_deaf = 0;
	int i;

	expect_error(kit, "getMe", 502, "<html>");
	expect_begin(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates", .error = VPNS_HTTP_E_CONNECT});
	expect_error(
		kit, "getUpdates", 500, "{\"ok\":false,\"description\":\"Internal Server Error: restart\"}");
	expect_error(kit, "getUpdates", 429, "{\"ok\":false,\"parameters\":{\"retry_after\":3}}");
	expect(kit, "getUpdates", "{\"ok\":true,\"result\":\"no list\"}");
	expect(kit, "getUpdates", NOTHING);
	expect_rest(kit);
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	for (i = 0; i < 40; i++) {
		was_deaf |= vpnt_deafness(kit)[0] != '\0';
		assert_lacks(vpnt_deafness(kit), "AAbbCC");
		vpnt_advance(kit, 1000);
	}
	assert_int_equal(asked_offset(kit), 0);
	assert_true(was_deaf);
	assert_string_equal(vpnt_deafness(kit), "");
	assert_lacks(vpnt_log(kit), "AAbbCC");
}

static void a_question_that_hangs_is_given_up_after_a_minute_and_asked_again(void **state)
{
	struct vpnt *kit = *state;
	uint32_t before;
	int i;

	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	expect_rest(kit);
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 1000);
	before = vpnt_sent_count(kit);
	vpnt_advance(kit, 58000);
	assert_int_equal(vpnt_sent_count(kit), before);
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "all is well"});
	expect(kit, "getUpdates", UPDATES(SAID("70", "-1001", "42", "/status")));
	expect_body(kit, "sendMessage", REPLY("all is well") "}");
	expect_rest(kit);
	for (i = 0; i < 5; i++)
		vpnt_advance(kit, 1000);
	assert_string_equal(vpnt_said(kit), "/status|our_bot|-1001|42|Ana|" MAY_ACT);
	assert_int_equal(asked_offset(kit), 71);
	assert_string_equal(vpnt_deafness(kit), "");
}

static void a_token_that_is_refused_is_not_knocked_with(void **state)
{
	struct vpnt *kit = *state;

	expect_error(kit, "getMe", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 1000);
	vpnt_advance(kit, 290000);
	assert_contains(vpnt_deafness(kit), "401");
	assert_int_equal(vpnt_sent_count(kit), 1);
}

static void of_two_channels_with_one_bot_one_listens(void **state)
{
	struct vpnt *kit = *state;

	vpnt_answer_commands(kit, &(struct vpnt_commands){.is_taken = 1});
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 1000);
	assert_int_equal(vpnt_sent_count(kit), 0);
	assert_contains(vpnt_log(kit), "another channel listens");
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = NULL});
	expect_begin(kit);
	expect(kit, "getUpdates", NOTHING);
	expect_rest(kit);
	vpnt_advance(kit, 30000);
	vpnt_advance(kit, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_program_that_polls_is_told_of_and_waited_for),
		TEST(a_webhook_is_told_of_with_how_to_end_it),
		TEST(trouble_is_met_with_patience),
		TEST(a_question_that_hangs_is_given_up_after_a_minute_and_asked_again),
		TEST(a_token_that_is_refused_is_not_knocked_with),
		TEST(of_two_channels_with_one_bot_one_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
