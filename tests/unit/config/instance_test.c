#include "config_support.h"

#include "config/instance.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_instances_conf list;
};

static void read_list(struct world *world, uint32_t kind, const char *text)
{
	size_t errors;
	bool good;

	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	errors = world->problems.errors;
	good = vs_instances_read(vs_node_get(vs_conf_root(world->conf), "list"), kind, "list", &world->list,
		&world->arena, &world->problems);
	assert_int_equal(good, world->problems.errors == errors);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void an_instance_is_called_after_its_plugin_unless_it_says_otherwise(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_PROBE,
		"list:\n  - plugin: ipinfo\n  - {plugin: ipinfo, name: second-one}\n");
	assert_int_equal(world.list.count, 2);
	assert_string_equal(world.list.items[0].plugin, "ipinfo");
	assert_string_equal(world.list.items[0].name, "ipinfo");
	assert_int_equal(world.list.items[0].kind, VPNS_KIND_PROBE);
	assert_int_equal(world.list.items[0].enabled, VS_ENABLED_YES);
	assert_int_equal(world.list.items[0].interval_ms, 0);
	assert_int_equal(world.list.items[0].timeout_ms, 0);
	assert_null(world.list.items[0].options);
	assert_int_equal(world.list.items[0].mark.line, 2);
	assert_int_equal(world.list.items[0].mark.column, 5);
	assert_string_equal(world.list.items[1].name, "second-one");
	finish(&world, "");
}

static void an_instance_may_depend_on_whether_a_variable_is_set(void **state)
{
	static const char *const entries[] = {"SET=x", NULL};
	static const struct vs_env env = {entries};
	static const struct {
		const char *keys;
		enum vs_enabled enabled;
		const char *off;
	} rows[] = {
		{"when: \"${SET:-}\"", VS_ENABLED_YES, NULL},
		{"when: \"${NOT:-}\"", VS_ENABLED_NO, "when is empty"},
		{"unless: \"${SET:-}\"", VS_ENABLED_NO, "unless is set"},
		{"unless: \"${NOT:-}\"", VS_ENABLED_YES, NULL},
		{"when: \"${SET:-}\", enabled: auto", VS_ENABLED_AUTO, NULL},
		{"when: \"${SET:-}\", enabled: no", VS_ENABLED_NO, "enabled is no"},
		{"when: \"${SET:-}\", unless: \"${SET:-}\"", VS_ENABLED_NO, "unless is set"},
	};
	struct world world;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];

		memset(&world, 0, sizeof(world));
		snprintf(text, sizeof(text), "list: [{plugin: ipinfo, %s}]\n", rows[i].keys);
		world.conf = parse(text, &env, &world.problems);
		assert_true(vs_instances_read(vs_node_get(vs_conf_root(world.conf), "list"), VPNS_KIND_PROBE,
			"list", &world.list, &world.arena, &world.problems));
		assert_int_equal(world.list.items[0].enabled, rows[i].enabled);
		if (rows[i].off != NULL)
			assert_string_equal(world.list.items[0].off, rows[i].off);
		finish(&world, "");
	}
}

static void every_key_arrives(void **state)
{
	const struct vs_instance_conf *one;
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_NOTIFIER,
		"list:\n"
		"  - plugin: telegram\n"
		"    enabled: auto\n"
		"    timeout: 15\n"
		"    route: {severity: warning, kind: [bypass, dns_leak], client: 'office-*', tag: a, }\n"
		"    group: {by: kind, wait: 3s}\n"
		"    locale: {language: pt, timezone: UTC}\n"
		"    run: {sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, "
		"isolate: none}\n"
		"    options: {token: x}\n");
	one = &world.list.items[0];
	assert_int_equal(world.list.count, 1);
	assert_int_equal(one->enabled, VS_ENABLED_AUTO);
	assert_int_equal(one->timeout_ms, 15000);
	assert_int_equal(one->route.severity, VS_ROUTE_WARNING);
	assert_int_equal(one->group.by, VS_GROUP_BY_KIND);
	assert_int_equal(one->group.wait_ms, 3000);
	assert_int_equal(one->group.interval_ms, 60000);
	assert_string_equal(one->language, "pt");
	assert_int_equal(one->route.kind.count, 2);
	assert_string_equal(one->route.kind.items[1], "dns_leak");
	assert_string_equal(one->route.client.items[0], "office-*");
	assert_string_equal(one->route.tag.items[0], "a");
	assert_string_equal(one->timezone, "UTC");
	assert_int_equal(strlen(one->sha256), 64);
	assert_string_equal(vs_node_text(vs_node_get(one->options, "token")), "x");
	finish(&world, "");
}

