/* Two of three: on the address, the network, the country. */
#include "model_test.h"

#include "model/quorum.h"

#define ASKED "198.51.100.7"

static struct vs_place_answer answer(const char *source, const char *country, uint32_t asn)
{
	return (struct vs_place_answer){
		.source = source, .addr = addr(ASKED), .country = country, .asn = asn, .org = source};
}

struct outcome {
	const char *country;
	uint32_t asn;
	bool reached;
	uint8_t agreed;
	const char *disagreement;
};

static void assert_outcome(
	const struct vs_place_answer *answers, size_t count, uint8_t needed, struct outcome expected)
{
	struct vs_addr asked = addr(ASKED);
	struct vs_quorum quorum;

	vs_quorum_decide(&quorum, &asked, answers, count, needed, NOON);
	assert_string_equal(quorum.place.country, expected.country);
	assert_int_equal(quorum.place.asn, expected.asn);
	assert_int_equal(quorum.reached, expected.reached);
	assert_int_equal(quorum.place.agreed, expected.agreed);
	assert_string_equal(quorum.place.disagreement, expected.disagreement);
	assert_int_equal(quorum.place.at, NOON);
	assert_int_equal(vs_quorum_is_reached(&asked, answers, count, needed), expected.reached);
}

static void two_that_agree_are_enough(void **state)
{
	struct vs_place_answer answers[] = {answer("ipinfo", "RO", 9009), answer("ip_api", "RO", 9009)};

	(void)state;
	assert_outcome(answers, 1, 0, (struct outcome){"RO", 9009, false, 1, ""});
	assert_outcome(answers, 2, 0, (struct outcome){"RO", 9009, true, 2, ""});
	assert_outcome(answers, 1, 1, (struct outcome){"RO", 9009, true, 1, ""});
}

static void a_third_decides_between_two_and_who_differs_is_named(void **state)
{
	struct vs_place_answer answers[] = {
		answer("ipinfo", "RO", 9009), answer("ip_api", "DE", 9009), answer("ipwhois", "RO", 9009)};

	(void)state;
	assert_outcome(answers, 2, 0, (struct outcome){"", 9009, false, 0, "country: ipinfo RO, ip_api DE"});
	assert_outcome(answers, 3, 0,
		(struct outcome){"RO", 9009, true, 2, "country: ipinfo RO, ip_api DE, ipwhois RO"});
}

static void three_opinions_are_none(void **state)
{
	struct vs_place_answer answers[] = {answer("a", "RO", 1), answer("b", "DE", 2), answer("c", "NL", 3)};

	(void)state;
	assert_outcome(answers, 3, 0,
		(struct outcome){"", 0, false, 0, "country: a RO, b DE, c NL; network: a AS1, b AS2, c AS3"});
}

static void two_against_two_are_none(void **state)
{
	struct vs_place_answer answers[] = {
		answer("a", "RO", 1), answer("b", "DE", 1), answer("c", "DE", 1), answer("d", "RO", 1)};

	(void)state;
	assert_outcome(answers, 4, 0, (struct outcome){"", 1, false, 0, "country: a RO, b DE, c DE, d RO"});
}

static void names_and_codes_of_a_country_are_the_same_opinion(void **state)
{
	struct vs_place_answer answers[] = {
		answer("ipinfo", "KR", 0), answer("ip_api", "South Korea", 0), answer("x", "kor", 0)};

	(void)state;
	assert_outcome(answers, 3, 0, (struct outcome){"KR", 0, true, 3, ""});
}

static void what_is_no_country_is_no_opinion(void **state)
{
	struct vs_place_answer answers[] = {
		answer("a", "Elbonia", 9009), answer("b", NULL, 9009), answer("c", "", 9009)};

	(void)state;
	assert_outcome(answers, 3, 0, (struct outcome){"", 9009, true, 3, ""});
}

