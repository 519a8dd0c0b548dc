/* Notifier telegram: every answer of the Bot API and of what stands in its way. */
#include "kit_test.h"

#include "notifiers/telegram/telegram_message.h"
#include "notifiers/telegram/telegram_pace.h"
#include "notifiers/telegram/telegram_reply.h"
#include "notifiers/telegram/telegram_split.h"

#include <jansson.h>
#include <stdio.h>

#define TOKEN "123456:AAbbCC-dd_ee"
#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)
#define URL "https://api.telegram.org/bot" TOKEN "/sendMessage"

static const char sent_reply[] = "{\"ok\":true,\"result\":{\"message_id\":42,\"date\":1767323045,"
				 "\"chat\":{\"id\":-1001,\"type\":\"supergroup\"},\"text\":\"x\"}}";

static const char bad_markup[] =
	"{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: can't parse "
	"entities: Can't find end of the entity starting at byte offset 7\"}";

static int setup(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	*state = kit;
	return 0;
}

static int setup_bare(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static vpns_op deliver_alert(struct vpnt *kit, const struct vpns_alert *alert)
{
	vpns_op op = vpnt_deliver(kit, alert);

	vpnt_advance(kit, 20000);
	return op;
}

/* Delivers the ready alert against one scripted answer. */
static const struct vpns_delivery_result *deliver(struct vpnt *kit, const struct vpnt_http *http)
{
	struct vpns_alert alert = vpnt_alert();

	vpnt_expect(kit, http);
	return vpnt_delivery_result(kit, deliver_alert(kit, &alert));
}

static json_t *sent_body(struct vpnt *kit)
{
	json_t *body = json_loads(vpnt_sent_body(kit), 0, NULL);

	assert_non_null(body);
	return body;
}

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

static void too_many_requests_wait_as_long_as_telegram_says(void **state)
{
	static const struct {
		const char *body;
		const char *header;
		uint64_t wait_ms;
	} rows[] = {
		{"{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 34\","
		 "\"parameters\":{\"retry_after\":34}}",
			"Retry-After: 99", 34000},
		{"{\"ok\":false,\"description\":\"Too Many Requests\"}", "Retry-After: 12", 12000},
		{"{\"ok\":false,\"description\":\"Too Many Requests\"}", NULL, 0},
		{"{\"ok\":false,\"parameters\":{\"retry_after\":10072}}", NULL, 10072000},
		{"{\"ok\":false,\"parameters\":{\"retry_after\":1e300}}", NULL, 86400000},
		{"{\"ok\":false,\"parameters\":{\"retry_after\":-5}}", NULL, 0},
		{"{\"ok\":false,\"parameters\":{\"retry_after\":\"soon\"}}", NULL, 0},
		{"{\"ok\":false,\"parameters\":[]}", NULL, 0},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(
			kit, &(struct vpnt_http){
				     .status = 429, .reply = rows[i].body, .reply_header = rows[i].header});
		assert_int_equal(result->status, UNSENT);
		assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
		assert_int_equal(result->retry_after_ms, rows[i].wait_ms);
		assert_contains(result->reason, "429");
	}
}

static void a_moved_group_is_remembered_and_written_to_at_once(void **state)
{
	static const char moved[] = "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group "
				    "chat was upgraded to a supergroup "
				    "chat\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}";
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	json_t *body;

	result = deliver(kit, &(struct vpnt_http){.status = 400, .reply = moved});
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->retry_after_ms, 1);
	assert_string_equal(vpnt_state(kit, "chat/-1001"), "-1001234567890");
	assert_contains(vpnt_log(kit), "supergroup");
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001"));
	result = deliver(kit, &(struct vpnt_http){.status = 400, .reply = moved});
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->retry_after_ms, 0);
	body = sent_body(kit);
	assert_int_equal(json_integer_value(json_object_get(body, "chat_id")), INT64_C(-1001234567890));
	json_decref(body);
}

static void markup_that_telegram_cannot_read_is_sent_again_as_plain_text(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;
	json_t *body;

	vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	body = sent_body(kit);
	assert_null(json_object_get(body, "parse_mode"));
	assert_lacks(json_string_value(json_object_get(body, "text")), "<b>");
	json_decref(body);
	vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
	vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
}

