/* What is configured becomes what is judged by. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "config/server_conf.h"
#include "model/home.h"
#include "model/policy.h"
#include "model/rules.h"
#include "server/rules_conf.h"

static char countries[][3] = {"RO", "CH"};
static uint32_t asns[] = {9009, 4294967295u};

static void numbers_and_places_are_taken_over(void **state)
{
	struct vs_prefix prefixes[2];
	struct vs_server_conf conf = {
		.monitor = {.interval_ms = 1000, .grace_ms = 2000, .lost_after_ms = 3000},
		.tolerance = {.rounds = 4, .places = {countries, 2, asns, 2, prefixes, 2}},
	};
	struct vs_addr addr;
	struct vs_rules rules;
	struct vs_err err;

	(void)state;
	vs_prefix_parse(&prefixes[0], vs_view_of("192.0.2.0/24"));
	vs_prefix_parse(&prefixes[1], vs_view_of("2001:db8::/32"));
	assert_int_equal(vs_rules_from_conf(&rules, &conf, &err), 0);
	assert_int_equal(rules.interval_ms, 1000);
	assert_int_equal(rules.grace_ms, 2000);
	assert_int_equal(rules.lost_after_ms, 3000);
	assert_int_equal(vs_tolerance_rounds(&rules.tolerance), 4);
	assert_true(vs_tolerance_country(&rules.tolerance, vs_view_of("CH")));
	assert_false(vs_tolerance_country(&rules.tolerance, vs_view_of("US")));
	vs_addr_parse(&addr, vs_view_of("2001:db8::7"));
	assert_true(vs_tolerance_network(&rules.tolerance, &addr, 0));
	vs_addr_parse(&addr, vs_view_of("198.51.100.7"));
	assert_true(vs_tolerance_network(&rules.tolerance, &addr, 4294967295u));
	assert_false(vs_tolerance_network(&rules.tolerance, &addr, 1));
	vs_rules_fini(&rules);
}

static void nothing_configured_tolerates_nothing(void **state)
{
	struct vs_server_conf conf = {.monitor = {.interval_ms = 1, .grace_ms = 1, .lost_after_ms = 1}};
	struct vs_rules rules;
	struct vs_err err;

	(void)state;
	assert_int_equal(vs_rules_from_conf(&rules, &conf, &err), 0);
	assert_int_equal(vs_tolerance_rounds(&rules.tolerance), VS_RULES_DNS_ROUNDS);
	assert_false(vs_tolerance_country(&rules.tolerance, vs_view_of("RO")));
	vs_rules_fini(&rules);
}

static void the_home_set_holds_what_is_listed(void **state)
{
	struct vs_prefix prefixes[1];
	struct vs_server_conf conf = {
		.home = {
			.places = {NULL, 0, asns, 1, prefixes, 1}, .learn = 1, .prefix4 = 24, .prefix6 = 48}};
	struct vs_home *home = vs_home_create();
	struct vs_addr addr;
	struct vs_err err;

	(void)state;
	vs_prefix_parse(&prefixes[0], vs_view_of("203.0.113.7"));
	assert_int_equal(vs_home_from_conf(home, &conf, &err), 0);
	vs_addr_parse(&addr, vs_view_of("203.0.113.7"));
	assert_true(vs_home_contains(home, &addr, 0, NULL, 0));
	vs_addr_parse(&addr, vs_view_of("203.0.113.8"));
	assert_false(vs_home_contains(home, &addr, 0, NULL, 0));
	assert_true(vs_home_contains(home, &addr, 9009, NULL, 0));
	assert_true(vs_home_learn(home, &addr, "ipinfo", 1));
	vs_addr_parse(&addr, vs_view_of("203.0.113.99"));
	assert_true(vs_home_contains(home, &addr, 0, NULL, 0));
	conf.home = (struct vs_home_conf){.asn = VS_HOME_ASN_CHOICE_OFF, .prefix4 = 32, .prefix6 = 56};
	assert_int_equal(vs_home_from_conf(home, &conf, &err), 0);
	assert_false(vs_home_contains(home, &addr, 9009, NULL, 0));
	assert_int_equal(vs_home_settings(home)->asn, VS_HOME_ASN_OFF);
	vs_home_destroy(home);
}

static void policies_are_taken_over_in_their_order(void **state)
{
	const char *office[] = {"office-*", "desk"};
	struct vs_policy_conf items[2] = {
		{.client = {.items = office, .count = 2}, .allow = {countries, 2, NULL, 0, NULL, 0}},
		{.deny = {NULL, 0, asns, 1, NULL, 0}},
	};
	struct vs_server_conf conf = {.policies = {items, 2}};
	struct vs_policies *policies = vs_policies_create();
	uint64_t edition = vs_policies_edition(policies);
	const struct vs_policy *found;
	struct vs_err err;

	(void)state;
	assert_null(vs_policies_find(policies, "desk"));
	assert_int_equal(vs_policies_from_conf(policies, &conf, &err), 0);
	assert_true(vs_policies_edition(policies) != edition);
	found = vs_policies_find(policies, "office-7");
	assert_non_null(found);
	assert_ptr_equal(found, vs_policies_find(policies, "desk"));
	assert_true(vs_tolerance_country(&found->allow, vs_view_of("CH")));
	found = vs_policies_find(policies, "laptop");
	assert_int_equal(found->allow.country_count, 0);
	assert_int_equal(found->deny.asn_count, 1);
	conf.policies.count = 0;
	assert_int_equal(vs_policies_from_conf(policies, &conf, &err), 0);
	assert_null(vs_policies_find(policies, "desk"));
	vs_policies_destroy(policies);
}

static void a_policy_about_a_country_that_is_none_is_refused(void **state)
{
	static char nowhere[][3] = {"ZZ"};
	struct vs_policy_conf item = {.deny = {nowhere, 1, NULL, 0, NULL, 0}};
	struct vs_server_conf conf = {.policies = {&item, 1}};
	struct vs_policies *policies = vs_policies_create();
	struct vs_err err;

	(void)state;
	assert_int_equal(vs_policies_from_conf(policies, &conf, &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "\"ZZ\" is the code of no country");
	vs_policies_destroy(policies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_places_are_taken_over),
		cmocka_unit_test(nothing_configured_tolerates_nothing),
		cmocka_unit_test(the_home_set_holds_what_is_listed),
		cmocka_unit_test(policies_are_taken_over_in_their_order),
		cmocka_unit_test(a_policy_about_a_country_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
