/* Probe dns_resolver: which resolvers are asked, how, and what is told of them. */
#include "dns_resolver_kit.h"

#include "probes/dns_resolver/dns_resolver_answer.h"
#include "probes/dns_resolver/dns_resolver_seen.h"

static void a_full_round_asks_by_each_way_and_tells_what_all_agree_on(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_nameservers(kit, "192.0.2.53 2001:db8::53");
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	assert_fact(kit, op, "dns.techniques", "zone akahelp akamai google");
	assert_fact(kit, op, "dns.labels", "18"); /* those of the zone, and each fixed name once */
	assert_fact(kit, op, "dns.nameservers", "192.0.2.53 2001:db8::53");
	assert_fact(kit, op, "dns.answering", "true");
	assert_fact(kit, op, "dns.rewrites", "false");
	assert_fact(kit, op, "dns.ecs", NULL);
	/* 5 names as applications ask and 5 at each server; 2 akahelp, 3 akamai, 2 google, 1 invented */
	assert_int_equal(vpnt_asked_count(kit), 23);
	vpnt_destroy(kit);
}

static void without_a_zone_the_fixed_names_are_counted_until_they_are_enough(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_nameservers(kit, "192.0.2.53 192.0.2.54");
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("rewrites", "no"));
	op = probe(kit);
	assert_fact(kit, op, "dns.labels", "3");
	assert_fact(kit, op, "dns.techniques", "akahelp akamai google");
	vpnt_advance(kit, 300000);
	op = probe(kit);
	assert_fact(kit, op, "dns.labels", "6");
	vpnt_nameservers(kit, "10.64.0.1"); /* of whom nothing is known yet */
	op = probe(kit);
	assert_fact(kit, op, "dns.labels", "3");
	vpnt_destroy(kit);
}

static void names_that_showed_nobody_are_not_counted(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .error = VPNS_DNS_E_SERVFAIL});
	always(kit, (struct vpnt_dns){.name = "whoami.akamai.net", .records = "A 0.0.0.0"});
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE, "techniques", "zone, akamai, google", "rewrites", "no"));
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	assert_fact(kit, op, "dns.labels", "1");
	vpnt_destroy(kit);
}

static void names_of_the_zone_are_unique_and_go_into_the_report(void **state)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct vpnt *kit = vpnt_create(plugin);
	const char *nonces;
	char first[64];
	size_t i;

	(void)state;
	expect_world(kit);
	vpnt_start(kit,
		VPNT_OPTIONS("zone", ZONE, "techniques", "zone", "nameservers", "system", "labels", "3"));
	probe(kit);
	nonces = vpnt_nonces(kit);
	assert_int_equal(strlen(nonces), 3 * 26 + 2);
	for (i = 0; i < 3; i++)
		assert_int_equal(strspn(nonces + i * 27, digits), 26);
	assert_memory_not_equal(nonces, nonces + 27, 26);
	memcpy(first, nonces, 26);
	strcpy(first + 26, "." ZONE);
	assert_string_equal(vpnt_asked_name(kit, vpnt_asked_count(kit) - 1), first);
	vpnt_destroy(kit);
}

static void a_quiet_round_asks_at_most_six_questions_and_still_tells_all(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	uint32_t before;
	vpns_op op;
	int i;

	(void)state;
	vpnt_nameservers(kit, "192.0.2.53 192.0.2.54 192.0.2.55");
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	probe(kit);
	probe(kit); /* the nameservers were new: two full ones */
	for (i = 0; i < 5; i++) {
		before = vpnt_asked_count(kit);
		vpnt_advance(kit, 300000);
		op = probe(kit);
		assert_in_range(vpnt_asked_count(kit) - before, 2, 6);
		assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	}
	vpnt_destroy(kit);
}

static void a_fixed_name_is_not_asked_again_before_its_time_to_live_is_over(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	uint32_t before;

	(void)state;
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("techniques", "google", "rewrites", "no"));
	probe(kit);
	before = vpnt_asked_count(kit);
	probe(kit);
	assert_int_equal(vpnt_asked_count(kit), before);
	vpnt_advance(kit, 60000);
	probe(kit);
	assert_int_equal(vpnt_asked_count(kit), before + 1);
	vpnt_destroy(kit);
}

static void a_member_of_a_pool_counts_for_the_whole_window(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.name = "*." ZONE, .records = "TXT resolver 203.0.113.9 udp"});
	expect_world(kit);
	vpnt_start(kit,
		VPNT_OPTIONS("zone", ZONE, "techniques", "zone", "nameservers", "each", "window", "60s"));
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 203.0.113.9");
	vpnt_advance(kit, 20000);
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 203.0.113.9");
	vpnt_advance(kit, 60000);
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	vpnt_destroy(kit);
}