static void permanent_answers_drop_the_message_with_their_words(void **state)
{
	static const struct {
		uint32_t status;
		const char *description;
		uint32_t scope;
	} rows[] = {
		{400, "Bad Request: chat not found", VPNS_SCOPE_CHAT},
		{400, "Bad Request: message is too long", VPNS_SCOPE_CHAT},
		{400, "Bad Request: message text is empty", VPNS_SCOPE_CHAT},
		{400, "Bad Request: message thread not found", VPNS_SCOPE_CHAT},
		{400, "Bad Request: not enough rights to send text messages to the chat", VPNS_SCOPE_CHAT},
		{401, "Unauthorized", VPNS_SCOPE_INSTANCE},
		{403, "Forbidden: bot was blocked by the user", VPNS_SCOPE_CHAT},
		{403, "Forbidden: bot was kicked from the supergroup chat", VPNS_SCOPE_CHAT},
		{404, "Not Found", VPNS_SCOPE_INSTANCE},
		{409, "Conflict: something", VPNS_SCOPE_CHAT},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	char body[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{\"ok\":false,\"error_code\":%u,\"description\":\"%s\"}",
			rows[i].status, rows[i].description);
		result = deliver(kit, &(struct vpnt_http){.status = rows[i].status, .reply = body});
		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		assert_int_equal(result->scope, rows[i].scope);
		assert_contains(result->reason, rows[i].description);
	}
}

static void trouble_on_the_way_is_tried_again(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	struct vpns_alert alert;
	int32_t error;

	result = deliver(kit, &(struct vpnt_http){.status = 500,
				      .reply = "{\"ok\":false,\"error_code\":500,\"description\":\"Internal "
					       "Server Error: restart\"}"});
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
	for (error = VPNS_HTTP_E_URL; error <= VPNS_HTTP_E_OTHER; error++) {
		result = deliver(kit, &(struct vpnt_http){.error = error});
		/* Up to the handshake no byte of the message has left. */
		assert_int_equal(result->status, error <= VPNS_HTTP_E_TLS ? UNSENT : VPNS_DELIVERY_RETRY);
		assert_contains(result->reason, "does not answer");
	}
	result = deliver(kit, &(struct vpnt_http){.never = 1});
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
	assert_int_equal(vpnt_sent_timeout(kit), 15000);
	vpnt_refuse_requests(kit, 1);
	alert = vpnt_alert();
	result = vpnt_delivery_result(kit, deliver_alert(kit, &alert));
	assert_int_equal(result->status, UNSENT);
}

static void whoever_asks_for_patience_without_refusing_may_have_taken_the_message(void **state)
{
	static const struct {
		uint32_t http;
		const char *reply;
		uint32_t status;
	} rows[] = {
		{502, "<html>Bad Gateway</html>", VPNS_DELIVERY_RETRY},
		{504, "{\"ok\":false,\"error_code\":504,\"description\":\"Gateway Timeout\"}",
			VPNS_DELIVERY_RETRY},
		{503, "{\"ok\":false,\"parameters\":{\"retry_after\":5}}", VPNS_DELIVERY_RETRY},
		{408, "<html>Request Timeout</html>", VPNS_DELIVERY_RETRY},
		{429, "<html>Slow down</html>", UNSENT},
		{407, "<html>Who are you?</html>", UNSENT},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(kit, &(struct vpnt_http){.status = rows[i].http,
					      .reply = rows[i].reply,
					      .reply_header = "Retry-After: 5"});
		assert_int_equal(result->status, rows[i].status);
		assert_int_equal(result->retry_after_ms, 5000);
	}
}

static void what_is_not_telegram_is_never_a_reason_to_give_up(void **state)
{
	static const char *const pages[] = {
		"<html>Please log in</html>", "", "[]", "{}", "{\"ok\":\"yes\"}", "null", "{\"ok\":false"};
	static const uint32_t statuses[] = {200, 302, 400, 401, 403, 404, 502};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;
	size_t k;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		for (k = 0; k < sizeof(statuses) / sizeof(statuses[0]); k++) {
			result = deliver(kit, &(struct vpnt_http){.status = statuses[k], .reply = pages[i]});
			assert_int_equal(result->status & ~VPNS_DELIVERY_UNSENT, VPNS_DELIVERY_RETRY);
			assert_contains(result->reason, "not Telegram");
		}
	}
}

