/* Probe ipify: both families, each way to have none, and answers that are no addresses. */
#include "kit_test.h"

#include "probes/ipify/ipify_reply.h"

#include <stdio.h>

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipify"));
	vpnt_start(*state, VPNT_DEFAULTS);
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static vpns_op probe(struct vpnt *kit, const struct vpnt_http *four, const struct vpnt_http *six)
{
	vpns_op op;

	vpnt_expect(kit, four);
	vpnt_expect(kit, six);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	return op;
}

#define FOUR                                                                                                 \
	&(struct vpnt_http)                                                                                  \
	{                                                                                                    \
		.url = "https://api.ipify.org", .reply = "185.211.32.87"                                     \
	}
#define SIX                                                                                                  \
	&(struct vpnt_http)                                                                                  \
	{                                                                                                    \
		.url = "https://api6.ipify.org", .reply = "2001:db8::1"                                      \
	}

static void both_families_are_asked_at_once_and_told_apart(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, FOUR, SIX);

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_null(vpnt_probe_result(kit, op)->reason);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 3);
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
	assert_fact(kit, op, "exit6.ip", "2001:db8::1");
	assert_fact(kit, op, "ipv6.reachable", "true");
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_6);
	assert_int_equal(vpnt_sent_flags(kit), VPNS_HTTP_REUSE);
}

static void no_way_over_ipv6_is_in_good_order(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, FOUR, &(struct vpnt_http){.error = VPNS_HTTP_E_CONNECT});

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 2);
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
	assert_fact(kit, op, "ipv6.reachable", "false");
}

static void nothing_is_said_of_ipv6_while_nothing_works_at_all(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, &(struct vpnt_http){.error = VPNS_HTTP_E_CONNECT},
		&(struct vpnt_http){.error = VPNS_HTTP_E_CONNECT});

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
	assert_contains(vpnt_probe_result(kit, op)->reason, "IPv4: no answer");
	assert_contains(vpnt_probe_result(kit, op)->reason, "; IPv6: no answer");
}

static void another_failure_over_ipv6_proves_nothing(void **state)
{
	static const int32_t errors[] = {VPNS_HTTP_E_TLS, VPNS_HTTP_E_TIMEOUT, VPNS_HTTP_E_TRUNCATED,
		VPNS_HTTP_E_TOO_LARGE, VPNS_HTTP_E_PROTOCOL, VPNS_HTTP_E_OTHER};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		op = probe(kit, FOUR, &(struct vpnt_http){.error = errors[i]});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
		assert_fact(kit, op, "exit.ip", "185.211.32.87");
		assert_fact(kit, op, "ipv6.reachable", NULL);
		assert_contains(vpnt_probe_result(kit, op)->reason, "IPv6");
	}
}

static void one_family_is_enough_to_be_told(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, &(struct vpnt_http){.status = 502}, SIX);

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "HTTP 502");
	assert_fact(kit, op, "exit.ip", NULL);
	assert_fact(kit, op, "exit6.ip", "2001:db8::1");
	assert_fact(kit, op, "ipv6.reachable", "true");
}

static void one_family_alone_can_be_asked(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_reconfigure(kit, VPNT_OPTIONS("family", "4", "url", "http://own.example/ip"));
	vpnt_expect(kit, &(struct vpnt_http){.url = "http://own.example/ip", .reply = "192.0.2.1\n"});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_4);
	assert_int_equal(vpnt_sent_timeout(kit), 10000);
	assert_fact(kit, op, "ipv6.reachable", NULL);
	vpnt_reconfigure(kit, VPNT_OPTIONS("family", "6", "url6", "http://own.example/ip"));
	vpnt_expect(kit, &(struct vpnt_http){.url = "http://own.example/ip", .reply = "2001:db8::2"});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 0);
	assert_fact(kit, op, "exit6.ip", "2001:db8::2");
	assert_int_equal(vpnt_sent_timeout(kit), 10000);
}

static void ipv6_that_leads_nowhere_holds_nothing_up(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, FOUR);
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_sent_timeout(kit), 4000);
	vpnt_advance(kit, 4000);
	assert_true(vpnt_finished(kit, op));
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
}

static void a_limit_is_passed_on(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 30"}, SIX);

	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 30000);
}

static void a_service_that_sees_the_other_family_is_not_believed(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, &(struct vpnt_http){.reply = "2001:db8::1"},
		&(struct vpnt_http){.reply = "::ffff:192.0.2.1"});

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
	assert_contains(vpnt_probe_result(kit, op)->reason, "other family");
}

static void what_is_no_address_of_the_internet_is_no_exit(void **state)
{
	static const char *const bodies[] = {"", "<html></html>", "192.0.2.256", "192.0.2.1 x", "10.1.2.3",
		"127.0.0.1", "{\"ip\":\"192.0.2.1\"}", "192.0.2.1.", "0.0.0.0"};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.reply = bodies[i]},
			&(struct vpnt_http){.error = VPNS_HTTP_E_CONNECT});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, "address");
	}
}

static void a_cancelled_probe_tells_what_has_come(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, FOUR);
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 100);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
	assert_fact(kit, op, "ipv6.reachable", NULL);
}

static void a_request_that_cannot_be_made_is_unknown(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_refuse_requests(kit, 2);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "url6");
}

static void the_answer_is_an_address_and_nothing_else(void **state)
{
	static const struct {
		const char *body;
		const char *ip; /* NULL: refused */
		int bogon;
	} rows[] = {
		{"185.211.32.87", "185.211.32.87", 0},
		{"185.211.32.87\n", "185.211.32.87", 0},
		{"2001:DB8:0::1\r\n", "2001:db8::1", 0},
		{"::ffff:192.0.2.1", "192.0.2.1", 0},
		{"192.168.0.1", "192.168.0.1", 1},
		{"fe80::1", "fe80::1", 1},
		{" 192.0.2.1", NULL, 0},
		{"192.0.2.1%eth0", NULL, 0},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL, 0},
	};
	struct ipify_reply reply;
	char *bytes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bytes = exact_copy(rows[i].body, strlen(rows[i].body));
		assert_int_equal(
			ipify_reply_parse(&reply, bytes, strlen(rows[i].body)), rows[i].ip != NULL ? 0 : -1);
		assert_string_equal(reply.ip, rows[i].ip != NULL ? rows[i].ip : "");
		assert_int_equal(reply.bogon, rows[i].bogon);
		free(bytes);
	}
	assert_int_equal(ipify_reply_parse(&reply, "1.2.3.4\0x", 9), -1);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipify"),
		VPNS_TEST_SOURCE "/plugins/probes/ipify/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_families_are_asked_at_once_and_told_apart),
		TEST(no_way_over_ipv6_is_in_good_order),
		TEST(nothing_is_said_of_ipv6_while_nothing_works_at_all),
		TEST(another_failure_over_ipv6_proves_nothing),
		TEST(one_family_is_enough_to_be_told),
		TEST(one_family_alone_can_be_asked),
		TEST(ipv6_that_leads_nowhere_holds_nothing_up),
		TEST(a_limit_is_passed_on),
		TEST(a_service_that_sees_the_other_family_is_not_believed),
		TEST(what_is_no_address_of_the_internet_is_no_exit),
		TEST(a_cancelled_probe_tells_what_has_come),
		TEST(a_request_that_cannot_be_made_is_unknown),
		TEST(the_answer_is_an_address_and_nothing_else),
		TEST(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
