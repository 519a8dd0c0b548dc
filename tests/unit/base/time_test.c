#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "base/text.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LAST_MS INT64_C(253402300799999)

static void every_common_way_to_write_a_time_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T00:15:06.967Z", INT64_C(1795392906967)},
		{"2026-11-23T00:15:06.967899+00:00", INT64_C(1795392906967)},
		{"2026-11-23T00:15:06+0000", INT64_C(1795392906000)},
		{"2026-11-23 00:15:06z", INT64_C(1795392906000)},
		{"2026-11-23t00:15:06,5Z", INT64_C(1795392906500)},
		{"2026-11-23T02:15:06+02:00", INT64_C(1795392906000)},
		{"2026-11-22T18:45:06-0530", INT64_C(1795392906000)},
		{"2026-11-23T00:15:06-00:00", INT64_C(1795392906000)},
		{"2000-02-29T00:00:00Z", INT64_C(951782400000)},
		{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
		{"9999-12-31T23:59:59.999Z", LAST_MS},
		{"1970-01-01T01:00:00+01:00", 0},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;

		assert_int_equal(vs_time_parse(&ms, vs_view_of(rows[i].text)), 0);
		assert_true(ms == rows[i].ms);
	}
}

static void what_is_no_time_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"now", 3},
		{"1795392906", 10},
		{"2026-11-23", 10},
		{"2026-11-23T00:15Z", 17},
		{"2026-11-23T00:15:06", 19},
		{"2026-11-23T00:15:06 Z", 21},
		{"2026-11-23T00:15:06Z ", 21},
		{" 2026-11-23T00:15:06Z", 21},
		{"2026-11-23T00:15:06Z\0", 21},
		{"2026-11-23T00:15:06.Z", 21},
		{"2026-11-23T00:15:06+2", 21},
		{"2026-11-23T00:15:06+02", 22},
		{"2026-11-23T00:15:06+02:0", 24},
		{"2026-11-23T00:15:06+24:00", 25},
		{"2026-11-23T00:15:06+00:60", 25},
		{"2026-00-23T00:15:06Z", 20},
		{"2026-13-23T00:15:06Z", 20},
		{"2026-11-00T00:15:06Z", 20},
		{"2026-11-31T00:15:06Z", 20},
		{"2026-02-29T00:15:06Z", 20},
		{"2100-02-29T00:15:06Z", 20},
		{"2026-11-23T24:00:00Z", 20},
		{"2026-11-23T00:60:00Z", 20},
		{"2026-11-23T00:00:61Z", 20},
		{"1969-12-31T23:59:59Z", 20},
		{"1970-01-01T00:00:00+00:01", 25},
		{"9999-12-31T23:59:59-00:01", 25},
		{"9999-12-31T23:59:60Z", 20},
		{"0000-01-01T00:00:00Z", 20},
		{"+2026-11-23T00:15:06Z", 21},
		{"20261123T001506Z", 16},
		{"2026-11-23T00:15:0\xd9\xa6Z", 21},
		{"2026-11-23T00:15:06.0000000000000000000000000000000000000000000000000Z", 70},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 42;

		assert_int_equal(vs_time_parse(&ms, rows[i]), VS_ERR_INVALID);
		assert_int_equal(ms, 42);
	}
}

static void times_are_written_in_utc_with_milliseconds(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{INT64_C(1795392906967), "2026-11-23T00:15:06.967Z"},
		{INT64_C(951782399999), "2000-02-28T23:59:59.999Z"},
		{LAST_MS, "9999-12-31T23:59:59.999Z"},
		{LAST_MS + 1, "9999-12-31T23:59:59.999Z"},
		{INT64_MAX, "9999-12-31T23:59:59.999Z"},
		{-1, "1970-01-01T00:00:00.000Z"},
		{INT64_MIN, "1970-01-01T00:00:00.000Z"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[VS_TIME_TEXT];

		vs_time_format(text, rows[i].ms);
		assert_string_equal(text, rows[i].text);
	}
}

/* A step that is coprime to the day visits odd moments of all eight thousand years. */
static void what_is_written_agrees_with_libc_and_is_read_back(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms <= LAST_MS; ms += INT64_C(8234567891)) {
		char text[VS_TIME_TEXT];
		char expected[64];
		time_t seconds = (time_t)(ms / 1000);
		struct tm tm;
		int64_t back = -1;

		gmtime_r(&seconds, &tm);
		snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
		vs_time_format(text, ms);
		assert_string_equal(text, expected);
		assert_int_equal(vs_time_parse(&back, vs_view_of(text)), 0);
		assert_true(back == ms);
	}
}

static void every_day_of_four_centuries_is_its_own(void **state)
{
	(void)state;
	for (int64_t day = 0; day < 146097; day++) {
		char text[VS_TIME_TEXT];
		int64_t back = -1;

		vs_time_format(text, day * 86400000 + 86399999);
		assert_int_equal(vs_time_parse(&back, vs_view_of(text)), 0);
		assert_true(back == day * 86400000 + 86399999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_common_way_to_write_a_time_is_read),
		cmocka_unit_test(what_is_no_time_is_refused_and_changes_nothing),
		cmocka_unit_test(times_are_written_in_utc_with_milliseconds),
		cmocka_unit_test(what_is_written_agrees_with_libc_and_is_read_back),
		cmocka_unit_test(every_day_of_four_centuries_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
