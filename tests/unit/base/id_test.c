#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/id.h"
#include "dies.h"

static void random_bytes_fill_all_and_only_what_was_asked(void **state)
{
	unsigned char seen[600] = {0};
	unsigned char bytes[600];
	(void)state;

	/* Each byte stays zero in 20 rounds with a chance of 2^-160. */
	for (int round = 0; round < 20; round++) {
		memset(bytes, 0, sizeof(bytes));
		vs_random(bytes, sizeof(bytes) - 1);
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		assert_int_not_equal(seen[i], 0);
	assert_int_equal(seen[sizeof(bytes) - 1], 0);
	vs_random(NULL, 0);
}

static void random_numbers_stay_below_and_reach_every_value(void **state)
{
	int counts[7] = {0};
	(void)state;

	for (int i = 0; i < 7000; i++) {
		uint64_t value = vs_random_below(7);

		assert_true(value < 7);
		counts[value]++;
	}
	/* 1000 each with a deviation of 29: ten deviations are never seen. */
	for (size_t i = 0; i < 7; i++)
		assert_in_range(counts[i], 700, 1300);
}

static void the_limits_of_random_numbers_hold(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		assert_int_equal(vs_random_below(1), 0);
		assert_true(vs_random_below(UINT64_MAX) < UINT64_MAX);
	}
}

/* 2^64 modulo this limit is a third of it: a plain remainder would favour that third. */
static void no_random_number_is_favoured(void **state)
{
	const uint64_t third = UINT64_C(1) << 62;
	int low = 0;
	(void)state;

	for (int i = 0; i < 3000; i++)
		low += vs_random_below(3 * third) < third;
	/* 1000 with a deviation of 26; the favoured third would have 1500. */
	assert_in_range(low, 750, 1250);
}

static void ask_for_less_than_nothing(void)
{
	vs_random_below(0);
}

static void a_limit_of_zero_is_a_broken_promise(void **state)
{
	char said[256];
	(void)state;

	assert_true(dies(ask_for_less_than_nothing, said, sizeof(said)));
}

static void an_ulid_begins_with_its_time(void **state)
{
	static const struct {
		int64_t ms;
		const char *time;
	} rows[] = {
		{0, "0000000000"},
		{1, "0000000001"},
		{31, "000000000Z"},
		{32, "0000000010"},
		{INT64_C(1469918176385), "01ARYZ6S41"},
		{(INT64_C(1) << 48) - 1, "7ZZZZZZZZZ"},
		{INT64_MAX, "7ZZZZZZZZZ"},
		{-1, "0000000000"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[VS_ULID_TEXT];

		vs_ulid(text, rows[i].ms);
		assert_int_equal(strlen(text), 26);
		assert_int_equal(strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26);
		assert_memory_equal(text, rows[i].time, 10);
	}
}

static void ulids_of_one_moment_differ_and_later_ones_sort_later(void **state)
{
	char a[VS_ULID_TEXT];
	char b[VS_ULID_TEXT];
	(void)state;

	for (int64_t ms = 1795392906967; ms < 1795392906967 + 500; ms++) {
		vs_ulid(a, ms);
		vs_ulid(b, ms);
		assert_string_not_equal(a, b);
		vs_ulid(b, ms + 1);
		assert_true(strcmp(a, b) < 0);
	}
}

static void the_next_ulid_is_greater_even_within_a_moment_and_when_the_clock_goes_back(void **state)
{
	char text[VS_ULID_TEXT] = "";
	char before[VS_ULID_TEXT];
	const int64_t now = 1795392906967;
	(void)state;

	vs_ulid_next(text, now);
	assert_true(vs_ulid_valid(text));
	for (int i = 0; i < 2000; i++) {
		strcpy(before, text);
		vs_ulid_next(text, i % 3 == 0 ? now : now - i);
		assert_true(strcmp(before, text) < 0);
		assert_memory_equal(before, text, 10);
	}
	vs_ulid_next(text, now + 1);
	vs_ulid(before, now + 1);
	assert_memory_equal(before, text, 10);
	strcpy(text, "01ARYZ6S410ZZZZZZZZZZZZZZZ");
	vs_ulid_next(text, 0);
	assert_string_equal(text, "01ARYZ6S411000000000000000");
}

static void the_last_ulid_of_a_moment_is_greater_than_any_other_of_it(void **state)
{
	char last[VS_ULID_TEXT];
	char text[VS_ULID_TEXT];
	int i;

	(void)state;
	vs_ulid_last(last, 1000);
	assert_true(vs_ulid_valid(last));
	for (i = 0; i < 100; i++) {
		vs_ulid(text, 1000);
		assert_true(strcmp(text, last) < 0);
	}
	vs_ulid(text, 1001);
	assert_true(strcmp(text, last) > 0);
}

static void an_ulid_is_26_digits_of_its_alphabet(void **state)
{
	(void)state;

	assert_true(vs_ulid_valid("01ARYZ6S411000000000000000"));
	assert_false(vs_ulid_valid(""));
	assert_false(vs_ulid_valid("01ARYZ6S41100000000000000"));
	assert_false(vs_ulid_valid("01ARYZ6S4110000000000000000"));
	assert_false(vs_ulid_valid("01ARYZ6S41100000000000000I"));
	assert_false(vs_ulid_valid("01aryz6s411000000000000000"));
}

static void bytes_are_written_as_lower_case_hexadecimal(void **state)
{
	char text[9];
	(void)state;

	vs_hex(text, "\x00\x9f\xab\xff", 4);
	assert_string_equal(text, "009fabff");
	vs_hex(text, NULL, 0);
	assert_string_equal(text, "");
}

static void two_digits_are_read_as_a_byte_in_any_case(void **state)
{
	static const char *const bad[] = {
		"", "0", "g0", "0g", "-1", "+1", " 1", "1 ", "/0", ":0", "@0", "`0"};
	char text[3];
	(void)state;

	for (int i = 0; i < 256; i++) {
		vs_hex(text, &(unsigned char){(unsigned char)i}, 1);
		assert_int_equal(vs_hex_byte(text), i);
	}
	assert_int_equal(vs_hex_byte("aF"), 0xaf);
	assert_int_equal(vs_hex_byte("Fa"), 0xfa);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(text, 0, sizeof(text));
		memcpy(text, bad[i], strlen(bad[i]));
		assert_int_equal(vs_hex_byte(text), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_fill_all_and_only_what_was_asked),
		cmocka_unit_test(random_numbers_stay_below_and_reach_every_value),
		cmocka_unit_test(the_limits_of_random_numbers_hold),
		cmocka_unit_test(no_random_number_is_favoured),
		cmocka_unit_test(a_limit_of_zero_is_a_broken_promise),
		cmocka_unit_test(an_ulid_begins_with_its_time),
		cmocka_unit_test(ulids_of_one_moment_differ_and_later_ones_sort_later),
		cmocka_unit_test(the_next_ulid_is_greater_even_within_a_moment_and_when_the_clock_goes_back),
		cmocka_unit_test(the_last_ulid_of_a_moment_is_greater_than_any_other_of_it),
		cmocka_unit_test(an_ulid_is_26_digits_of_its_alphabet),
		cmocka_unit_test(bytes_are_written_as_lower_case_hexadecimal),
		cmocka_unit_test(two_digits_are_read_as_a_byte_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