static void a_server_that_echoes_the_token_does_not_get_it_into_the_reason(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;

	result = deliver(
		kit, &(struct vpnt_http){.status = 404,
			     .reply = "{\"ok\":false,\"description\":\"no /bot" TOKEN "/x nor " TOKEN "\"}"});
	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_contains(result->reason, "no /bot*/x nor *");
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

static void an_answer_cut_at_any_byte_is_no_answer(void **state)
{
	struct telegram_reply reply;
	size_t len;
	char *bytes;

	(void)state;
	for (len = 0; len < sizeof(sent_reply) - 1; len++) {
		bytes = exact_copy(sent_reply, len);
		assert_int_equal(telegram_reply_parse(&reply, bytes, len), -1);
		assert_int_equal(reply.message_id, 0);
		free(bytes);
	}
}

static void an_answer_with_any_byte_changed_does_no_harm(void **state)
{
	struct telegram_reply reply;
	size_t at;
	char *bytes;
	int value;

	(void)state;
	for (at = 0; at < sizeof(sent_reply) - 1; at++) {
		for (value = 0; value < 256; value += 3) {
			bytes = exact_copy(sent_reply, sizeof(sent_reply) - 1);
			bytes[at] = (char)value;
			if (telegram_reply_parse(&reply, bytes, sizeof(sent_reply) - 1) < 0)
				assert_int_equal(reply.ok, 0);
			free(bytes);
		}
	}
}

static void a_long_description_is_cut_at_a_whole_character(void **state)
{
	struct telegram_reply reply;
	char body[1200] = "{\"ok\":false,\"description\":\"x";
	size_t at = strlen(body);
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++, at += 3)
		memcpy(body + at, "\xe2\x82\xac", 3);
	memcpy(body + at, "\"}", 3);
	assert_int_equal(telegram_reply_parse(&reply, body, strlen(body)), 0);
	assert_int_equal(strlen(reply.description), 253); /* 1 + 84 * 3 */
}

static void text_that_is_not_utf8_makes_no_message(void **state)
{
	const struct telegram_message message = {.chat_id = "1", .text = "\xff"};

	(void)state;
	assert_null(telegram_message_build(&message));
}

/* --- several messages, and changed ones ------------------------------------------------- */

#define EDIT_URL "https://api.telegram.org/bot" TOKEN "/editMessageText"

/* count lines of 100 characters, each with its number. */
static char *many_lines(int count)
{
	char *text = malloc((size_t)count * 101 + 1);
	int i;

	assert_non_null(text);
	memset(text, '0', (size_t)count * 101);
	text[count * 101] = '\0';
	for (i = 0; i < count; i++) {
		text[i * 101 + 2] = (char)('0' + i / 10);
		text[i * 101 + 3] = (char)('0' + i % 10);
		text[i * 101 + 4] = ' ';
		text[i * 101 + 100] = '\n';
	}
	return text;
}

static json_int_t sent_number(struct vpnt *kit, const char *member)
{
	json_t *body = sent_body(kit);
	json_int_t number = json_integer_value(json_object_get(body, member));

	json_decref(body);
	return number;
}

