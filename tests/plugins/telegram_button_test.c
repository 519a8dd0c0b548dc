/* Notifier telegram, listening: buttons, and what becomes of them. */
#include "telegram_bot_kit.h"

#define REPLY_TO(number, text)                                                                               \
	"{\"chat_id\":-1001,\"reply_parameters\":{\"message_id\":" number                                    \
	",\"allow_sending_without_reply\":true},\"text\":\"" text                                            \
	"\",\"parse_mode\":\"HTML\",\"link_preview_options\":{\"is_disabled\":true}}"

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
	static const struct vpns_alert_action actions[] = {
		{"ack", "Me ocupo", "/ack 01JGK", VPNS_COMMAND_MAY_ACT, 0},
		{"why", "\xc2\xbfPor qu\xc3\xa9?", "/why 01JGK", 0, 0},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const char *body;

	alert.actions = actions;
	alert.action_count = 2;
	body = told(kit, "all", &alert);
	assert_contains(body, "{\"text\":\"Me ocupo\",\"callback_data\":\"/ack 01JGK\"}");
	assert_contains(body, "\"callback_data\":\"/why 01JGK\"");
	body = told(kit, "ask", &alert);
	assert_lacks(body, "/ack");
	assert_contains(body, "/why");
	assert_lacks(told(kit, "off", &alert), "reply_markup");
	alert.action_count = 0;
	assert_lacks(told(kit, "all", &alert), "reply_markup");
}

/* A message of ours with bold text, of which a button was pressed. */
#define ALERT(data, text)                                                                                    \
	"{\"update_id\":77,\"callback_query\":{\"id\":\"4711\"," FROM(                                       \
		"42") ",\"data\":\"" data "\",\"message\":{"                                                 \
		      "\"message_id\":42," CHAT("-1001",                                                     \
			      "supergroup") ",\"text\":\"" text "\",\"entities\":[{\"type\":\"bold\","       \
					    "\"offset\":0,\"length\":4}]}}}"
#define MARKED(text)                                                                                         \
	"{\"chat_id\":-1001,\"message_id\":42,\"text\":\"" text                                              \
	"\",\"entities\":[{\"type\":\"bold\",\"offset\":0,"                                                  \
	"\"length\":4}],\"link_preview_options\":{\"is_disabled\":true}"
#define HINT(text) "{\"callback_query_id\":\"4711\",\"text\":\"" text "\"}"

static void expect_hint(struct vpnt *kit, const char *body)
{
	vpnt_expect(kit, &(struct vpnt_http){.url = API "/answerCallbackQuery", .body = body, .reply = OK});
}

static void what_a_button_did_stands_below_its_message_and_the_buttons_are_gone(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(ALERT("/ack 1", "Lost: anna")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "Ana looks after it.",
					  .note = "Ana looks after it.",
					  .flags = VPNS_ANSWER_SPENT});
	expect_hint(kit, HINT("Ana looks after it."));
	expect_body(kit, "editMessageText", MARKED("Lost: anna\\n\\nAna looks after it.") "}");
	run(kit);
	assert_int_equal(asked_offset(kit), 78);
}

static void what_stands_there_already_is_not_written_again(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(ALERT("/ack 1", "Lost: anna\\n\\nAna looks after it.")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "Ana looks after it.",
					  .note = "Ana looks after it.",
					  .flags = VPNS_ANSWER_SPENT | VPNS_ANSWER_REFUSED});
	expect_hint(kit, HINT("Ana looks after it."));
	vpnt_expect(kit,
		&(struct vpnt_http){.url = API "/editMessageReplyMarkup",
			.body = "{\"chat_id\":-1001,\"message_id\":42}",
			.status = 400,
			.reply = "{\"ok\":false,\"description\":\"Bad Request: message is not modified\"}"});
	run(kit);
	assert_int_equal(asked_offset(kit), 78);
}

static void what_can_still_be_done_stays_to_be_pressed(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(ALERT("/silence anna 1h", "Lost: anna")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "Nothing is told.",
					  .note = "silent",
					  .label = "Undo",
					  .says = "/unsilence 1"});
	expect_hint(kit, HINT("Nothing is told."));
	expect_body(kit, "editMessageText",
		MARKED("Lost: anna\\n\\nsilent") ",\"reply_markup\":{\"inline_keyboard\":[[{\"text\":"
						 "\"Undo\","
						 "\"callback_data\":\"/unsilence 1\"}]]}}");
	run(kit);
}

