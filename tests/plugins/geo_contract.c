#include "geo_contract.h"

#include <stdio.h>

static const struct geo_subject *subject;

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", subject->plugin));
	vpnt_start(*state, VPNT_DEFAULTS);
	return 0;
}

/* Lets pass what has to lie between two requests. */
static void rest(struct vpnt *kit)
{
	vpnt_advance(kit, subject->spacing_ms);
}

static const struct vpns_probe_result *probe_rested(struct vpnt *kit, const struct vpnt_http *http)
{
	vpns_op op;

	rest(kit);
	vpnt_expect(kit, http);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	return vpnt_probe_result(kit, op);
}

static void a_probe_asks_about_us_and_says_so(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.method = "GET",
				 .url = subject->own_url,
				 .header = "Accept: application/json",
				 .reply = subject->reply});
	op = vpnt_probe(kit, 7000);
	assert_int_equal(vpnt_sent_timeout(kit), 7000);
	assert_int_equal(vpnt_sent_flags(kit), VPNS_HTTP_REUSE);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.ip", "24.48.0.1");
	assert_fact(kit, op, "exit6.ip", NULL);
}

static void our_address_of_ipv6_is_the_other_exit(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.reply = subject->reply6});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 0);
	assert_fact(kit, op, "exit6.ip", "2001:db8::1");
	assert_fact(kit, op, "exit6.country", "CA");
	assert_fact(kit, op, "exit6.asn", "AS5769");
	assert_non_null(vpnt_fact(kit, op, "exit6.org"));
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 4);
}

static void another_address_is_located(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.url = subject->other_url, .reply = subject->reply});
	op = vpnt_locate(kit, "::ffff:24.48.0.1", 5000);
	vpnt_advance(kit, 0);
	assert_fact(kit, op, "exit.ip", "24.48.0.1");
	assert_fact(kit, op, "exit.country", "CA");
	rest(kit);
	vpnt_expect(kit, &(struct vpnt_http){.url = subject->other6_url, .reply = subject->reply6});
	op = vpnt_locate(kit, "2001:DB8::1", 5000);
	vpnt_advance(kit, 0);
	assert_fact(kit, op, "exit.ip", "2001:db8::1");
	assert_fact(kit, op, "exit.asn", "AS5769");
	assert_fact(kit, op, "exit6.ip", NULL);
}

static void an_answer_about_somebody_else_is_no_answer(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.reply = subject->reply});
	op = vpnt_locate(kit, "24.48.0.2", 5000);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
	assert_contains(vpnt_probe_result(kit, op)->reason, "24.48.0.2");
	assert_contains(vpnt_probe_result(kit, op)->reason, "24.48.0.1");
}

/* The reply with another text where part stands. */
static void with(char *out, size_t size, const char *part, const char *other)
{
	const char *at = strstr(subject->reply, part);

	assert_non_null(at);
	snprintf(out, size, "%.*s%s%s", (int)(at - subject->reply), subject->reply, other, at + strlen(part));
}

static void an_address_that_is_nobodys_is_never_an_exit(void **state)
{
	static const char *const addresses[] = {"192.168.1.1", "10.0.0.1", "172.31.0.9", "100.64.0.1",
		"127.0.0.1", "169.254.1.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fd00::1"};
	struct vpnt *kit = *state;
	char body[2048];
	size_t i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		with(body, sizeof(body), "24.48.0.1", addresses[i]);
		assert_int_equal(
			probe_rested(kit, &(struct vpnt_http){.reply = body})->status, VPNS_PROBE_UNKNOWN);
	}
}

