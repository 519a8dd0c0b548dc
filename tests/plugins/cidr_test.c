/* Auth cidr: both families, mapped addresses, and entries that cannot be right. */
#include "kit_test.h"

#include "auth/cidr/cidr_prefix.h"

#include <stdio.h>

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/auth", "cidr"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static const char *no_header(const struct vpns_auth_request *request, const char *name)
{
	(void)request;
	(void)name;
	return NULL;
}

static const struct vpns_auth_result *check(struct vpnt *kit, const char *address)
{
	struct vpns_auth_request request = {sizeof(request), 0, "GET", "/", address, NULL, no_header};

	return vpnt_auth_result(kit, vpnt_check(kit, &request));
}

static void assert_passes(struct vpnt *kit, const char *address)
{
	const struct vpns_auth_result *result = check(kit, address);

	if (result->status != VPNS_AUTH_ALLOW)
		fail_msg("%s should pass", address);
	assert_int_equal(result->roles, 0);
	assert_null(result->principal);
}

static void assert_refused(struct vpnt *kit, const char *address)
{
	const struct vpns_auth_result *result = check(kit, address);

	if (result->status != VPNS_AUTH_DENY)
		fail_msg("%s should be refused", address != NULL ? address : "(null)");
	assert_int_equal(result->deny, VPNS_DENY_FORBIDDEN);
	assert_non_null(result->reason);
}

static void assert_abstains(struct vpnt *kit, const char *address)
{
	if (check(kit, address)->status != VPNS_AUTH_ABSTAIN)
		fail_msg("%s should be left to others", address != NULL ? address : "(null)");
}

static void empty_lists_say_nothing_about_anybody(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_DEFAULTS);
	assert_abstains(kit, "192.0.2.1");
	assert_abstains(kit, "2001:db8::1");
	assert_abstains(kit, "");
	assert_abstains(kit, NULL);
}

static void a_list_of_who_may_not_lets_nobody_in(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("deny", "10.1.0.0/16"));
	assert_refused(kit, "10.1.0.1");
	assert_abstains(kit, "192.0.2.1");
	assert_refused(kit, NULL);
}

static void all_bad_entries_of_both_lists_are_named_as_far_as_they_fit(void **state)
{
	struct vpnt *kit = *state;
	char many[1500] = "first";
	const char *sentence;
	int i;

	sentence = vpnt_start_refused(
		kit, VPNT_OPTIONS("allow", "one, 192.0.2.1, 10.0.0.1/8", "deny", "::1, two"));
	assert_string_equal(sentence,
		"option allow: \"one\" is not an address or a prefix; option allow: \"10.0.0.1/8\" has bits "
		"set "
		"behind its length: write the first address of the network; option deny: \"two\" is not an "
		"address or a prefix");
	for (i = 0; i < 100; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), ", wrong%d", i);
	sentence = vpnt_start_refused(kit, VPNT_OPTIONS("allow", many));
	assert_contains(sentence, "\"first\" is not");
	assert_contains(sentence, "\"wrong5\" is not an address or a prefix");
	assert_true(strlen(sentence) < 508);
	assert_string_equal(sentence + strlen(sentence) - strlen("a prefix"), "a prefix");
}

static void only_allowed_networks_pass(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "10.0.0.0/8, 192.0.2.7, 2001:db8::/33,::1, 203.0.113.128/25"));
	assert_passes(kit, "10.0.0.0");
	assert_passes(kit, "10.255.255.255");
	assert_refused(kit, "11.0.0.0");
	assert_refused(kit, "9.255.255.255");
	assert_passes(kit, "192.0.2.7");
	assert_refused(kit, "192.0.2.6");
	assert_refused(kit, "203.0.113.127");
	assert_passes(kit, "203.0.113.128");
	assert_passes(kit, "::1");
	assert_passes(kit, "2001:db8:7fff::1");
	assert_refused(kit, "2001:db8:8000::1");
	assert_contains(check(kit, "11.0.0.0")->reason, "11.0.0.0");
}

static void a_mapped_address_is_its_ipv4_address_on_either_side(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "192.0.2.0/24, ::ffff:198.51.100.0/120, ::ffff:203.0.113.9"));
	assert_passes(kit, "::ffff:192.0.2.1");
	assert_passes(kit, "::FFFF:c000:201");
	assert_passes(kit, "198.51.100.200");
	assert_refused(kit, "198.51.101.0");
	assert_passes(kit, "203.0.113.9");
	assert_refused(kit, "::192.0.2.1");
}

