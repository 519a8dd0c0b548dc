#include "kit_test.h"

#include "probes/cymru/cymru_answer.h"

#define ORIGIN "212238 | 185.211.32.0/24 | DE | ripencc | 2017-06-30"
#define AS "212238 | GB | ripencc | 2020-02-11 | CDNEXT, GB"

static const struct vpns_plugin *plugin;

static int load(void **state)
{
	(void)state;
	plugin = vpnt_load(VPNS_TEST_PLUGINS "/probes", "cymru");
	return 0;
}

static vpns_op locate(struct vpnt *kit, const char *address)
{
	vpns_op op = vpnt_locate(kit, address, 10000);

	vpnt_advance(kit, 10000);
	assert_true(vpnt_finished(kit, op));
	return op;
}

static void an_address_is_told_with_its_network(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "87.32.211.185.origin.asn.cymru.com",
				     .type = VPNS_DNS_TXT,
				     .server = "",
				     .records = "TXT " ORIGIN});
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "AS212238.asn.cymru.com", .records = "TXT " AS});
	op = locate(kit, "185.211.32.87");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
	assert_fact(kit, op, "exit.asn", "AS212238");
	assert_fact(kit, op, "exit.org", "CDNEXT");
	assert_fact(kit, op, "cymru.prefix", "185.211.32.0/24");
	assert_fact(kit, op, "cymru.country", "DE");
	assert_fact(kit, op, "exit.country", NULL);
	vpnt_destroy(kit);
}

static void an_ipv6_address_is_asked_about_by_its_nibbles(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("zone", "asn.example", "server", "192.0.2.53:5353"));
	vpnt_expect_dns(kit,
		&(struct vpnt_dns){
			.name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6.asn."
				"example",
			.server = "192.0.2.53:5353",
			.records = "TXT 64500 | 2001:db8::/32 | | ripencc |"});
	vpnt_expect_dns(kit,
		&(struct vpnt_dns){.name = "AS64500.asn.example", .records = "TXT 64500 | | | | EXAMPLE"});
	op = locate(kit, "2001:db8::1");
	assert_fact(kit, op, "exit.asn", "AS64500");
	assert_fact(kit, op, "exit.org", "EXAMPLE");
	assert_fact(kit, op, "cymru.country", NULL);
	vpnt_destroy(kit);
}

static void of_several_prefixes_the_longest_counts_and_of_several_origins_the_first(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.records = "TXT 64496 | 192.0.0.0/16 | US | arin | 2000-01-01\n"
						   "TXT 64500 64501 | 192.0.2.0/24 | US | arin | 2000-01-01\n"
						   "TXT 64497 | 192.0.0.0/20 | US | arin | 2000-01-01"});
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.name = "AS64500.asn.cymru.com", .error = VPNS_DNS_E_NXDOMAIN});
	op = locate(kit, "192.0.2.1");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "AS64500 has no name");
	assert_fact(kit, op, "exit.asn", "AS64500");
	assert_fact(kit, op, "exit.org", NULL);
	assert_fact(kit, op, "cymru.prefix", "192.0.2.0/24");
	vpnt_destroy(kit);
}

static void what_gives_no_network_is_unknown_with_its_reason(void **state)
{
	static const struct {
		struct vpnt_dns dns;
		const char *reason;
	} rows[] = {
		{{.error = VPNS_DNS_E_NXDOMAIN}, "nobody announces 192.0.2.1"},
		{{.error = VPNS_DNS_E_SERVFAIL}, "Team Cymru: the scripted failure"},
		{{.never = 1}, "Team Cymru: the scripted failure"},
		{{.records = "TXT something else"}, "not what Team Cymru says"},
		{{.records = "A 192.0.2.1"}, "not what Team Cymru says"},
	};
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;
	size_t i;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vpnt_expect_dns(kit, &rows[i].dns);
		op = locate(kit, "192.0.2.1");
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].reason);
		assert_fact(kit, op, "exit.asn", NULL);
	}
	vpnt_destroy(kit);
}

static void as_a_probe_it_says_where_it_belongs(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	op = vpnt_probe(kit, 1000);
	assert_contains(vpnt_probe_result(kit, op)->reason, "under locate");
	vpnt_destroy(kit);
}

static void a_cancelled_question_leaves_nothing_behind(void **state)
{
	struct vpnt *kit = vpnt_create(plugin);
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1});
	op = vpnt_locate(kit, "192.0.2.1", 10000);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
	vpnt_destroy(kit);
}

static void hostile_answers_are_refused(void **state)
{
	static const char *const origins[] = {"", "|", "||", "0 | 192.0.2.0/24 | US", "x | 192.0.2.0/24 | US",
		"4294967296 | 192.0.2.0/24 | US", "64500 | 192.0.2.0 | US", "64500 | 192.0.2.0/33 | US",
		"64500 | 192.0.2.0/ | US", "64500 | /24 | US", "64500 | 192.0.2.0/24",
		"64500 64x | 192.0.2.0/24 | US", "64500 | 192.0.2.0/24x | US", "64500|",
		"99999999999999999999 | 192.0.2.0/24 | US"};
	static const char *const names[] = {"", "64500", "64500 | US | arin | x",
		"64501 | US | arin | x | NAME, US", "64500 | US | arin | x | ",
		"64500 | US | arin | x | , US", "64500 | US | arin | x | A\\001\n, US"};
	struct cymru_origin origin;
	char org[CYMRU_TEXT];
	char name[CYMRU_NAME];
	char zone[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		if (cymru_origin_parse(&origin, origins[i]) == 0)
			fail_msg("\"%s\" was taken", origins[i]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (cymru_as_parse(org, 64500, names[i]) == 0)
			fail_msg("\"%s\" was taken as \"%s\"", names[i], org);
	assert_int_equal(cymru_as_parse(org, 64500, "64500 | US | arin | x | A | B, INC., US"), 0);
	assert_string_equal(org, "A | B, INC.");
	memset(zone, 'x', sizeof(zone));
	zone[sizeof(zone) - 1] = '\0';
	assert_int_equal(cymru_origin_name(name, "192.0.2.1", zone), -1);
	assert_int_equal(cymru_origin_name(name, "2001:db8::1", zone), -1);
	assert_int_equal(cymru_as_name(name, 64500, zone), -1);
	assert_int_equal(cymru_origin_name(name, "192.0.2", "x"), -1);
}

static void the_readme_describes_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(plugin, VPNS_TEST_SOURCE "/plugins/probes/cymru/README.md");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_told_with_its_network),
		cmocka_unit_test(an_ipv6_address_is_asked_about_by_its_nibbles),
		cmocka_unit_test(of_several_prefixes_the_longest_counts_and_of_several_origins_the_first),
		cmocka_unit_test(what_gives_no_network_is_unknown_with_its_reason),
		cmocka_unit_test(as_a_probe_it_says_where_it_belongs),
		cmocka_unit_test(a_cancelled_question_leaves_nothing_behind),
		cmocka_unit_test(hostile_answers_are_refused),
		cmocka_unit_test(the_readme_describes_the_options),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
