/* Notifier pushover: the form, emergencies and their end, and what the service answers. */
#include "post_contract.h"

#include "notifiers/pushover/pushover_message.h"
#include "notifiers/pushover/pushover_reply.h"

#include <stdio.h>

#define TOKEN "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
#define USER "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
#define RECEIPT "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
#define URL "https://api.pushover.net/1/messages.json"
#define CANCEL "https://api.pushover.net/1/receipts/cancel_by_tag/01JGK0000000000000000INCID.json"

static const char sent_reply[] = "{\"status\":1,\"request\":\"647d2300-702c-4b38-8b2f-d56326ae460b\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "pushover"));
	vpnt_start(*state, VPNT_OPTIONS("token", TOKEN, "user", USER));
	return 0;
}

static int hex(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

/* The value of name in a form, decoded, to be freed; NULL when it is not there. */
static char *value_of(const char *form, const char *name)
{
	size_t len = strlen(name);
	char *value = calloc(1, strlen(form) + 1);
	char *out = value;

	assert_non_null(value);
	while (strncmp(form, name, len) != 0 || form[len] != '=') {
		form = strchr(form, '&');
		if (form == NULL) {
			free(value);
			return NULL;
		}
		form++;
	}
	for (form += len + 1; *form != '\0' && *form != '&'; form++) {
		if (*form == '%') {
			*out++ = (char)(hex(form[1]) << 4 | hex(form[2]));
			form += 2;
		} else {
			*out++ = *form;
		}
	}
	return value;
}

static void assert_value(struct vpnt *kit, const char *name, const char *wanted)
{
	char *have = value_of(vpnt_sent_body(kit), name);

	if (wanted == NULL ? have != NULL : have == NULL || strcmp(have, wanted) != 0)
		fail_msg("%s is %s", name, have != NULL ? have : "absent");
	free(have);
}

static void a_message_is_a_form(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.method = "POST",
			.url = URL,
			.header = "Content-Type: application/x-www-form-urlencoded",
			.reply = sent_reply});

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_null(result->ref);
	assert_value(kit, "token", TOKEN);
	assert_value(kit, "user", USER);
	assert_value(kit, "title", "anna lost its tunnel");
	assert_value(kit, "priority", "1");
	assert_value(kit, "timestamp", "1767323045");
	assert_value(kit, "html", NULL);
	assert_value(kit, "retry", NULL);
	assert_value(kit, "ttl", NULL);
	assert_value(kit, "device", NULL);
}

static void options_are_said_to_pushover(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "device", "phone,tablet",
					      "sound", "siren", "url", "https://x.example/a?b&c", "ttl", "2h",
					      "priority_warning", "-2", "api_url", "https://relay.example/")),
		0);
	alert.severity = VPNS_SEVERITY_WARNING;
	deliver_alert(kit, &alert,
		&(struct vpnt_http){.url = "https://relay.example/1/messages.json", .reply = sent_reply});
	assert_value(kit, "device", "phone,tablet");
	assert_value(kit, "sound", "siren");
	assert_value(kit, "url", "https://x.example/a?b&c");
	assert_value(kit, "ttl", "7200");
	assert_value(kit, "priority", "-2");
	alert.transition = VPNS_TRANSITION_RESOLVED;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_value(kit, "priority", "-1");
}

static void make_emergency(struct vpnt *kit)
{
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "priority_critical",
						       "2", "retry", "30", "expire", "3h", "ttl", "2h")),
		0);
}

