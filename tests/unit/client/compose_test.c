#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "client/compose.h"
#include "model/json.h"
#include "model/report.h"
#include "plug/round.h"
#include "vpn_sentinel/probe.h"

#define NOW INT64_C(1795400106967)

static const struct vs_round_fact found[] = {
	{"exit.ip", "185.211.32.87", VPNS_FACT_ADDR},
	{"exit.country", "RO", VPNS_FACT_COUNTRY},
	{"exit.region", "Bucure\xc8\x99ti", VPNS_FACT_TEXT},
};

static const struct vs_compose_about about = {
	.client_id = "office-vpn",
	.version = "1.2.3",
	.started_at = NOW - 60000,
	.interval_ms = 300000,
	.seq = 7,
	.now = NOW,
};

static struct vs_round_result passed(const char *name)
{
	return (struct vs_round_result){
		.name = name,
		.plugin = "ipinfo",
		.status = VPNS_PROBE_PASS,
		.reason = "",
		.facts = found,
		.fact_count = 3,
		.observed_at_ms = NOW - 250,
	};
}

static struct vs_round_result failed(const char *name, uint32_t status, const char *reason)
{
	return (struct vs_round_result){
		.name = name, .plugin = "ipinfo", .status = status, .reason = reason, .observed_at_ms = NOW};
}

/* What the other side makes of it: composed, written, parsed. */
static struct vs_report *arrive(const struct vs_round_result *results, size_t count, size_t expected_left_out)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_buf body;

	vs_buf_init(&body);
	assert_int_equal(vs_compose(report, &about, results, count), expected_left_out);
	vs_report_write(report, &body);
	vs_report_fini(report);
	assert_int_equal(vs_report_parse(report, vs_buf_view(&body), NULL), 0);
	vs_buf_fini(&body);
	return report;
}

static void leave(struct vs_report *report)
{
	vs_report_fini(report);
	vs_free(report);
}

static void a_report_carries_who_when_and_what(void **state)
{
	const struct vs_round_result results[] = {passed("ipinfo")};
	struct vs_report *report = arrive(results, 1, 0);
	const struct vs_report_fact *region = vs_report_find(report, VS_FACT_EXIT_REGION);

	(void)state;
	assert_true(report->own);
	assert_false(report->late);
	assert_string_equal(report->client_id, "office-vpn");
	assert_string_equal(report->version, "1.2.3");
	assert_int_equal(report->seq, 7);
	assert_int_equal(report->interval_ms, 300000);
	assert_int_equal(report->sent_at, NOW);
	assert_int_equal(report->started_at, NOW - 60000);
	assert_int_equal(report->observation_count, 1);
	assert_string_equal(report->observations[0].source, "ipinfo");
	assert_int_equal(report->observations[0].status, VS_OBSERVED_PASS);
	assert_null(report->observations[0].reason);
	assert_int_equal(report->observations[0].observed_at, NOW - 250);
	assert_int_equal(report->fact_count, 3);
	assert_true(vs_view_equal_text(region->value, "Bucure\xc8\x99ti"));
	leave(report);
}