static void a_family_s_whole_does_not_hold_the_other_one(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "::/0"));
	assert_passes(kit, "2001:db8::1");
	assert_refused(kit, "192.0.2.1");
	assert_refused(kit, "::ffff:192.0.2.1");
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("allow", "0.0.0.0/0")), 0);
	assert_passes(kit, "::ffff:192.0.2.1");
	assert_refused(kit, "2001:db8::1");
}

static void deny_wins_over_allow(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "10.0.0.0/8", "deny", "10.1.0.0/16"));
	assert_passes(kit, "10.2.0.1");
	assert_refused(kit, "10.1.0.1");
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("deny", "10.1.0.0/16")), 0);
	assert_refused(kit, "10.1.0.1");
	assert_abstains(kit, "192.0.2.1");
}

static void who_has_no_address_does_not_pass_a_list(void **state)
{
	static const char *const odd[] = {"", "unix", "10.0.0.1:80", "[::1]", "10.0.0", "%eth0",
		"1234567890123456789012345678901234567890123456789"};
	struct vpnt *kit = *state;
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("allow", "0.0.0.0/0,::/0"));
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_refused(kit, odd[i]);
	assert_refused(kit, NULL);
}

static void a_zone_does_not_count(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "fe80::/10"));
	assert_passes(kit, "fe80::1%eth0");
}

static void a_bad_entry_is_refused_by_name(void **state)
{
	static const char *const bad[] = {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x",
		"10.0.0.0/8x", "10.0.0.0/-1", "10.0.0.0/0008", "10.0.0.1/8", "2001:db8::/129",
		"2001:db8::1/32", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8", "/8", "1.2.3", "fe80::1%eth0",
		"10.0.0.0/8/8", "010.0.0.0/8x"};
	struct vpnt *kit = *state;
	const char *sentence;
	char list[128];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(list, sizeof(list), "192.0.2.1, %s", bad[i]);
		sentence = vpnt_start_refused(kit, VPNT_OPTIONS("allow", list));
		assert_contains(sentence, bad[i]);
		assert_contains(sentence, "option allow");
		sentence = vpnt_start_refused(kit, VPNT_OPTIONS("allow", "::1", "deny", list));
		assert_contains(sentence, "option deny");
	}
}

static void a_bad_change_is_refused_and_the_old_lists_stay(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("allow", "10.0.0.0/8"));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("allow", "nonsense")) < 0);
	assert_contains(vpnt_log(kit), "nonsense");
	assert_passes(kit, "10.0.0.1");
	assert_refused(kit, "192.0.2.1");
}

/* One bit after the other, against a second way to count them. */
static void every_length_holds_exactly_its_own_addresses(void **state)
{
	struct cidr_prefix prefix;
	struct cidr_prefix address;
	char text[64];
	int bits;
	int flip;

	(void)state;
	for (bits = 0; bits <= 128; bits++) {
		snprintf(text, sizeof(text), "::/%d", bits);
		assert_null(cidr_prefix_parse(&prefix, text));
		for (flip = 0; flip < 128; flip++) {
			memset(&address, 0, sizeof(address));
			address.family = 6;
			address.bits = 128;
			address.bytes[flip / 8] = (unsigned char)(0x80 >> flip % 8);
			assert_int_equal(cidr_prefix_holds(&prefix, &address), flip >= bits);
		}
	}
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/auth", "cidr"),
		VPNS_TEST_SOURCE "/plugins/auth/cidr/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_lists_say_nothing_about_anybody),
		TEST(a_list_of_who_may_not_lets_nobody_in),
		TEST(all_bad_entries_of_both_lists_are_named_as_far_as_they_fit),
		TEST(only_allowed_networks_pass),
		TEST(a_mapped_address_is_its_ipv4_address_on_either_side),
		TEST(a_family_s_whole_does_not_hold_the_other_one),
		TEST(deny_wins_over_allow),
		TEST(who_has_no_address_does_not_pass_a_list),
		TEST(a_zone_does_not_count),
		TEST(a_bad_entry_is_refused_by_name),
		TEST(a_bad_change_is_refused_and_the_old_lists_stay),
		cmocka_unit_test(every_length_holds_exactly_its_own_addresses),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
