#include "config_support.h"

#include <sys/stat.h>

#include "config/zone.h"

/* The zone that text means, "" when it is refused. */
static void expect_zone(const char *text, const char *expected)
{
	struct vs_arena arena = {0};
	const char *zone = NULL;
	struct vs_err err = {0};
	int rc = vs_zone_resolve(&zone, text, &arena, &err);

	if (expected[0] != '\0') {
		assert_int_equal(rc, 0);
		assert_string_equal(zone, expected);
	} else {
		assert_int_equal(rc, VS_ERR_INVALID);
		assert_non_null(strstr(err.text, "must be the name of a time zone"));
	}
	vs_arena_fini(&arena);
}

static void need_database(void)
{
	struct stat info;

	if (stat("/usr/share/zoneinfo/Europe/Bucharest", &info) != 0) {
		print_message("skipped: there is no database of time zones here (/usr/share/zoneinfo)\n");
		skip();
	}
}

static void every_form_of_tz_is_accepted(void **state)
{
	(void)state;
	expect_zone("UTC", "UTC");
	expect_zone(":UTC", "UTC");
	expect_zone("UTC0", "UTC0");
	expect_zone("GMT+5", "GMT+5");
	expect_zone("CET-1CEST", "CET-1CEST");
	expect_zone("EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0");
	need_database();
	expect_zone("Europe/Bucharest", "Europe/Bucharest");
	expect_zone(":Europe/Bucharest", "Europe/Bucharest");
}

static void a_file_of_the_database_is_named(void **state)
{
	char link[64];

	(void)state;
	need_database();
	expect_zone("/usr/share/zoneinfo/Europe/Bucharest", "Europe/Bucharest");
	write_file(link, "");
	unlink(link);
	assert_int_equal(symlink("/usr/share/zoneinfo/Europe/Bucharest", link), 0);
	expect_zone(link, "Europe/Bucharest");
	unlink(link);
}

static void paths_and_nonsense_are_refused(void **state)
{
	static const char *const texts[] = {"", ":", "/", "/etc/passwd", "/nonexistent", "../../etc/passwd",
		"Europe/../../x", "Not A Zone", "5", "a1", "Europe\n", "CET-1;rm", "CET1../../x"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_zone(texts[i], "");
}

static void a_zone_that_the_database_lacks_is_refused(void **state)
{
	(void)state;
	need_database();
	expect_zone("Europe/Bucuresti", "");
	expect_zone("Europe", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_tz_is_accepted),
		cmocka_unit_test(a_file_of_the_database_is_named),
		cmocka_unit_test(paths_and_nonsense_are_refused),
		cmocka_unit_test(a_zone_that_the_database_lacks_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
