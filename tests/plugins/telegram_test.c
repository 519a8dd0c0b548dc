/* Notifier telegram: what goes out, the options, and being called off. */
#include "telegram_kit.h"

#include "notifiers/telegram/telegram_message.h"

static void a_message_goes_out_as_html_without_previews(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	json_t *body;

	result = deliver(kit, &(struct vpnt_http){.method = "POST",
				      .url = URL,
				      .header = "Content-Type: application/json",
				      .reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "-1001/42");
	body = sent_body(kit);
	assert_int_equal(json_integer_value(json_object_get(body, "chat_id")), -1001);
	assert_string_equal(json_string_value(json_object_get(body, "parse_mode")), "HTML");
	assert_true(
		json_is_true(json_object_get(json_object_get(body, "link_preview_options"), "is_disabled")));
	assert_null(json_object_get(body, "disable_notification"));
	assert_null(json_object_get(body, "message_thread_id"));
	assert_contains(json_string_value(json_object_get(body, "text")), "<b>anna lost its tunnel</b>");
	assert_contains(json_string_value(json_object_get(body, "text")), "Bucure\xc8\x99ti");
	json_decref(body);
}

static void what_stands_in_an_alert_cannot_become_markup(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	alert.title = "<a href=\"http://evil\">x</a> & \xe2\x80\xae";
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	deliver_alert(kit, &alert);
	body = sent_body(kit);
	assert_contains(json_string_value(json_object_get(body, "text")),
		"&lt;a href=\"http://evil\"&gt;x&lt;/a&gt; &amp;");
	json_decref(body);
}

static void a_topic_and_a_channel_name_are_sent_as_such(void **state)
{
	struct vpnt *kit = *state;
	json_t *body;

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "@my_channel", "thread_id", "7", "api_url",
				"http://127.0.0.1:81/"));
	deliver(kit, &(struct vpnt_http){
			     .url = "http://127.0.0.1:81/bot" TOKEN "/sendMessage", .reply = sent_reply});
	body = sent_body(kit);
	assert_string_equal(json_string_value(json_object_get(body, "chat_id")), "@my_channel");
	assert_int_equal(json_integer_value(json_object_get(body, "message_thread_id")), 7);
	json_decref(body);
}

static void messages_below_the_chosen_severity_are_silent(void **state)
{
	static const struct {
		const char *below;
		uint32_t severity;
		int silent;
	} rows[] = {
		{"info", VPNS_SEVERITY_INFO, 0},
		{"warning", VPNS_SEVERITY_INFO, 1},
		{"warning", VPNS_SEVERITY_WARNING, 0},
		{"critical", VPNS_SEVERITY_WARNING, 1},
		{"critical", VPNS_SEVERITY_CRITICAL, 0},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "1",
							       "silent_below", rows[i].below)),
			0);
		alert.severity = rows[i].severity;
		vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
		deliver_alert(kit, &alert);
		body = sent_body(kit);
		assert_int_equal(json_is_true(json_object_get(body, "disable_notification")), rows[i].silent);
		json_decref(body);
	}
}

static void a_cancelled_delivery_finishes_at_once_in_either_phase(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
	vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 1000);
	assert_int_equal(vpnt_sent_count(kit), 3);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
}

static void options_that_cannot_be_right_are_refused_without_the_token(void **state)
{
	struct vpnt *kit = *state;
	char url[2100];

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", "abc/../def", "chat_id", "1")), "option token");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", "abc def", "chat_id", "1")), "option token");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "my group")),
		"option chat_id");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "@")), "option chat_id");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-")), "option chat_id");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "12345678901234567890")),
		"option chat_id");
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://", 7);
	url[sizeof(url) - 1] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "1", "api_url", url)),
		"option api_url");
}

static void a_bad_change_is_refused_and_the_old_options_stay(void **state)
{
	struct vpnt *kit = *state;

	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("token", "no good", "chat_id", "1")) < 0);
	deliver(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
}

static void text_that_is_not_utf8_makes_no_message(void **state)
{
	const struct telegram_message message = {.chat_id = "1", .text = "\xff"};

	(void)state;
	assert_null(telegram_message_build(&message));
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"),
		VPNS_TEST_SOURCE "/plugins/notifiers/telegram/README.md");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_goes_out_as_html_without_previews),
		TEST(what_stands_in_an_alert_cannot_become_markup),
		TEST_BARE(a_topic_and_a_channel_name_are_sent_as_such),
		TEST(messages_below_the_chosen_severity_are_silent),
		TEST(a_cancelled_delivery_finishes_at_once_in_either_phase),
		TEST_BARE(options_that_cannot_be_right_are_refused_without_the_token),
		TEST(a_bad_change_is_refused_and_the_old_options_stay),
		cmocka_unit_test(text_that_is_not_utf8_makes_no_message),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