static void a_member_that_makes_no_sense_is_left_out_with_a_warning(void **state)
{
	static const char *const values[] = {"5", "[]", "{}", "true", "\"a\\u0007b\""};
	const struct vpns_probe_result *result;
	struct vpnt *kit = *state;
	char member[64];
	char part[64];
	char body[2048];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(part, sizeof(part), "\"%s\":", subject->city_member);
		snprintf(member, sizeof(member), "\"%s\":%s,\"was\":", subject->city_member, values[i]);
		with(body, sizeof(body), part, member);
		result = probe_rested(kit, &(struct vpnt_http){.reply = body});
		assert_int_equal(result->status, VPNS_PROBE_WARN);
		assert_contains(result->reason, subject->city_member);
	}
}

static void false_where_a_text_should_be_is_not_said(void **state)
{
	static const char *const values[] = {"false", "null", "\"\""};
	const struct vpns_probe_result *result;
	struct vpnt *kit = *state;
	char member[64];
	char part[64];
	char body[2048];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(part, sizeof(part), "\"%s\":", subject->city_member);
		snprintf(member, sizeof(member), "\"%s\":%s,\"was\":", subject->city_member, values[i]);
		with(body, sizeof(body), part, member);
		result = probe_rested(kit, &(struct vpnt_http){.reply = body});
		assert_int_equal(result->status, VPNS_PROBE_PASS);
	}
}

static void a_reply_that_makes_no_sense_is_unknown_with_a_sentence(void **state)
{
	static const char *const bodies[] = {"", "<html>Please log in</html>", "[1]", "{}", "\"x\"",
		"{\"ip\":", "{\"ip\":5,\"query\":5,\"success\":true,\"status\":\"success\"}"};
	const struct vpns_probe_result *result;
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		result = probe_rested(kit, &(struct vpnt_http){.reply = bodies[i]});
		assert_int_equal(result->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(result->fact_count, 0);
		assert_contains(result->reason, "the ");
	}
}

static void a_limit_waits_longer_each_time_and_nothing_is_sent_meanwhile(void **state)
{
	static const uint64_t waits_s[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 21600, 21600};
	const struct vpns_probe_result *result;
	struct vpnt *kit = *state;
	uint32_t sent;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		result = probe_rested(kit, &(struct vpnt_http){.status = i % 2 ? 403 : 429, .reply = "no"});
		assert_int_equal(result->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(result->retry_after_ms, waits_s[i] * 1000);
		sent = vpnt_sent_count(kit);
		op = vpnt_probe(kit, 10000);
		assert_contains(vpnt_probe_result(kit, op)->reason, "must not be asked again");
		assert_in_range(
			vpnt_probe_result(kit, op)->retry_after_ms, 1, waits_s[i] * 1000); /* what is left */
		assert_int_equal(vpnt_sent_count(kit), sent);
		vpnt_advance(kit, waits_s[i] * 1000);
	}
	probe_rested(kit, &(struct vpnt_http){.reply = subject->reply});
	result = probe_rested(kit, &(struct vpnt_http){.status = 429});
	assert_int_equal(result->retry_after_ms, 300000);
}

static void the_wait_survives_a_restart(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	probe_rested(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 3600"});
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	op = vpnt_probe(kit, 10000);
	assert_in_range(vpnt_probe_result(kit, op)->retry_after_ms, 3500000, 3600000);
	vpnt_stop(kit);
	vpnt_advance(kit, 3600000);
	vpnt_start(kit, VPNT_DEFAULTS);
	assert_int_equal(probe_rested(kit, &(struct vpnt_http){.status = 429})->retry_after_ms,
		600000); /* the second */
}

static void a_wait_that_makes_no_sense_is_none(void **state)
{
	static const char *const texts[] = {
		"", "abc", "-5", "99999999999999999999999", "-99999999999999999999999"};
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		vpnt_stop(kit);
		vpnt_state_set(kit, "wait_ms", texts[i]);
		vpnt_state_set(kit, "not_before_ms", texts[i]);
		vpnt_start(kit, VPNT_DEFAULTS);
		assert_int_equal(probe_rested(kit, &(struct vpnt_http){.reply = subject->reply})->status,
			VPNS_PROBE_PASS);
	}
}