static void a_source_without_networks_does_not_keep_the_rest_waiting(void **state)
{
	struct vs_place_answer countries[] = {answer("a", "RO", 0), answer("b", "RO", 0)};
	struct vs_place_answer mixed[] = {answer("a", "RO", 9009), answer("b", "RO", 0)};

	(void)state;
	assert_outcome(countries, 2, 0, (struct outcome){"RO", 0, true, 2, ""});
	/* One network, and nobody to confirm it: worth another question. */
	assert_outcome(mixed, 2, 0, (struct outcome){"RO", 9009, false, 2, ""});
}

static void an_answer_about_another_address_does_not_count_and_is_named(void **state)
{
	struct vs_place_answer answers[] = {answer("a", "RO", 9009), answer("b", "DE", 3320)};

	(void)state;
	answers[1].addr = addr("203.0.113.9");
	assert_outcome(answers, 2, 0, (struct outcome){"RO", 9009, false, 1, "b answered about 203.0.113.9"});
	answers[1].addr.family = 0; /* did not say: then it counts */
	assert_outcome(answers, 2, 0,
		(struct outcome){"", 0, false, 0, "country: a RO, b DE; network: a AS9009, b AS3320"});
}

static void no_answer_is_a_place_of_which_nothing_is_known(void **state)
{
	struct vs_addr asked = addr(ASKED);
	struct vs_quorum quorum;
	struct vs_place nothing;

	(void)state;
	vs_place_init(&nothing);
	vs_quorum_decide(&quorum, &asked, NULL, 0, 0, 0);
	assert_true(vs_place_equal(&quorum.place, &nothing));
	assert_false(quorum.reached);
}

static void the_words_of_a_place_are_those_of_who_agrees(void **state)
{
	struct vs_place_answer answers[] = {
		answer("wrong", "DE", 3320), answer("right", "RO", 9009), answer("too", "RO", 9009)};
	struct vs_addr asked = addr(ASKED);
	struct vs_quorum quorum;

	(void)state;
	answers[0].city = "Berlin";
	answers[0].region = "Berlin";
	answers[1].city = "București";
	answers[2].region = "Ilfov";
	answers[2].timezone = "Europe/Bucharest";
	answers[2].hosting = VS_HOSTING_YES;
	vs_quorum_decide(&quorum, &asked, answers, 3, 0, NOON);
	assert_string_equal(quorum.place.org, "right");
	assert_string_equal(quorum.place.city, "București");
	assert_string_equal(quorum.place.region, ""); /* of the same source as the city */
	assert_string_equal(quorum.place.timezone, "Europe/Bucharest");
	assert_int_equal(quorum.place.hosting, VS_HOSTING_YES);
	assert_string_equal(quorum.place.sources, "wrong, right, too");
	assert_int_equal(quorum.place.asked, 3);
}

static void more_answers_than_are_looked_at_do_no_harm(void **state)
{
	struct vs_place_answer answers[VS_QUORUM_ANSWERS_MAX + 4];
	struct vs_addr asked = addr(ASKED);
	struct vs_quorum quorum;

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++)
		answers[i] = answer("a source whose name is rather long for a name", "RO", (uint32_t)i + 1);
	vs_quorum_decide(&quorum, &asked, answers, COUNT(answers), 0, NOON);
	assert_int_equal(quorum.place.asked, VS_QUORUM_ANSWERS_MAX);
	assert_string_equal(quorum.place.country, "RO");
	assert_int_equal(strlen(quorum.disagreement), sizeof(quorum.disagreement) - 1); /* cut */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_that_agree_are_enough),
		cmocka_unit_test(a_third_decides_between_two_and_who_differs_is_named),
		cmocka_unit_test(three_opinions_are_none),
		cmocka_unit_test(two_against_two_are_none),
		cmocka_unit_test(names_and_codes_of_a_country_are_the_same_opinion),
		cmocka_unit_test(what_is_no_country_is_no_opinion),
		cmocka_unit_test(a_source_without_networks_does_not_keep_the_rest_waiting),
		cmocka_unit_test(an_answer_about_another_address_does_not_count_and_is_named),
		cmocka_unit_test(no_answer_is_a_place_of_which_nothing_is_known),
		cmocka_unit_test(the_words_of_a_place_are_those_of_who_agrees),
		cmocka_unit_test(more_answers_than_are_looked_at_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
