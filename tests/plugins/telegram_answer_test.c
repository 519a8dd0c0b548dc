/* Notifier telegram: every answer of the Bot API and of what stands in its way. */
#include "telegram_kit.h"

#include "notifiers/telegram/telegram_reply.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(too_many_requests_wait_as_long_as_telegram_says),
		TEST(a_moved_group_is_remembered_and_written_to_at_once),
		TEST(markup_that_telegram_cannot_read_is_sent_again_as_plain_text),
		TEST(permanent_answers_drop_the_message_with_their_words),
		TEST(trouble_on_the_way_is_tried_again),
		TEST(whoever_asks_for_patience_without_refusing_may_have_taken_the_message),
		TEST(what_is_not_telegram_is_never_a_reason_to_give_up),
		TEST(a_server_that_echoes_the_token_does_not_get_it_into_the_reason),
		cmocka_unit_test(an_answer_cut_at_any_byte_is_no_answer),
		cmocka_unit_test(an_answer_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(a_long_description_is_cut_at_a_whole_character),
		TEST_BARE(a_topic_that_is_gone_does_not_cost_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