static void a_resolver_that_many_answers_no_longer_show_has_gone(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op = 0;
	int i;

	(void)state;
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .records = "TXT resolver 203.0.113.9 udp"});
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE, "techniques", "zone", "nameservers", "each", "labels", "2",
				"rewrites", "no"));
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "203.0.113.9");
	vpnt_forget_dns(kit);
	expect_world(kit);
	for (i = 0; i < 30; i++)
		op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	vpnt_destroy(kit);
}

static void other_nameservers_make_everything_be_asked_anew(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	uint32_t before;
	vpns_op op;

	(void)state;
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	probe(kit);
	probe(kit);
	probe(kit);
	vpnt_forget_dns(kit);
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .records = "TXT resolver 203.0.113.9 tcp"});
	always(kit, (struct vpnt_dns){.error = VPNS_DNS_E_SERVFAIL});
	vpnt_nameservers(kit, "10.64.0.1");
	before = vpnt_asked_count(kit);
	op = probe(kit);
	assert_true(vpnt_asked_count(kit) - before > 6);
	assert_fact(kit, op, "dns.resolvers", "203.0.113.9");
	assert_fact(kit, op, "dns.nameservers", "10.64.0.1");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	vpnt_destroy(kit);
}

static void networks_of_clients_that_are_passed_on_are_told(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.name = "O-O.MyAddr.l.google.com",
			     .records = "TXT edns0-client-subnet 203.0.113.77/24\nTXT 198.51.100.53"});
	vpnt_expect_dns(kit,
		&(struct vpnt_dns){.name = "whoami.ds.akahelp.net",
			.records =
				"TXT ip\t203.0.113.77\nTXT ecs\t2001:db8:1:2::/56/48\nTXT ns\t2001:db8::5"});
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("techniques", "google, akahelp", "rewrites", "no"));
	op = probe(kit);
	assert_fact(kit, op, "dns.ecs", "2001:db8:1::/56 203.0.113.0/24");
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53 2001:db8::5");
	vpnt_destroy(kit);
}

static void each_technique_that_gave_nothing_has_its_reason(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	const struct vpns_probe_result *result;
	vpns_op op;

	(void)state;
	always(kit, (struct vpnt_dns){.name = "whoami.ds.akahelp.net", .error = VPNS_DNS_E_NXDOMAIN});
	always(kit, (struct vpnt_dns){.name = "whoami.akamai.net", .records = "A 0.0.0.0"});
	always(kit, (struct vpnt_dns){.name = "o-o.myaddr.l.google.com", .records = "TXT nothing to say"});
	vpnt_start(kit, VPNT_OPTIONS("rewrites", "no"));
	op = probe(kit);
	result = vpnt_probe_result(kit, op);
	assert_int_equal(result->status, VPNS_PROBE_UNKNOWN);
	assert_contains(result->reason, "akahelp: the scripted failure; akamai: ");
	assert_contains(result->reason, "akamai: the answer holds no address");
	assert_contains(result->reason, "google: the answer holds no address");
	assert_fact(kit, op, "dns.answering", "true");
	assert_fact(kit, op, "dns.resolvers", NULL);
	vpnt_destroy(kit);
}

static void when_no_nameserver_answers_that_is_said_and_few_questions_wait(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	const struct vpns_probe_result *result;
	vpns_op op;

	(void)state;
	vpnt_nameservers(kit, "192.0.2.53 192.0.2.54");
	always(kit, (struct vpnt_dns){.never = 1});
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	op = probe(kit);
	result = vpnt_probe_result(kit, op);
	assert_int_equal(result->status, VPNS_PROBE_FAIL);
	assert_contains(result->reason, "no nameserver answers: 192.0.2.53 192.0.2.54");
	assert_fact(kit, op, "dns.answering", "false");
	assert_true(vpnt_asked_count(kit) <= 20);
	vpnt_forget_dns(kit);
	expect_world(kit);
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	vpnt_destroy(kit);
}

static void what_was_seen_counts_no_more_while_no_nameserver_answers(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	op = probe(kit);
	assert_fact(kit, op, "dns.resolvers", "198.51.100.53");
	vpnt_forget_dns(kit);
	always(kit, (struct vpnt_dns){.never = 1});
	op = probe(kit);
	assert_fact(kit, op, "dns.answering", "false");
	assert_fact(kit, op, "dns.resolvers", NULL);
	vpnt_destroy(kit);
}

static void a_host_without_nameservers_is_told_so(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_nameservers(kit, "");
	vpnt_start(kit, VPNT_OPTIONS("nameservers", "each"));
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_contains(vpnt_probe_result(kit, op)->reason, "no nameserver is configured");
	vpnt_destroy(kit);
}

static void an_answer_for_a_name_that_does_not_exist_is_a_rewrite(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.name = "*.com", .mode = VPNS_DNS_SYSTEM, .records = "A 192.0.2.80"});
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("techniques", "google"));
	op = probe(kit);
	assert_fact(kit, op, "dns.rewrites", "true");
	vpnt_destroy(kit);
}

