#include "post_contract.h"

#include <stdio.h>

static const struct post_subject *subject;

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", subject->plugin));
	vpnt_start(*state, subject->options);
	return 0;
}

static struct vpnt_http sent(void)
{
	return (struct vpnt_http){.status = subject->sent_status, .reply = subject->sent};
}

/* The service's own refusal. */
static char *refusal(const char *words)
{
	char *text = calloc(1, 2048);
	const char *gap = subject->refusal != NULL ? strstr(subject->refusal, "%s") : NULL;

	assert_non_null(text);
	if (gap != NULL)
		snprintf(text, 2048, "%.*s%s%s", (int)(gap - subject->refusal), subject->refusal,
			subject->words != NULL ? subject->words : words, gap + 2);
	return text;
}

static void assert_shows(struct vpnt *kit, const char *part)
{
	char *text = subject->shown(vpnt_sent_body(kit));

	assert_contains(text, part);
	free(text);
}

/* --- what is sent ---------------------------------------------------------------------- */

static void an_alert_is_sent_with_all_it_says(void **state)
{
	struct vpnt *kit = *state;
	struct vpnt_http http = sent();

	assert_int_equal(deliver(kit, &http)->status, VPNS_DELIVERY_SENT);
	assert_int_equal(vpnt_sent_count(kit), 1);
	assert_shows(kit, "anna lost its tunnel");
	assert_shows(kit, "No keepalive for 5 minutes.");
	assert_shows(kit, "185.211.32.87 (Bucure\xc8\x99ti, RO)");
}

static const char *const hostile[] = {
	"<b>bold</b> <script>alert(1)</script>",
	"a & b &amp; c &lt;d&gt;",
	"{{7*7}} ${HOME} $(id) `id`",
	"%s%n%d %00 %0d%0a",
	"\xe2\x80\xaertl \xe2\x80\x8f marks",
	"\xf0\x9f\x92\xa3 four bytes",
	"\"quoted\" 'single' \\back\\slash\\n",
	"*bold* _under_ ~strike~ **b** __u__ ||hidden||",
	"@everyone @here <@123456789012345678> <!channel> <@U123> #room",
	"[text](https://example.org) <https://example.org|text>",
};

enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static void whatever_stands_in_an_alert_is_shown_literally(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert_field field = {"label", "value"};
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = sent();
	size_t i;
	int where;

	for (i = 0; i < HOSTILE; i++) {
		for (where = 0; where < 4; where++) {
			alert = vpnt_alert();
			alert.fields = &field;
			alert.field_count = 1;
			field.label = where == 2 ? hostile[i] : "label";
			field.value = where == 3 ? hostile[i] : "value";
			if (where == 0)
				alert.title = hostile[i];
			else if (where == 1)
				alert.body = hostile[i];
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			assert_shows(kit, hostile[i]);
		}
	}
}

static void a_kibibyte_of_hostility_in_every_field_breaks_nothing(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert_field fields[40];
	struct vpnt_http http = sent();
	char text[1025];
	size_t i, k, at;

	for (i = 0; i < HOSTILE; i++) {
		struct vpns_alert alert = vpnt_alert();

		/* Shifted by one each time, so that cuts fall everywhere. */
		for (at = 0; at < i; at++)
			text[at] = 'x';
		for (k = 0; at + strlen(hostile[(i + k) % HOSTILE]) < sizeof(text); k++) {
			memcpy(text + at, hostile[(i + k) % HOSTILE], strlen(hostile[(i + k) % HOSTILE]));
			at += strlen(hostile[(i + k) % HOSTILE]);
		}
		text[at] = '\0';
		for (k = 0; k < 40; k++)
			fields[k] = (struct vpns_alert_field){text, text};
		alert.title = alert.body = alert.client_id = text;
		alert.fields = fields;
		alert.field_count = (uint32_t)(i * 4);
		alert.transition = (uint32_t)(i % 6 + 1);
		alert.severity = (uint32_t)(i % 3 + 1);
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		free(subject->shown(vpnt_sent_body(kit)));
	}
}

