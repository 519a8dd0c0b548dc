#include "kit_test.h"

static const struct vpns_plugin *plugin;

static int load(void **state)
{
	(void)state;
	plugin = vpnt_load(VPNS_TEST_PLUGINS "/probes", "dns_witness");
	return 0;
}

static vpns_op probe(struct vpnt *kit)
{
	vpns_op op = vpnt_probe(kit, 10000);

	vpnt_advance(kit, 10000);
	assert_true(vpnt_finished(kit, op));
	return op;
}

static void each_round_asks_another_witness_straight_over_both_families(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){
			     .name = "whoami.cloudflare", .server = "1.1.1.1", .records = "TXT 203.0.113.1"});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "whoami.cloudflare",
				     .server = "2606:4700:4700::1111",
				     .records = "TXT 2001:DB8::1"});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "udp.ip", "203.0.113.1");
	assert_fact(kit, op, "udp6.ip", "2001:db8::1");
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "myip.opendns.com",
				     .type = VPNS_DNS_A,
				     .server = "208.67.222.222",
				     .records = "A 203.0.113.2"});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "myip.opendns.com",
				     .type = VPNS_DNS_AAAA,
				     .server = "2620:119:35::35",
				     .records = "AAAA 2001:db8::2"});
	op = probe(kit);
	assert_fact(kit, op, "udp.ip", "203.0.113.2");
	assert_fact(kit, op, "udp6.ip", "2001:db8::2");
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "o-o.myaddr.l.google.com",
				     .server = "216.239.32.10",
				     .records = "TXT edns0-client-subnet 198.51.100.0/24\nTXT 203.0.113.3"});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "o-o.myaddr.l.google.com",
				     .server = "2001:4860:4802:32::a",
				     .records = "TXT 2001:db8::3"});
	op = probe(kit);
	assert_fact(kit, op, "udp.ip", "203.0.113.3");
	assert_fact(kit, op, "udp6.ip", "2001:db8::3");
	vpnt_destroy(kit);
}

static void no_ipv6_beside_ipv4_needs_no_words(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("witnesses", "cloudflare"));
	vpnt_expect_dns(kit, &(struct vpnt_dns){.server = "1.1.1.1", .records = "TXT 203.0.113.1"});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.error = VPNS_DNS_E_CONNECT});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "udp6.ip", NULL);
	vpnt_destroy(kit);
}

static void what_is_no_address_is_a_reason_and_never_a_fact(void **state)
{
	static const char *const answers[] = {
		"TXT hello", "TXT 2001:db8::1", "A 203.0.113.1x", "CNAME 203.0.113.1", "TXT "};
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;
	size_t i;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("witnesses", "google", "family", "4"));
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		vpnt_expect_dns(kit, &(struct vpnt_dns){.records = answers[i]});
		op = probe(kit);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, "somebody else may answer in its place");
		assert_fact(kit, op, "udp.ip", NULL);
	}
	vpnt_destroy(kit);
}

static void a_refusal_and_silence_are_unknown_with_their_reason(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("witnesses", "cloudflare"));
	vpnt_expect_dns(kit, &(struct vpnt_dns){.server = "1.1.1.1", .error = VPNS_DNS_E_NOTIMP});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(
		vpnt_probe_result(kit, op)->reason, "IPv4: the scripted failure; IPv6: the scripted failure");
	vpnt_destroy(kit);
}

static void silence_ends_within_a_short_timeout_too(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("family", "4"));
	vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1});
	op = vpnt_probe(kit, 800);
	vpnt_advance(kit, 700);
	assert_true(vpnt_finished(kit, op));
	vpnt_destroy(kit);
}

static void one_family_that_is_answered_by_somebody_else_is_a_warning(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("witnesses", "opendns"));
	vpnt_expect_dns(kit, &(struct vpnt_dns){.type = VPNS_DNS_A, .error = VPNS_DNS_E_NXDOMAIN});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.type = VPNS_DNS_AAAA, .records = "AAAA 2001:db8::1"});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_fact(kit, op, "udp6.ip", "2001:db8::1");
	assert_fact(kit, op, "udp.ip", NULL);
	vpnt_destroy(kit);
}

static void only_the_wanted_family_is_asked_at_the_wanted_server(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("witnesses", "google", "family", "6", "google6", "[2001:db8::53]:5353"));
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.server = "[2001:db8::53]:5353", .records = "TXT 2001:db8::1"});
	probe(kit);
	assert_int_equal(vpnt_asked_count(kit), 1);
	vpnt_destroy(kit);
}

static void a_cancelled_round_leaves_nothing_behind(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1, .repeat = 1});
	vpnt_start(kit, VPNT_DEFAULTS);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
	vpnt_destroy(kit);
}

static void a_witness_that_does_not_exist_is_refused(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);

	(void)state;
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("witnesses", "quad9")), "\"quad9\" is none of");
	vpnt_destroy(kit);
}

static void the_readme_describes_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(plugin, VPNS_TEST_SOURCE "/plugins/probes/dns_witness/README.md");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_round_asks_another_witness_straight_over_both_families),
		cmocka_unit_test(no_ipv6_beside_ipv4_needs_no_words),
		cmocka_unit_test(what_is_no_address_is_a_reason_and_never_a_fact),
		cmocka_unit_test(a_refusal_and_silence_are_unknown_with_their_reason),
		cmocka_unit_test(silence_ends_within_a_short_timeout_too),
		cmocka_unit_test(one_family_that_is_answered_by_somebody_else_is_a_warning),
		cmocka_unit_test(only_the_wanted_family_is_asked_at_the_wanted_server),
		cmocka_unit_test(a_cancelled_round_leaves_nothing_behind),
		cmocka_unit_test(a_witness_that_does_not_exist_is_refused),
		cmocka_unit_test(the_readme_describes_the_options),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
