#include "model_test.h"

#include "base/err.h"
#include "model/place.h"

static bool is_home(const struct vs_home *home, const char *text, uint32_t asn)
{
	struct vs_addr a = addr(text);

	return vs_home_contains(home, &a, asn, NULL, 0);
}

static bool learn(struct vs_home *home, const char *text, int64_t now)
{
	struct vs_addr a = addr(text);

	return vs_home_learn(home, &a, "ipinfo", now);
}

static void what_is_listed_is_home_and_says_why(void **state)
{
	struct vs_home *home = vs_home_create();
	struct vs_err err = {0};
	struct vs_addr a = addr("203.0.113.9");
	char why[100];

	(void)state;
	assert_int_equal(vs_home_list(home, vs_view_of("203.0.113.0/24"), &err), 0);
	assert_int_equal(vs_home_list(home, vs_view_of(" AS64500 "), &err), 0);
	assert_int_equal(vs_home_list(home, vs_view_of("2001:db8::7"), &err), 0);
	assert_true(vs_home_contains(home, &a, 0, why, sizeof(why)));
	assert_string_equal(why, "is in the home network 203.0.113.0/24");
	a = addr("198.51.100.1");
	assert_true(vs_home_contains(home, &a, 64500, why, sizeof(why)));
	assert_string_equal(why, "belongs to the home network AS64500");
	assert_true(is_home(home, "2001:db8::7", 0));
	assert_false(is_home(home, "2001:db8::8", 0));
	assert_false(is_home(home, "198.51.100.1", 64501));
	vs_home_destroy(home);
}

static void what_cannot_be_listed_is_refused(void **state)
{
	static const char *const bad[] = {"", "AS", "home", "203.0.113.9/24", "203.0.113"};
	struct vs_home *home = vs_home_create();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct vs_err err = {0};

		assert_int_equal(vs_home_list(home, vs_view_of(bad[i]), &err), VS_ERR_INVALID);
		assert_contains(err.text, "neither");
	}
	vs_home_destroy(home);
	vs_home_destroy(NULL);
}

static void the_servers_own_exit_is_learned(void **state)
{
	struct vs_home *home = vs_home_create();
	struct vs_addr exit;
	char why[100];

	(void)state;
	assert_false(vs_home_exit(home, &exit));
	assert_false(vs_home_knows(home, 4, 0));
	assert_true(learn(home, "203.0.113.7", NOON));
	assert_false(learn(home, "203.0.113.7", NOON + MINUTE));
	assert_true(vs_home_knows(home, 4, 0));
	assert_false(vs_home_knows(home, 6, 0));
	assert_true(vs_home_exit(home, &exit));
	assert_true(vs_home_contains(home, &exit, 0, why, sizeof(why)));
	assert_string_equal(why, "is the server's own exit, seen by ipinfo");
	vs_home_destroy(home);
}

/* A host has many addresses and takes new ones every day; a household has many networks. */
static void a_learned_ipv6_exit_stands_for_its_network(void **state)
{
	static const struct {
		const char *text;
		bool home;
		const char *why;
	} cases[] = {
		{"2001:db8:9:1::7", true, "is the server's own exit, seen by ipinfo"},
		{"2001:db8:9:1:f00d::1", true,
			"is in the network of the server's own exit, 2001:db8:9::/56, seen by ipinfo"},
		{"2001:db8:9:1:ffff:ffff:ffff:ffff", true,
			"is in the network of the server's own exit, 2001:db8:9::/56, seen by ipinfo"},
		{"2001:db8:9:ff::7", true,
			"is in the network of the server's own exit, 2001:db8:9::/56, seen by ipinfo"},
		{"2001:db8:9:100::7", false, ""},
		{"2001:db8:8:1::7", false, ""},
		{"203.0.113.7", false, ""},
	};
	struct vs_home *home = vs_home_create();

	(void)state;
	assert_true(learn(home, "2001:db8:9:1::7", NOON));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_addr a = addr(cases[i].text);
		char why[160] = "";

		assert_int_equal(vs_home_contains(home, &a, 0, why, sizeof(why)), cases[i].home);
		assert_string_equal(why, cases[i].why);
	}
	vs_home_destroy(home);
}

