/* Probe cloudflare_trace: good traces, odd places, pages that are no trace, and harm. */
#include "kit_test.h"

#include "probes/cloudflare_trace/cloudflare_trace_reply.h"

#include <stdio.h>

static const char trace[] =
	"fl=80f417\nh=cloudflare.com\nip=111.249.78.157\nts=1772941360.629\nvisit_scheme=https\n"
	"uag=curl/8.0\ncolo=TPE\nsliver=none\nhttp=http/2\nloc=TW\ntls=TLSv1.3\nsni=plaintext\n"
	"warp=off\ngateway=off\nrbi=off\nkex=X25519MLKEM768\n";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "cloudflare_trace"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static vpns_op probe(struct vpnt *kit, const struct vpnt_http *http)
{
	vpns_op op;

	vpnt_expect(kit, http);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	return op;
}

static vpns_op probe_body(struct vpnt *kit, const char *body)
{
	return probe(kit, &(struct vpnt_http){.reply = body});
}

static void a_trace_gives_every_fact(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit,
		&(struct vpnt_http){
			.method = "GET", .url = "https://www.cloudflare.com/cdn-cgi/trace", .reply = trace});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 4);
	assert_fact(kit, op, "trace.ip", "111.249.78.157");
	assert_fact(kit, op, "dns_location", "TW");
	assert_fact(kit, op, "trace.colo", "TPE");
	assert_fact(kit, op, "trace.warp", "off");
	assert_int_equal(vpnt_sent_timeout(kit), 10000);
	assert_int_equal(vpnt_sent_flags(kit), VPNS_HTTP_REUSE);
}

static void lines_may_end_in_crlf_and_the_last_without_any(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "ip=2001:DB8::7\r\nloc=RO\r\nwarp=plus");
	assert_fact(kit, op, "trace.ip", "2001:db8::7");
	assert_fact(kit, op, "dns_location", "RO");
	assert_fact(kit, op, "trace.warp", "plus");
	assert_fact(kit, op, "trace.colo", NULL);
}

static void a_place_that_is_no_country_is_a_warning_without_location(void **state)
{
	static const char *const places[] = {"T1", "XX", "usa", "tw", "", "T", "\xc3\xa9"};
	struct vpnt *kit = *state;
	char body[64];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(body, sizeof(body), "ip=192.0.2.1\nloc=%s\n", places[i]);
		op = probe_body(kit, body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
		assert_fact(kit, op, "dns_location", NULL);
		assert_fact(kit, op, "trace.ip", "192.0.2.1");
	}
}

static void a_trace_without_a_place_is_good_but_says_nothing_of_it(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "ip=192.0.2.1\n");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
}

static void of_a_key_that_stands_twice_the_first_counts(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "uag=x\nip=192.0.2.1\nip=203.0.113.9\nloc=RO\nloc=DE\n");
	assert_fact(kit, op, "trace.ip", "192.0.2.1");
	assert_fact(kit, op, "dns_location", "RO");
}

static void a_key_inside_a_value_is_no_key(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "uag=curl ip=203.0.113.9\nxip=203.0.113.8\nip=192.0.2.1\n");
	assert_fact(kit, op, "trace.ip", "192.0.2.1");
}

static void words_with_odd_characters_are_left_out(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "ip=192.0.2.1\ncolo=<script>\nwarp=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
}

static void a_page_that_is_no_trace_is_unknown(void **state)
{
	static const char *const pages[] = {"", "\n\n\n", "<!DOCTYPE html><title>Just a moment...</title>",
		"ip=\n", "ip=999.1.1.1\n", "ip= 192.0.2.1\n", "IP=192.0.2.1\n", "ip=192.0.2.1 \n", "loc=RO\n",
		"ip=0000:0000:0000:0000:0000:0000:0000:0000:0000:0001\n"};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		op = probe_body(kit, pages[i]);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, "not a trace");
	}
}

static void other_statuses_are_unknown_and_retry_after_is_passed_on(void **state)
{
	static const uint32_t statuses[] = {204, 301, 403, 404, 429, 500, 522};
	struct vpnt *kit = *state;
	char number[8];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		op = probe(kit,
			&(struct vpnt_http){
				.status = statuses[i], .reply = trace, .reply_header = "Retry-After: 7"});
		snprintf(number, sizeof(number), "%u", statuses[i]);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, number);
		assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 7000);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
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
	op = probe(kit, &(struct vpnt_http){.never = 1});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	vpnt_refuse_requests(kit, 1);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_cancelled_probe_finishes_at_once_and_leaves_nothing(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.reply = trace, .delay_ms = 500});
	op = vpnt_probe(kit, 10000);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, probe_body(kit, trace))->status, VPNS_PROBE_PASS);
}

static void live_options_count_from_the_next_probe_on(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("family", "4"));
	probe_body(kit, trace);
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_4);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", "http://own.example/t", "family", "6")), 0);
	probe(kit, &(struct vpnt_http){.url = "http://own.example/t", .reply = trace});
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_6);
}

static void a_trace_cut_at_any_byte_gives_no_more_than_it_holds(void **state)
{
	struct cloudflare_trace_reply reply;
	size_t len;
	char *bytes;
	int rc;

	(void)state;
	for (len = 0; len < sizeof(trace); len++) {
		bytes = exact_copy(trace, len);
		rc = cloudflare_trace_reply_parse(&reply, bytes, len);
		if (rc == 0)
			assert_memory_equal(reply.ip, "111.249.78.157", strlen(reply.ip));
		else
			assert_string_equal(reply.ip, "");
		free(bytes);
	}
}

static void a_trace_with_any_byte_changed_does_no_harm(void **state)
{
	struct cloudflare_trace_reply reply;
	size_t at;
	char *bytes;
	int value;

	(void)state;
	for (at = 0; at < sizeof(trace) - 1; at++) {
		for (value = 0; value < 256; value++) {
			bytes = exact_copy(trace, sizeof(trace) - 1);
			bytes[at] = (char)value;
			if (cloudflare_trace_reply_parse(&reply, bytes, sizeof(trace) - 1) == 0)
				assert_true(strlen(reply.loc) == 0 || strlen(reply.loc) == 2);
			free(bytes);
		}
	}
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "cloudflare_trace"),
		VPNS_TEST_SOURCE "/plugins/probes/cloudflare_trace/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_trace_gives_every_fact),
		TEST(lines_may_end_in_crlf_and_the_last_without_any),
		TEST(a_place_that_is_no_country_is_a_warning_without_location),
		TEST(a_trace_without_a_place_is_good_but_says_nothing_of_it),
		TEST(of_a_key_that_stands_twice_the_first_counts),
		TEST(a_key_inside_a_value_is_no_key),
		TEST(words_with_odd_characters_are_left_out),
		TEST(a_page_that_is_no_trace_is_unknown),
		TEST(other_statuses_are_unknown_and_retry_after_is_passed_on),
		TEST(every_way_not_to_answer_is_unknown),
		TEST(a_cancelled_probe_finishes_at_once_and_leaves_nothing),
		TEST(live_options_count_from_the_next_probe_on),
		cmocka_unit_test(a_trace_cut_at_any_byte_gives_no_more_than_it_holds),
		cmocka_unit_test(a_trace_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
