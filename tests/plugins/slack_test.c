/* Notifier slack: what is told, and what the webhook answers. */
#include "post_contract.h"

#include "notifiers/slack/slack_message.h"
#include "notifiers/slack/slack_reply.h"

#include <jansson.h>
#include <stdio.h>

#define URL "https://hooks.slack.com/services/T0000/B0000/s3cretXXXXXXXX"

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "slack"));
	vpnt_start(*state, VPNT_OPTIONS("url", URL));
	return 0;
}

static void a_message_has_a_title_and_a_coloured_text_without_markup(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result =
		deliver(kit, &(struct vpnt_http){.method = "POST",
				     .url = URL,
				     .header = "Content-Type: application/json",
				     .reply = "ok"});
	json_t *body = sent_body(kit);

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_null(result->ref);
	assert_string_equal(json_string_value(json_object_get(body, "text")), "anna lost its tunnel");
	assert_true(json_is_false(json_object_get(body, "mrkdwn")));
	assert_true(json_is_false(json_object_get(body, "link_names")));
	assert_contains(vpnt_sent_body(kit), "\"color\":\"#dc2626\"");
	assert_contains(vpnt_sent_body(kit), "\"type\":\"plain_text\"");
	json_decref(body);
}

static void only_what_is_critical_calls_people(void **state)
{
	static const struct {
		const char *mention;
		uint32_t severity;
		uint32_t transition;
		const char *text;
		const char *color;
	} rows[] = {
		{"here", VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_OPENED, "\"text\":\"<!here> anna",
			"#dc2626"},
		{"channel", VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_REMINDED, "\"text\":\"<!channel> anna",
			"#dc2626"},
		{"channel", VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, "\"text\":\"anna", "#f59e0b"},
		{"channel", VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_RESOLVED, "\"text\":\"anna", "#16a34a"},
		{"nobody", VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_OPENED, "\"text\":\"anna", "#dc2626"},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL, "mention", rows[i].mention)), 0);
		alert.severity = rows[i].severity;
		alert.transition = rows[i].transition;
		deliver_alert(kit, &alert, &(struct vpnt_http){.reply = "ok\n"});
		assert_contains(vpnt_sent_body(kit), rows[i].text);
		assert_contains(vpnt_sent_body(kit), rows[i].color);
	}
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL, "mention", "here")), 0);
	alert = vpnt_alert();
	alert.silent = 1;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = "ok"});
	assert_contains(vpnt_sent_body(kit), "\"text\":\"anna");
}

static void slack_says_in_a_word_why_it_refuses(void **state)
{
	static const struct {
		uint32_t status;
		const char *word;
		uint32_t result;
	} rows[] = {
		{400, "invalid_payload", VPNS_DELIVERY_DROP},
		{400, "no_text", VPNS_DELIVERY_DROP},
		{403, "action_prohibited", VPNS_DELIVERY_DROP},
		{403, "invalid_token", VPNS_DELIVERY_DROP},
		{404, "no_service", VPNS_DELIVERY_DROP},
		{404, "channel_not_found", VPNS_DELIVERY_DROP},
		{410, "channel_is_archived", VPNS_DELIVERY_DROP},
		{500, "rollup_error", VPNS_DELIVERY_RETRY},
		{429, "rate_limited", VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT},
		{200, "invalid_blocks", VPNS_DELIVERY_RETRY},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(kit, &(struct vpnt_http){.status = rows[i].status, .reply = rows[i].word});
		assert_int_equal(result->status, rows[i].result);
		assert_contains(result->reason, rows[i].word);
	}
	result = deliver(kit,
		&(struct vpnt_http){.status = 429, .reply = "<html>", .reply_header = "Retry-After: 30"});
	assert_int_equal(result->retry_after_ms, 30000);
	assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
}

