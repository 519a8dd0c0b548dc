#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "client/reply.h"
#include "model/json.h"

static struct vs_reply parse(const char *body)
{
	struct vs_reply reply;

	assert_int_equal(vs_reply_parse(&reply, vs_view_of(body), NULL), 0);
	return reply;
}

static const char full[] =
	"{\"status\":\"ok\",\"message\":\"Keepalive received\",\"server_time\":\"2026-11-23T00:15:06.967Z\","
	"\"interval_seconds\":300,\"verdict\":\"leak\",\"verdicts\":{\"tunnel\":{\"verdict\":\"leak\","
	"\"confidence\":\"high\",\"evidence\":\"the exit is the server's own address\"},\"dns\":\"secure\"},"
	"\"requests\":[],\"durable\":true}";

static void a_whole_reply_is_understood(void **state)
{
	struct vs_reply reply = parse(full);

	(void)state;
	assert_true(reply.judged);
	assert_int_equal(reply.overall, VS_VERDICT_LEAK);
	assert_true(reply.durable);
	assert_int_equal(reply.interval_ms, 300000);
	assert_true(reply.answers[VS_QUESTION_TUNNEL].given);
	assert_int_equal(reply.answers[VS_QUESTION_TUNNEL].verdict, VS_VERDICT_LEAK);
	assert_int_equal(reply.answers[VS_QUESTION_TUNNEL].confidence, VS_CONFIDENCE_HIGH);
	assert_string_equal(
		reply.answers[VS_QUESTION_TUNNEL].evidence, "the exit is the server's own address");
	assert_int_equal(reply.answers[VS_QUESTION_DNS].verdict, VS_VERDICT_SECURE);
	assert_string_equal(reply.answers[VS_QUESTION_DNS].evidence, "");
	assert_false(reply.answers[VS_QUESTION_IPV6].given);
}

static void the_reply_of_an_older_server_is_taken_without_a_verdict(void **state)
{
	struct vs_reply reply = parse("{\"message\":\"Keepalive received\",\"server_time\":"
				      "\"2026-11-23T00:15:06.967421+00:00\",\"status\":\"ok\"}");

	(void)state;
	assert_false(reply.judged);
	assert_int_equal(reply.interval_ms, 0);
	assert_true(reply.durable);
}

static void members_that_make_no_sense_are_ignored(void **state)
{
	static const char *const bodies[] = {
		"{\"status\":\"ok\",\"verdict\":7,\"verdicts\":[],\"interval_seconds\":\"5\",\"durable\":0}",
		"{\"status\":\"ok\",\"verdict\":\"splendid\",\"verdicts\":{\"tunnel\":{\"verdict\":null}}}",
		"{\"status\":\"ok\",\"verdict\":null,\"verdicts\":{\"tunnel\":[1]},\"interval_seconds\":-3}",
		"{\"status\":\"ok\",\"verdicts\":\"x\",\"interval_seconds\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct vs_reply reply = parse(bodies[i]);

		assert_false(reply.judged);
		assert_false(reply.answers[VS_QUESTION_TUNNEL].given);
		assert_int_equal(reply.interval_ms, 0);
		assert_true(reply.durable);
	}
}

static void what_is_not_an_ok_object_means_nobody_took_the_report(void **state)
{
	static const char *const bodies[] = {
		"",
		"<html>please log in</html>",
		"[]",
		"\"ok\"",
		"null",
		"{}",
		"{\"status\":\"error\"}",
		"{\"status\":true}",
		"{\"status\":\"ok\",\"status\":\"ok\"}",
		"{\"status\":\"ok\"} trailing",
	};
	struct vs_reply reply;
	struct vs_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_true(vs_reply_parse(&reply, vs_view_of(bodies[i]), &err) < 0);
		assert_true(err.text[0] != '\0');
	}
}

static void a_reply_cut_at_any_byte_is_an_error(void **state)
{
	struct vs_reply reply;

	(void)state;
	for (size_t len = 0; len < sizeof(full) - 1; len++)
		assert_true(vs_reply_parse(&reply, (struct vs_view){full, len}, NULL) < 0);
}

