#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/text.h"
#include "base/view.h"
#include "server/zone.h"

struct row {
	const char *zone;
	const char *at;
	const char *words;
};

static const struct row rows[] = {
	{NULL, "2026-11-23T02:14:46Z", "2026-11-23 02:14:46 UTC"},
	{"UTC", "2026-11-23T02:14:46Z", "2026-11-23 02:14:46 UTC"},
	{"Europe/Bucharest", "2026-11-23T02:14:46Z", "2026-11-23 04:14:46 EET (+02:00)"},
	{"Europe/Bucharest", "2026-07-23T02:14:46Z", "2026-07-23 05:14:46 EEST (+03:00)"},
	{"Europe/Bucharest", "2026-10-25T00:59:59Z", "2026-10-25 03:59:59 EEST (+03:00)"},
	{"Europe/Bucharest", "2026-10-25T01:00:00Z", "2026-10-25 03:00:00 EET (+02:00)"},
	{"Europe/Bucharest", "2026-03-29T00:59:59Z", "2026-03-29 02:59:59 EET (+02:00)"},
	{"Europe/Bucharest", "2026-03-29T01:00:00Z", "2026-03-29 04:00:00 EEST (+03:00)"},
	{"America/New_York", "2026-03-08T06:59:59Z", "2026-03-08 01:59:59 EST (-05:00)"},
	{"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00 EDT (-04:00)"},
	{"America/New_York", "2026-11-01T05:59:59Z", "2026-11-01 01:59:59 EDT (-04:00)"},
	{"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01 01:00:00 EST (-05:00)"},
	{"Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-05 01:59:59 +11 (+11:00)"},
	{"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05 01:30:00 +1030 (+10:30)"},
	{"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31 20:30:00 NST (-03:30)"},
	{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01T00:00:00Z", "2026-01-01 01:00:00 CET (+01:00)"},
	{"No/Such_Zone", "2026-11-23T02:14:46Z", "2026-11-23 02:14:46 UTC"},
};

static void times_are_shown_in_the_zone_with_abbreviation_and_offset(void **state)
{
	char text[64];
	int64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_zone *zone = vs_zone_create(rows[i].zone);

		assert_int_equal(vs_time_parse(&at, vs_view_of(rows[i].at)), 0);
		vs_zone_words(zone, text, sizeof(text), at);
		assert_string_equal(text, rows[i].words);
		vs_zone_destroy(zone);
	}
}

static void the_zone_of_the_process_changes_nothing(void **state)
{
	struct vs_zone *zone;
	char text[64];

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	zone = vs_zone_create("UTC");
	vs_zone_words(zone, text, sizeof(text), 0);
	assert_string_equal(text, "1970-01-01 00:00:00 UTC");
	vs_zone_destroy(zone);
}

static void a_time_beyond_the_calendar_and_a_small_buffer_do_no_harm(void **state)
{
	struct vs_zone *zone = vs_zone_create("Europe/Bucharest");
	char text[64];
	char small[8];

	(void)state;
	vs_zone_words(zone, text, sizeof(text), INT64_MAX);
	assert_string_equal(text, "?");
	vs_zone_words(zone, small, sizeof(small), 0);
	assert_string_equal(small, "1970-01");
	vs_zone_destroy(zone);
	vs_zone_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_shown_in_the_zone_with_abbreviation_and_offset),
		cmocka_unit_test(the_zone_of_the_process_changes_nothing),
		cmocka_unit_test(a_time_beyond_the_calendar_and_a_small_buffer_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
