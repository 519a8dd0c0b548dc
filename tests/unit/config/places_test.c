#include "config_support.h"

#include "config/places.h"

static struct vpns_list list_of(const char *const *items)
{
	struct vpns_list list = {items, 0, 0};

	while (items[list.count])
		list.count++;
	return list;
}

static void every_item_finds_its_kind(void **state)
{
	const char *const items[] = {
		"RO", "AS9009", "as64500", "nl", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32", NULL};
	const struct vpns_list list = list_of(items);
	struct vs_arena arena = {0};
	struct vs_places places;
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_places_parse(&places, &list, VS_PLACES_ANY, &arena, &err), 0);
	assert_int_equal(places.country_count, 2);
	assert_string_equal(places.countries[0], "RO");
	assert_string_equal(places.countries[1], "NL");
	assert_int_equal(places.asn_count, 2);
	assert_int_equal(places.asns[0], 9009);
	assert_int_equal(places.asns[1], 64500);
	assert_int_equal(places.prefix_count, 3);
	assert_int_equal(places.prefixes[0].bits, 8);
	assert_int_equal(places.prefixes[1].bits, 32);
	assert_int_equal(places.prefixes[2].addr.family, 6);
	vs_arena_fini(&arena);
}

static void what_is_no_place_is_named(void **state)
{
	static const char *const items[] = {"ROU", "9009", "AS0", "ASx", "10.0.0.1/8", "10.0.0/8", "Romania"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		const char *const two[] = {"RO", items[i], NULL};
		const struct vpns_list list = list_of(two);
		struct vs_arena arena = {0};
		struct vs_places places;
		struct vs_err err = {0};
		char expected[200];

		snprintf(expected, sizeof(expected),
			"'%s' is no country code (RO), AS number (AS9009), address or prefix (10.0.0.0/8)",
			items[i]);
		assert_int_equal(
			vs_places_parse(&places, &list, VS_PLACES_ANY, &arena, &err), VS_ERR_INVALID);
		assert_string_equal(err.text, expected);
		vs_arena_fini(&arena);
	}
}

static void a_home_has_no_countries_and_no_word_of_them_for_what_is_none(void **state)
{
	static const struct {
		const char *item;
		const char *said;
	} rows[] = {
		{"foo", "'foo' is no address, prefix (10.0.0.0/8) or AS number (AS9009)"},
		{"ro", "a country is no home: 'RO' would match every VPN server there; give addresses, "
		       "prefixes or AS numbers"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const items[] = {"192.0.2.1", "AS64500", rows[i].item, NULL};
		const struct vpns_list list = list_of(items);
		struct vs_arena arena = {0};
		struct vs_places places;
		struct vs_err err = {0};

		assert_int_equal(
			vs_places_parse(&places, &list, VS_PLACES_HOME, &arena, &err), VS_ERR_INVALID);
		assert_string_equal(err.text, rows[i].said);
		vs_arena_fini(&arena);
	}
}

static void a_country_that_looks_like_a_prefix_of_a_number_is_a_country(void **state)
{
	const char *const items[] = {"AS", NULL}; /* American Samoa */
	const struct vpns_list list = list_of(items);
	struct vs_arena arena = {0};
	struct vs_places places;
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_places_parse(&places, &list, VS_PLACES_ANY, &arena, &err), 0);
	assert_string_equal(places.countries[0], "AS");
	vs_arena_fini(&arena);
}

static void a_lone_number_is_rounds(void **state)
{
	static const struct {
		const char *text;
		uint32_t rounds; /* 0: refused */
	} rows[] = {{"1", 1}, {"3", 3}, {"100", 100}, {"0", 0}, {"101", 0}, {"-1", 0}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const items[] = {rows[i].text, NULL};
		const struct vpns_list list = list_of(items);
		struct vs_tolerance_conf tolerance;
		struct vs_arena arena = {0};
		struct vs_err err = {0};

		assert_int_equal(
			vs_tolerance_conf_parse(&tolerance, &list, &arena, &err) == 0, rows[i].rounds > 0);
		assert_int_equal(tolerance.rounds, rows[i].rounds);
		vs_arena_fini(&arena);
	}
}

static void anything_else_is_a_list_of_places(void **state)
{
	const char *const good[] = {"RO", "AS9009", NULL};
	const char *const bad[] = {"3", "RO", NULL};
	const char *const none[] = {NULL};
	struct vs_tolerance_conf tolerance;
	struct vs_arena arena = {0};
	struct vpns_list list = list_of(good);
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_tolerance_conf_parse(&tolerance, &list, &arena, &err), 0);
	assert_int_equal(tolerance.rounds, 0);
	assert_int_equal(tolerance.places.country_count, 1);
	assert_int_equal(tolerance.places.asn_count, 1);
	list = list_of(bad);
	assert_int_equal(vs_tolerance_conf_parse(&tolerance, &list, &arena, &err), VS_ERR_INVALID);
	list = list_of(none);
	assert_int_equal(vs_tolerance_conf_parse(&tolerance, &list, &arena, &err), 0);
	assert_int_equal(tolerance.places.country_count, 0);
	vs_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_finds_its_kind),
		cmocka_unit_test(what_is_no_place_is_named),
		cmocka_unit_test(a_home_has_no_countries_and_no_word_of_them_for_what_is_none),
		cmocka_unit_test(a_country_that_looks_like_a_prefix_of_a_number_is_a_country),
		cmocka_unit_test(a_lone_number_is_rounds),
		cmocka_unit_test(anything_else_is_a_list_of_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