static void a_long_alert_is_several_messages_cut_between_lines(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *lines = many_lines(100);
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op;
	json_t *body;
	int i;

	alert.body = lines;
	vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	for (i = 0; i < 2; i++)
		vpnt_expect(kit, &(struct vpnt_http){.url = URL,
					 .reply = "{\"ok\":true,\"result\":{\"message_id\":43}}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	assert_int_equal(vpnt_sent_count(kit) - before, 3);
	body = sent_body(kit);
	assert_memory_equal(json_string_value(json_object_get(body, "text")), "00", 2);
	assert_contains(json_string_value(json_object_get(body, "text")), "0099 ");
	json_decref(body);
	free(lines);
}

static void what_arrived_of_several_messages_is_not_sent_again(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *lines = many_lines(60);
	const struct vpns_delivery_result *result;
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op;

	alert.body = lines;
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	vpnt_expect(kit, &(struct vpnt_http){.status = 429,
				 .reply = "{\"ok\":false,\"parameters\":{\"retry_after\":7}}"});
	result = vpnt_delivery_result(kit, deliver_alert(kit, &alert));
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY); /* people have a part of it */
	assert_int_equal(result->retry_after_ms, 7000);
	alert.attempt = 2;
	alert.body = "other words, since it is a second attempt";
	vpnt_expect(kit, &(struct vpnt_http){.reply = "{\"ok\":true,\"result\":{\"message_id\":43}}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	assert_contains(vpnt_sent_body(kit), "0059 ");
	assert_int_equal(vpnt_sent_count(kit) - before, 3);
	/* Another delivery begins at its own beginning. */
	alert.delivery_id = "01JGK0000000000000000OTHER";
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	deliver_alert(kit, &alert);
	assert_contains(vpnt_sent_body(kit), "other words");
	free(lines);
}

static void a_message_that_replaces_another_one_is_edited_in_place(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;
	json_t *body;

	alert.replaces_ref = "-1001/42";
	vpnt_expect(kit, &(struct vpnt_http){.url = EDIT_URL, .reply = sent_reply});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	body = sent_body(kit);
	assert_int_equal(json_integer_value(json_object_get(body, "message_id")), 42);
	assert_null(json_object_get(body, "disable_notification"));
	json_decref(body);
}

static void what_is_over_is_a_new_message_that_answers_the_first(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.replaces_ref = "-1001/42";
	vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	body = sent_body(kit);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(body, "reply_parameters"), "message_id")),
		42);
	json_decref(body);
}

static void a_message_that_says_so_already_counts_as_edited(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	alert.replaces_ref = "-1001/42";
	vpnt_expect(
		kit, &(struct vpnt_http){.url = EDIT_URL,
			     .status = 400,
			     .reply = "{\"ok\":false,\"description\":\"Bad Request: message is not modified: "
				      "specified new message content is the same\"}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
}

static void a_message_that_is_gone_is_followed_by_a_new_one(void **state)
{
	static const char *const gone[] = {
		"message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char body[128];
	vpns_op op;
	size_t i;

	alert.replaces_ref = "-1001/7";
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		snprintf(body, sizeof(body), "{\"ok\":false,\"description\":\"Bad Request: %s\"}", gone[i]);
		vpnt_expect(kit, &(struct vpnt_http){.url = EDIT_URL, .status = 400, .reply = body});
		vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
		op = deliver_alert(kit, &alert);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
		assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	}
}

static void a_message_of_another_chat_is_never_edited(void **state)
{
	static const char *const others[] = {
		"-1002/42", "42", "", "-1001/", "-1001/4x", "-1001/-4", "-1001/99999999999999999999"};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		alert.replaces_ref = others[i];
		vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
		assert_int_equal(
			vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	}
}

static void a_topic_that_is_gone_does_not_cost_the_message(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;

	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "chat_id", "-1001", "thread_id", "7"));
	vpnt_expect(kit,
		&(struct vpnt_http){.status = 400,
			.reply = "{\"ok\":false,\"description\":\"Bad Request: message thread not found\"}"});
	result = deliver(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_int_equal(sent_number(kit, "message_thread_id"), 0);
	assert_contains(vpnt_log(kit), "topic");
}

static void a_chat_is_not_written_to_faster_than_telegram_allows(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op = 0;
	int i;

	for (i = 0; i < 6; i++) {
		vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
		op = vpnt_deliver(kit, &alert);
		vpnt_advance(kit, 0);
	}
	assert_int_equal(vpnt_sent_count(kit) - before, 5);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 3999);
	assert_int_equal(vpnt_sent_count(kit) - before, 5);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_sent_count(kit) - before, 6);
	assert_true(vpnt_finished(kit, op));
	/* One that waits for its turn may be called off; nobody got it. */
	op = vpnt_deliver(kit, &alert);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
}