static void where_the_message_cannot_be_changed_the_answer_is_said_below(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(ALERT("/ack 1", "Lost: anna") "," PRESSED("78", "-1001", "42", "/ack 2")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "done", .note = "done"});
	expect_hint(kit, HINT("done"));
	expect_error(kit, "editMessageText", 400,
		"{\"ok\":false,\"description\":\"Bad Request: message can't be edited\"}");
	expect_body(kit, "sendMessage", REPLY_TO("42", "done"));
	expect_hint(kit, HINT("done"));
	expect_body(kit, "editMessageText",
		"{\"chat_id\":-1001,\"message_id\":42,\"text\":\"x\\n\\ndone\",\"link_preview_options\":{"
		"\"is_disabled\":true}}");
	run(kit);
	assert_int_equal(asked_offset(kit), 79);
}

static void of_a_message_too_old_to_be_read_nothing_is_changed(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit,
		UPDATES("{\"update_id\":77,\"callback_query\":{\"id\":\"4711\"," FROM(
			"42") ",\"data\":\"/ack 1\",\"message\":{\"message_id\":42,\"date\":0," CHAT("-1001",
			"supergroup") "}}}"));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "done", .note = "done"});
	expect_hint(kit, HINT("done"));
	expect_body(kit, "sendMessage", REPLY_TO("42", "done"));
	run(kit);
}

static void who_presses_in_vain_gets_a_hint_and_nobody_else_a_message(void **state)
{
	struct vpnt *kit = *state;

	expect_heard(kit, UPDATES(ALERT("/ack 1", "Lost: anna")));
	vpnt_answer_commands(
		kit, &(struct vpnt_commands){.text = "You may not.", .flags = VPNS_ANSWER_REFUSED});
	expect_hint(kit, HINT("You may not."));
	run(kit);
	assert_int_equal(asked_offset(kit), 78);
}

static void a_long_hint_is_cut_at_a_whole_character(void **state)
{
	struct vpnt *kit = *state;
	char text[513] = "";
	char hint[513 + 64];
	int i;

	for (i = 0; i < 128; i++)
		strcat(text, "\xf0\x9f\x98\x80");
	snprintf(hint, sizeof(hint), "{\"callback_query_id\":\"4711\",\"text\":\"%.400s\"}", text);
	expect_heard(kit, UPDATES(ALERT("/ack 1", "Lost: anna")));
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = text, .flags = VPNS_ANSWER_REFUSED});
	expect_hint(kit, hint);
	run(kit);
}

/* Where somebody listens, alert goes out by method, and then the buttons of that message are taken away. */
static void expect_unbuttoned(
	struct vpnt *kit, const struct vpns_alert *alert, const char *method, const char *body)
{
	vpnt_state_set(kit, "offset/123456", "70");
	expect_begin(kit);
	expect_rest(kit);
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	for (int i = 0; i < 5; i++)
		vpnt_advance(kit, 100);
	expect(kit, method, SENT);
	vpnt_expect(
		kit, &(struct vpnt_http){.url = API "/editMessageReplyMarkup", .body = body, .reply = SENT});
	(void)vpnt_deliver(kit, alert);
	for (int i = 0; i < 5; i++)
		vpnt_advance(kit, 100);
}

static void what_is_over_loses_its_buttons(void **state)
{
	struct vpns_alert alert = vpnt_alert();

	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.replaces_ref = "-1001/42";
	expect_unbuttoned(*state, &alert, "sendMessage", "{\"chat_id\":-1001,\"message_id\":42}");
}

static void of_several_messages_the_last_loses_its_buttons(void **state)
{
	struct vpns_alert alert = vpnt_alert();

	alert.transition = VPNS_TRANSITION_ACKNOWLEDGED;
	alert.replaces_ref = "-1001/42-45";
	expect_unbuttoned(*state, &alert, "sendMessage", "{\"chat_id\":-1001,\"message_id\":45}");
}

static void when_the_first_of_several_is_changed_the_last_loses_its_buttons(void **state)
{
	struct vpns_alert alert = vpnt_alert();

	alert.flags |= VPNS_ALERT_UPDATE;
	alert.replaces_ref = "-1001/42-45";
	expect_unbuttoned(*state, &alert, "editMessageText", "{\"chat_id\":-1001,\"message_id\":45}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_may_have_buttons_and_a_page_is_turned_in_place),
		TEST(an_open_incident_has_buttons_where_somebody_listens),
		TEST(what_a_button_did_stands_below_its_message_and_the_buttons_are_gone),
		TEST(what_stands_there_already_is_not_written_again),
		TEST(what_can_still_be_done_stays_to_be_pressed),
		TEST(where_the_message_cannot_be_changed_the_answer_is_said_below),
		TEST(of_a_message_too_old_to_be_read_nothing_is_changed),
		TEST(who_presses_in_vain_gets_a_hint_and_nobody_else_a_message),
		TEST(a_long_hint_is_cut_at_a_whole_character),
		TEST(what_is_over_loses_its_buttons),
		TEST(of_several_messages_the_last_loses_its_buttons),
		TEST(when_the_first_of_several_is_changed_the_last_loses_its_buttons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
