/* Notifier webhook: the event, its signature, and what receivers answer. */
#include "post_contract.h"

#include "post_event.h"
#include "notifiers/webhook/webhook_sign.h"

#include <jansson.h>
#include <stdio.h>

#define URL "https://hooks.example.net/in/4711-secret"
#define KEY "0123456789abcdef0123456789abcdef"
#define OLD_KEY "fedcba9876543210fedcba9876543210"
#define SIGNED                                                                                               \
	"t=1700000000,v1=f05f2539e3ae1c49aec5f8cfdad75ef6b06480b133973ffbb7ec9e18827af177"                   \
	",v1=986c55563a3593317977ea9e822a11c288f6b65b222f60f84fe6fe2b4733e655"

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "webhook"));
	return 0;
}

/* The first block of JSON in the README. */
static json_t *example(void)
{
	FILE *file = fopen(VPNS_TEST_SOURCE "/plugins/notifiers/webhook/README.md", "r");
	static const char fence[] = "```json\n";
	char *text = calloc(1, 65536);
	char *begin;
	char *end;
	json_t *json;

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	begin = strstr(text, fence);
	assert_non_null(begin);
	begin += sizeof(fence) - 1;
	end = strstr(begin, "```");
	assert_non_null(end);
	json = json_loadb(begin, (size_t)(end - begin), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	free(text);
	return json;
}

static void the_event_is_the_one_in_the_readme(void **state)
{
	struct vpnt *kit = *state;
	json_t *wanted = example();
	json_t *have;

	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	deliver(kit, &(struct vpnt_http){
			     .method = "POST", .url = URL, .header = "Content-Type: application/json"});
	have = sent_body(kit);
	json_object_set_new(wanted, "channel", json_string("webhook")); /* the name of the kit's instance */
	if (!json_equal(have, wanted))
		fail_msg("sent %s", vpnt_sent_body(kit));
	json_decref(have);
	json_decref(wanted);
}

static void headers_name_the_event_and_the_delivery(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("url", URL, "authorization", "Bearer abc"));
	deliver(kit, &(struct vpnt_http){.header = "X-Sentinel-Event: opened"});
	deliver(kit, &(struct vpnt_http){.header = "X-Sentinel-Delivery: 01JGK0000000000000000DELIV"});
	deliver(kit, &(struct vpnt_http){.header = "Authorization: Bearer abc"});
}

static void without_a_key_nothing_is_signed(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	deliver(kit, &(struct vpnt_http){.header = "X-Sentinel-Signature:"});
	deliver(kit, &(struct vpnt_http){.header = "Authorization:"});
}

/* Two deliveries at the same time: what the header of the second must be is known from the first. */
static void signed_with(struct vpnt *kit, const char *const *options, const char *key, const char *old_key)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];
	char header[WEBHOOK_SIGNATURE_SIZE + 32];
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_start(kit, options);
	deliver(kit, &(struct vpnt_http){0});
	assert_int_equal(
		webhook_sign(signature, vpnt_wall_ms(kit) / 1000, vpnt_sent_body(kit), key, old_key), 0);
	snprintf(header, sizeof(header), "X-Sentinel-Signature: %s", signature);
	vpnt_expect(kit, &(struct vpnt_http){.header = header});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	vpnt_stop(kit);
}

static void an_event_is_signed_with_its_time(void **state)
{
	struct vpnt *kit = *state;

	signed_with(kit, VPNT_OPTIONS("url", URL, "key", KEY), KEY, NULL);
	signed_with(kit, VPNT_OPTIONS("url", URL, "key", KEY, "old_key", OLD_KEY), KEY, OLD_KEY);
}

static void the_signature_is_what_others_compute(void **state)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];

	(void)state;
	/* printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac KEY */
	assert_int_equal(webhook_sign(signature, 1700000000, "{\"a\":1}", KEY, OLD_KEY), 0);
	assert_string_equal(signature, SIGNED);
	assert_int_equal(webhook_sign(signature, INT64_MIN, "", KEY, OLD_KEY), 0);
}

static void a_receiver_that_wants_no_more_gets_no_more_until_something_changes(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	result = deliver(kit, &(struct vpnt_http){.status = 410, .reply = "gone"});
	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_int_equal(result->scope, VPNS_SCOPE_INSTANCE);
	assert_contains(result->reason, "410");
	op = vpnt_deliver(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	op = vpnt_deliver(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
	assert_int_equal(vpnt_sent_count(kit), 1);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL "/2")), 0);
	result = deliver(kit, &(struct vpnt_http){.url = URL "/2", .status = 204});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
}

