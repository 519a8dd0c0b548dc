#include "model_test.h"

#include "base/err.h"

static void the_deadlines_follow_from_interval_grace_and_threshold(void **state)
{
	static const struct {
		int64_t own, late, lost;
	} cases[] = {
		{0, 330000, 900000}, /* the rules' 5 minutes */
		{60000, 90000, 900000}, /* a faster client is lost no sooner */
		{600000, 630000, 1230000}, /* a slower one gets two intervals and the grace */
		{86400000, 86430000, 172830000},
	};
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(vs_rules_late_after(&rules, cases[i].own), cases[i].late);
		assert_int_equal(vs_rules_lost_after(&rules, cases[i].own), cases[i].lost);
	}
	vs_rules_fini(&rules);
}

static void a_tolerance_takes_rounds_countries_networks_and_prefixes(void **state)
{
	static const char *const items[] = {" 3 ", "ro", "AS9009", "192.0.2.0/24", "2001:db8::1"};
	struct vs_rules rules;
	struct vs_tolerance *tolerance = &rules.tolerance;
	struct vs_err err = {0};
	struct vs_addr inside = addr("192.0.2.77"), outside = addr("192.0.3.1");

	(void)state;
	vs_rules_init(&rules);
	assert_int_equal(vs_tolerance_rounds(tolerance), 2);
	for (size_t i = 0; i < COUNT(items); i++)
		assert_int_equal(vs_tolerance_add(tolerance, vs_view_of(items[i]), &err), 0);
	assert_int_equal(vs_tolerance_rounds(tolerance), 3);
	assert_true(vs_tolerance_country(tolerance, vs_view_of("RO")));
	assert_false(vs_tolerance_country(tolerance, vs_view_of("US")));
	assert_true(vs_tolerance_network(tolerance, &outside, 9009));
	assert_true(vs_tolerance_network(tolerance, &inside, 0));
	assert_false(vs_tolerance_network(tolerance, &outside, 9010));
	vs_rules_fini(&rules);
	vs_rules_fini(&rules);
}

static void what_is_no_tolerance_is_refused_with_an_example(void **state)
{
	static const char *const bad[] = {
		"", "0", "101", "-1", "ROU", "ASX", "AS9009 M247", "192.0.2.1/24", "x"};
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct vs_err err = {0};

		if (vs_tolerance_add(&rules.tolerance, vs_view_of(bad[i]), &err) != VS_ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(strlen(err.text) > 10);
	}
	vs_rules_fini(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deadlines_follow_from_interval_grace_and_threshold),
		cmocka_unit_test(a_tolerance_takes_rounds_countries_networks_and_prefixes),
		cmocka_unit_test(what_is_no_tolerance_is_refused_with_an_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
