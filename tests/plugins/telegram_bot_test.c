/* Notifier telegram, listening: who is heard, what is done once, how others who listen are met. */
#include "kit_test.h"

#include <jansson.h>
#include <stdio.h>

#define TOKEN "123456:AAbbCC-dd_ee"
#define API "https://api.telegram.org/bot" TOKEN
#define OK "{\"ok\":true,\"result\":true}"
#define NOTHING "{\"ok\":true,\"result\":[]}"
#define SENT "{\"ok\":true,\"result\":{\"message_id\":900}}"
#define FROM(user)                                                                                           \
	"\"from\":{\"id\":" user ",\"is_bot\":false,\"first_name\":\"Ana\",\"language_code\":\"es\"}"
#define CHAT(chat, type) "\"chat\":{\"id\":" chat ",\"type\":\"" type "\"}"
#define SAID(id, chat, user, text)                                                                           \
	"{\"update_id\":" id ",\"message\":{\"message_id\":5," FROM(user) "," CHAT(                          \
		chat, "supergroup") ","                                                                      \
				    "\"date\":1767323045,\"text\":\"" text "\"}}"
#define PRESSED(id, chat, user, data)                                                                        \
	"{\"update_id\":" id ",\"callback_query\":{\"id\":\"4711\"," FROM(                                   \
		user) ",\"data\":\"" data "\","                                                              \
		      "\"message\":{\"message_id\":42," CHAT(chat, "supergroup") ",\"text\":\"x\"}}}"
#define UPDATES(list) "{\"ok\":true,\"result\":[" list "]}"

#define STRANGER "1"
#define MAY_ACT "2"
#define MAY_ASK "0"

static void expect(struct vpnt *kit, const char *method, const char *reply)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.method = "POST", .url = url, .reply = reply});
}

static void expect_error(struct vpnt *kit, const char *method, uint32_t status, const char *reply)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.url = url, .status = status, .reply = reply});
}

/* A question for what was said that is never answered within the test: the end of what happens. */
static void expect_rest(struct vpnt *kit)
{
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates", .never = 1});
}

static void expect_begin(struct vpnt *kit)
{
	expect(kit, "getMe",
		"{\"ok\":true,\"result\":{\"id\":123456,\"is_bot\":true,\"username\":\"our_bot\"}}");
	expect(kit, "setMyCommands", OK);
	expect(kit, "setMyCommands", OK);
}

static int setup_bare(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));

	vpnt_offer_commands(kit);
	*state = kit;
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

#define REPLY(text)                                                                                          \
	"{\"chat_id\":-1001,\"reply_parameters\":{\"message_id\":5,\"allow_sending_without_reply\":true},"   \
	"\"text\":\"" text "\",\"parse_mode\":\"HTML\",\"link_preview_options\":{\"is_disabled\":true}"

static void expect_body(struct vpnt *kit, const char *method, const char *body)
{
	char url[128];

	snprintf(url, sizeof(url), API "/%s", method);
	vpnt_expect(kit, &(struct vpnt_http){.url = url, .body = body, .reply = SENT});
}

/* From here on a restart is behind us: what is to be asked for next is remembered. */
static void expect_heard(struct vpnt *kit, const char *updates)
{
	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates",
				 .body = "{\"limit\":20,\"timeout\":50,\"allowed_updates\":[\"message\","
					 "\"callback_query\"],\"offset\":70}",
				 .reply = updates});
}

static void run_with(struct vpnt *kit, const char *const *options)
{
	int i;

	expect_rest(kit);
	vpnt_start(kit, options);
	for (i = 0; i < 40; i++)
		vpnt_advance(kit, 100);
}

static void run(struct vpnt *kit)
{
	run_with(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
}

static int64_t asked_offset(const struct vpnt *kit)
{
	json_t *body = json_loads(vpnt_sent_body(kit), 0, NULL);
	int64_t offset = json_integer_value(json_object_get(body, "offset"));

	json_decref(body);
	return offset;
}

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

static void an_answer_may_have_buttons_and_a_page_is_turned_in_place(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit,
		UPDATES(SAID("77", "-1001", "42", "/status") "," PRESSED("78", "-1001", "42", "/status #2")));
	vpnt_answer_commands(
		kit, &(struct vpnt_commands){.text = "page", .label = ">", .says = "/status #2"});
	expect_body(kit, "sendMessage",
		REPLY("page") ",\"reply_markup\":{\"inline_keyboard\":[[{\"text\":\">\",\"callback_data\":\"/"
			      "status "
			      "#2\"}]]}}");
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/answerCallbackQuery",
				 .body = "{\"callback_query_id\":\"4711\"}",
				 .reply = OK});
	expect_body(kit, "editMessageText",
		"{\"chat_id\":-1001,\"message_id\":42,\"text\":\"page\",\"parse_mode\":\"HTML\","
		"\"link_preview_options\":{\"is_disabled\":true},\"reply_markup\":{\"inline_keyboard\":[[{"
		"\"text\":"
		"\">\",\"callback_data\":\"/status #2\"}]]}}");
	run(kit);
	assert_int_equal(vpnt_said_count(kit), 2);
	assert_int_equal(asked_offset(kit), 79);
}

