/* Notifier telegram, listening: what is said is run once, and answered. */
#include "telegram_bot_kit.h"

static void what_is_said_in_the_chat_is_run_and_answered(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(SAID("77", "-1001", "42", "/status@our_bot")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "all <well> & good"});
	expect_body(kit, "sendMessage", REPLY("all &lt;well&gt; &amp; good") "}");
	run(kit);
	assert_string_equal(vpnt_said(kit), "/status@our_bot|our_bot|-1001|42|Ana|" MAY_ACT);
	assert_string_equal(vpnt_state(kit, "offset/123456"), "78");
	assert_int_equal(asked_offset(kit), 78);
}

static void peoples_talk_is_not_listened_to(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit,
		UPDATES(SAID("77", "-1001", "42", "hello") ",{\"update_id\":78,\"poll\":{}},{\"x\":1},7"));
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 0);
	assert_int_equal(asked_offset(kit), 79);
}

static void what_is_changed_later_is_not_said_again(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit,
		UPDATES("{\"update_id\":77,\"edited_message\":{\"message_id\":5," FROM("42") "," CHAT(
			"-1001", "supergroup") ",\"text\":\"/probe "
					       "anna\"}},{\"update_id\":78,\"channel_post\":{\"message_id\":"
					       "6," CHAT("-1001", "channel") ",\"text\":\"/probe anna\"}}"));
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 0);
	assert_int_equal(asked_offset(kit), 79);
}

static void at_the_first_start_nothing_of_before_is_run(void **state)
{
	struct vpnt *kit = *state;

	expect_begin(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates",
				 .body = "{\"limit\":1,\"timeout\":0,\"allowed_updates\":[\"message\","
					 "\"callback_query\"],\"offset\":-1}",
				 .reply = UPDATES(SAID("77", "-1001", "42", "/probe anna"))});
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 0);
	assert_int_equal(asked_offset(kit), 78);
	assert_string_equal(vpnt_state(kit, "offset/123456"), "78");
}

static void what_telegram_tells_again_is_not_run_again(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(SAID("69", "-1001", "42", "/probe anna")));
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 0);
	assert_int_equal(asked_offset(kit), 70);
	vpnt_stop(kit);
	/* After a quiet week it counts on from anywhere. */
	vpnt_state_set(kit, "offset/123456", "900000");
	expect_begin(kit);
	expect(kit, "getUpdates", UPDATES(SAID("77", "-1001", "42", "/status")));
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 1);
	assert_int_equal(asked_offset(kit), 78);
}

static void an_answer_that_telegram_refuses_holds_up_nobody(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(SAID("77", "-1001", "42", "/a") "," SAID("78", "-1001", "42", "/b")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "x"});
	expect_error(kit, "sendMessage", 429, "{\"ok\":false,\"parameters\":{\"retry_after\":2}}");
	expect_error(kit, "sendMessage", 403, "{\"ok\":false,\"description\":\"Forbidden: bot was kicked\"}");
	expect_body(kit, "sendMessage", REPLY("x") "}");
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 2);
	assert_contains(vpnt_log(kit), "could not be sent: Forbidden: bot was kicked");
}

static void answers_to_many_commands_put_an_alert_off(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	uint32_t before;
	int i;

	expect_heard(kit,
		UPDATES(SAID("77", "-1001", "42", "/a") "," SAID("78", "-1001", "42", "/b") "," SAID(
			"79", "-1001", "42", "/c") "," SAID("80", "-1001", "42", "/d") "," SAID("81", "-1001",
			"42", "/e") "," SAID("82", "-1001", "42", "/f") "," SAID("83", "-1001", "42", "/g")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "x"});
	for (i = 0; i < 7; i++)
		expect(kit, "sendMessage", SENT);
	run(kit); /* 4 of the 12 s after which a group may get an eighth message */
	assert_int_equal(vpnt_said_count(kit), 7);
	before = vpnt_sent_count(kit);
	result = vpnt_delivery_result(kit, vpnt_deliver(kit, &alert));
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT);
	assert_in_range(result->retry_after_ms, 8000, 12000);
	assert_int_equal(vpnt_sent_count(kit), before);
}

static void a_server_that_cannot_run_it_just_now_is_asked_again(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(SAID("77", "-1001", "42", "/a")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.is_busy = 1});
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 0);
	vpnt_advance(kit, 1200);
	assert_int_equal(vpnt_said_count(kit), 0);
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "done"});
	expect_body(kit, "sendMessage", REPLY("done") "}");
	expect_rest(kit);
	vpnt_advance(kit, 1000);
	vpnt_advance(kit, 1000);
	assert_int_equal(vpnt_said_count(kit), 1);
	/* It ends in the middle of the next one without leaving anything. */
	vpnt_stop(kit);
}

static void who_does_not_want_commands_is_not_asked_for_any(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "commands", "off"));
	vpnt_advance(kit, 60000);
	assert_int_equal(vpnt_sent_count(kit), 0);
	expect_begin(kit);
	expect(kit, "getUpdates", NOTHING);
	expect_rest(kit);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001")), 0);
	vpnt_advance(kit, 0);
	vpnt_advance(kit, 2000);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "commands", "off")),
		0);
	vpnt_advance(kit, 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_in_the_chat_is_run_and_answered),
		TEST(peoples_talk_is_not_listened_to),
		TEST(what_is_changed_later_is_not_said_again),
		TEST(at_the_first_start_nothing_of_before_is_run),
		TEST(what_telegram_tells_again_is_not_run_again),
		TEST(an_answer_that_telegram_refuses_holds_up_nobody),
		TEST(answers_to_many_commands_put_an_alert_off),
		TEST(a_server_that_cannot_run_it_just_now_is_asked_again),
		TEST(who_does_not_want_commands_is_not_asked_for_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