static void every_kind_of_failure_becomes_an_observation_without_facts_but_with_the_reason(void **state)
{
	static const struct {
		uint32_t status;
		enum vs_observed expected;
		const char *reason;
	} cases[] = {
		{VPNS_PROBE_UNKNOWN, VS_OBSERVED_UNKNOWN, "timed out after 10s"},
		{VPNS_PROBE_UNKNOWN, VS_OBSERVED_UNKNOWN, "429: asked too often"},
		{VPNS_PROBE_FAIL, VS_OBSERVED_FAIL, "the token was refused"},
		{VPNS_PROBE_WARN, VS_OBSERVED_WARN, "the address is a bogon"},
		{99, VS_OBSERVED_UNKNOWN, "a status of the future"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vs_round_result result = failed("ipinfo", cases[i].status, cases[i].reason);
		struct vs_report *report = arrive(&result, 1, 0);

		assert_int_equal(report->observation_count, 1);
		assert_int_equal(report->observations[0].status, cases[i].expected);
		assert_string_equal(report->observations[0].reason, cases[i].reason);
		assert_int_equal(report->fact_count, 0);
		leave(report);
	}
}

static void a_report_of_no_probes_at_all_is_still_a_report(void **state)
{
	struct vs_report *report = arrive(NULL, 0, 0);

	(void)state;
	assert_string_equal(report->client_id, "office-vpn");
	assert_int_equal(report->fact_count, 0);
	leave(report);
}

static void each_fact_keeps_its_source(void **state)
{
	const struct vs_round_result results[] = {
		failed("first", VPNS_PROBE_UNKNOWN, "refused"), passed("second"), passed("third")};
	struct vs_report *report = arrive(results, 3, 0);

	(void)state;
	assert_int_equal(report->fact_count, 6);
	assert_string_equal(report->observations[report->facts[0].observation].source, "second");
	assert_string_equal(report->observations[report->facts[5].observation].source, "third");
	leave(report);
}

static void what_does_not_fit_is_left_out_and_counted(void **state)
{
	struct vs_round_result results[VS_REPORT_OBSERVATIONS_MAX + 2];
	char names[VS_REPORT_OBSERVATIONS_MAX + 2][8];
	struct vs_report *report;

	(void)state;
	for (size_t i = 0; i < VS_REPORT_OBSERVATIONS_MAX + 2; i++) {
		snprintf(names[i], sizeof(names[i]), "p%zu", i);
		results[i] = passed(names[i]);
	}
	/* 32 probes with 3 facts fit by their number, but 96 facts are 32 too many. */
	report = arrive(results, VS_REPORT_OBSERVATIONS_MAX + 2, 2 + 32);
	assert_int_equal(report->observation_count, VS_REPORT_OBSERVATIONS_MAX);
	assert_int_equal(report->fact_count, VS_FACTS_MAX);
	leave(report);
}

static void a_value_that_is_not_of_its_type_is_left_out(void **state)
{
	static const struct vs_round_fact bad[] = {
		{"exit.ip", "not an address", VPNS_FACT_ADDR}, {"exit.country", "RO", VPNS_FACT_COUNTRY}};
	struct vs_round_result result = passed("ipinfo");
	struct vs_report *report;

	(void)state;
	result.facts = bad;
	result.fact_count = 2;
	report = arrive(&result, 1, 1);
	assert_int_equal(report->fact_count, 1);
	leave(report);
}

static void tags_go_along(void **state)
{
	static const char *const tags[] = {"home", "nas"};
	struct vs_compose_about tagged = about;
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_buf body;

	(void)state;
	tagged.tags = tags;
	tagged.tag_count = 2;
	vs_buf_init(&body);
	vs_compose(report, &tagged, NULL, 0);
	vs_report_write(report, &body);
	assert_non_null(strstr(vs_buf_text(&body), "\"tags\":[\"home\",\"nas\"]"));
	vs_buf_fini(&body);
	leave(report);
}

static void nonces_go_along_as_many_as_a_report_holds(void **state)
{
	const char *nonces[VS_REPORT_NONCES_MAX + 1];
	struct vs_compose_about told = about;
	struct vs_report *report = vs_alloc(sizeof(*report));
	size_t i;

	(void)state;
	for (i = 0; i < VS_REPORT_NONCES_MAX + 1; i++)
		nonces[i] = i == 0 ? "first" : "another";
	told.nonces = nonces;
	told.nonce_count = VS_REPORT_NONCES_MAX + 1;
	vs_compose(report, &told, NULL, 0);
	assert_int_equal(report->nonce_count, VS_REPORT_NONCES_MAX);
	assert_string_equal(report->nonces[0], "first");
	leave(report);
}

static void tags_that_servers_would_refuse_are_found_before_anything_is_sent(void **state)
{
	static const char *const good[] = {"home", "nas:2", "a/b"};
	static const char *const bad[] = {"home", "two words"};
	const char *many[VS_REPORT_TAGS_MAX + 1];
	struct vs_err err;

	(void)state;
	for (size_t i = 0; i < VS_REPORT_TAGS_MAX + 1; i++)
		many[i] = "x";
	assert_int_equal(vs_compose_check_tags(good, 3, NULL), 0);
	assert_int_equal(vs_compose_check_tags(NULL, 0, NULL), 0);
	assert_int_equal(vs_compose_check_tags(many, VS_REPORT_TAGS_MAX, NULL), 0);
	assert_true(vs_compose_check_tags(bad, 2, &err) < 0);
	assert_non_null(strstr(err.text, "tags[1]"));
	assert_true(vs_compose_check_tags(many, VS_REPORT_TAGS_MAX + 1, &err) < 0);
	assert_non_null(strstr(err.text, "more than the 16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_carries_who_when_and_what),
		cmocka_unit_test(
			every_kind_of_failure_becomes_an_observation_without_facts_but_with_the_reason),
		cmocka_unit_test(a_report_of_no_probes_at_all_is_still_a_report),
		cmocka_unit_test(each_fact_keeps_its_source),
		cmocka_unit_test(what_does_not_fit_is_left_out_and_counted),
		cmocka_unit_test(a_value_that_is_not_of_its_type_is_left_out),
		cmocka_unit_test(tags_go_along),
		cmocka_unit_test(nonces_go_along_as_many_as_a_report_holds),
		cmocka_unit_test(tags_that_servers_would_refuse_are_found_before_anything_is_sent),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