static void many_of_one_kind_are_told_as_one_unless_it_says_otherwise(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_NOTIFIER, "list: [{plugin: a}, {plugin: b, group: {by: none}}]\n");
	assert_int_equal(world.list.items[0].group.by, VS_GROUP_BY_KIND);
	assert_int_equal(world.list.items[0].group.wait_ms, 2000);
	assert_int_equal(world.list.items[0].group.interval_ms, 60000);
	assert_int_equal(world.list.items[1].group.by, VS_GROUP_BY_NONE);
	finish(&world, "");
}

static void a_group_that_the_file_has_is_told_from_one_that_it_lacks(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_NOTIFIER,
		"list: [{plugin: a}, {plugin: b, group: {by: kind}}, {plugin: c, group: {wait: 3s}}, "
		"{plugin: d, group: ''}]\n");
	assert_false(world.list.items[0].group_given);
	assert_true(world.list.items[1].group_given);
	assert_true(world.list.items[2].group_given);
	assert_int_equal(world.list.items[2].group.by, VS_GROUP_BY_KIND);
	assert_false(world.list.items[3].group_given);
	finish(&world, "");
}

static void checks_are_required_unless_they_say_sufficient(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_AUTH, "list: [{plugin: cidr}, {plugin: bearer, control: sufficient}]\n");
	assert_int_equal(world.list.items[0].control, VS_CONTROL_REQUIRED);
	assert_int_equal(world.list.items[1].control, VS_CONTROL_SUFFICIENT);
	finish(&world, "");
}

static void enabled_has_every_form_of_yes_and_no(void **state)
{
	static const struct {
		const char *text;
		enum vs_enabled enabled;
	} rows[] = {{"yes", VS_ENABLED_YES}, {"true", VS_ENABLED_YES}, {"no", VS_ENABLED_NO},
		{"false", VS_ENABLED_NO}, {"auto", VS_ENABLED_AUTO}, {"AUTO", VS_ENABLED_AUTO},
		{"''", VS_ENABLED_YES}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		char text[80];

		snprintf(text, sizeof(text), "list: [{plugin: a, enabled: %s}]\n", rows[i].text);
		read_list(&world, VPNS_KIND_PROBE, text);
		assert_int_equal(world.list.items[0].enabled, rows[i].enabled);
		finish(&world, "");
	}
}

static void what_this_release_cannot_do_is_refused_and_not_ignored(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_NOTIFIER,
		"list:\n"
		"  - plugin: a\n"
		"    run:\n"
		"      isolate: process\n"
		"      grant: [net]\n"
		"      user: nobody\n"
		"    locale:\n"
		"      language: rumantsch\n");
	finish(&world, "t.yaml:4:16: error: 'isolate: process' is not available in this release; remove it\n"
		       "t.yaml:5:14: error: 'grant' needs isolation, which is not available in this release; "
		       "remove it\n"
		       "t.yaml:6:13: error: 'user' needs isolation, which is not available in this release; "
		       "remove it\n"
		       "t.yaml:8:17: error: 'language' must be one of en|de|es|fr|pt|ro, not 'rumantsch'\n");
}

static void keys_of_another_kind_are_refused(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_STORE,
		"list:\n"
		"  - plugin: a\n"
		"    control: required\n"
		"    interval: 5m\n"
		"    route: {severity: info}\n"
		"    locale: {timezone: UTC}\n");
	finish(&world, "t.yaml:3:14: error: 'control' is for access checks only; remove it\n"
		       "t.yaml:4:15: error: 'interval' is for probes only; remove it\n"
		       "t.yaml:5:12: error: 'route' is for notifiers only; remove it\n"
		       "t.yaml:6:13: error: 'locale' is for notifiers only; remove it\n");
}