static void lines_and_control_characters_break_nothing(void **state)
{
	static const char *const odd[] = {"one\ntwo\r\nthree\ttab", "\n\n\n", "\x01\x1b[31mred\x7f", "", " ",
		"\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
	struct vpnt *kit = *state;
	struct vpns_alert alert;
	struct vpnt_http http = sent();
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		alert = vpnt_alert();
		alert.title = odd[i];
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		assert_shows(kit, "No keepalive");
		alert = vpnt_alert();
		alert.body = odd[i];
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		assert_shows(kit, "anna lost its tunnel");
	}
}

static void an_alert_of_any_length_is_one_that_the_service_takes(void **state)
{
	static const char *const pieces[] = {
		"x", "&", "<", "*", "\xe2\x82\xac", "\xf0\x9f\x92\xa3", "\n", "a b\n"};
	static const size_t lengths[] = {250, 251, 1023, 1024, 1025, 4095, 4096, 4097, 30000};
	struct vpnt *kit = *state;
	struct vpnt_http http = sent();
	char *text = malloc(31000);
	size_t i;
	size_t k;

	assert_non_null(text);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		for (k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			struct vpns_alert alert = vpnt_alert();
			size_t at = 0;

			while (at + strlen(pieces[i]) <= lengths[k]) {
				memcpy(text + at, pieces[i], strlen(pieces[i]));
				at += strlen(pieces[i]);
			}
			text[at] = '\0';
			alert.body = text;
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			assert_shows(kit, "anna lost its tunnel");
			alert.title = text;
			alert.body = "";
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			free(subject->shown(vpnt_sent_body(kit)));
		}
	}
	free(text);
}

static void what_need_disturb_nobody_is_sent_as_such(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = sent();

	if (subject->silent == NULL)
		return;
	deliver_alert(kit, &alert, &http);
	assert_lacks(vpnt_sent_body(kit), subject->silent);
	alert.silent = 1;
	deliver_alert(kit, &alert, &http);
	assert_contains(vpnt_sent_body(kit), subject->silent);
}

static void a_host_of_the_first_minor_is_not_asked_for_what_it_does_not_say(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = sent();
	char *first;

	deliver_alert(kit, &alert, &http);
	first = exact_copy(vpnt_sent_body(kit), strlen(vpnt_sent_body(kit)) + 1);
	alert.size = offsetof(struct vpns_alert, group_count);
	alert.group_count = 500;
	alert.silent = 1;
	alert.priority = VPNS_PRIORITY_LOW;
	deliver_alert(kit, &alert, &http);
	assert_string_equal(vpnt_sent_body(kit), first);
	free(first);
}

static void an_update_of_a_message_that_is_not_to_be_had_is_not_told_anew(void **state)
{
	const struct vpns_plugin *plugin = vpnt_load(VPNS_TEST_PLUGINS "/notifiers", subject->plugin);
	static const char *const refs[] = {NULL, "", " what the service never says "};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	if ((plugin->notifier->flags & VPNS_NOTIFIER_EDIT) == 0)
		return; /* it is never asked */
	alert.flags = VPNS_ALERT_UPDATE;
	for (i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		vpns_op op;

		alert.replaces_ref = refs[i];
		op = vpnt_deliver(kit, &alert);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
		assert_int_equal(vpnt_delivery_result(kit, op)->scope, VPNS_SCOPE_CHAT);
	}
	assert_int_equal(vpnt_sent_count(kit), 0);
}

/* --- what the answer means ------------------------------------------------------------- */