static void a_long_wait_for_the_pace_is_left_to_the_host(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	uint32_t before;
	vpns_op op;
	int i;

	/* Each is sent twice, the second time without a wait. */
	for (i = 0; i < 3; i++) {
		vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
		vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
		vpnt_deliver(kit, &alert);
		vpnt_advance(kit, 0);
	}
	before = vpnt_sent_count(kit);
	result = vpnt_delivery_result(kit, vpnt_deliver(kit, &alert));
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
	assert_int_equal(result->retry_after_ms, 8000);
	assert_contains(result->reason, "no faster");
	assert_int_equal(vpnt_sent_count(kit), before);
	vpnt_advance(kit, 2999);
	assert_int_equal(vpnt_delivery_result(kit, vpnt_deliver(kit, &alert))->retry_after_ms, 5001);
	/* A short one is waited for. */
	vpnt_advance(kit, 1);
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	op = vpnt_deliver(kit, &alert);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 5000);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_int_equal(vpnt_sent_count(kit), before + 1);
}

static void a_group_gets_at_most_twenty_messages_in_any_minute(void **state)
{
	struct telegram_pace pace = {0};
	uint64_t sent[200];
	uint64_t now = 1000000;
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		now += telegram_pace_wait(&pace, now, 1);
		assert_int_equal(telegram_pace_wait(&pace, now, 1), 0);
		telegram_pace_take(&pace, now);
		sent[i] = now;
		if (i >= 20)
			assert_true(sent[i] - sent[i - 20] >= 60000);
		if (i >= 20)
			assert_true(sent[i] - sent[i - 20] >= 1000);
	}
	assert_true(now - 1000000 < 200 * 4000); /* and no slower than it must */
}

static void a_chat_that_refused_gets_one_message_a_second(void **state)
{
	struct telegram_pace pace = {0};
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 0);
		telegram_pace_take(&pace, 5000);
	}
	assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 1000);
	pace = (struct telegram_pace){0};
	telegram_pace_refused(&pace, 5000);
	telegram_pace_take(&pace, 5000);
	assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 1000);
	assert_int_equal(telegram_pace_wait(&pace, 6000, 0), 0);
}

/* --- cutting ---------------------------------------------------------------------------- */

/* The parts of html joined by a bar, each checked. */
static char *split_all(const char *html)
{
	struct telegram_split split;
	char *part = malloc(TELEGRAM_PART_SIZE);
	char *all = calloc(1, 4 * strlen(html) + 4096);

	assert_non_null(part);
	assert_non_null(all);
	telegram_split_begin(&split, html);
	while (telegram_split_next(&split, part)) {
		assert_in_range(telegram_split_units(part), 1, TELEGRAM_UNITS_MAX);
		if (all[0] != '\0')
			strcat(all, "|");
		strcat(all, part);
	}
	free(part);
	return all;
}

/* before, so many x, after. */
static char *with_room(const char *before, size_t count, const char *after)
{
	char *text = malloc(strlen(before) + count + strlen(after) + 1);

	assert_non_null(text);
	strcpy(text, before);
	memset(text + strlen(before), 'x', count);
	strcpy(text + strlen(before) + count, after);
	return text;
}

static void expect_split(const char *before, size_t count, const char *after, const char *end)
{
	char *html = with_room(before, count, after);
	char *all = split_all(html);

	assert_string_equal(all + strlen(before) + count, end);
	free(html);
	free(all);
}

static void tags_are_closed_at_a_cut_and_opened_again(void **state)
{
	(void)state;
	expect_split("<b>", 4095, "\nnext</b> end", "</b>|<b>next</b> end");
	expect_split("<b><i>", 4095, "\nnext</i></b>", "</i></b>|<b><i>next</i></b>");
	expect_split("<a href=\"http://x/\">", 4096, "y</a>", "</a>|<a href=\"http://x/\">y</a>");
}

