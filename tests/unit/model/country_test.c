/* Countries, compared with the list of the package iso-codes where that is installed. */
#include "model_test.h"

#include <jansson.h>

#include "model/country.h"

#define LIST "/usr/share/iso-codes/json/iso_3166-1.json"

static void assert_found(const char *text, const char *expected)
{
	char code[3];
	bool found = vs_country_find(code, vs_view_of(text));

	if (strcmp(code, expected) != 0)
		fail_msg("\"%s\" is \"%s\", not \"%s\"", text, code, expected);
	assert_int_equal(found, *expected != '\0');
}

static void every_code_and_name_of_the_standard_is_known(void **state)
{
	static const char *const members[] = {"alpha_2", "alpha_3", "name", "common_name", "official_name"};
	json_t *list = json_load_file(LIST, 0, NULL), *row;
	size_t i;

	(void)state;
	if (list == NULL) {
		print_message("skipped: " LIST " (package iso-codes) is not there\n");
		skip();
	}
	assert_int_equal(json_array_size(json_object_get(list, "3166-1")) + 1, vs_country_count()); /* XK */
	json_array_foreach(json_object_get(list, "3166-1"), i, row)
	{
		const char *code = json_string_value(json_object_get(row, "alpha_2"));

		assert_true(vs_country_is_code(vs_view_of(code)));
		for (size_t k = 0; k < COUNT(members); k++) {
			const char *text = json_string_value(json_object_get(row, members[k]));

			if (text != NULL)
				assert_found(text, code);
		}
	}
	json_decref(list);
}

static void names_that_services_use_are_known(void **state)
{
	static const struct {
		const char *text, *code;
	} rows[] = {
		{"United States", "US"},
		{"The United States of America", "US"},
		{"USA", "US"},
		{"UK", "GB"},
		{"United Kingdom", "GB"},
		{"South Korea", "KR"},
		{"Russia", "RU"},
		{"Czech Republic", "CZ"},
		{"Czechia", "CZ"},
		{"Türkiye", "TR"},
		{"Turkey", "TR"},
		{"Côte d'Ivoire", "CI"},
		{"Ivory Coast", "CI"},
		{"The Netherlands", "NL"},
		{"Bosnia & Herzegovina", "BA"},
		{"Curaçao", "CW"},
		{"Kosovo", "XK"},
		{"Viet Nam", "VN"},
		{"Vietnam", "VN"},
		{"  romania ", "RO"},
		{"ro", "RO"},
		{"ROU", "RO"},
		{"DR Congo", "CD"},
		{"Hong Kong", "HK"},
		{"Macao", "MO"},
		{"Macau", "MO"},
		{"Palestine", "PS"},
		{"North Macedonia", "MK"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_found(rows[i].text, rows[i].code);
}

static void what_is_no_country_is_none(void **state)
{
	static const char *const texts[] = {"", "EU", "XX", "T1", "AP", "Elbonia", "unknown", "-", "12",
		"the ", "R\xc3", "\xff\xff",
		"Republic of the country with a name that is longer than any name there is"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_found(texts[i], "");
	assert_false(vs_country_is_code(vs_view_of("ro")));
	assert_false(vs_country_is_code(vs_view_of("ROU")));
	assert_false(vs_country_is_code(vs_view_of("")));
}

static void every_country_has_a_name_that_leads_back_to_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < vs_country_count(); i++) {
		const char *code = vs_country_code(i);

		assert_found(vs_country_name(vs_view_of(code)), code);
		assert_found(code, code);
		assert_true(i == 0 || strcmp(vs_country_code(i - 1), code) < 0);
	}
	assert_string_equal(vs_country_code(vs_country_count()), "");
	assert_string_equal(vs_country_name(vs_view_of("XX")), "");
	assert_string_equal(vs_country_name(vs_view_of("RO")), "Romania");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_and_name_of_the_standard_is_known),
		cmocka_unit_test(names_that_services_use_are_known),
		cmocka_unit_test(what_is_no_country_is_none),
		cmocka_unit_test(every_country_has_a_name_that_leads_back_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
