#include "config_support.h"

#include "config/instance.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_instances_conf list;
};

/* templates: lines below the key of that name. */
static void read_templates(struct world *world, const char *templates)
{
	char text[VS_TEMPLATE_MAX * 2];

	memset(world, 0, sizeof(*world));
	snprintf(text, sizeof(text), "list:\n  - plugin: a\n    locale:\n      templates:\n%s", templates);
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	vs_instances_read(vs_node_get(vs_conf_root(world->conf), "list"), VPNS_KIND_NOTIFIER, "list",
		&world->list, &world->arena, &world->problems);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void each_sort_of_message_can_have_a_template_of_its_own(void **state)
{
	struct vs_templates_conf *templates;
	struct world world;

	(void)state;
	read_templates(&world, "        title: \"{severity}: {headline}\"\n"
			       "        opened: |\n"
			       "          {client} since {since}\n"
			       "          {{literal} {hint}\n"
			       "        resolved: \"\"\n");
	templates = &world.list.items[0].templates;
	assert_string_equal(templates->text[VS_TEMPLATE_TITLE], "{severity}: {headline}");
	assert_string_equal(
		templates->text[VS_TEMPLATE_OPENED], "{client} since {since}\n{{literal} {hint}\n");
	assert_null(templates->text[VS_TEMPLATE_RESOLVED]);
	assert_null(templates->text[VS_TEMPLATE_NOTICE]);
	finish(&world, "");
}

static void every_mistake_is_told_with_its_place_and_what_was_meant(void **state)
{
	struct world world;

	(void)state;
	read_templates(&world, "        title: \"{clinet}\"\n"
			       "        opened: |\n"
			       "          {client}\n"
			       "          {7*7}\n"
			       "        resolved: \"{client\"\n"
			       "        notice: \"{client {since}\"\n"
			       "        opend: x\n"
			       "        reminded: \"{CLIENT}{}\"\n"
			       "        message: \"a\\u202Eb\"\n"
			       "        acknowledged: [a]\n");
	finish(&world,
		"t.yaml:5:16: error: 'title' of templates: unknown place '{clinet}' in line 1 of it; did you "
		"mean "
		"'{client}'?\n"
		"t.yaml:7:1: error: 'opened' of templates: unknown place '{7*7}' in line 2 of it; the "
		"README of "
		"core/server lists them\n"
		"t.yaml:9:19: error: 'resolved' of templates: '{' without '}' in line 1 of it; write '{{' "
		"for a "
		"brace\n"
		"t.yaml:10:17: error: 'notice' of templates: unknown place '{client {since}' in line 1 of "
		"it; the "
		"README of core/server lists them\n"
		"t.yaml:11:9: error: unknown key 'opend' in templates; did you mean 'opened'?\n"
		"t.yaml:12:19: error: 'reminded' of templates: unknown place '{CLIENT}' in line 1 of it; did "
		"you "
		"mean '{client}'?\n"
		"t.yaml:13:18: error: 'message' of templates: a character that controls the text around it "
		"in "
		"line 1 of it; remove it\n"
		"t.yaml:14:23: error: 'acknowledged' must be a text, not a list\n");
}

static void a_title_is_one_line(void **state)
{
	struct world world;

	(void)state;
	read_templates(&world, "        title: |\n          {client}\n");
	finish(&world, "");
	read_templates(&world, "        title: |\n          {client}\n          {since}\n");
	finish(&world, "t.yaml:6:1: error: 'title' of templates: a title is one line\n");
}

static void templates_are_a_map_and_for_notifiers(void **state)
{
	struct world world;

	(void)state;
	memset(&world, 0, sizeof(world));
	world.conf = parse("list: [{plugin: a, locale: {templates: /x}}]\n", &no_env, &world.problems);
	vs_instances_read(vs_node_get(vs_conf_root(world.conf), "list"), VPNS_KIND_NOTIFIER, "list",
		&world.list, &world.arena, &world.problems);
	finish(&world, "t.yaml:1:40: error: 'templates' must be a map ('key: value'), not a text\n");
}

static void what_is_too_long_is_refused_and_the_longest_is_not(void **state)
{
	static char text[VS_TEMPLATE_MAX + 2];
	struct vs_err err = {0};

	(void)state;
	memset(text, 'x', VS_TEMPLATE_MAX);
	assert_int_equal(vs_template_check(vs_view_of(text), &err), 0);
	text[VS_TEMPLATE_MAX] = 'x';
	assert_int_equal(vs_template_check(vs_view_of(text), &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "4097 bytes are too many; at most 4096");
}

static void every_place_that_is_listed_can_be_used(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < VS_TEMPLATE_PLACE_COUNT; i++) {
		snprintf(
			text, sizeof(text), "a {{ {%s} }", vs_template_place_name((enum vs_template_place)i));
		assert_int_equal(vs_template_check(vs_view_of(text), NULL), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sort_of_message_can_have_a_template_of_its_own),
		cmocka_unit_test(every_mistake_is_told_with_its_place_and_what_was_meant),
		cmocka_unit_test(a_title_is_one_line),
		cmocka_unit_test(templates_are_a_map_and_for_notifiers),
		cmocka_unit_test(what_is_too_long_is_refused_and_the_longest_is_not),
		cmocka_unit_test(every_place_that_is_listed_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