static void trouble_on_the_way_is_tried_again_and_known_as_unsent_where_it_is(void **state)
{
	static const struct {
		int32_t error;
		uint32_t status;
	} rows[] = {
		{VPNS_HTTP_E_URL, UNSENT},
		{VPNS_HTTP_E_RESOLVE, UNSENT},
		{VPNS_HTTP_E_CONNECT, UNSENT},
		{VPNS_HTTP_E_TLS, UNSENT},
		{VPNS_HTTP_E_TIMEOUT, VPNS_DELIVERY_RETRY},
		{VPNS_HTTP_E_TRUNCATED, VPNS_DELIVERY_RETRY},
		{VPNS_HTTP_E_TOO_LARGE, VPNS_DELIVERY_RETRY},
		{VPNS_HTTP_E_PROTOCOL, VPNS_DELIVERY_RETRY},
		{VPNS_HTTP_E_OTHER, VPNS_DELIVERY_RETRY},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(kit, &(struct vpnt_http){.error = rows[i].error});
		assert_int_equal(result->status, rows[i].status);
		assert_int_equal(result->scope, VPNS_SCOPE_INSTANCE);
		assert_contains(result->reason, "does not answer: ");
	}
	result = deliver(kit, &(struct vpnt_http){.never = 1});
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
}

static void a_service_that_says_when_is_left_alone_until_then(void **state)
{
	const struct {
		const char *header;
		uint64_t wait_ms;
	} rows[] = {{"Retry-After: 12", 12000}, {NULL, subject->wait_ms},
		{"Retry-After: 99999999999", 604800000}};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	char *body = refusal("slow down");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(kit,
			&(struct vpnt_http){.status = 429, .reply = body, .reply_header = rows[i].header});
		assert_int_equal(result->status, UNSENT);
		assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
		assert_int_equal(result->retry_after_ms, rows[i].wait_ms);
		assert_contains(result->reason, "429");
	}
	free(body);
}

static void a_service_in_trouble_is_tried_again(void **state)
{
	static const uint32_t statuses[] = {408, 500, 502, 503, 504};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	char *body = refusal("internal error");
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		result = deliver(
			kit, &(struct vpnt_http){
				     .status = statuses[i], .reply = body, .reply_header = "Retry-After: 7"});
		assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
		assert_int_equal(result->retry_after_ms, 7000);
		result = deliver(
			kit, &(struct vpnt_http){.status = statuses[i], .reply = "<html>Bad Gateway</html>"});
		assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
		assert_int_equal(result->retry_after_ms, 0);
	}
	free(body);
}

static void a_redirect_is_never_followed_and_never_success(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result = deliver(
		kit, &(struct vpnt_http){
			     .status = 302, .reply = "", .reply_header = "Location: http://10.0.0.1/"});

	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "302");
}

static void what_the_service_refuses_for_good_is_dropped_with_its_words(void **state)
{
	static const uint32_t statuses[] = {400, 401, 403, 404, 413, 422};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	char *body = refusal("no such thing");
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		/* Anew, so that no memory of a refusal is in the way. */
		vpnt_stop(kit);
		vpnt_start(kit, subject->options);
		result = deliver(kit, &(struct vpnt_http){.status = statuses[i], .reply = body});
		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		assert_int_equal(result->scope,
			statuses[i] >= 401 && statuses[i] <= 404 ? VPNS_SCOPE_INSTANCE : VPNS_SCOPE_CHAT);
		if (subject->refusal != NULL)
			assert_contains(
				result->reason, subject->words != NULL ? subject->words : "no such thing");
	}
	free(body);
}

static void what_is_not_the_service_is_never_a_reason_to_give_up(void **state)
{
	static const char *const pages[] = {
		"<html>Please log in</html>", "", "[]", "{", "null", "\xff\xfe", "7"};
	static const uint32_t statuses[] = {400, 401, 403, 404, 407, 410, 418};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t i;
	size_t k;

	if (subject->refusal == NULL)
		return;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		for (k = 0; k < sizeof(statuses) / sizeof(statuses[0]); k++) {
			result = deliver(kit, &(struct vpnt_http){.status = statuses[k], .reply = pages[i]});
			assert_int_equal(result->status & ~VPNS_DELIVERY_UNSENT, VPNS_DELIVERY_RETRY);
			assert_contains(result->reason, "something that is not");
		}
	}
}

