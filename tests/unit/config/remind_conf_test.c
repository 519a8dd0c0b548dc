/* `remind` and `escalate` of notifiers. */
#include "config_support.h"

#include "config/instance.h"

#define MINUTE INT64_C(60000)

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_instances_conf list;
};

static void read_kind(struct world *world, uint32_t kind, const char *text)
{
	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	vs_instances_read(vs_node_get(vs_conf_root(world->conf), "list"), kind, "list", &world->list,
		&world->arena, &world->problems);
	vs_remind_check(&world->list, &world->problems);
}

static void read_list(struct world *world, const char *text)
{
	read_kind(world, VPNS_KIND_NOTIFIER, text);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void who_says_nothing_reminds_nobody_and_tells_at_once(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, "list: [{plugin: telegram}, {plugin: email, remind: []}]\n");
	assert_int_equal(world.list.items[0].remind.gap_count, 0);
	assert_int_equal(world.list.items[0].remind.escalate_after_ms, 0);
	assert_int_equal(world.list.items[1].remind.gap_count, 0);
	finish(&world, "");
}

static void gaps_are_durations_one_or_many(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, "list: [{plugin: a, remind: [1h, 4h, 1d]}, {plugin: b, remind: '30m, 90m'},"
			  " {plugin: c, remind: 15m}]\n");
	assert_int_equal(world.list.items[0].remind.gap_count, 3);
	assert_int_equal(world.list.items[0].remind.gaps_ms[0], 60 * MINUTE);
	assert_int_equal(world.list.items[0].remind.gaps_ms[2], 24 * 60 * MINUTE);
	assert_int_equal(world.list.items[1].remind.gap_count, 2);
	assert_int_equal(world.list.items[1].remind.gaps_ms[1], 90 * MINUTE);
	assert_int_equal(world.list.items[2].remind.gaps_ms[0], 15 * MINUTE);
	finish(&world, "");
}

static void gaps_that_shrink_or_are_none_are_refused(void **state)
{
	static const struct {
		const char *gaps;
		const char *problem;
	} rows[] = {
		{"[4h, 1h]", "'remind' takes gaps that grow: '1h' is shorter than the one before it"},
		{"[soon]", "'remind' takes durations from 1s to 31d, such as [1h, 4h, 1d], not 'soon'"},
		{"[40d]", "'remind' takes durations from 1s to 31d, such as [1h, 4h, 1d], not '40d'"},
		{"[0s]", "'remind' takes durations from 1s to 31d, such as [1h, 4h, 1d], not '0s'"},
	};
	struct world world;
	char expected[256];
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "list: [{plugin: a, remind: %s}]\n", rows[i].gaps);
		snprintf(expected, sizeof(expected), "t.yaml:1:28: error: %s\n", rows[i].problem);
		read_list(&world, text);
		finish(&world, expected);
	}
}

static void a_step_says_after_how_long(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, "list: [{plugin: a}, {plugin: b, escalate: {after: 15m}}]\n");
	assert_int_equal(world.list.items[1].remind.escalate_after_ms, 15 * MINUTE);
	finish(&world, "");
	read_list(&world, "list: [{plugin: a}, {plugin: b, escalate: {}}]\n");
	assert_int_equal(world.problems.errors, 1);
	finish(&world,
		"t.yaml:1:43: error: 'after' is required in escalate: tells an incident only when nobody "
		"acknowledged it for so "
		"long\n");
}

static void a_step_that_nobody_precedes_is_warned_about(void **state)
{
	static const char *const alone[] = {
		"list: [{plugin: b, escalate: {after: 15m}}]\n",
		"list: [{plugin: b, escalate: {after: 15m}}, {plugin: a, enabled: no}]\n",
		"list: [{plugin: b, escalate: {after: 15m}}, {plugin: c, escalate: {after: 30m}}]\n",
		"list: [{plugin: b, escalate: {after: 15m}}, {plugin: a, route: {severity: critical}}]\n",
	};
	struct world world;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		read_list(&world, alone[i]);
		finish(&world,
			"t.yaml:1:8: warning: 'escalate' of 'b': no other notifier tells the same incidents "
			"earlier, so nobody can acknowledge them before; remove it, or add a notifier "
			"without "
			"it\n");
	}
}

static void only_notifiers_tell_again(void **state)
{
	struct world world;

	(void)state;
	read_kind(&world, VPNS_KIND_PROBE, "list: [{plugin: a, remind: 1h}]\n");
	finish(&world, "t.yaml:1:28: error: 'remind' is for notifiers only; remove it\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_says_nothing_reminds_nobody_and_tells_at_once),
		cmocka_unit_test(gaps_are_durations_one_or_many),
		cmocka_unit_test(gaps_that_shrink_or_are_none_are_refused),
		cmocka_unit_test(a_step_says_after_how_long),
		cmocka_unit_test(a_step_that_nobody_precedes_is_warned_about),
		cmocka_unit_test(only_notifiers_tell_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
