/* Notifier ntfy: what is published, to whom it is attributed, and what the server answers. */
#include "post_contract.h"

#include "notifiers/ntfy/ntfy_message.h"
#include "notifiers/ntfy/ntfy_reply.h"

#include <jansson.h>
#include <stdio.h>

#define TOPIC "alerts-4711-secret"
#define DELIVERY "01JGK0000000000000000DELIV"
#define TOKEN "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"

static const char sent_reply[] =
	"{\"id\":\"xE73Iyuabi\",\"time\":1767323045,\"expires\":1767366245,\"event\":"
	"\"message\",\"topic\":\"" TOPIC "\",\"message\":\"x\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "ntfy"));
	return 0;
}

static const char *text_of(const json_t *body, const char *name)
{
	return json_string_value(json_object_get(body, name));
}

static void a_message_has_title_text_and_priority(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	json_t *body;

	vpnt_start(kit,
		VPNT_OPTIONS("topic", TOPIC, "tags", "rotating_light, vpn", "click", "https://x.example/"));
	result = deliver(kit, &(struct vpnt_http){.method = "POST",
				      .url = "https://ntfy.sh/",
				      .header = "Authorization:",
				      .reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, DELIVERY);
	body = sent_body(kit);
	assert_string_equal(text_of(body, "topic"), TOPIC);
	assert_string_equal(text_of(body, "title"), "anna lost its tunnel");
	assert_contains(text_of(body, "message"), "No keepalive for 5 minutes.\nLast seen: ");
	assert_int_equal(json_integer_value(json_object_get(body, "priority")), 5);
	assert_int_equal(json_array_size(json_object_get(body, "tags")), 2);
	assert_string_equal(text_of(body, "click"), "https://x.example/");
	assert_null(json_object_get(body, "markdown"));
	assert_string_equal(text_of(body, "sequence_id"), DELIVERY);
	json_decref(body);
}

static void whoever_may_publish_says_so(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC, "url", "https://n.example/ntfy//", "token", TOKEN));
	deliver(kit, &(struct vpnt_http){.url = "https://n.example/ntfy/",
			     .header = "Authorization: Bearer " TOKEN,
			     .reply = sent_reply});
	/* printf 'anna:geheim&more' | base64 */
	assert_int_equal(vpnt_reconfigure(kit,
				 VPNT_OPTIONS("topic", TOPIC, "user", "anna", "password", "geheim&more")),
		0);
	deliver(kit, &(struct vpnt_http){
			     .header = "Authorization: Basic YW5uYTpnZWhlaW0mbW9yZQ==", .reply = sent_reply});
}

static void the_louder_the_more_urgent_and_what_is_over_is_quiet(void **state)
{
	static const struct {
		uint32_t severity;
		uint32_t transition;
		int priority;
	} rows[] = {
		{VPNS_SEVERITY_INFO, VPNS_TRANSITION_NOTICE, 1},
		{VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, 2},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_ESCALATED, 4},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_REMINDED, 4},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_RESOLVED, 1},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_ACKNOWLEDGED, 1},
		{99, VPNS_TRANSITION_OPENED, 4},
		{0, VPNS_TRANSITION_OPENED, 1},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC, "priority_info", "1", "priority_warning", "2",
				"priority_critical", "4"));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		alert.severity = rows[i].severity;
		alert.transition = rows[i].transition;
		deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
		body = sent_body(kit);
		assert_int_equal(json_integer_value(json_object_get(body, "priority")), rows[i].priority);
		json_decref(body);
	}
}

static void what_need_not_ring_takes_the_place_of_the_earlier_message(void **state)
{
	static const struct {
		const char *edit;
		uint32_t transition;
		int edits;
	} rows[] = {
		{"quiet", VPNS_TRANSITION_OPENED, 1},
		{"quiet", VPNS_TRANSITION_ACKNOWLEDGED, 1},
		{"quiet", VPNS_TRANSITION_ESCALATED, 0},
		{"quiet", VPNS_TRANSITION_REMINDED, 0},
		{"quiet", VPNS_TRANSITION_RESOLVED, 0},
		{"always", VPNS_TRANSITION_RESOLVED, 1},
		{"never", VPNS_TRANSITION_OPENED, 0},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	json_t *body;
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC));
	alert.replaces_ref = "firstOne42";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			vpnt_reconfigure(kit, VPNT_OPTIONS("topic", TOPIC, "edit", rows[i].edit)), 0);
		alert.transition = rows[i].transition;
		result = deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
		assert_string_equal(result->ref, rows[i].edits ? "firstOne42" : DELIVERY);
		body = sent_body(kit);
		assert_string_equal(text_of(body, "sequence_id"), rows[i].edits ? "firstOne42" : DELIVERY);
		json_decref(body);
	}
}

static void a_reference_that_is_none_of_ntfy_is_not_edited(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC, "edit", "always"));
	alert.replaces_ref = "a/b?c";
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	body = sent_body(kit);
	assert_string_equal(text_of(body, "sequence_id"), DELIVERY);
	json_decref(body);
}

static void a_delivery_whose_id_is_no_name_for_a_message_goes_by_the_servers(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC));
	alert.delivery_id = "not one/of ntfy";
	assert_string_equal(
		deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply})->ref, "xE73Iyuabi");
	assert_lacks(vpnt_sent_body(kit), "sequence_id");
}

