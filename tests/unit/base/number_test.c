#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void whole_numbers_are_read_to_both_ends_of_their_range(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} rows[] = {
		{"0", 0},
		{"-0", 0},
		{"7", 7},
		{"007", 7},
		{"-15", -15},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
		{"00000000000000000000000000009", 9},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = -1;

		assert_int_equal(vs_int_parse(&value, vs_view_of(rows[i].text)), 0);
		assert_true(value == rows[i].value);
	}
}

static void what_is_no_whole_number_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"-", 1},
		{"+1", 2},
		{"--1", 3},
		{" 1", 2},
		{"1 ", 2},
		{"1.0", 3},
		{"1e3", 3},
		{"0x1", 3},
		{"1\0", 2},
		{"\0", 1},
		{"\xd9\xa1", 2},
		{"9223372036854775808", 19},
		{"-9223372036854775809", 20},
		{"99999999999999999999999999", 26},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = 42;

		assert_int_equal(vs_int_parse(&value, rows[i]), VS_ERR_INVALID);
		assert_int_equal(value, 42);
	}
}

static void whole_numbers_survive_a_round_trip(void **state)
{
	(void)state;
	for (int64_t value = 1; value > 0 && value < INT64_MAX / 3; value = value * 3 + 1) {
		for (int sign = -1; sign <= 1; sign += 2) {
			char text[32];
			int64_t back = 0;

			snprintf(text, sizeof(text), "%" PRId64, value * sign);
			assert_int_equal(vs_int_parse(&back, vs_view_of(text)), 0);
			assert_true(back == value * sign);
		}
	}
}

static void natural_numbers_are_written_to_both_ends_of_their_range(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} rows[] = {{0, "0"}, {9, "9"}, {10, "10"}, {300, "300"}, {UINT64_MAX, "18446744073709551615"}};
	char text[VS_UINT_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vs_uint_format(text, rows[i].number), strlen(rows[i].text));
		assert_string_equal(text, rows[i].text);
	}
}

static void decimal_numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		double value;
	} rows[] = {
		{"0", 0},
		{"-0.5", -0.5},
		{"1.25", 1.25},
		{"44.4323", 44.4323},
		{"1e3", 1000},
		{"1.5E-3", 0.0015},
		{"2e+2", 200},
		{"1e-400", 0},
		{"0.1000000000000000055511151231257827021181583404541015625", 0.1},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		double value = -1;

		assert_int_equal(vs_real_parse(&value, vs_view_of(rows[i].text)), 0);
		assert_true(value == rows[i].value);
	}
}

static void what_is_no_finite_decimal_number_is_refused(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"-", 1},
		{".", 1},
		{".5", 2},
		{"5.", 2},
		{"1.2.3", 5},
		{"1,5", 3},
		{"+1", 2},
		{" 1", 2},
		{"1 ", 2},
		{"1e", 2},
		{"1e+", 3},
		{"1e1.5", 5},
		{"e5", 2},
		{"inf", 3},
		{"nan", 3},
		{"-infinity", 9},
		{"0x1p3", 5},
		{"1e999", 5},
		{"1\0", 2},
		{"1\0"
		 "2",
			3},
	};
	char digits[200];
	double value = 42;
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(vs_real_parse(&value, rows[i]), VS_ERR_INVALID);
	memset(digits, '1', sizeof(digits));
	assert_int_equal(vs_real_parse(&value, (struct vs_view){digits, sizeof(digits)}), VS_ERR_INVALID);
	assert_true(value == 42);
	assert_int_equal(vs_real_parse(&value, (struct vs_view){digits, 128}), 0);
}

static void autonomous_systems_are_read_with_and_without_letters_and_name(void **state)
{
	static const struct {
		const char *text;
		uint32_t asn;
	} rows[] = {
		{"AS9009", 9009},
		{"as9009 M247 Europe SRL", 9009},
		{"aS1", 1},
		{"9009", 9009},
		{"4294967295", UINT32_MAX},
		{"AS64512 ", 64512},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t asn = 0;

		assert_int_equal(vs_asn_parse(&asn, vs_view_of(rows[i].text)), 0);
		assert_int_equal(asn, rows[i].asn);
	}
}

static void what_is_no_autonomous_system_is_refused(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"AS", 2},
		{"AS ", 3},
		{"AS 9009", 7},
		{"AS0", 3},
		{"0", 1},
		{"-1", 2},
		{"AS-1", 4},
		{"AS4294967296", 12},
		{"4294967296", 10},
		{"AS99999999999999999999", 22},
		{"9009 M247", 9},
		{"AS9009M247", 10},
		{"ASN9009", 7},
		{"9009\0", 5},
		{" AS9009", 7},
		{"A", 1},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t asn = 42;

		assert_int_equal(vs_asn_parse(&asn, rows[i]), VS_ERR_INVALID);
		assert_int_equal(asn, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_are_read_to_both_ends_of_their_range),
		cmocka_unit_test(what_is_no_whole_number_is_refused_and_changes_nothing),
		cmocka_unit_test(whole_numbers_survive_a_round_trip),
		cmocka_unit_test(natural_numbers_are_written_to_both_ends_of_their_range),
		cmocka_unit_test(decimal_numbers_are_read),
		cmocka_unit_test(what_is_no_finite_decimal_number_is_refused),
		cmocka_unit_test(autonomous_systems_are_read_with_and_without_letters_and_name),
		cmocka_unit_test(what_is_no_autonomous_system_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