static void a_zone_that_cannot_be_resolved_is_told_with_its_reason(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .error = VPNS_DNS_E_SERVFAIL});
	expect_world(kit);
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE, "techniques", "zone, google"));
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "zone: the scripted failure");
	assert_fact(kit, op, "dns.techniques", "google");
	vpnt_destroy(kit);
}

static void a_cancelled_round_leaves_nothing_behind(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	always(kit, (struct vpnt_dns){.never = 1});
	vpnt_start(kit, VPNT_OPTIONS("zone", ZONE));
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
	vpnt_destroy(kit);
}

static void options_that_leave_nothing_to_ask_are_refused(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);

	(void)state;
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("techniques", "zone")), "no technique is left");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("techniques", "zone, akkahelp")),
		"\"akkahelp\" is none of");
	vpnt_destroy(kit);
}

static void what_is_no_address_and_no_network_is_not_taken_for_one(void **state)
{
	static const char *const bad[] = {"", "x", "0.0.0.0", "::", "1.2.3", "1.2.3.4 5", "1.2.3.4/24"};
	static const char *const networks[] = {"", "/", "1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/0",
		"1.2.3.4/x", "::/129", "1.2.3.4/24x", "/24", "1.2.3.4/9999",
		"999999999999999999999999999999999999999999999999999/1"};
	char address[DNS_RESOLVER_ADDR];
	char prefix[DNS_RESOLVER_PREFIX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(dns_resolver_address(address, bad[i]), 0);
	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		assert_int_equal(dns_resolver_prefix(prefix, networks[i]), 0);
	assert_int_equal(dns_resolver_address(address, "::ffff:192.0.2.1"), 1);
	assert_string_equal(address, "192.0.2.1");
	assert_int_equal(dns_resolver_prefix(prefix, "203.0.113.255/25/0"), 1);
	assert_string_equal(prefix, "203.0.113.128/25");
}

static void of_too_many_resolvers_the_one_not_seen_for_longest_makes_room(void **state)
{
	struct dns_resolver_seen seen = {0};
	char text[64];
	char list[1024];
	unsigned i;

	(void)state;
	for (i = 0; i < DNS_RESOLVER_SEEN_MAX + 1; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", 100 + i);
		assert_int_equal(dns_resolver_seen_add(&seen, text, 1, 1000 + i), 1);
	}
	assert_int_equal(dns_resolver_seen_add(&seen, "192.0.2.120", 2, 5000), 0);
	dns_resolver_seen_write(&seen, list, sizeof(list));
	assert_null(strstr(list, "192.0.2.100"));
	assert_non_null(strstr(list, "192.0.2.120"));
	dns_resolver_seen_write(&seen, list, 30);
	assert_string_equal(list, "192.0.2.101 192.0.2.102");
	assert_int_equal(dns_resolver_seen_techniques(&seen), 3);
	dns_resolver_seen_age(&seen, 1000, 1000, 5000);
	assert_int_equal(seen.count, 1);
}

static void the_readme_describes_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(plugin, VPNS_TEST_SOURCE "/plugins/probes/dns_resolver/README.md");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_round_asks_by_each_way_and_tells_what_all_agree_on),
		cmocka_unit_test(without_a_zone_the_fixed_names_are_counted_until_they_are_enough),
		cmocka_unit_test(names_that_showed_nobody_are_not_counted),
		cmocka_unit_test(names_of_the_zone_are_unique_and_go_into_the_report),
		cmocka_unit_test(a_quiet_round_asks_at_most_six_questions_and_still_tells_all),
		cmocka_unit_test(a_fixed_name_is_not_asked_again_before_its_time_to_live_is_over),
		cmocka_unit_test(a_member_of_a_pool_counts_for_the_whole_window),
		cmocka_unit_test(a_resolver_that_many_answers_no_longer_show_has_gone),
		cmocka_unit_test(other_nameservers_make_everything_be_asked_anew),
		cmocka_unit_test(networks_of_clients_that_are_passed_on_are_told),
		cmocka_unit_test(each_technique_that_gave_nothing_has_its_reason),
		cmocka_unit_test(when_no_nameserver_answers_that_is_said_and_few_questions_wait),
		cmocka_unit_test(what_was_seen_counts_no_more_while_no_nameserver_answers),
		cmocka_unit_test(a_host_without_nameservers_is_told_so),
		cmocka_unit_test(an_answer_for_a_name_that_does_not_exist_is_a_rewrite),
		cmocka_unit_test(a_zone_that_cannot_be_resolved_is_told_with_its_reason),
		cmocka_unit_test(a_cancelled_round_leaves_nothing_behind),
		cmocka_unit_test(options_that_leave_nothing_to_ask_are_refused),
		cmocka_unit_test(what_is_no_address_and_no_network_is_not_taken_for_one),
		cmocka_unit_test(of_too_many_resolvers_the_one_not_seen_for_longest_makes_room),
		cmocka_unit_test(the_readme_describes_the_options),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