static void what_is_open_can_be_acknowledged_by_a_button(void **state)
{
	static const struct vpns_alert_action actions[] = {
		{"why", "Why?", "/why X", 0, 0}, {"ack", "I look after it", "/ack X", 1, 0}};
	static const char *const wanted[] = {"\"action\":\"http\"", "\"label\":\"I look after it\"",
		"\"url\":\"https://vpn.example/api/v1/incidents/01JGK0000000000000000INCID/ack\"",
		"\"method\":\"POST\"", "\"Authorization\":\"Bearer k3y-of-ours\"", "\"clear\":true"};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC, "token", TOKEN, "ack_url", "https://vpn.example/api/v1/",
				"ack_key", "k3y-of-ours"));
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_lacks(vpnt_sent_body(kit), "actions");
	alert.actions = actions;
	alert.action_count = 2;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_contains(vpnt_sent_body(kit), wanted[i]);
	alert.incident_id = ""; /* of many at once */
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_lacks(vpnt_sent_body(kit), "actions");
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("topic", TOPIC)), 0);
	alert = vpnt_alert();
	alert.actions = actions;
	alert.action_count = 2;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_lacks(vpnt_sent_body(kit), "actions");
}

static void a_key_is_put_into_no_message_that_everybody_reads(void **state)
{
	static const char *const url = "https://vpn.example/api/v1";
	struct vpnt *kit = *state;

	assert_contains(vpnt_start_refused(
				kit, VPNT_OPTIONS("topic", TOPIC, "ack_url", url, "ack_key", "k3y-of-ours")),
		"protect the topic");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "token", TOKEN, "ack_url", url)),
		"belong together");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "token", TOKEN, "ack_url", url,
							"ack_key", "a\r\nb")),
		"option ack_key");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "token", TOKEN, "ack_url",
							"https://vpn.example/?x", "ack_key", "k3y-of-ours")),
		"option ack_url");
}

static void a_day_that_is_used_up_is_not_asked_about_each_minute(void **state)
{
	static const char daily[] =
		"{\"code\":42908,\"http\":429,\"error\":\"limit reached: daily message quota "
		"reached\",\"link\":\"https://ntfy.sh/docs/publish/#limitations\"}";
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC));
	result = deliver(kit, &(struct vpnt_http){.status = 429, .reply = daily});
	assert_int_equal(result->retry_after_ms, 900000);
	assert_contains(result->reason, "daily message quota");
	result = deliver(
		kit, &(struct vpnt_http){.status = 429, .reply = daily, .reply_header = "Retry-After: 60"});
	assert_int_equal(result->retry_after_ms, 60000);
}

static void an_alert_of_one_line_is_no_empty_message(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC));
	alert.body = "";
	alert.field_count = 0;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	body = sent_body(kit);
	assert_null(json_object_get(body, "title"));
	assert_string_equal(text_of(body, "message"), "anna lost its tunnel");
	json_decref(body);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	char url[4201];

	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", "my/t0pic")), "option topic");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "token", TOKEN, "user", "u",
							"password", "p4ss")),
		"exclude");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "user", "u")), "belong together");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "token", "a\nb")), "characters");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "user", "a:b", "password", "p4ss")),
		"characters");
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://", 7);
	url[4200] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("topic", TOPIC, "url", url)), "option url");
	vpnt_start(kit, VPNT_OPTIONS("topic", TOPIC));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("topic", "no/g00d")) < 0);
	deliver(kit, &(struct vpnt_http){.reply = sent_reply});
}

static char *shown(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	const char *title;
	const char *message;
	char *text = calloc(1, 32768);

	assert_non_null(json);
	assert_non_null(text);
	assert_true(strlen(body) <= NTFY_BODY_MAX);
	title = text_of(json, "title");
	message = text_of(json, "message");
	assert_non_null(message);
	assert_in_range(strlen(message), 1, NTFY_MESSAGE_MAX);
	snprintf(text, 32768, "%s\n%s", title != NULL ? title : "", message);
	json_decref(json);
	return text;
}

static int parse(const char *bytes, size_t len)
{
	struct ntfy_reply reply;
	int rc = ntfy_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_string_equal(reply.id, "");
	return rc;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"topic", TOPIC, "token", TOKEN, NULL};
	static const struct post_subject subject = {
		.plugin = "ntfy",
		.options = options,
		.secret = TOKEN,
		.sent = sent_reply,
		.refusal = "{\"code\":40099,\"http\":400,\"error\":\"%s\",\"link\":\"\"}",
		.silent = "\"priority\":2",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_message_has_title_text_and_priority),
		TEST(whoever_may_publish_says_so),
		TEST(the_louder_the_more_urgent_and_what_is_over_is_quiet),
		TEST(what_need_not_ring_takes_the_place_of_the_earlier_message),
		TEST(a_reference_that_is_none_of_ntfy_is_not_edited),
		TEST(a_delivery_whose_id_is_no_name_for_a_message_goes_by_the_servers),
		TEST(what_is_open_can_be_acknowledged_by_a_button),
		TEST(a_key_is_put_into_no_message_that_everybody_reads),
		TEST(a_day_that_is_used_up_is_not_asked_about_each_minute),
		TEST(an_alert_of_one_line_is_no_empty_message),
		TEST(options_that_cannot_be_right_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
