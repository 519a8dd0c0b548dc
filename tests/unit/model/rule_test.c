#include "model_test.h"

#include "model/rule.h"

/* They are stored: what a number meant once it means for ever. */
_Static_assert(VS_RULE_NOT_CHECKED == 1 && VS_RULE_SILENT == 2, "answers of no rule");
_Static_assert(VS_RULE_TUNNEL_EXIT_HOME == 10 && VS_RULE_TUNNEL_ELSEWHERE == 21, "rules of the tunnel");
_Static_assert(VS_RULE_DNS_LOCATION_EQUAL == 30 && VS_RULE_DNS_LOCATION_EXITS == 35, "rules of dns_location");
_Static_assert(VS_RULE_DNS_HOME == 40 && VS_RULE_DNS_ECS_FOREIGN == 61, "rules of resolvers");
_Static_assert(VS_RULE_IPV6_HOME == 70 && VS_RULE_IPV6_QUERY == 88, "rules of IPv6");
_Static_assert(VS_RULE_POLICY_ALLOWED == 100 && VS_RULE_POLICY_NO_PLACE == 106, "rules of policies");
_Static_assert(
	VS_RULE_KILLSWITCH_CANARY == 120 && VS_RULE_KILLSWITCH_CANARY_EXIT == 124, "rules of kill switches");

static void every_rule_has_a_name_of_its_own_and_a_sentence(void **state)
{
	size_t known = 0;

	(void)state;
	for (unsigned i = 1; i < 256; i++) {
		const char *name = vs_rule_name((uint8_t)i), *words = vs_rule_words((uint8_t)i);

		if (!vs_rule_is_known((uint8_t)i)) {
			assert_string_equal(name, "");
			assert_string_equal(words, "");
			continue;
		}
		known++;
		assert_true(strlen(words) > 20);
		assert_true((words[0] >= 'a' && words[0] <= 'z') || strncmp(words, "IPv6", 4) == 0);
		assert_true(words[strlen(words) - 1] != '.');
		for (unsigned k = 1; k < i; k++) {
			assert_string_not_equal(name, vs_rule_name((uint8_t)k));
			if (vs_rule_is_known((uint8_t)k))
				assert_string_not_equal(words, vs_rule_words((uint8_t)k));
		}
	}
	assert_true(known > 60);
	assert_string_equal(vs_rule_name(VS_RULE_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_a_name_of_its_own_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