static void an_emergency_rings_and_is_named_by_its_incident(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;

	make_emergency(kit);
	result = deliver_alert(kit, &alert,
		&(struct vpnt_http){
			.url = URL, .reply = "{\"status\":1,\"request\":\"x\",\"receipt\":\"" RECEIPT "\"}"});
	assert_string_equal(result->ref, RECEIPT);
	assert_value(kit, "priority", "2");
	assert_value(kit, "retry", "30");
	assert_value(kit, "expire", "10800");
	assert_value(kit, "tags", "01JGK0000000000000000INCID");
	assert_value(kit, "ttl", NULL);
	alert.incident_id = "";
	deliver_alert(kit, &alert, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_value(kit, "tags", NULL);
}

static void what_is_over_or_in_somebodys_hands_rings_no_longer(void **state)
{
	static const uint32_t ends[] = {VPNS_TRANSITION_RESOLVED, VPNS_TRANSITION_ACKNOWLEDGED};
	static const struct vpnt_http answers[] = {
		{.url = CANCEL,
			.body = "token=" TOKEN,
			.reply = "{\"status\":1,\"request\":\"x\",\"canceled\":1}"},
		{.url = CANCEL, .status = 404, .reply = "{\"status\":0,\"request\":\"x\"}"},
		{.url = CANCEL, .status = 502, .reply = "<html>"},
		{.url = CANCEL, .error = VPNS_HTTP_E_CONNECT},
		{.url = CANCEL, .never = 1},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;
	size_t k;

	make_emergency(kit);
	for (i = 0; i < 2; i++) {
		for (k = 0; k < sizeof(answers) / sizeof(answers[0]); k++) {
			alert.transition = ends[i];
			vpnt_expect(kit, &answers[k]);
			assert_int_equal(deliver_alert(kit, &alert,
						 &(struct vpnt_http){.url = URL, .reply = sent_reply})
						 ->status,
				VPNS_DELIVERY_SENT);
			assert_value(kit, "priority", "-1");
		}
	}
}

static void the_end_of_an_emergency_can_be_cancelled_in_either_phase(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	make_emergency(kit);
	alert.transition = VPNS_TRANSITION_RESOLVED;
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 1000);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
}

static void the_reason_says_each_error(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.status = 400,
			.reply = "{\"user\":\"invalid\",\"errors\":[\"user identifier is invalid\",7,\"no "
				 "devices\"],"
				 "\"status\":0,\"request\":\"x\"}"});

	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_string_equal(
		result->reason, "Pushover answers HTTP 400: user identifier is invalid; no devices");
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	char url[4201];

	memset(url, 'x', sizeof(url));
	memcpy(url, "https://", 8);
	url[4200] = '\0';
	vpnt_stop(kit);
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", "toosh0rt", "user", USER)), "option token");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "user", TOKEN "&x=y")), "option user");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "device", "my phone")),
		"option device");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "sound", "a/b")),
		"option sound");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "url", url)),
		"option url");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "api_url", url)),
		"option api_url");
	vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "user", USER));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "user", "n0ne")) < 0);
}

static void many_errors_fit_or_are_left_out(void **state)
{
	struct pushover_reply reply;
	char body[4096] = "{\"status\":0,\"request\":\"x\",\"errors\":[\"first\"";
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		strcat(body, ",\"another one of them\"");
	strcat(body, "]}");
	assert_int_equal(pushover_reply_parse(&reply, body, strlen(body)), 0);
	assert_contains(reply.words, "first; another one of them; ");
	assert_in_range(strlen(reply.words), 100, sizeof(reply.words) - 1);
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
	char *title = value_of(body, "title");
	char *message = value_of(body, "message");
	char *text = calloc(1, 16384);

	assert_non_null(text);
	assert_non_null(message);
	assert_true(title == NULL || chars(title) <= PUSHOVER_TITLE_MAX);
	assert_in_range(chars(message), 1, PUSHOVER_TEXT_MAX);
	snprintf(text, 16384, "%s\n%s", title != NULL ? title : "", message);
	free(title);
	free(message);
	return text;
}

static int parse(const char *bytes, size_t len)
{
	struct pushover_reply reply;
	int rc = pushover_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_int_equal(reply.ok, 0);
	return rc;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void a_self_test_asks_about_one_device_at_most(void **state)
{
	struct vpnt *kit = *state;
	static const struct vpnt_http good = {.method = "POST",
		.url = "https://api.pushover.net/1/users/validate.json",
		.reply = sent_reply};
	vpns_op op;

	vpnt_expect(kit, &good);
	vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "device", "phone"));
	op = vpnt_self_test(kit);
	assert_value(kit, "device", "phone");
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	vpnt_expect(kit, &good);
	vpnt_reconfigure(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "device", "phone,tablet"));
	op = vpnt_self_test(kit);
	assert_value(kit, "device", NULL);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
}

int main(void)
{
	static const char *const options[] = {"token", TOKEN, "user", USER, NULL};
	static const struct post_subject subject = {
		.plugin = "pushover",
		.options = options,
		.secret = TOKEN,
		.sent = sent_reply,
		.refusal = "{\"user\":\"invalid\",\"errors\":[\"%s\"],\"status\":0,\"request\":\"x\"}",
		.patience_ms = 5000,
		.wait_ms = 3600000,
		.silent = "priority=-1",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_a_form),
		TEST(options_are_said_to_pushover),
		TEST(an_emergency_rings_and_is_named_by_its_incident),
		TEST(what_is_over_or_in_somebodys_hands_rings_no_longer),
		TEST(the_end_of_an_emergency_can_be_cancelled_in_either_phase),
		TEST(the_reason_says_each_error),
		TEST(options_that_cannot_be_right_are_refused),
		TEST(a_self_test_asks_about_one_device_at_most),
		cmocka_unit_test(many_errors_fit_or_are_left_out),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
