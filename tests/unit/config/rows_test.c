#include "config_support.h"

#include "base/log.h"
#include "config/rows.h"

struct config {
	const char *url;
	const char *token;
	int64_t count;
	double share;
	uint8_t flag;
	int64_t wait_ms;
	int64_t bytes;
	struct vpns_list names;
	uint32_t format;
	const char *file;
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), 0, "https://a.example/json", 0, 0, 0, NULL, "where to ask"},
	{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET, NULL, 0, 0, 0,
		NULL, "who asks"},
	{"count", VPNS_INT(struct config, count), 0, "3", 1, 9, 0, NULL, "how many"},
	{"share", VPNS_REAL(struct config, share), 0, "0.5", 0, 0, 0, NULL, "which part"},
	{"flag", VPNS_BOOL(struct config, flag), 0, "yes", 0, 0, 0, NULL, "whether"},
	{"wait", VPNS_DURATION(struct config, wait_ms), 0, "90s", 0, 0, 60000, NULL, "how long"},
	{"bytes", VPNS_SIZE(struct config, bytes), 0, "64KiB", 0, 0, 0, NULL, "how large"},
	{"names", VPNS_LIST(struct config, names), 0, NULL, 0, 0, 0, NULL, "who"},
	{"format", VPNS_CHOICE(struct config, format), 0, "json", 0, 0, 0, "human|json", "in which form"},
	{"file", VPNS_PATH(struct config, file), 0, NULL, 0, 0, 0, NULL, "from where"},
};

static const char *const others[] = {"extra", NULL};
static const struct vs_rows rows = VS_ROWS(options, "probe sample", others);

/* Everything that a filled struct stands on. */
struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct config config;
	bool good;
};

static void fill(struct world *world, const struct vs_rows *table, const char *text)
{
	memset(world, 0, sizeof(*world));
	memset(&world->config, 0xee, sizeof(world->config));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	world->good = vs_rows_fill(table, vs_conf_root(world->conf), vs_node_mark(vs_conf_root(world->conf)),
		"/etc/v", &world->config, sizeof(world->config), &world->arena, &world->problems);
}

static void finish(struct world *world, const char *problems)
{
	assert_int_equal(world->good, world->problems.errors == 0);
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	vs_log_forget_secrets();
	expect_problems(&world->problems, problems);
}

static void what_is_not_given_has_its_default(void **state)
{
	struct world world;

	(void)state;
	fill(&world, &rows, "token: t0k3n\n");
	assert_string_equal(world.config.url, "https://a.example/json");
	assert_string_equal(world.config.token, "t0k3n");
	assert_int_equal(world.config.count, 3);
	assert_true(world.config.share > 0.49 && world.config.share < 0.51);
	assert_int_equal(world.config.flag, 1);
	assert_int_equal(world.config.wait_ms, 90000);
	assert_int_equal(world.config.bytes, 65536);
	assert_int_equal(world.config.names.count, 0);
	assert_int_equal(world.config.format, 1);
	assert_null(world.config.file);
	finish(&world, "");
}

static void what_is_given_is_written(void **state)
{
	struct world world;

	(void)state;
	fill(&world, &rows,
		"url: http://b\ntoken: x\ncount: 9\nshare: 0.25\nflag: no\nwait: 2\nbytes: 1KiB\n"
		"names: [a, 'b, c', '', d]\nformat: human\nfile: x/y\n");
	assert_string_equal(world.config.url, "http://b");
	assert_int_equal(world.config.count, 9);
	assert_true(world.config.share > 0.24 && world.config.share < 0.26);
	assert_int_equal(world.config.flag, 0);
	assert_int_equal(world.config.wait_ms, 120000);
	assert_int_equal(world.config.bytes, 1024);
	assert_int_equal(world.config.names.count, 3);
	assert_string_equal(world.config.names.items[0], "a");
	assert_string_equal(world.config.names.items[1], "b, c");
	assert_string_equal(world.config.names.items[2], "d");
	assert_int_equal(world.config.format, 0);
	assert_string_equal(world.config.file, "/etc/v/x/y");
	finish(&world, "");
}

