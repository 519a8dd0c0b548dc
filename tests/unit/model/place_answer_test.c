/* What sources tell, fact by fact, and which addresses they are asked about at all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "model/place_answer.h"

static void every_fact_of_an_exit_of_either_family_is_taken(void **state)
{
	static const char *const prefixes[] = {"exit.", "exit6."};

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		static const char *const facts[][2] = {{"ip", "203.0.113.9"}, {"country", "RO"},
			{"asn", "AS9009"}, {"org", "M247"}, {"city", "Bucharest"}, {"region", "B"},
			{"timezone", "Europe/Bucharest"}, {"hosting", "true"}, {"prefix", "203.0.113.0/24"}};
		struct vs_place_answer answer = {0};
		char name[64];

		for (size_t k = 0; k < sizeof(facts) / sizeof(facts[0]); k++) {
			strcpy(name, prefixes[i]);
			strcat(name, facts[k][0]);
			assert_true(vs_place_answer_take(&answer, name, facts[k][1]));
		}
		assert_int_equal(answer.addr.family, 4);
		assert_string_equal(answer.country, "RO");
		assert_int_equal(answer.asn, 9009);
		assert_string_equal(answer.org, "M247");
		assert_string_equal(answer.city, "Bucharest");
		assert_string_equal(answer.region, "B");
		assert_string_equal(answer.timezone, "Europe/Bucharest");
		assert_int_equal(answer.hosting, VS_HOSTING_YES);
		assert_int_equal(answer.prefix.bits, 24);
	}
}

/* Team Cymru tells where a network was given out: a DE that is in San Jose. */
static void names_of_a_sources_own_have_no_vote_but_for_the_prefix(void **state)
{
	struct vs_place_answer answer = {0};

	(void)state;
	assert_true(vs_place_answer_take(&answer, "exit.asn", "AS212238"));
	assert_false(vs_place_answer_take(&answer, "cymru.country", "DE"));
	assert_false(vs_place_answer_take(&answer, "udp.ip", "203.0.113.9"));
	assert_false(vs_place_answer_take(&answer, "exit6x.country", "DE"));
	assert_true(vs_place_answer_take(&answer, "cymru.prefix", "185.211.32.0/24"));
	assert_null(answer.country);
	assert_int_equal(answer.addr.family, 0);
	assert_int_equal(answer.asn, 212238);
	assert_int_equal(answer.prefix.bits, 24);
}

static void what_says_nothing_of_a_place_or_makes_no_sense_is_left_out(void **state)
{
	static const char *const facts[][2] = {{"exit.hostname", "x"}, {"ip", "203.0.113.9"}, {"", ""},
		{"exit.", "x"}, {"exit.ip", "somewhere"}, {"exit.asn", "M247"}, {"exit.asn", "AS0"},
		{"exit.hosting", "perhaps"}, {"exit.prefix", "203.0.113.9/24"}};
	struct vs_place_answer answer = {0};
	const struct vs_place_answer nothing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_false(vs_place_answer_take(&answer, facts[i][0], facts[i][1]));
	assert_int_equal(answer.asn, nothing.asn);
	assert_int_equal(answer.hosting, VS_HOSTING_UNKNOWN);
	assert_null(answer.country);
}

static void only_addresses_of_the_internet_are_asked_about(void **state)
{
	static const struct {
		const char *text;
		bool asked;
	} rows[] = {{"203.0.113.9", true}, {"8.8.8.8", true}, {"223.255.255.255", true},
		{"2001:db8::1", true}, {"2606:4700:4700::1111", true}, {"3fff::1", true}, {"10.0.0.1", false},
		{"172.16.0.1", false}, {"192.168.0.1", false}, {"100.64.0.1", false}, {"127.0.0.1", false},
		{"169.254.0.1", false}, {"0.0.0.0", false}, {"0.1.2.3", false}, {"224.0.0.1", false},
		{"240.0.0.1", false}, {"255.255.255.255", false}, {"::", false}, {"::1", false},
		{"fe80::1", false}, {"fc00::1", false}, {"ff02::1", false}, {"4000::1", false}};
	const struct vs_addr none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_addr addr;

		assert_int_equal(vs_addr_parse(&addr, vs_view_of(rows[i].text)), 0);
		if (vs_place_can_be_asked(&addr) != rows[i].asked)
			fail_msg("%s", rows[i].text);
	}
	assert_false(vs_place_can_be_asked(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_of_an_exit_of_either_family_is_taken),
		cmocka_unit_test(names_of_a_sources_own_have_no_vote_but_for_the_prefix),
		cmocka_unit_test(what_says_nothing_of_a_place_or_makes_no_sense_is_left_out),
		cmocka_unit_test(only_addresses_of_the_internet_are_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
