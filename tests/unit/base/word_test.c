#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void eight_words_are_booleans_in_any_case(void **state)
{
	static const struct {
		const char *text;
		bool value;
	} rows[] = {
		{"true", true},
		{"YES", true},
		{"On", true},
		{"1", true},
		{"false", false},
		{"No", false},
		{"oFF", false},
		{"0", false},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool value = !rows[i].value;

		assert_int_equal(vs_bool_parse(&value, vs_view_of(rows[i].text)), 0);
		assert_int_equal(value, rows[i].value);
	}
}

static void any_other_word_is_no_boolean(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0}, {"", 0}, {"y", 1}, {"2", 1}, {"00", 2}, {"true ", 5}, {"1\0", 2}, {"truth", 5}};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool value = true;

		assert_int_equal(vs_bool_parse(&value, rows[i]), VS_ERR_INVALID);
		assert_true(value);
	}
}

static void country_codes_are_upper_cased(void **state)
{
	char code[3] = "";
	(void)state;

	assert_int_equal(vs_country_parse(code, vs_view_of("ro")), 0);
	assert_string_equal(code, "RO");
	assert_int_equal(vs_country_parse(code, vs_view_of("Az")), 0);
	assert_string_equal(code, "AZ");
	assert_int_equal(vs_country_parse(code, vs_view_of("ZA")), 0);
	assert_string_equal(code, "ZA");
}

static void what_is_no_country_code_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {{NULL, 0}, {"", 0}, {"R", 1}, {"ROU", 3}, {"R1", 2}, {"@A", 2},
		{"[A", 2}, {"R\0", 2}, {"\xc3\xa9", 2}, {"r ", 2}, {"`a", 2}, {"{a", 2}};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char code[3] = "DE";

		assert_int_equal(vs_country_parse(code, rows[i]), VS_ERR_INVALID);
		assert_string_equal(code, "DE");
	}
}

static const char *const names[] = {"interval", "timeout", "route", "locale", "trusted_proxies", "tls"};

static void a_slip_of_the_pen_finds_its_name(void **state)
{
	static const struct {
		const char *text;
		const char *nearest;
	} rows[] = {
		{"interval", "interval"},
		{"intervall", "interval"},
		{"intreval", "interval"},
		{"ntervl", "interval"},
		{"INTERVAL", "interval"},
		{"Timout", "timeout"},
		{"trusted-proxies", "trusted_proxies"},
		{"trustedproxy", "trusted_proxies"},
		{"rout", "route"},
		{"loacle", "locale"},
		{"tsl", "tls"},
		{"tl", "tls"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *nearest = vs_nearest(rows[i].text, names, COUNT(names));

		assert_non_null(nearest);
		assert_string_equal(nearest, rows[i].nearest);
	}
}

static void a_word_far_from_every_name_finds_none(void **state)
{
	static const char *const words[] = {"", "x", "ssl_", "colour", "internal_net", "chat_id", "\xff\xfe"};
	char word[100];
	(void)state;

	for (size_t i = 0; i < COUNT(words); i++)
		assert_null(vs_nearest(words[i], names, COUNT(names)));
	memset(word, 'i', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(vs_nearest(word, names, COUNT(names)));
	assert_null(vs_nearest("interval", NULL, 0));
}

static void names_beyond_the_bound_are_passed_over(void **state)
{
	char word[64 + 1];
	char longer[64 + 2];
	const char *const candidates[] = {longer, "x", word};
	(void)state;

	memset(word, 'i', 64);
	word[64] = '\0';
	memset(longer, 'i', 65);
	longer[65] = '\0';
	assert_ptr_equal(vs_nearest(word, candidates, COUNT(candidates)), word);
}

static void of_equally_near_names_the_first_is_taken(void **state)
{
	static const char *const twins[] = {"cart", "card", "care"};
	(void)state;

	assert_string_equal(vs_nearest("carx", twins, COUNT(twins)), "cart");
	assert_string_equal(vs_nearest("care", twins, COUNT(twins)), "care");
}

static void a_single_letter_is_near_to_itself_only(void **state)
{
	static const char *const letters[] = {"a", "b"};
	(void)state;

	assert_string_equal(vs_nearest("B", letters, COUNT(letters)), "b");
	assert_null(vs_nearest("c", letters, COUNT(letters)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_words_are_booleans_in_any_case),
		cmocka_unit_test(any_other_word_is_no_boolean),
		cmocka_unit_test(country_codes_are_upper_cased),
		cmocka_unit_test(what_is_no_country_code_is_refused_and_changes_nothing),
		cmocka_unit_test(a_slip_of_the_pen_finds_its_name),
		cmocka_unit_test(a_word_far_from_every_name_finds_none),
		cmocka_unit_test(names_beyond_the_bound_are_passed_over),
		cmocka_unit_test(of_equally_near_names_the_first_is_taken),
		cmocka_unit_test(a_single_letter_is_near_to_itself_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