static void a_list_may_be_one_text(void **state)
{
	struct world world;

	(void)state;
	fill(&world, &rows, "token: x\nnames: a, b\n");
	assert_int_equal(world.config.names.count, 2);
	assert_string_equal(world.config.names.items[1], "b");
	finish(&world, "");
}

static void all_mistakes_are_told_at_once_each_at_its_place(void **state)
{
	struct world world;

	(void)state;
	fill(&world, &rows,
		"url: nowhere\n"
		"tokn: x\n"
		"count: 10\n"
		"share: {a: b}\n"
		"flag: [yes]\n"
		"names: [a, {b: c}, [d]]\n"
		"names2: |\n  x\n"
		"format: jsn\n"
		"zzzzzzzzzzz: 1\n"
		"extra: {not: mine}\n");
	assert_int_equal(world.config.wait_ms, 90000);
	finish(&world,
		"t.yaml:1:1: error: 'token' is required in probe sample: who asks\n"
		"t.yaml:1:6: error: 'url' must be a URL that begins with http:// or https:// and a host\n"
		"t.yaml:2:1: error: unknown key 'tokn' in probe sample; did you mean 'token'?\n"
		"t.yaml:3:8: error: 'count' must be a whole number from 1 to 9, not '10'\n"
		"t.yaml:4:8: error: 'share' must be a text, not a map ('key: value')\n"
		"t.yaml:5:7: error: 'flag' must be a text, not a list\n"
		"t.yaml:6:12: error: an item of 'names' must be a text of one line\n"
		"t.yaml:6:20: error: an item of 'names' must be a text of one line\n"
		"t.yaml:7:1: error: unknown key 'names2' in probe sample; did you mean 'names'?\n"
		"t.yaml:9:9: error: 'format' must be one of human|json (did you mean 'json'?), not 'jsn'\n"
		"t.yaml:10:1: error: unknown key 'zzzzzzzzzzz' in probe sample, which knows: url, token, "
		"count, "
		"share, flag, wait, bytes, names, format, file, extra\n");
}

static void a_required_option_that_is_empty_is_missing(void **state)
{
	static const char *const texts[] = {"token: ''\n", "token:\n", "token: ${X:-}\n", "{}\n"};
	struct world world;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fill(&world, &rows, texts[i]);
		finish(&world, "t.yaml:1:1: error: 'token' is required in probe sample: who asks\n");
	}
}

static void a_failed_substitution_is_not_told_twice(void **state)
{
	struct world world;

	(void)state;
	fill(&world, &rows, "token: ${NONE}\ncount: ${NONE}\n");
	world.good = false; /* the tree's problems are not the rows' */
	finish(&world,
		"t.yaml:1:8: error: the variable NONE is not set: set it, or NONE_FILE to the name of a file "
		"that holds the value\n"
		"t.yaml:2:8: error: the variable NONE is not set: set it, or NONE_FILE to the name of a file "
		"that holds the value\n");
}

static void a_secret_is_masked_in_the_log_from_then_on(void **state)
{
	char line[] = "the token is sup3rs3cret";
	struct world world;

	(void)state;
	fill(&world, &rows, "token: sup3rs3cret\n");
	vs_log_mask(line);
	assert_string_equal(line, "the token is ***");
	finish(&world, "");
}

static void a_map_that_is_no_map_is_told(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: [1]\n", &no_env, &problems);
	struct vs_arena arena = {0};
	struct config config;

	(void)state;
	assert_false(vs_rows_fill(&rows, vs_node_get(vs_conf_root(conf), "a"), (struct vs_mark){0}, NULL,
		&config, sizeof(config), &arena, &problems));
	vs_arena_fini(&arena);
	vs_conf_destroy(conf);
	expect_problems(
		&problems, "t.yaml:1:4: error: 'probe sample' must be a map ('key: value'), not a list\n");
}