static void every_mistake_has_its_place(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_PROBE,
		"list:\n"
		"  - name: nameless\n"
		"  - plugin: Bad-Name\n"
		"  - {plugin: b, name: 'a b'}\n"
		"  - {plugin: c, enabled: perhaps}\n"
		"  - {plugin: d, interval: 10ms, timeout: 1h}\n"
		"  - {plugin: e, run: {sha256: ABC}}\n"
		"  - {plugin: f, option: {url: x}}\n"
		"  - {plugin: g, options: [url]}\n"
		"  - just words\n"
		"  - {plugin: h, run: {isolte: none}}\n"
		"  -\n");
	assert_int_equal(world.list.count, 8);
	finish(&world,
		"t.yaml:2:5: error: 'plugin' is required in an instance: the plugin's name; 'vpn-sentinel "
		"plugin "
		"list' shows them\n"
		"t.yaml:3:13: error: 'Bad-Name' is no plugin's name: a small letter, then at most 31 of a-z, "
		"0-9 "
		"and '_'\n"
		"t.yaml:4:23: error: 'name' must be 1 to 64 of A-Z, a-z, 0-9, '_', '.' and '-', not 'a b'\n"
		"t.yaml:5:26: error: 'enabled' must be yes, no or auto, not 'perhaps'\n"
		"t.yaml:6:27: error: 'interval' must be a duration from 1s to 1d, not '10ms'\n"
		"t.yaml:6:42: error: 'timeout' must be a duration from 100ms to 10m, not '1h'\n"
		"t.yaml:7:31: error: 'sha256' must be 64 digits of 0-9 and a-f, as sha256sum prints them\n"
		"t.yaml:8:17: error: unknown key 'option' in an instance; did you mean 'options'?\n"
		"t.yaml:9:26: error: 'options' must be a map ('key: value'), not a list\n"
		"t.yaml:10:5: error: an item of 'list' must be a map ('plugin: NAME'), not a text\n"
		"t.yaml:11:23: error: unknown key 'isolte' in run; did you mean 'isolate'?\n");
}

static void two_instances_of_one_name_are_refused(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_PROBE,
		"list:\n  - {plugin: a}\n  - {plugin: b, name: a}\n  - {plugin: b}\n");
	finish(&world,
		"t.yaml:3:5: error: a second probe is called 'a', like the one at line 2; give it another "
		"'name'\n");
}

static void a_list_that_is_none_is_refused_and_no_list_is_empty(void **state)
{
	struct world world;

	(void)state;
	read_list(&world, VPNS_KIND_PROBE, "list: {plugin: a}\n");
	assert_int_equal(world.list.count, 0);
	finish(&world, "t.yaml:1:7: error: 'list' must be a list, not a map ('key: value')\n");
	read_list(&world, VPNS_KIND_PROBE, "other: 1\n");
	assert_int_equal(world.list.count, 0);
	finish(&world, "");
}

static void a_single_instance_is_read_alike(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("store: {plugin: memory}\nbad: 5\n", &no_env, &problems);
	struct vs_instance_conf store;
	struct vs_arena arena = {0};
	const struct vs_node *root = vs_conf_root(conf);

	(void)state;
	assert_true(vs_instance_read(
		vs_node_get(root, "store"), VPNS_KIND_STORE, "store", &store, &arena, &problems));
	assert_string_equal(store.name, "memory");
	assert_true(vs_instance_read(NULL, VPNS_KIND_STORE, "store", &store, &arena, &problems));
	assert_null(store.plugin);
	assert_false(vs_instance_read(
		vs_node_get(root, "bad"), VPNS_KIND_STORE, "bad", &store, &arena, &problems));
	vs_arena_fini(&arena);
	vs_conf_destroy(conf);
	expect_problems(&problems, "t.yaml:2:6: error: 'bad' must be a map ('key: value'), not a text\n");
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(vs_kind_text(VPNS_KIND_PROBE), "probe");
	assert_string_equal(vs_kind_text(VPNS_KIND_STORE), "store");
	assert_string_equal(vs_kind_text(99), "plugin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_is_called_after_its_plugin_unless_it_says_otherwise),
		cmocka_unit_test(an_instance_may_depend_on_whether_a_variable_is_set),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(many_of_one_kind_are_told_as_one_unless_it_says_otherwise),
		cmocka_unit_test(a_group_that_the_file_has_is_told_from_one_that_it_lacks),
		cmocka_unit_test(checks_are_required_unless_they_say_sufficient),
		cmocka_unit_test(enabled_has_every_form_of_yes_and_no),
		cmocka_unit_test(what_this_release_cannot_do_is_refused_and_not_ignored),
		cmocka_unit_test(keys_of_another_kind_are_refused),
		cmocka_unit_test(every_mistake_has_its_place),
		cmocka_unit_test(two_instances_of_one_name_are_refused),
		cmocka_unit_test(a_list_that_is_none_is_refused_and_no_list_is_empty),
		cmocka_unit_test(a_single_instance_is_read_alike),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
