/* Notifier telegram, listening: who may ask, and who may change something. */
#include "telegram_bot_kit.h"

static void strangers_are_noted_and_get_no_answer(void **state)
{
	static const char *const updates[] = {
		UPDATES(SAID("77", "-1002", "42", "/status")),
		UPDATES("{\"update_id\":77,\"message\":{\"message_id\":5," CHAT(
			"-1001", "channel") ",\"text\":\"/x\"}}"),
	};
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(updates) / sizeof(updates[0]); i++) {
		expect_heard(kit, updates[i]);
		run(kit);
		assert_int_equal(vpnt_said_count(kit), i + 1);
		assert_contains(vpnt_said(kit), "|" STRANGER);
		assert_int_equal(asked_offset(kit), 78);
		vpnt_stop(kit);
	}
}

static void a_strangers_button_ends_spinning_and_says_nothing(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(PRESSED("77", "-1002", "42", "/ack 1")));
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/answerCallbackQuery",
				 .body = "{\"callback_query_id\":\"4711\"}",
				 .reply = OK});
	run(kit);
	assert_contains(vpnt_said(kit), "/ack 1|our_bot|-1002|42|Ana|" STRANGER);
	assert_int_equal(asked_offset(kit), 78);
}

#define HIDDEN                                                                                               \
	"{\"update_id\":77,\"message\":{\"message_id\":5,\"from\":{\"id\":1087968824,\"is_bot\":true,"       \
	"\"first_name\":\"Group\",\"username\":\"GroupAnonymousBot\"},\"sender_chat\":{\"id\":-1001}," CHAT( \
		"-1001", "supergroup") ",\"text\":\"/ack 1\"}}"

static void who_hides_may_ask_and_not_act(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(HIDDEN));
	run(kit);
	assert_contains(vpnt_said(kit), "|GroupAnonymousBot|" ANONYMOUS);
	vpnt_stop(kit);
	expect_heard(kit, UPDATES(HIDDEN));
	run_with(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "users", "42, 1087968824"));
	assert_contains(vpnt_said(kit), "|" STRANGER);
}

static void expect_words(struct vpnt *kit, const char *body)
{
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/setMyCommands", .body = body, .reply = OK});
}

#define ASKS "{\"command\":\"status\",\"description\":\"how all are\"}"
#define ACTS ",{\"command\":\"probe\",\"description\":\"measure\"}"
#define MEMBER "\"scope\":{\"type\":\"chat_member\",\"chat_id\":-1001,\"user_id\":42}"

static void only_who_may_act_is_offered_what_acts(void **state)
{
	struct vpnt *kit = *state;
	int i;

	vpnt_state_set(kit, "offset/123456", "70");
	expect(kit, "getMe", ME);
	expect_words(kit, "{\"commands\":[" ASKS "]}");
	expect_words(kit, "{\"commands\":[" ASKS "],\"language_code\":\"es\"}");
	expect_words(kit, "{\"commands\":[" ASKS ACTS "]," MEMBER "}");
	expect_words(kit, "{\"commands\":[" ASKS ACTS "]," MEMBER ",\"language_code\":\"es\"}");
	expect_rest(kit);
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "operators", "42"));
	for (i = 0; i < 10; i++)
		vpnt_advance(kit, 100);
	assert_int_equal(asked_offset(kit), 70);
}

static void who_may_ask_and_who_may_act_is_configured(void **state)
{
	static const struct {
		const char *option;
		const char *value;
		const char *flags;
	} rows[] = {
		{"chats", "-1001", "|" MAY_ACT},
		{"chats", "-1003", "|" STRANGER},
		{"users", "7, 42", "|" MAY_ACT},
		{"users", "7", "|" STRANGER},
		{"operators", "42", "|" MAY_ACT},
		{"operators", "7", "|" MAY_ASK},
		{"commands", "ask", "|" MAY_ASK},
	};
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vpnt_state_set(kit, "offset/123456", "70");
		expect_begin(kit);
		if (strcmp(rows[i].option, "operators") == 0) {
			expect(kit, "setMyCommands", OK);
			expect(kit, "setMyCommands", OK);
		}
		expect(kit, "getUpdates", UPDATES(SAID("77", "-1001", "42", "/status")));
		run_with(
			kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", rows[i].option, rows[i].value));
		assert_contains(vpnt_said(kit), rows[i].flags);
		vpnt_stop(kit);
	}
}

static void numbers_of_people_and_chats_are_numbers(void **state)
{
	struct vpnt *kit = *state;

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "1", "users", "@ana")),
		"users and operators are numbers");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "1", "chats", "x")),
		"users and operators are numbers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strangers_are_noted_and_get_no_answer),
		TEST(a_strangers_button_ends_spinning_and_says_nothing),
		TEST(who_hides_may_ask_and_not_act),
		TEST(only_who_may_act_is_offered_what_acts),
		TEST(who_may_ask_and_who_may_act_is_configured),
		TEST(numbers_of_people_and_chats_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