static void half_an_answer_is_not_success(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	size_t len = strlen(subject->sent);
	size_t cut;

	if (subject->refusal == NULL || len == 0)
		return;
	for (cut = 1; cut < len; cut++) {
		result = deliver(kit,
			&(struct vpnt_http){
				.status = subject->sent_status, .reply = subject->sent, .reply_len = cut});
		assert_int_equal(result->status, VPNS_DELIVERY_RETRY);
	}
}

static void a_service_that_echoes_a_secret_does_not_get_it_into_the_reason(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	char words[600];
	char *body;
	size_t pad;

	if (subject->refusal == NULL || subject->words != NULL)
		return;
	/* Wherever the words are cut. */
	for (pad = 0; pad < 400; pad += 13) {
		snprintf(words, sizeof(words), "%0*d %s", (int)pad + 1, 0, subject->secret);
		body = refusal(words);
		result = deliver(kit, &(struct vpnt_http){.status = 400, .reply = body});
		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		words[pad + 2 + 5] = '\0'; /* the first 5 bytes of it */
		assert_lacks(result->reason, words + pad + 2);
		free(body);
	}
}

/* --- ends ------------------------------------------------------------------------------ */

static void a_cancelled_delivery_finishes_at_once_and_the_next_one_is_sent(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = sent();
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
	assert_int_equal(deliver(kit, &http)->status, VPNS_DELIVERY_SENT);
}

static void a_request_that_cannot_be_made_is_unsent(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_refuse_requests(kit, 1);
	op = vpnt_deliver(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
}

static void options_may_change_while_it_runs(void **state)
{
	struct vpnt *kit = *state;
	struct vpnt_http http = sent();

	assert_int_equal(vpnt_reconfigure(kit, subject->options), 0);
	assert_int_equal(deliver(kit, &http)->status, VPNS_DELIVERY_SENT);
}

static void the_readme_names_the_options(void **state)
{
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), VPNS_TEST_SOURCE "/plugins/notifiers/%s/README.md", subject->plugin);
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", subject->plugin), path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int post_contract_run(const struct post_subject *whose)
{
	const struct CMUnitTest tests[] = {
		TEST(an_alert_is_sent_with_all_it_says),
		TEST(whatever_stands_in_an_alert_is_shown_literally),
		TEST(a_kibibyte_of_hostility_in_every_field_breaks_nothing),
		TEST(lines_and_control_characters_break_nothing),
		TEST(an_alert_of_any_length_is_one_that_the_service_takes),
		TEST(what_need_disturb_nobody_is_sent_as_such),
		TEST(a_host_of_the_first_minor_is_not_asked_for_what_it_does_not_say),
		TEST(an_update_of_a_message_that_is_not_to_be_had_is_not_told_anew),
		TEST(trouble_on_the_way_is_tried_again_and_known_as_unsent_where_it_is),
		TEST(a_service_that_says_when_is_left_alone_until_then),
		TEST(a_service_in_trouble_is_tried_again),
		TEST(a_redirect_is_never_followed_and_never_success),
		TEST(what_the_service_refuses_for_good_is_dropped_with_its_words),
		TEST(what_is_not_the_service_is_never_a_reason_to_give_up),
		TEST(half_an_answer_is_not_success),
		TEST(a_service_that_echoes_a_secret_does_not_get_it_into_the_reason),
		TEST(a_cancelled_delivery_finishes_at_once_and_the_next_one_is_sent),
		TEST(a_request_that_cannot_be_made_is_unsent),
		TEST(options_may_change_while_it_runs),
		cmocka_unit_test(the_readme_names_the_options),
	};

	subject = whose;
	return cmocka_run_group_tests_name("what every such notifier does", tests, NULL, NULL);
}
