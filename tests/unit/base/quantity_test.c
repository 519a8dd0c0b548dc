#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void durations_are_read_in_every_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"250ms", 250},
		{"90s", 90000},
		{"15m", 900000},
		{"1.5h", 5400000},
		{"30d", INT64_C(2592000000)},
		{"0s", 0},
		{"0.3s", 300},
		{"0.001s", 1},
		{"0.0004s", 0},
		{"0.0005s", 1},
		{"007m", 420000},
		{"1.0000000000000000000000000001s", 1000},
		{"0.333333333d", 28800000},
		{"9223372036854775807ms", INT64_MAX},
		{"106751991167d", INT64_C(9223372036828800000)},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;

		assert_int_equal(vs_duration_parse(&ms, vs_view_of(rows[i].text), 0), 0);
		assert_true(ms == rows[i].ms);
	}
}

static void a_bare_number_counts_in_the_unit_of_its_option(void **state)
{
	int64_t ms = 0;
	(void)state;

	assert_int_equal(vs_duration_parse(&ms, vs_view_of("15"), 60000), 0);
	assert_int_equal(ms, 900000);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("1.5"), 60000), 0);
	assert_int_equal(ms, 90000);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("15s"), 60000), 0);
	assert_int_equal(ms, 15000);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("0"), 1000), 0);
	assert_int_equal(ms, 0);
}

static void a_bare_number_without_a_unit_is_refused(void **state)
{
	int64_t ms = 42;
	(void)state;

	assert_int_equal(vs_duration_parse(&ms, vs_view_of("15"), 0), VS_ERR_INVALID);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("0"), 0), VS_ERR_INVALID);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("15"), -1), VS_ERR_INVALID);
	assert_int_equal(ms, 42);
}

static void what_is_no_duration_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"s", 1},
		{"-1s", 3},
		{"+1s", 3},
		{"1 s", 3},
		{" 1s", 3},
		{"1s ", 3},
		{"1y", 2},
		{"1S", 2},
		{"1sec", 4},
		{"1h30m", 5},
		{".5s", 3},
		{"5.s", 3},
		{"5.", 2},
		{"1.2.3s", 6},
		{"1e3s", 4},
		{"1,5s", 4},
		{"1s\0", 3},
		{"1\0", 2},
		{"\0", 1},
		{"18446744073709551616ms", 22},
		{"18446744073709551615ms", 22},
		{"9223372036854775808ms", 21},
		{"9223372036854775807.9ms", 23},
		{"106751991168d", 13},
		{"18446744073709551615d", 21},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 42;

		assert_int_equal(vs_duration_parse(&ms, rows[i], 1000), VS_ERR_INVALID);
		assert_int_equal(ms, 42);
	}
}

static void an_overflowing_bare_number_is_refused(void **state)
{
	int64_t ms = 42;
	(void)state;

	assert_int_equal(vs_duration_parse(&ms, vs_view_of("2"), INT64_MAX), VS_ERR_INVALID);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("0.999"), INT64_MAX), VS_ERR_INVALID);
	assert_int_equal(ms, 42);
	assert_int_equal(vs_duration_parse(&ms, vs_view_of("1"), INT64_MAX), 0);
	assert_true(ms == INT64_MAX);
}

static void durations_are_written_for_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "0s"},
		{45, "45ms"},
		{99, "99ms"},
		{100, "0.1s"},
		{300, "0.3s"},
		{999, "0.9s"},
		{1000, "1s"},
		{1500, "1.5s"},
		{9999, "9.9s"},
		{10500, "10s"},
		{45000, "45s"},
		{59999, "59s"},
		{60000, "1m"},
		{61000, "1m 1s"},
		{900000, "15m"},
		{3600000, "1h"},
		{3659000, "1h"},
		{8100000, "2h 15m"},
		{86399999, "23h 59m"},
		{86400000, "1d"},
		{90000000, "1d 1h"},
		{-45000, "-45s"},
		{-8100000, "-2h 15m"},
		{INT64_MAX, "106751991167d 7h"},
		{INT64_MIN, "-106751991167d 7h"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[32];

		vs_duration_format(text, sizeof(text), rows[i].ms);
		assert_string_equal(text, rows[i].text);
	}
}

static void a_written_duration_is_cut_to_the_room_there_is(void **state)
{
	char text[5];
	(void)state;

	vs_duration_format(text, sizeof(text), 8100000);
	assert_string_equal(text, "2h 1");
}

static void sizes_are_read_in_every_unit(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{"0", 0},
		{"65536", 65536},
		{"64KiB", 65536},
		{"2MiB", 2097152},
		{"1.5MiB", 1572864},
		{"3GiB", UINT64_C(3221225472)},
		{"18446744073709551615", UINT64_MAX},
		{"17179869183GiB", UINT64_C(17179869183) << 30},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t bytes = 1;

		assert_int_equal(vs_size_parse(&bytes, vs_view_of(rows[i].text)), 0);
		assert_true(bytes == rows[i].bytes);
	}
}

static void what_is_no_size_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"KiB", 3},
		{"-1", 2},
		{"1.5", 3},
		{"64KB", 4},
		{"64kib", 5},
		{"64 KiB", 6},
		{"64KiB ", 6},
		{"64\0", 3},
		{"18446744073709551616", 20},
		{"17179869184GiB", 14},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t bytes = 42;

		assert_int_equal(vs_size_parse(&bytes, rows[i]), VS_ERR_INVALID);
		assert_int_equal(bytes, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read_in_every_unit),
		cmocka_unit_test(a_bare_number_counts_in_the_unit_of_its_option),
		cmocka_unit_test(a_bare_number_without_a_unit_is_refused),
		cmocka_unit_test(what_is_no_duration_is_refused_and_changes_nothing),
		cmocka_unit_test(an_overflowing_bare_number_is_refused),
		cmocka_unit_test(durations_are_written_for_people),
		cmocka_unit_test(a_written_duration_is_cut_to_the_room_there_is),
		cmocka_unit_test(sizes_are_read_in_every_unit),
		cmocka_unit_test(what_is_no_size_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