static void retry_after_is_honoured_up_to_a_day(void **state)
{
	struct vpnt *kit = *state;

	assert_int_equal(probe_rested(kit,
				 &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 999999999"})
				 ->retry_after_ms,
		86400000);
}

static void other_statuses_are_unknown(void **state)
{
	static const uint32_t statuses[] = {204, 301, 302, 400, 401, 404, 500, 502, 503};
	const struct vpns_probe_result *result;
	struct vpnt *kit = *state;
	char number[8];
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		result = probe_rested(
			kit, &(struct vpnt_http){.status = statuses[i], .reply = subject->reply});
		snprintf(number, sizeof(number), "%u", statuses[i]);
		assert_int_equal(result->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(result->fact_count, 0);
		assert_contains(result->reason, number);
	}
}

static void every_way_not_to_answer_is_unknown(void **state)
{
	struct vpnt *kit = *state;
	int32_t error;
	vpns_op op;

	for (error = VPNS_HTTP_E_URL; error <= VPNS_HTTP_E_OTHER; error++)
		assert_contains(
			probe_rested(kit, &(struct vpnt_http){.error = error})->reason, "does not answer");
	rest(kit);
	vpnt_refuse_requests(kit, 1);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_cancelled_probe_finishes_at_once_and_leaves_nothing(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.reply = subject->reply, .delay_ms = 500});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 100);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(
		probe_rested(kit, &(struct vpnt_http){.reply = subject->reply})->status, VPNS_PROBE_PASS);
}

static void live_options_count_from_the_next_probe_on(void **state)
{
	struct vpnt *kit = *state;

	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", "http://own.example/x", "family", "6")), 0);
	vpnt_expect(kit, &(struct vpnt_http){.reply = subject->reply6});
	vpnt_probe(kit, 10000);
	vpnt_advance(kit, 0);
	assert_memory_equal(vpnt_sent_url(kit), "http://own.example/x", 20);
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_6);
}

static void a_reply_cut_at_any_byte_is_never_half_believed(void **state)
{
	size_t whole = strlen(subject->reply);
	struct geo_place place;
	char why[GEO_WHY_SIZE];
	char *bytes;
	size_t len;

	(void)state;
	for (len = 0; len < whole; len++) {
		bytes = exact_copy(subject->reply, len);
		assert_int_equal(subject->parse(&place, bytes, len, why), -1);
		assert_string_equal(place.ip, "");
		free(bytes);
	}
}

static void the_readme_names_the_options(void **state)
{
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), VPNS_TEST_SOURCE "/plugins/probes/%s/README.md", subject->plugin);
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", subject->plugin), path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int geo_contract_run(const struct geo_subject *whose)
{
	const struct CMUnitTest tests[] = {
		TEST(a_probe_asks_about_us_and_says_so),
		TEST(our_address_of_ipv6_is_the_other_exit),
		TEST(another_address_is_located),
		TEST(an_answer_about_somebody_else_is_no_answer),
		TEST(an_address_that_is_nobodys_is_never_an_exit),
		TEST(a_member_that_makes_no_sense_is_left_out_with_a_warning),
		TEST(false_where_a_text_should_be_is_not_said),
		TEST(a_reply_that_makes_no_sense_is_unknown_with_a_sentence),
		TEST(a_limit_waits_longer_each_time_and_nothing_is_sent_meanwhile),
		TEST(the_wait_survives_a_restart),
		TEST(a_wait_that_makes_no_sense_is_none),
		TEST(retry_after_is_honoured_up_to_a_day),
		TEST(other_statuses_are_unknown),
		TEST(every_way_not_to_answer_is_unknown),
		TEST(a_cancelled_probe_finishes_at_once_and_leaves_nothing),
		TEST(live_options_count_from_the_next_probe_on),
		TEST(a_reply_cut_at_any_byte_is_never_half_believed),
		TEST(the_readme_names_the_options),
	};

	subject = whose;
	return cmocka_run_group_tests_name("what every such probe does", tests, NULL, NULL);
}