static void a_receiver_that_wanted_no_more_is_asked_again_a_day_later(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	deliver(kit, &(struct vpnt_http){.status = 410});
	vpnt_advance(kit, 86400000);
	assert_int_equal(deliver(kit, &(struct vpnt_http){.status = 410})->status, VPNS_DELIVERY_DROP);
	assert_lacks(vpnt_state(kit, "gone"), "secret");
	vpnt_advance(kit, 86400000);
	assert_int_equal(deliver(kit, &(struct vpnt_http){.status = 200})->status, VPNS_DELIVERY_SENT);
	assert_null(vpnt_state(kit, "gone"));
}

static void a_redirect_names_its_remedy(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	assert_contains(deliver(kit, &(struct vpnt_http){.status = 308})->reason, "give the URL it leads to");
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;

	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", "http://127.0.0.1/x")), "allow_http");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "key", "k3y4711")),
		"shorter than 16 characters");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "old_key", OLD_KEY)), "without key");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "authorization", "Bearer a\r\nX: y")),
		"authorization");
	vpnt_start(kit, VPNT_OPTIONS("url", "http://127.0.0.1/x", "allow_http", "yes"));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("url", "http://127.0.0.1/x")) < 0);
	deliver(kit, &(struct vpnt_http){.url = "http://127.0.0.1/x"});
}

static void every_transition_and_severity_has_a_name(void **state)
{
	static const char *const names[] = {"unknown", "notice", "opened", "escalated", "acknowledged",
		"reminded", "resolved", "unknown"};
	static const char *const severities[] = {"unknown", "info", "warning", "critical", "unknown"};
	struct vpns_alert alert = vpnt_alert();
	char *body;
	uint32_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		alert.transition = i;
		assert_string_equal(post_event_name(&alert), names[i]);
	}
	for (i = 0; i < 5; i++) {
		alert.severity = i;
		body = post_event_build(&alert, "hook", "text");
		assert_contains(body, "\"severity\":");
		assert_contains(body, severities[i]);
		free(body);
	}
}

static void what_is_not_there_is_null_and_times_of_no_calendar_are_the_first(void **state)
{
	static const int64_t times[] = {-1, INT64_MIN, INT64_MAX};
	struct vpns_alert alert = vpnt_alert();
	char *body;
	size_t i;

	(void)state;
	alert.client_id = "";
	alert.incident_id = "";
	alert.flags = VPNS_ALERT_LATE | VPNS_ALERT_POSSIBLE_DUPLICATE;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		alert.at_ms = times[i];
		body = post_event_build(&alert, "hook", "text");
		assert_contains(body, "\"client\":null");
		assert_contains(body, "\"incident\":null");
		assert_contains(body, "\"late\":true");
		assert_contains(body, "\"possible_duplicate\":true");
		assert_contains(body, "\"at\":\"1970-01-01T00:00:00.000Z\"");
		free(body);
	}
}

/* Title, body and fields, as the receiver reads them. */
static char *shown(const char *body)
{
	json_t *event = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	json_t *field;
	char *text = calloc(1, 262144);
	size_t i;

	assert_non_null(event);
	assert_non_null(text);
	assert_true(json_is_string(json_object_get(event, "text")));
	strcat(text, json_string_value(json_object_get(event, "title")));
	strcat(text, "\n");
	strcat(text, json_string_value(json_object_get(event, "body")));
	json_array_foreach(json_object_get(event, "fields"), i, field)
	{
		strcat(text, "\n");
		strcat(text, json_string_value(json_object_get(field, "label")));
		strcat(text, ": ");
		strcat(text, json_string_value(json_object_get(field, "value")));
	}
	json_decref(event);
	return text;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"url", URL, "key", KEY, NULL};
	static const struct post_subject subject = {
		.plugin = "webhook",
		.options = options,
		.secret = KEY,
		.sent = "",
		.sent_status = 204,
		.silent = "\"silent\":true",
		.shown = shown,
	};
	const struct CMUnitTest tests[] = {
		TEST(the_event_is_the_one_in_the_readme),
		TEST(headers_name_the_event_and_the_delivery),
		TEST(without_a_key_nothing_is_signed),
		TEST(an_event_is_signed_with_its_time),
		cmocka_unit_test(the_signature_is_what_others_compute),
		TEST(a_receiver_that_wants_no_more_gets_no_more_until_something_changes),
		TEST(a_receiver_that_wanted_no_more_is_asked_again_a_day_later),
		TEST(a_redirect_names_its_remedy),
		TEST(options_that_cannot_be_right_are_refused),
		cmocka_unit_test(every_transition_and_severity_has_a_name),
		cmocka_unit_test(what_is_not_there_is_null_and_times_of_no_calendar_are_the_first),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
