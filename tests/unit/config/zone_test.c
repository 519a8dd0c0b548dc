#include "config_support.h"

#include <sys/stat.h>

#include "config/zone.h"

static void zones_that_the_library_takes_are_accepted(void **state)
{
	static const char *const texts[] = {"UTC", "CET-1CEST", "EST5EDT,M3.2.0,M11.1.0", "UTC0", "GMT+5"};
	struct vs_err err;
	struct stat info;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(vs_zone_check(texts[i], &err), 0);
	if (stat("/usr/share/zoneinfo/Europe/Bucharest", &info) == 0)
		assert_int_equal(vs_zone_check("Europe/Bucharest", &err), 0);
}

static void paths_and_nonsense_are_refused(void **state)
{
	static const char *const texts[] = {"", "/etc/passwd", "../../etc/passwd", "Europe/../../x",
		"Not A Zone", ":UTC", "5", "a1", "Europe\n", "CET-1;rm"};
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(vs_zone_check(texts[i], &err), VS_ERR_INVALID);
		assert_non_null(strstr(err.text, "must be the name of a time zone"));
	}
}

static void a_zone_that_the_database_lacks_is_refused(void **state)
{
	struct vs_err err;
	struct stat info;

	(void)state;
	if (stat("/usr/share/zoneinfo", &info) < 0)
		skip();
	assert_int_equal(vs_zone_check("Europe/Bucuresti", &err), VS_ERR_INVALID);
	assert_int_equal(vs_zone_check("Europe", &err), VS_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_that_the_library_takes_are_accepted),
		cmocka_unit_test(paths_and_nonsense_are_refused),
		cmocka_unit_test(a_zone_that_the_database_lacks_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
