#include "post_contract_inside.h"

#include <stdio.h>

const struct post_subject *subject;

int post_setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", subject->plugin));
	vpnt_start(*state, subject->options);
	return 0;
}

struct vpnt_http post_sent(void)
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
		assert_int_equal(result->retry_after_ms, subject->patience_ms);
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

static void spoil_each_byte(const char *answer)
{
	size_t len = strlen(answer);
	size_t at;
	int value;

	for (at = 0; at < len; at++) {
		for (value = 0; value < 256; value += 5) {
			char *bytes = exact_copy(answer, len);

			bytes[at] = (char)value;
			subject->parse(bytes, len);
			free(bytes);
		}
	}
}

static void an_answer_with_any_byte_changed_does_no_harm(void **state)
{
	char *body = refusal("no such thing");

	(void)state;
	if (subject->parse != NULL) {
		assert_true(subject->parse(subject->sent, strlen(subject->sent)) >= 0);
		assert_true(subject->parse(body, strlen(body)) >= 0);
		spoil_each_byte(subject->sent);
		spoil_each_byte(body);
	}
	free(body);
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
	struct vpnt_http http = post_sent();
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
	struct vpnt_http http = post_sent();

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, post_setup, teardown)

int post_contract_run(const struct post_subject *whose)
{
	const struct CMUnitTest tests[] = {
		TEST(trouble_on_the_way_is_tried_again_and_known_as_unsent_where_it_is),
		TEST(a_service_that_says_when_is_left_alone_until_then),
		TEST(a_service_in_trouble_is_tried_again),
		TEST(a_redirect_is_never_followed_and_never_success),
		TEST(what_the_service_refuses_for_good_is_dropped_with_its_words),
		TEST(what_is_not_the_service_is_never_a_reason_to_give_up),
		TEST(half_an_answer_is_not_success),
		cmocka_unit_test(an_answer_with_any_byte_changed_does_no_harm),
		TEST(a_service_that_echoes_a_secret_does_not_get_it_into_the_reason),
		TEST(a_cancelled_delivery_finishes_at_once_and_the_next_one_is_sent),
		TEST(a_request_that_cannot_be_made_is_unsent),
		TEST(options_may_change_while_it_runs),
		cmocka_unit_test(the_readme_names_the_options),
	};

	subject = whose;
	return post_contract_texts() +
	       cmocka_run_group_tests_name("what every such notifier makes of answers", tests, NULL, NULL);
}
