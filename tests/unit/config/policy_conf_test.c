/* `monitor.home` and `monitor.policy`: what is outside the tunnel, and where exits may be. */
#include "config_support.h"

#include "config/policy_conf.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_home_conf home;
	struct vs_policies_conf policies;
};

static void read_sections(struct world *world, const char *text)
{
	struct vs_reading reading;

	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	reading = (struct vs_reading){world->conf, &world->arena, &world->problems};
	vs_home_conf_read(&reading, vs_conf_root(world->conf), &world->home);
	vs_policies_conf_read(&reading, vs_conf_root(world->conf), &world->policies);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void without_a_section_home_is_learned_and_exits_may_be_anywhere(void **state)
{
	static const char *const texts[] = {"log: {}\n", "monitor: {}\n", "monitor: {home: , policy: []}\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct world world;

		read_sections(&world, texts[i]);
		assert_true(world.home.learn);
		assert_int_equal(world.home.asn, VS_HOME_ASN_CHOICE_AUTO);
		assert_int_equal(world.home.prefix4, 32);
		assert_int_equal(world.home.prefix6, 56);
		assert_int_equal(world.home.places.prefix_count, 0);
		assert_int_equal(world.policies.count, 0);
		finish(&world, "");
	}
}

static void every_key_arrives(void **state)
{
	const struct vs_policy_conf *policy;
	struct world world;

	(void)state;
	read_sections(&world, "monitor:\n  home: {addresses: [203.0.113.7, AS64500], learn: no, asn: list, "
			      "prefix4: 24, prefix6: 64}\n"
			      "  policy:\n"
			      "    - {client: ['office-*', desk], allow: [RO, AS9009, 198.51.100.0/24], "
			      "deny: [198.51.100.7]}\n"
			      "    - {deny: US}\n");
	assert_false(world.home.learn);
	assert_int_equal(world.home.asn, VS_HOME_ASN_CHOICE_LIST);
	assert_int_equal(world.home.prefix4, 24);
	assert_int_equal(world.home.prefix6, 64);
	assert_int_equal(world.home.places.asn_count, 1);
	assert_int_equal(world.policies.count, 2);
	policy = &world.policies.items[0];
	assert_int_equal(policy->client.count, 2);
	assert_string_equal(policy->client.items[0], "office-*");
	assert_int_equal(policy->allow.country_count, 1);
	assert_int_equal(policy->allow.asn_count, 1);
	assert_int_equal(policy->allow.prefix_count, 1);
	assert_int_equal(policy->deny.prefix_count, 1);
	assert_int_equal(policy->mark.line, 4);
	assert_int_equal(world.policies.items[1].client.count, 0);
	assert_string_equal(world.policies.items[1].deny.countries[0], "US");
	finish(&world, "");
}

static void what_makes_no_sense_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *problem;
	} cases[] = {
		{"monitor: {home: {asn: off, addresses: [AS64500]}}\n",
			"t.yaml:1:23: error: 'asn' is off, but 'addresses' lists AS64500; use 'asn: list', "
			"or remove it\n"},
		{"monitor: {home: {learn: no}}\n", "t.yaml:1:25: warning: nothing is home: 'learn' is no, "
						   "and 'addresses' has nothing; no bypass can be "
						   "told\n"},
		{"monitor: {policy: [{allow: [Romania]}]}\n",
			"t.yaml:1:28: error: 'Romania' is no country code (RO), AS number (AS9009), address "
			"or prefix "
			"(10.0.0.0/8)\n"},
		{"monitor: {policy: [{deny: [US]}, {client: desk, allow: RO}]}\n",
			"t.yaml:1:34: error: this policy is for nobody: the one at line 1 has no 'client' "
			"and is for everybody; "
			"put it last\n"},
		{"monitor: {policy: [US]}\n", "t.yaml:1:20: error: 'an entry of policy' must be a map ('key: "
					      "value'), not a text\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world world;

		read_sections(&world, cases[i].text);
		finish(&world, cases[i].problem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_section_home_is_learned_and_exits_may_be_anywhere),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(what_makes_no_sense_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