static void another_address_of_the_learned_network_is_no_other_home(void **state)
{
	struct vs_home *home = vs_home_create();
	struct vs_addr exit, wanted = addr("2001:db8:9:1::8");

	(void)state;
	assert_true(learn(home, "203.0.113.7", NOON));
	assert_true(learn(home, "203.0.113.8", NOON));
	assert_false(is_home(home, "203.0.113.9", 0)); /* IPv4 neighbours are other people */
	vs_home_destroy(home);
	home = vs_home_create();
	assert_true(learn(home, "2001:db8:9:1::7", NOON));
	assert_false(learn(home, "2001:db8:9:1::8", NOON + MINUTE));
	assert_true(vs_home_exit(home, &exit));
	assert_true(vs_addr_equal(&exit, &wanted));
	assert_true(learn(home, "2001:db8:9:102::7", NOON + 2 * MINUTE));
	vs_home_destroy(home);
}

static void private_addresses_are_not_learned(void **state)
{
	struct vs_home *home = vs_home_create();

	(void)state;
	assert_false(learn(home, "192.168.1.2", NOON));
	assert_false(learn(home, "127.0.0.1", NOON));
	assert_false(learn(home, "fd00::1", NOON));
	assert_false(learn(home, "", NOON));
	assert_false(vs_home_knows(home, 4, 0));
	vs_home_destroy(home);
}

static void an_old_exit_is_forgotten_a_day_after_it_was_seen_last(void **state)
{
	struct vs_home *home = vs_home_create();

	(void)state;
	learn(home, "203.0.113.7", NOON);
	learn(home, "203.0.113.8", NOON + HOUR);
	assert_true(is_home(home, "203.0.113.7", 0));
	assert_true(learn(home, "203.0.113.8", NOON + 25 * HOUR));
	assert_false(is_home(home, "203.0.113.7", 0));
	assert_true(is_home(home, "203.0.113.8", 0));
	vs_home_destroy(home);
}

static void the_only_exit_is_never_forgotten(void **state)
{
	struct vs_home *home = vs_home_create();

	(void)state;
	learn(home, "203.0.113.7", NOON);
	assert_false(learn(home, "203.0.113.7", NOON + 100 * HOUR));
	assert_true(is_home(home, "203.0.113.7", 0));
	vs_home_destroy(home);
}

static void the_exit_seen_last_of_ipv4_is_the_servers(void **state)
{
	struct vs_home *home = vs_home_create();
	struct vs_addr exit, wanted = addr("203.0.113.8");

	(void)state;
	learn(home, "203.0.113.7", NOON);
	learn(home, "203.0.113.8", NOON + 1);
	learn(home, "2001:db8:9::7", NOON + 2);
	assert_true(vs_home_exit(home, &exit));
	assert_true(vs_addr_equal(&exit, &wanted));
	vs_home_destroy(home);
}

static void more_exits_than_there_is_room_for_push_out_the_oldest(void **state)
{
	struct vs_home *home = vs_home_create();
	char text[20];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i + 1);
		learn(home, text, NOON + i);
	}
	assert_false(is_home(home, "203.0.113.1", 0));
	assert_true(is_home(home, "203.0.113.20", 0));
	assert_true(is_home(home, "203.0.113.13", 0));
	vs_home_destroy(home);
}

static void another_list_leaves_what_was_learned(void **state)
{
	struct vs_home *home = vs_home_create();
	uint64_t edition;
	struct vs_addr exit;

	(void)state;
	assert_int_equal(vs_home_list(home, vs_view_of("203.0.113.0/24"), NULL), 0);
	assert_int_equal(vs_home_list(home, vs_view_of("AS64500"), NULL), 0);
	assert_int_equal(vs_addr_parse(&exit, vs_view_of("198.51.100.7")), 0);
	assert_true(vs_home_learn(home, &exit, "ipinfo", 1000));
	edition = vs_home_edition(home);
	vs_home_clear_list(home);
	assert_int_not_equal(vs_home_edition(home), edition);
	assert_true(vs_home_contains(home, &exit, 0, NULL, 0));
	assert_int_equal(vs_addr_parse(&exit, vs_view_of("203.0.113.9")), 0);
	assert_false(vs_home_contains(home, &exit, 64500, NULL, 0));
	assert_int_equal(vs_home_list(home, vs_view_of("203.0.113.9"), NULL), 0);
	assert_true(vs_home_contains(home, &exit, 0, NULL, 0));
	vs_home_destroy(home);
}