static void strangers_are_noted_and_get_no_answer(void **state)
{
	static const char *const updates[] = {
		UPDATES(SAID("77", "-1002", "42", "/status")),
		UPDATES(PRESSED("77", "-1002", "42", "/ack 1")),
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
		expect_heard(kit, UPDATES(SAID("77", "-1001", "42", "/status")));
		run_with(
			kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", rows[i].option, rows[i].value));
		assert_contains(vpnt_said(kit), rows[i].flags);
		vpnt_stop(kit);
	}
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
	assert_contains(vpnt_log(kit), "Another program uses the token");
	vpnt_advance(kit, 5000);
	assert_int_equal(vpnt_sent_count(kit), before); /* 10 s, then 20 s */
	vpnt_advance(kit, 30000);
	vpnt_advance(kit, 1000);
	assert_contains(vpnt_log(kit), "is read again");
	assert_int_equal(asked_offset(kit), 70);
}

static void trouble_is_met_with_patience(void **state)
{
	struct vpnt *kit = *state;
	int i;

	expect_error(kit, "getMe", 502, "<html>");
	expect_begin(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/getUpdates", .error = VPNS_HTTP_E_CONNECT});
	expect_error(
		kit, "getUpdates", 500, "{\"ok\":false,\"description\":\"Internal Server Error: restart\"}");
	expect_error(kit, "getUpdates", 429, "{\"ok\":false,\"parameters\":{\"retry_after\":3}}");
	expect(kit, "getUpdates", "{\"ok\":true,\"result\":\"no list\"}");
	expect(kit, "getUpdates", NOTHING);
	run(kit);
	for (i = 0; i < 40; i++)
		vpnt_advance(kit, 1000);
	assert_int_equal(asked_offset(kit), 0);
	assert_contains(vpnt_log(kit), "WARN what is said to the bot cannot be read");
	assert_lacks(vpnt_log(kit), "AAbbCC");
}

static void a_token_that_is_refused_is_not_knocked_with(void **state)
{
	struct vpnt *kit = *state;

	expect_error(kit, "getMe", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	vpnt_advance(kit, 1000);
	vpnt_advance(kit, 290000);
	assert_contains(vpnt_log(kit), "401");
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

/* The body of an alert's message, sent by an instance that was just started. */
static const char *told(struct vpnt *kit, const char *commands, const struct vpns_alert *alert)
{
	const char *body;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "commands", commands));
	expect(kit, "sendMessage", SENT);
	op = vpnt_deliver(kit, alert);
	body = vpnt_sent_body(kit);
	vpnt_cancel(kit, op);
	vpnt_stop(kit);
	return body;
}

static void an_open_incident_has_buttons_where_somebody_listens(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const char *body;

	alert.incident_id = "01JGK000000000000000INCIDE";
	alert.transition = VPNS_TRANSITION_OPENED;
	body = told(kit, "all", &alert);
	assert_contains(body, "\"callback_data\":\"/ack 01JGK000000000000000INCIDE\"");
	assert_contains(body, "\"callback_data\":\"/silence 01JGK000000000000000INCIDE 1h\"");
	assert_contains(body, "\"callback_data\":\"/why 01JGK000000000000000INCIDE\"");
	body = told(kit, "ask", &alert);
	assert_lacks(body, "/ack");
	assert_contains(body, "/why");
	assert_lacks(told(kit, "off", &alert), "reply_markup");
	alert.client_id = ""; /* the server itself */
	body = told(kit, "all", &alert);
	assert_contains(body, "/ack");
	assert_lacks(body, "/silence");
	alert.transition = VPNS_TRANSITION_RESOLVED;
	assert_lacks(told(kit, "all", &alert), "reply_markup");
	alert.transition = VPNS_TRANSITION_NOTICE;
	alert.incident_id = "";
	assert_lacks(told(kit, "all", &alert), "reply_markup");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_in_the_chat_is_run_and_answered),
		TEST(an_answer_may_have_buttons_and_a_page_is_turned_in_place),
		TEST(strangers_are_noted_and_get_no_answer),
		TEST(who_may_ask_and_who_may_act_is_configured),
		TEST(peoples_talk_is_not_listened_to),
		TEST(at_the_first_start_nothing_of_before_is_run),
		TEST(what_telegram_tells_again_is_not_run_again),
		TEST(another_program_that_polls_is_told_of_and_waited_for),
		TEST(trouble_is_met_with_patience),
		TEST(a_token_that_is_refused_is_not_knocked_with),
		TEST(of_two_channels_with_one_bot_one_listens),
		TEST(an_answer_that_telegram_refuses_holds_up_nobody),
		TEST(answers_to_many_commands_put_an_alert_off),
		TEST(a_server_that_cannot_run_it_just_now_is_asked_again),
		TEST(who_does_not_want_commands_is_not_asked_for_any),
		TEST(an_open_incident_has_buttons_where_somebody_listens),
		TEST(numbers_of_people_and_chats_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