static void no_map_at_all_blames_the_place_given(void **state)
{
	struct vs_problems problems = {0};
	struct vs_arena arena = {0};
	struct config config;

	(void)state;
	assert_false(vs_rows_fill(&rows, NULL, (struct vs_mark){"f.yaml", 7, 3}, NULL, &config,
		sizeof(config), &arena, &problems));
	vs_arena_fini(&arena);
	expect_problems(&problems, "f.yaml:7:3: error: 'token' is required in probe sample: who asks\n");
}

static void pairs_cross_a_border_and_fill_the_same_struct(void **state)
{
	struct vs_pair items[] = {
		{"names", "a, b\nc\n", {0}},
		{"count", "4", {0}},
		{"token", "x", {0}},
	};
	const struct vs_pairs pairs = {.items = items, .count = 3, .folder = "/f"};
	struct vs_problems problems = {0};
	struct vs_arena arena = {0};
	struct config config;

	(void)state;
	assert_true(vs_rows_fill_pairs(&rows, &pairs, &config, sizeof(config), &arena, &problems));
	assert_int_equal(config.names.count, 2);
	assert_string_equal(config.names.items[0], "a, b");
	assert_int_equal(config.count, 4);
	items[1].name = "cout";
	assert_false(vs_rows_fill_pairs(&rows, &pairs, &config, sizeof(config), &arena, &problems));
	vs_arena_fini(&arena);
	expect_problems(&problems, "error: unknown key 'cout' in probe sample; did you mean 'count'?\n");
}

/* A plugin of an earlier or later minor has rows of another size. */
static void rows_of_another_stride_are_read(void **state)
{
	struct {
		struct vpns_option option;
		int64_t newer;
	} later[2] = {
		{{"count", VPNS_INT(struct config, count), 0, "5", 0, 0, 0, NULL, "how many"}, -1},
		{{"flag", VPNS_BOOL(struct config, flag), 0, "yes", 0, 0, 0, NULL, "whether"}, -1},
	};
	const uint32_t short_size = offsetof(struct vpns_option, unit_ms);
	char earlier[2 * offsetof(struct vpns_option, unit_ms)];
	struct vs_rows table = {&later[0].option, 2, sizeof(later[0]), "probe later", NULL};
	struct world world;

	(void)state;
	fill(&world, &table, "flag: no\n");
	assert_int_equal(world.config.count, 5);
	assert_int_equal(world.config.flag, 0);
	finish(&world, "");
	memcpy(earlier, &later[0].option, short_size);
	memcpy(earlier + short_size, &later[1].option, short_size);
	table.options = (const void *)earlier;
	table.stride = short_size;
	assert_null(vs_rows_get(&table, 1).help);
	fill(&world, &table, "count: 6\n");
	assert_int_equal(world.config.count, 6);
	assert_int_equal(world.config.flag, 1);
	finish(&world, "");
}

static void a_bad_default_and_a_bad_field_are_the_authors_fault(void **state)
{
	const struct vpns_option bad[] = {
		{"count", VPNS_INT(struct config, count), 0, "many", 0, 0, 0, NULL, "how many"},
		{"far", VPNS_OPTION_INT, sizeof(struct config), 0, "1", 0, 0, 0, NULL, "outside"},
		{"wide", VPNS_OPTION_INT, sizeof(struct config) - 4, 0, "1", 0, 0, 0, NULL, "half outside"},
		{"odd", 77, 0, 0, NULL, 0, 0, 0, NULL, "of no type"},
	};
	const struct vs_rows table = VS_ROWS(bad, "probe bad", NULL);
	struct world world;

	(void)state;
	fill(&world, &table, "{}\n");
	finish(&world, "t.yaml:1:1: error: the default of an option of probe bad is wrong, a fault of its "
		       "author: 'count' "
		       "must be a whole number, not 'many'\n"
		       "t.yaml:1:1: error: the option 'far' of probe bad is declared wrongly, a fault of its "
		       "author: its "
		       "field lies outside the struct\n"
		       "t.yaml:1:1: error: the option 'wide' of probe bad is declared wrongly, a fault of "
		       "its author: its "
		       "field lies outside the struct\n"
		       "t.yaml:1:1: error: the option 'odd' of probe bad is declared wrongly, a fault of its "
		       "author: its "
		       "type is unknown\n");
}

