#include "config_support.h"

#include "config/instance.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_quiet_conf quiet;
};

static void read_quiet(struct world *world, const char *text)
{
	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	vs_quiet_read(vs_conf_root(world->conf), &world->quiet, &world->arena, &world->problems);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void without_the_section_there_are_no_quiet_hours(void **state)
{
	struct world world;

	(void)state;
	read_quiet(&world, "plugin: console\n");
	assert_int_equal(world.quiet.severities, 0);
	finish(&world, "");
}

static void every_key_arrives(void **state)
{
	struct world world;

	(void)state;
	read_quiet(&world, "quiet: {hours: '22:00-07:30', weekdays: [mon, SUN], zone: UTC, severity: [info, "
			   "critical]}\n");
	assert_int_equal(world.quiet.from, 22 * 60);
	assert_int_equal(world.quiet.to, 7 * 60 + 30);
	assert_int_equal(world.quiet.weekdays, 0x41);
	assert_int_equal(world.quiet.severities, 1 << VS_ROUTE_INFO | 1 << VS_ROUTE_CRITICAL);
	assert_string_equal(world.quiet.zone, "UTC");
	finish(&world, "");
}

static void each_day_and_all_but_what_is_critical_unless_it_says_otherwise(void **state)
{
	struct world world;

	(void)state;
	read_quiet(&world, "quiet: {hours: '22:00-07:00'}\n");
	assert_int_equal(world.quiet.weekdays, 0x7f);
	assert_int_equal(world.quiet.severities, 1 << VS_ROUTE_INFO | 1 << VS_ROUTE_WARNING);
	assert_null(world.quiet.zone);
	finish(&world, "");
	read_quiet(&world, "quiet: {hours: '22:00-07:00', severity: []}\n"); /* empty is not given */
	assert_int_equal(world.quiet.severities, 1 << VS_ROUTE_INFO | 1 << VS_ROUTE_WARNING);
	finish(&world, "");
}

static void nonsense_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *problem;
	} rows[] = {
		{"{hours: '22-7'}", "t.yaml:1:16: error: 'hours' must be from when to when, such as "
				    "22:00-07:00, not '22-7'\n"},
		{"{hours: '25:00-07:00'}", "t.yaml:1:16: error: 'hours' must be from when to when, such as "
					   "22:00-07:00, not '25:00-07:00'\n"},
		{"{hours: '24:00-07:00'}", "t.yaml:1:16: error: 'hours' must be from when to when, such as "
					   "22:00-07:00, not '24:00-07:00'\n"},
		{"{hours: '07:00-07:00'}", "t.yaml:1:16: error: 'hours' begin when they end: '07:00-07:00' "
					   "is no time, or all of it; write "
					   "00:00-24:00 for whole days\n"},
		{"{hours: '00:00-24:00'}", "t.yaml:1:16: error: these hours never end: nothing would be "
					   "told; leave out a day, or raise "
					   "'severity' of 'route'\n"},
		{"{hours: '22:00-07:00', weekdays: [Monday]}",
			"t.yaml:1:41: error: 'Monday' is no day of the week: mon, tue, wed, thu, fri, sat or "
			"sun\n"},
		{"{hours: '22:00-07:00', zone: Mars/Phobos}",
			"t.yaml:1:37: error: 'zone' must be the name of a time zone such as "
			"'Europe/Bucharest' or 'UTC', not 'Mars/Phobos'\n"},
		{"{hours: '22:00-07:00', severity: [debug]}",
			"t.yaml:1:41: error: 'debug' is no severity: info, warning or critical\n"},
	};
	struct world world;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "quiet: %s\n", rows[i].text);
		read_quiet(&world, text);
		finish(&world, rows[i].problem);
	}
}

static void hours_must_be_given_and_a_zone_must_exist(void **state)
{
	struct world world;

	(void)state;
	read_quiet(&world, "quiet: {zone: UTC}\n");
	assert_true(world.problems.errors > 0);
	vs_conf_destroy(world.conf);
	vs_arena_fini(&world.arena);
	vs_problems_fini(&world.problems);
	read_quiet(&world, "quiet: {hours: '22:00-07:00', zone: Europe/Nowhere}\n");
	assert_true(world.problems.errors > 0);
	vs_conf_destroy(world.conf);
	vs_arena_fini(&world.arena);
	vs_problems_fini(&world.problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_section_there_are_no_quiet_hours),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(each_day_and_all_but_what_is_critical_unless_it_says_otherwise),
		cmocka_unit_test(nonsense_is_refused_with_its_place),
		cmocka_unit_test(hours_must_be_given_and_a_zone_must_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