static void a_cut_is_at_the_end_of_a_line_or_at_a_blank_or_between_characters(void **state)
{
	(void)state;
	expect_split("", 4050,
		"\nsecond one goes on and on and on and on and on and on and on and on and on and on and on "
		"and on",
		"|second one goes on and on and on and on and on and on and on and on and on and on and on "
		"and on");
	expect_split("", 4090, " second one", "|second one");
	expect_split("", 4096, "second", "|second");
	expect_split("a\n", 4094, "z", "|z"); /* a first line of one character is no place to cut */
	expect_split("", 4095, "\xf0\x9f\x92\xa9", "|\xf0\x9f\x92\xa9"); /* two units */
	expect_split("", 4094, "\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9");
	expect_split("", 4095, "&amp;&lt;", "&amp;|&lt;");
}

static void blanks_alone_are_no_message(void **state)
{
	char *all = split_all("\n \t\n");

	(void)state;
	assert_string_equal(all, "");
	free(all);
	expect_split("", 4096, "\n \n", "");
}

static void plain_text_is_what_people_would_have_seen(void **state)
{
	char text[] = "<b>A &amp; B</b> &lt;i&gt; 1 < 2 & 3 <a href=\"x\">l</a> &quot;&nbsp; <";

	(void)state;
	telegram_split_plain(text);
	assert_string_equal(text, "A & B <i> 1 < 2 & 3 l \"&nbsp; <");
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"),
		VPNS_TEST_SOURCE "/plugins/notifiers/telegram/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_BARE(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_goes_out_as_html_without_previews),
		TEST(what_stands_in_an_alert_cannot_become_markup),
		TEST_BARE(a_topic_and_a_channel_name_are_sent_as_such),
		TEST(messages_below_the_chosen_severity_are_silent),
		TEST(too_many_requests_wait_as_long_as_telegram_says),
		TEST(a_moved_group_is_remembered_and_written_to_at_once),
		TEST(markup_that_telegram_cannot_read_is_sent_again_as_plain_text),
		TEST(permanent_answers_drop_the_message_with_their_words),
		TEST(trouble_on_the_way_is_tried_again),
		TEST(whoever_asks_for_patience_without_refusing_may_have_taken_the_message),
		TEST(what_is_not_telegram_is_never_a_reason_to_give_up),
		TEST(a_server_that_echoes_the_token_does_not_get_it_into_the_reason),
		TEST(a_cancelled_delivery_finishes_at_once_in_either_phase),
		TEST_BARE(options_that_cannot_be_right_are_refused_without_the_token),
		TEST(a_bad_change_is_refused_and_the_old_options_stay),
		cmocka_unit_test(an_answer_cut_at_any_byte_is_no_answer),
		cmocka_unit_test(an_answer_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(a_long_description_is_cut_at_a_whole_character),
		cmocka_unit_test(text_that_is_not_utf8_makes_no_message),
		TEST(a_long_alert_is_several_messages_cut_between_lines),
		TEST(what_arrived_of_several_messages_is_not_sent_again),
		TEST(a_message_that_replaces_another_one_is_edited_in_place),
		TEST(what_is_over_is_a_new_message_that_answers_the_first),
		TEST(a_message_that_says_so_already_counts_as_edited),
		TEST(a_message_that_is_gone_is_followed_by_a_new_one),
		TEST(a_message_of_another_chat_is_never_edited),
		TEST_BARE(a_topic_that_is_gone_does_not_cost_the_message),
		TEST(a_chat_is_not_written_to_faster_than_telegram_allows),
		TEST(a_long_wait_for_the_pace_is_left_to_the_host),
		cmocka_unit_test(a_group_gets_at_most_twenty_messages_in_any_minute),
		cmocka_unit_test(a_chat_that_refused_gets_one_message_a_second),
		cmocka_unit_test(tags_are_closed_at_a_cut_and_opened_again),
		cmocka_unit_test(a_cut_is_at_the_end_of_a_line_or_at_a_blank_or_between_characters),
		cmocka_unit_test(blanks_alone_are_no_message),
		cmocka_unit_test(plain_text_is_what_people_would_have_seen),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