static void a_plugin_without_options_takes_none(void **state)
{
	const struct vs_rows table = {NULL, 0, 0, "probe bare", NULL};
	struct world world;

	(void)state;
	fill(&world, &table, "a: 1\n");
	finish(&world, "t.yaml:1:1: error: unknown key 'a' in probe bare, which takes none\n");
}

static void missing_required_options_are_counted_for_auto(void **state)
{
	static const struct vpns_option two[] = {
		{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "t"},
		{"names", VPNS_LIST(struct config, names), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "n"},
		{"count", VPNS_INT(struct config, count), VPNS_OPTION_REQUIRED, "1", 0, 0, 0, NULL, "c"},
	};
	static const struct {
		const char *text;
		size_t count;
		const char *names;
	} cases[] = {
		{"{}", 2, "token, names"},
		{"{token: x}", 1, "names"},
		{"{token: x, names: []}", 1, "names"},
		{"{token: x, names: ['']}", 1, "names"},
		{"{token: x, names: ' , '}", 1, "names"},
		{"{token: '', names: a}", 1, "token"},
		{"{token: x, names: [a]}", 0, ""},
	};
	const struct vs_rows table = VS_ROWS(two, "notifier two", NULL);
	size_t i;

	(void)state;
	assert_int_equal(vs_rows_required(&table), 2);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = parse(cases[i].text, &no_env, &problems);
		struct vs_buf names;

		vs_buf_init(&names);
		assert_int_equal(
			vs_rows_missing_required(&table, vs_conf_root(conf), &names), cases[i].count);
		assert_string_equal(vs_buf_text(&names), cases[i].names);
		vs_buf_fini(&names);
		vs_conf_destroy(conf);
		expect_problems(&problems, "");
	}
}

static void help_is_an_aligned_table_without_secrets(void **state)
{
	static const struct vpns_option some[] = {
		{"url", VPNS_URL(struct config, url), 0, "https://a/json", 0, 0, 0, NULL, "where to ask"},
		{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_SECRET, "hunter2", 0, 0, 0, NULL,
			"who asks"},
		{"format", VPNS_CHOICE(struct config, format), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0,
			"human|json", "in which form"},
		{"names", VPNS_LIST(struct config, names), 0, NULL, 0, 0, 0, NULL, NULL},
	};
	const struct vs_rows table = VS_ROWS(some, "probe some", NULL);
	struct vs_buf text;

	(void)state;
	vs_buf_init(&text);
	vs_rows_help(&table, &text);
	assert_string_equal(vs_buf_text(&text), "url     URL         https://a/json  where to ask\n"
						"token   text        (hidden)        who asks\n"
						"format  human|json  (required)      in which form\n"
						"names   list        -               \n");
	vs_buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_default),
		cmocka_unit_test(what_is_given_is_written),
		cmocka_unit_test(a_list_may_be_one_text),
		cmocka_unit_test(all_mistakes_are_told_at_once_each_at_its_place),
		cmocka_unit_test(a_required_option_that_is_empty_is_missing),
		cmocka_unit_test(a_failed_substitution_is_not_told_twice),
		cmocka_unit_test(a_secret_is_masked_in_the_log_from_then_on),
		cmocka_unit_test(a_map_that_is_no_map_is_told),
		cmocka_unit_test(no_map_at_all_blames_the_place_given),
		cmocka_unit_test(pairs_cross_a_border_and_fill_the_same_struct),
		cmocka_unit_test(rows_of_another_stride_are_read),
		cmocka_unit_test(a_bad_default_and_a_bad_field_are_the_authors_fault),
		cmocka_unit_test(a_plugin_without_options_takes_none),
		cmocka_unit_test(missing_required_options_are_counted_for_auto),
		cmocka_unit_test(help_is_an_aligned_table_without_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