static void the_settings_say_what_a_learned_exit_stands_for(void **state)
{
	struct vs_home_settings settings = {true, VS_HOME_ASN_AUTO, 24, 64};
	struct vs_home *home = vs_home_create();
	uint64_t edition;

	(void)state;
	learn(home, "203.0.113.7", NOON);
	learn(home, "2001:db8:9:1::7", NOON);
	assert_false(is_home(home, "203.0.113.200", 0));
	assert_true(is_home(home, "2001:db8:9:2::7", 0));
	edition = vs_home_edition(home);
	vs_home_configure(home, &settings);
	assert_true(vs_home_edition(home) != edition);
	assert_true(is_home(home, "203.0.113.200", 0));
	assert_false(is_home(home, "2001:db8:9:2::7", 0));
	edition = vs_home_edition(home);
	vs_home_configure(home, &settings);
	assert_true(vs_home_edition(home) == edition);
	vs_home_destroy(home);
}

static void a_home_set_that_may_not_learn_knows_the_list_alone(void **state)
{
	struct vs_home_settings settings = {false, VS_HOME_ASN_AUTO, 32, 56};
	struct vs_home *home = vs_home_create();

	(void)state;
	learn(home, "203.0.113.7", NOON);
	vs_home_list(home, vs_view_of("198.51.100.0/24"), NULL);
	vs_home_configure(home, &settings);
	assert_false(is_home(home, "203.0.113.7", 0));
	assert_false(learn(home, "203.0.113.7", NOON));
	assert_false(is_home(home, "203.0.113.7", 0));
	assert_true(is_home(home, "198.51.100.9", 0));
	vs_home_destroy(home);
}

static struct vs_place in_network(uint32_t asn, uint8_t hosting, const char *org)
{
	struct vs_place place;

	vs_place_init(&place);
	place.asn = asn;
	place.hosting = hosting;
	place.org = org;
	return place;
}

static void the_provider_at_home_is_learned_unless_it_is_a_data_centre(void **state)
{
	static const struct {
		uint32_t asn;
		uint8_t hosting;
		const char *org;
		bool used;
	} cases[] = {
		{64500, VS_HOSTING_NO, "Hosting and Access", true},
		{64500, VS_HOSTING_UNKNOWN, "Example Telecom", true},
		{64500, VS_HOSTING_YES, "Example Telecom", false},
		{64500, VS_HOSTING_UNKNOWN, "Example Hosting Ltd", false},
		{24940, VS_HOSTING_UNKNOWN, "", false},
		{0, VS_HOSTING_UNKNOWN, "", false},
	};
	struct vs_addr exit = addr("203.0.113.7"), other = addr("203.0.113.8");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_place place = in_network(cases[i].asn, cases[i].hosting, cases[i].org);
		struct vs_home *home = vs_home_create();
		struct vs_home_exit known;
		char why[100] = "";

		learn(home, "203.0.113.7", NOON);
		assert_false(vs_home_locate(home, &other, &place));
		assert_int_equal(vs_home_locate(home, &exit, &place), i + 1 < COUNT(cases));
		assert_false(vs_home_locate(home, &exit, &place));
		assert_int_equal(vs_home_shares_asn(home, cases[i].asn, why, sizeof(why)), cases[i].used);
		assert_true(vs_home_exit_at(home, 0, &known));
		assert_int_equal(known.asn_used, cases[i].used);
		assert_int_equal(known.asn, cases[i].asn);
		assert_false(vs_home_exit_at(home, 1, &known));
		if (cases[i].used)
			assert_string_equal(
				why, "belongs to AS64500, the network of the server's own exit 203.0.113.7");
		assert_false(vs_home_shares_asn(home, 64999, NULL, 0));
		vs_home_destroy(home);
	}
}

