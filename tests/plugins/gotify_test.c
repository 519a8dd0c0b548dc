/* Notifier gotify: what is sent, and what the server answers. */
#include "post_contract.h"

#include "notifiers/gotify/gotify_message.h"
#include "notifiers/gotify/gotify_reply.h"

#include <jansson.h>
#include <stdio.h>

#define URL "https://gotify.example"
#define TOKEN "AaBbCcDdEeFf.gg"

static const char sent_reply[] = "{\"id\":25,\"appid\":5,\"message\":\"x\",\"title\":\"y\",\"priority\":9,"
				 "\"date\":\"2026-01-02T03:04:05Z\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "gotify"));
	vpnt_start(*state, VPNT_OPTIONS("url", URL, "token", TOKEN));
	return 0;
}

static void a_message_is_plain_and_from_the_application(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.method = "POST",
			.url = URL "/message",
			.header = "X-Gotify-Key: " TOKEN,
			.reply = sent_reply});
	json_t *body = sent_body(kit);
	const json_t *extras = json_object_get(body, "extras");

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_null(result->ref);
	assert_string_equal(json_string_value(json_object_get(body, "title")), "anna lost its tunnel");
	assert_contains(json_string_value(json_object_get(body, "message")), "No keepalive for 5 minutes.\n");
	assert_int_equal(json_integer_value(json_object_get(body, "priority")), 9);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(extras, "client::display"), "contentType")),
		"text/plain");
	assert_null(json_object_get(extras, "client::notification"));
	json_decref(body);
}

static void priorities_and_a_click_are_what_the_options_say(void **state)
{
	static const struct {
		uint32_t severity;
		uint32_t transition;
		const char *priority;
	} rows[] = {
		{VPNS_SEVERITY_INFO, VPNS_TRANSITION_NOTICE, "\"priority\":0"},
		{VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, "\"priority\":5"},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_OPENED, "\"priority\":10"},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_RESOLVED, "\"priority\":0"},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL "/sub/", "token", TOKEN, "priority_info", "0",
					      "priority_warning", "5", "priority_critical", "10", "click",
					      "https://x.example/")),
		0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		alert.severity = rows[i].severity;
		alert.transition = rows[i].transition;
		deliver_alert(
			kit, &alert, &(struct vpnt_http){.url = URL "/sub/message", .reply = sent_reply});
		assert_contains(vpnt_sent_body(kit), rows[i].priority);
		assert_contains(vpnt_sent_body(kit), "\"click\":{\"url\":\"https://x.example/\"}");
	}
}

static void the_reason_says_what_gotify_says(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.status = 401,
			.reply = "{\"error\":\"Unauthorized\",\"errorCode\":401,\"errorDescription\":\"you "
				 "need to "
				 "provide a valid access token\"}"});

	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_string_equal(result->reason,
		"Gotify answers HTTP 401: Unauthorized: you need to provide a valid access token");
}

static void an_alert_of_one_line_or_none_is_a_message_all_the_same(void **state)
{
	struct gotify_message message = {"only", 5, NULL};
	char *body = gotify_message_build(&message);

	(void)state;
	assert_contains(body, "\"message\":\"only\"");
	assert_lacks(body, "title");
	free(body);
	message.text = "";
	body = gotify_message_build(&message);
	assert_contains(body, "\"message\":\"-\"");
	free(body);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	char url[4201];

	memset(url, 'x', sizeof(url));
	memcpy(url, "http://", 7);
	url[4200] = '\0';
	vpnt_stop(kit);
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "token", "a\r\nb")), "option token");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", url, "token", TOKEN)), "option url");
	vpnt_start(kit, VPNT_OPTIONS("url", URL, "token", TOKEN));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL, "token", "\xc3\xa4")) < 0);
}

static size_t chars(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static char *shown(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	const char *title = json_string_value(json_object_get(json, "title"));
	const char *message = json_string_value(json_object_get(json, "message"));
	char *text = calloc(1, 131072);

	assert_non_null(text);
	assert_non_null(message);
	assert_in_range(chars(message), 1, GOTIFY_TEXT_MAX);
	assert_true(title == NULL || chars(title) <= GOTIFY_TITLE_MAX);
	snprintf(text, 131072, "%s\n%s", title != NULL ? title : "", message);
	json_decref(json);
	return text;
}

static int parse(const char *bytes, size_t len)
{
	struct gotify_reply reply;
	int rc = gotify_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_int_equal(reply.id, 0);
	return rc;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"url", URL, "token", TOKEN, NULL};
	static const struct post_subject subject = {
		.plugin = "gotify",
		.options = options,
		.secret = TOKEN,
		.sent = sent_reply,
		.refusal = "{\"error\":\"Bad Request\",\"errorCode\":400,\"errorDescription\":\"%s\"}",
		.silent = "\"priority\":3",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_plain_and_from_the_application),
		TEST(priorities_and_a_click_are_what_the_options_say),
		TEST(the_reason_says_what_gotify_says),
		cmocka_unit_test(an_alert_of_one_line_or_none_is_a_message_all_the_same),
		TEST(options_that_cannot_be_right_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
