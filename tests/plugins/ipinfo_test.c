/* Probe ipinfo: what is asked, refusals and waits, everything that is no answer. */
#include "ipinfo_kit.h"

#include "probes/ipinfo/ipinfo_url.h"

#include <stdio.h>

static void the_token_goes_into_the_header_and_nowhere_else(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("token", "sup3rsecret", "family", "6"));
	op = probe(kit, &(struct vpnt_http){.url = "https://ipinfo.io/json",
				.header = "Authorization: Bearer sup3rsecret",
				.status = 401,
				.reply = "{\"error\":\"sup3rsecret\"}"});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_contains(vpnt_probe_result(kit, op)->reason, "token refused");
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_6);
}

static void a_provider_that_wants_a_token_says_so(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 401});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_contains(vpnt_probe_result(kit, op)->reason, "wants a token");
}

static void a_token_with_a_line_break_is_refused_without_being_shown(void **state)
{
	struct vpnt *kit = *state;
	char longer[300];

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", "secret\r\nX-Evil: 1")), "option token");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", "secr\xc3\xa9t")), "option token");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", longer)), "longer");
}

static void a_limit_waits_longer_each_time_up_to_six_hours(void **state)
{
	static const uint64_t waits_s[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 21600, 21600};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.status = i % 2 ? 403 : 429, .reply = limit_reply});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, waits_s[i] * 1000);
		assert_contains(vpnt_probe_result(kit, op)->reason, i % 2 ? "HTTP 403" : "HTTP 429");
		assert_contains(vpnt_probe_result(kit, op)->reason, "token");
	}
	op = probe_body(kit, full_reply);
	assert_null(vpnt_state(kit, "wait_ms"));
	op = probe(kit,
		&(struct vpnt_http){.status = 429, .reply = "Rate limit exceeded. Subscribe to a paid plan"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 300000);
}

static void the_wait_survives_a_restart(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	probe(kit, &(struct vpnt_http){.status = 429});
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 429});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 600000);
}

static void a_state_that_makes_no_sense_begins_anew(void **state)
{
	static const char *const texts[] = {"", "abc", "-5", "99999999999999999999999"};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		vpnt_state_set(kit, "wait_ms", texts[i]);
		op = probe(kit, &(struct vpnt_http){.status = 429});
		assert_in_range(vpnt_probe_result(kit, op)->retry_after_ms, 300000, 21600000);
	}
}

static void retry_after_is_honoured_up_to_a_day(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 3600"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 3600000);
	op = probe(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 999999999"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 86400000);
}

static void other_statuses_are_unknown(void **state)
{
	static const uint32_t statuses[] = {204, 301, 302, 400, 404, 500, 502, 503};
	struct vpnt *kit = *state;
	char number[8];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.status = statuses[i], .reply = full_reply});
		snprintf(number, sizeof(number), "%u", statuses[i]);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, number);
	}
}

static void every_way_not_to_answer_is_unknown(void **state)
{
	struct vpnt *kit = *state;
	int32_t error;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (error = VPNS_HTTP_E_URL; error <= VPNS_HTTP_E_OTHER; error++) {
		op = probe(kit, &(struct vpnt_http){.error = error});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, "does not answer");
	}
	vpnt_refuse_requests(kit, 1);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void silence_ends_with_the_timeout(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_probe(kit, 3000);
	vpnt_advance(kit, 2999);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_cancelled_probe_finishes_at_once_and_leaves_nothing(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.reply = full_reply, .delay_ms = 500});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 100);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	op = probe_body(kit, full_reply);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
}

static void another_address_is_located(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit,
		&(struct vpnt_http){.url = "https://ipinfo.io/8.8.8.8/json",
			.reply = "{\"ip\":\"8.8.8.8\",\"country\":\"US\",\"org\":\"AS15169 Google LLC\"}"});
	op = vpnt_locate(kit, "8.8.8.8", 5000);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.asn", "AS15169");
	vpnt_expect(kit, &(struct vpnt_http){.url = "https://ipinfo.io/2001:db8::1/json", .never = 1});
	op = vpnt_locate(kit, "2001:db8::1", 5000);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
}

static void the_url_about_an_address_follows_the_configured_one(void **state)
{
	static const struct {
		const char *url;
		const char *address;
		const char *out; /* NULL: refused */
	} rows[] = {
		{"https://ipinfo.io/json", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"https://ipinfo.io/", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"https://ipinfo.io", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"http://a:8080/geo/json/", "2001:db8::1", "http://a:8080/geo/2001:db8::1/json"},
		{"http://a/json?lang=en", "192.0.2.1", "http://a/192.0.2.1/json?lang=en"},
		{"https://api.ipinfo.io/lite/me", "192.0.2.1", "https://api.ipinfo.io/lite/192.0.2.1"},
		{"https://api.ipinfo.io/lite/me/?token=x", "192.0.2.1",
			"https://api.ipinfo.io/lite/192.0.2.1?token=x"},
		{"http://me", "192.0.2.1", "http://me/192.0.2.1/json"},
		{"http://json", "192.0.2.1", "http://json/192.0.2.1/json"}, /* that is whom to ask */
		{"http://json/json", "192.0.2.1", "http://json/192.0.2.1/json"},
		{"https://ipinfo.io/json", "x", NULL},
		{"https://ipinfo.io/json", "192.0.2.1/../..", NULL},
		{"https://ipinfo.io/json", "", NULL},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			ipinfo_url_of(out, sizeof(out), rows[i].url, rows[i].address), rows[i].out ? 0 : -1);
		if (rows[i].out != NULL)
			assert_string_equal(out, rows[i].out);
	}
	assert_int_equal(ipinfo_url_of(out, 10, "https://ipinfo.io/json", "192.0.2.1"), -1);
}

static void live_options_count_from_the_next_probe_on(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit,
		&(struct vpnt_http){.url = "https://ipinfo.io/json", .reply = full_reply, .delay_ms = 50});
	op = vpnt_probe(kit, 10000);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", "http://own.example/json", "token", "abcdef")), 0);
	vpnt_advance(kit, 100);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	probe(kit, &(struct vpnt_http){.url = "http://own.example/json",
			   .header = "Authorization: Bearer abcdef",
			   .reply = full_reply});
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("token", "ab cd")) < 0);
	probe(kit, &(struct vpnt_http){.url = "http://own.example/json", .reply = full_reply});
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipinfo"),
		VPNS_TEST_SOURCE "/plugins/probes/ipinfo/README.md");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_token_goes_into_the_header_and_nowhere_else),
		TEST(a_provider_that_wants_a_token_says_so),
		TEST(a_token_with_a_line_break_is_refused_without_being_shown),
		TEST(a_limit_waits_longer_each_time_up_to_six_hours),
		TEST(the_wait_survives_a_restart),
		TEST(a_state_that_makes_no_sense_begins_anew),
		TEST(retry_after_is_honoured_up_to_a_day),
		TEST(other_statuses_are_unknown),
		TEST(every_way_not_to_answer_is_unknown),
		TEST(silence_ends_with_the_timeout),
		TEST(a_cancelled_probe_finishes_at_once_and_leaves_nothing),
		TEST(another_address_is_located),
		TEST(live_options_count_from_the_next_probe_on),
		cmocka_unit_test(the_url_about_an_address_follows_the_configured_one),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