static void the_neighbours_of_a_server_in_a_data_centre_are_not_at_home(void **state)
{
	struct vs_place place = in_network(24940, VS_HOSTING_UNKNOWN, "Hetzner Online GmbH");
	struct vs_addr exit = addr("2001:db8:1:5::7");
	struct vs_home *home = vs_home_create();
	struct vs_home_exit known;

	(void)state;
	learn(home, "2001:db8:1:5::7", NOON);
	assert_true(is_home(home, "2001:db8:1:6::9", 0)); /* as in a household */
	assert_true(vs_home_locate(home, &exit, &place));
	assert_false(is_home(home, "2001:db8:1:6::9", 0));
	assert_true(is_home(home, "2001:db8:1:5::9", 0));
	assert_true(vs_home_exit_at(home, 0, &known));
	assert_int_equal(known.network.bits, 64);
	learn(home, "2001:db8:1:6::9", NOON); /* another server of ours, if it is one */
	assert_true(is_home(home, "2001:db8:1:6::9", 0));
	assert_true(is_home(home, "2001:db8:1:5::9", 0));
	vs_home_destroy(home);
}

static void networks_can_be_left_to_the_list_or_out_of_it(void **state)
{
	struct vs_home_settings settings = {true, VS_HOME_ASN_LIST, 32, 56};
	struct vs_place place = in_network(64500, VS_HOSTING_NO, "");
	struct vs_home *home = vs_home_create();
	struct vs_addr exit = addr("203.0.113.7");
	struct vs_prefix prefix;
	uint32_t asn = 0;

	(void)state;
	learn(home, "203.0.113.7", NOON);
	vs_home_list(home, vs_view_of("AS64501"), NULL);
	assert_true(vs_home_locate(home, &exit, &place));
	assert_true(vs_home_shares_asn(home, 64500, NULL, 0));
	vs_home_configure(home, &settings);
	assert_false(vs_home_shares_asn(home, 64500, NULL, 0));
	assert_true(is_home(home, "192.0.2.1", 64501));
	settings.asn = VS_HOME_ASN_OFF;
	vs_home_configure(home, &settings);
	assert_false(vs_home_shares_asn(home, 64500, NULL, 0));
	assert_false(is_home(home, "192.0.2.1", 64501));
	assert_false(vs_home_knows(home, 6, 64501));
	assert_true(vs_home_asn_at(home, 0, &asn));
	assert_int_equal(asn, 64501);
	assert_false(vs_home_asn_at(home, 1, &asn));
	assert_false(vs_home_prefix_at(home, 0, &prefix));
	vs_home_destroy(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_is_home_and_says_why),
		cmocka_unit_test(what_cannot_be_listed_is_refused),
		cmocka_unit_test(the_servers_own_exit_is_learned),
		cmocka_unit_test(a_learned_ipv6_exit_stands_for_its_network),
		cmocka_unit_test(another_address_of_the_learned_network_is_no_other_home),
		cmocka_unit_test(private_addresses_are_not_learned),
		cmocka_unit_test(an_old_exit_is_forgotten_a_day_after_it_was_seen_last),
		cmocka_unit_test(the_only_exit_is_never_forgotten),
		cmocka_unit_test(the_exit_seen_last_of_ipv4_is_the_servers),
		cmocka_unit_test(more_exits_than_there_is_room_for_push_out_the_oldest),
		cmocka_unit_test(another_list_leaves_what_was_learned),
		cmocka_unit_test(the_settings_say_what_a_learned_exit_stands_for),
		cmocka_unit_test(a_home_set_that_may_not_learn_knows_the_list_alone),
		cmocka_unit_test(the_provider_at_home_is_learned_unless_it_is_a_data_centre),
		cmocka_unit_test(the_neighbours_of_a_server_in_a_data_centre_are_not_at_home),
		cmocka_unit_test(networks_can_be_left_to_the_list_or_out_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