static void an_interval_is_a_number_of_seconds_within_a_day(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"status\":\"ok\",\"interval_seconds\":1.5}").interval_ms, 1500);
	assert_int_equal(parse("{\"status\":\"ok\",\"interval_seconds\":1e300}").interval_ms, 86400000);
}

static void a_server_that_could_not_store_says_so(void **state)
{
	(void)state;
	assert_false(parse("{\"status\":\"ok\",\"durable\":false}").durable);
}

static void a_request_to_measure_is_found_among_others(void **state)
{
	(void)state;
	assert_false(parse(full).probe);
	assert_true(parse("{\"status\":\"ok\",\"requests\":[\"dance\",7,{},\"probe\"]}").probe);
	assert_false(parse("{\"status\":\"ok\",\"requests\":[\"probes\",[\"probe\"],null]}").probe);
	assert_false(parse("{\"status\":\"ok\",\"requests\":\"probe\"}").probe);
	assert_false(parse("{\"status\":\"ok\",\"requests\":{\"0\":\"probe\"}}").probe);
}

static void long_evidence_is_cut_at_a_whole_character(void **state)
{
	char body[2048];
	struct vs_reply reply;
	int len = snprintf(body, sizeof(body),
		"{\"status\":\"ok\",\"verdicts\":{\"tunnel\":{\"verdict\":\"secure\",\"evidence\":\"");

	(void)state;
	for (int i = 0; i < 300; i++)
		len += snprintf(body + len, sizeof(body) - (size_t)len, "\xc3\xa9");
	snprintf(body + len, sizeof(body) - (size_t)len, "\"}}}");
	reply = parse(body);
	assert_int_equal(strlen(reply.answers[VS_QUESTION_TUNNEL].evidence), 254);
}

static void the_detail_of_an_error_is_found(void **state)
{
	static const struct {
		const char *body;
		const char *detail;
	} cases[] = {
		{"{\"title\":\"No\",\"detail\":\"the key is not known\",\"error\":\"bad\"}",
			"the key is not known"},
		{"{\"title\":\"Forbidden\",\"status\":403}", "Forbidden"},
		{"{\"error\":\"client_id is required\"}", "client_id is required"},
		{"{\"detail\":5,\"message\":\"m\"}", "m"},
		{"<html>502</html>", ""},
		{"[\"x\"]", ""},
		{"", ""},
	};
	char detail[VS_REPLY_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vs_reply_detail(detail, vs_view_of(cases[i].body));
		assert_string_equal(detail, cases[i].detail);
	}
}

static void a_token_for_canaries_is_taken_only_in_its_form(void **state)
{
#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const char *const wrong[] = {
		"{\"status\":\"ok\"}",
		"{\"status\":\"ok\",\"canary\":\"" TOKEN "\"}",
		"{\"status\":\"ok\",\"canary\":{\"token\":\"" TOKEN "0\"}}",
		"{\"status\":\"ok\",\"canary\":{\"token\":\"short\"}}",
		"{\"status\":\"ok\",\"canary\":{\"token\":5}}",
		("{\"status\":\"ok\",\"canary\":{\"token\":"
		 "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\\n\"}}"),
	};
	struct vs_reply reply = parse("{\"status\":\"ok\",\"canary\":{\"token\":\"" TOKEN "\"}}");

	(void)state;
	assert_string_equal(reply.canary, TOKEN);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		reply = parse(wrong[i]);
		assert_string_equal(reply.canary, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_reply_is_understood),
		cmocka_unit_test(the_reply_of_an_older_server_is_taken_without_a_verdict),
		cmocka_unit_test(members_that_make_no_sense_are_ignored),
		cmocka_unit_test(what_is_not_an_ok_object_means_nobody_took_the_report),
		cmocka_unit_test(a_reply_cut_at_any_byte_is_an_error),
		cmocka_unit_test(an_interval_is_a_number_of_seconds_within_a_day),
		cmocka_unit_test(a_server_that_could_not_store_says_so),
		cmocka_unit_test(a_request_to_measure_is_found_among_others),
		cmocka_unit_test(long_evidence_is_cut_at_a_whole_character),
		cmocka_unit_test(the_detail_of_an_error_is_found),
		cmocka_unit_test(a_token_for_canaries_is_taken_only_in_its_form),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