static void what_is_no_word_of_slack_is_nothing(void **state)
{
	static const char *const bodies[] = {"", "o", "okay", "OK", "unauthorized", "No_Service", "_", "_a",
		"no service_", "a_b<script>", "\xff_\xff"};
	struct slack_reply reply;
	char longer[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char *bytes = exact_copy(bodies[i], strlen(bodies[i]));

		assert_int_equal(slack_reply_parse(&reply, bytes, strlen(bodies[i])), -1);
		assert_string_equal(reply.words, "");
		free(bytes);
	}
	memset(longer, 'a', sizeof(longer));
	longer[1] = '_';
	assert_int_equal(slack_reply_parse(&reply, longer, 64), -1);
	assert_int_equal(slack_reply_parse(&reply, longer, 63), 0);
}

static void one_message_a_second_is_sent(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.reply = "ok"});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	vpnt_expect(kit, &(struct vpnt_http){.reply = "ok"});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 999);
	assert_int_equal(vpnt_sent_count(kit), 1);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_sent_count(kit), 2);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	/* One that is cancelled meanwhile was sent to nobody. */
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 500);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
	vpnt_advance(kit, 10000);
	assert_int_equal(vpnt_sent_count(kit), 2);
}

static void a_link_stands_below_the_message(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL, "link", "https://vpn.example/?a=1&b=2")), 0);
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = "ok"});
	assert_contains(vpnt_sent_body(kit), "{\"type\":\"context\",\"elements\":[{\"type\":\"mrkdwn\","
					     "\"text\":\"<https://vpn.example/?a=1&amp;b=2>\"}]}");
	alert.body = "";
	alert.field_count = 0;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = "ok"});
	assert_contains(vpnt_sent_body(kit), "<https://vpn.example/");
	vpnt_stop(kit);
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "link", "https://vpn.example/|Click")),
		"option link");
}

static void an_alert_of_nothing_is_no_message_without_a_text(void **state)
{
	const struct slack_message message = {.text = "\n\n", .color = "#000000", .mention = 9};
	char *body = slack_message_build(&message);

	(void)state;
	assert_contains(body, "\"text\":\"-\"");
	free(body);
}

/* As Slack reads them: three entities, and nothing else begins with & < or >. */
static void unescape(char *out, const char *text)
{
	static const struct {
		const char *entity;
		char plain;
	} rows[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
	size_t i;

	out += strlen(out);
	while (*text != '\0') {
		for (i = 0; i < 3 && strncmp(text, rows[i].entity, strlen(rows[i].entity)) != 0; i++)
			;
		if (i == 3 && strchr("&<>", *text) != NULL)
			fail_msg("\"%s\" is not escaped", text);
		*out++ = i < 3 ? rows[i].plain : *text;
		text += i < 3 ? strlen(rows[i].entity) : 1;
	}
	*out = '\0';
}

static char *shown(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	const json_t *attachment = json_array_get(json_object_get(json, "attachments"), 0);
	const json_t *block = json_array_get(json_object_get(attachment, "blocks"), 0);
	const char *text = json_string_value(json_object_get(json_object_get(block, "text"), "text"));
	char *all = calloc(1, 65536);

	assert_non_null(all);
	unescape(all, json_string_value(json_object_get(json, "text")));
	strcat(all, "\n");
	if (attachment != NULL) {
		assert_non_null(text);
		assert_in_range(strlen(text), 1, SLACK_TEXT_MAX * 3);
		unescape(all, text);
	}
	json_decref(json);
	return all;
}

static int parse(const char *bytes, size_t len)
{
	struct slack_reply reply;
	int rc = slack_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_string_equal(reply.words, "");
	return rc;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"url", URL, NULL};
	static const struct post_subject subject = {
		.plugin = "slack",
		.options = options,
		.secret = URL,
		.sent = "ok",
		.refusal = "%s",
		.words = "no_service",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_message_has_a_title_and_a_coloured_text_without_markup),
		TEST(only_what_is_critical_calls_people),
		TEST(one_message_a_second_is_sent),
		TEST(a_link_stands_below_the_message),
		TEST(slack_says_in_a_word_why_it_refuses),
		cmocka_unit_test(what_is_no_word_of_slack_is_nothing),
		cmocka_unit_test(an_alert_of_nothing_is_no_message_without_a_text),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
