#include "config_support.h"

static void every_node_knows_its_place(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("# comment\n"
				     "a: 1\n"
				     "b:\n"
				     "  - \"x y\"\n"
				     "  - {c: 'z', d: [p, q]}\n",
		&no_env, &problems);
	const struct vs_node *b;
	const struct vs_node *map;
	struct vs_mark mark;

	(void)state;
	assert_non_null(conf);
	b = vs_node_get(vs_conf_root(conf), "b");
	map = vs_node_item(b, 1);
	mark = vs_node_mark(vs_node_get(vs_conf_root(conf), "a"));
	assert_string_equal(mark.file, "t.yaml");
	assert_int_equal(mark.line, 2);
	assert_int_equal(mark.column, 4);
	mark = vs_node_mark(vs_node_item(b, 0));
	assert_int_equal(mark.line, 4);
	assert_int_equal(mark.column, 5);
	assert_string_equal(vs_node_key(map, 1, &mark), "d");
	assert_int_equal(mark.line, 5);
	assert_int_equal(mark.column, 14);
	mark = vs_node_mark(vs_node_get(map, "c"));
	assert_int_equal(mark.column, 9);
	mark = vs_node_mark(vs_node_item(vs_node_get(map, "d"), 1));
	assert_int_equal(mark.column, 21);
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

static void children_are_found_by_key_and_by_number(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("m: {x: 1, y: [a, b], z: }\n", &no_env, &problems);
	const struct vs_node *map = vs_node_get(vs_conf_root(conf), "m");

	(void)state;
	assert_int_equal(vs_node_kind(map), VS_NODE_MAP);
	assert_int_equal(vs_node_count(map), 3);
	assert_string_equal(vs_node_text(vs_node_get(map, "x")), "1");
	assert_int_equal(vs_node_count(vs_node_get(map, "y")), 2);
	assert_null(vs_node_text(vs_node_get(map, "y")));
	assert_null(vs_node_get(map, "z"));
	assert_null(vs_node_get(map, "nothing"));
	assert_null(vs_node_get(NULL, "x"));
	assert_null(vs_node_get(vs_node_get(map, "x"), "x"));
	assert_null(vs_node_item(map, 3));
	assert_null(vs_node_key(map, 3, NULL));
	assert_int_equal(vs_node_count(NULL), 0);
	assert_false(vs_node_is_set(NULL));
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

static void an_empty_value_is_unset_however_it_is_written(void **state)
{
	static const char *const texts[] = {"a:", "a: ''", "a: \"\"", "a: ~", "a: null", "a: NULL",
		"a: ${X:-}", "a: \"${X:-${Y:-}}\"", "a: |\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = parse(texts[i], &no_env, &problems);

		assert_non_null(conf);
		assert_int_equal(vs_node_count(vs_conf_root(conf)), 1);
		assert_false(vs_node_is_set(vs_node_item(vs_conf_root(conf), 0)));
		assert_null(vs_node_get(vs_conf_root(conf), "a"));
		vs_conf_destroy(conf);
		expect_problems(&problems, "");
	}
}

static void a_quoted_null_is_a_text(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: 'null'\nb: \"~\"\n", &no_env, &problems);

	(void)state;
	assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "a")), "null");
	assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "b")), "~");
	vs_conf_destroy(conf);
	vs_problems_fini(&problems);
}

static void values_are_substituted_everywhere_but_keys_are_not(void **state)
{
	const char *const entries[] = {"V=a: [b, c] # \"d\"", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("plain: ${V}\n"
				     "quoted: \"x${V}y\"\n"
				     "single: '$$V'\n"
				     "list: [\"${V}\", z]\n"
				     "${V}: kept\n",
		&env, &problems);
	const struct vs_node *root = vs_conf_root(conf);

	(void)state;
	assert_string_equal(vs_node_text(vs_node_get(root, "plain")), "a: [b, c] # \"d\"");
	assert_string_equal(vs_node_text(vs_node_get(root, "quoted")), "xa: [b, c] # \"d\"y");
	assert_string_equal(vs_node_text(vs_node_get(root, "single")), "$V");
	assert_string_equal(vs_node_text(vs_node_item(vs_node_get(root, "list"), 0)), "a: [b, c] # \"d\"");
	assert_string_equal(vs_node_text(vs_node_get(root, "${V}")), "kept");
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

static void an_aliased_value_is_substituted_once(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: &x ['$$$$']\nb: *x\nc: *x\n", &no_env, &problems);

	(void)state;
	assert_string_equal(vs_node_text(vs_node_item(vs_node_get(vs_conf_root(conf), "c"), 0)), "$$");
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

static void a_substitution_that_fails_is_told_at_its_value(void **state)
{
	const char *const entries[] = {
		"BOTH=x", "BOTH_FILE=/x", "NOWHERE_FILE=/nonexistent", "BYTES=\xff", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: ${NONE}\n"
				     "b: [x, \"${BOTH}\"]\n"
				     "c: '${NOWHERE}'\n"
				     "d: ${BYTES}\n"
				     "e: ${OPEN\n"
				     "f: ${file:missing.txt}\n",
		&env, &problems);

	(void)state;
	assert_non_null(conf);
	assert_null(vs_node_get(vs_conf_root(conf), "a"));
	assert_true(vs_node_is_broken(vs_node_item(vs_conf_root(conf), 0)));
	vs_conf_destroy(conf);
	expect_problems(&problems,
		"t.yaml:1:4: error: the variable NONE is not set: set it, or NONE_FILE to the name of a file "
		"that "
		"holds the value\n"
		"t.yaml:2:8: error: both BOTH and BOTH_FILE are set; unset one of them\n"
		"t.yaml:3:4: error: NOWHERE_FILE: cannot open /nonexistent: No such file or directory\n"
		"t.yaml:4:4: error: the value is not UTF-8 after substitution\n"
		"t.yaml:5:4: error: '${OPEN' without its '}'\n"
		"t.yaml:6:4: error: cannot open ./missing.txt: No such file or directory\n");
}

static void a_file_is_read_from_the_folder_of_the_configuration(void **state)
{
	char secret[64];
	char path[64];
	char text[160];
	struct vs_problems problems = {0};
	struct vs_conf *conf;

	(void)state;
	write_file(secret, "from a file\n");
	snprintf(text, sizeof(text), "a: '${file:%s}'\nb: '${file:%s}'\n", secret, strrchr(secret, '/') + 1);
	write_file(path, text);
	conf = vs_conf_read(path, &no_env, &problems);
	assert_non_null(conf);
	assert_string_equal(vs_conf_folder(conf), "/tmp");
	assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "a")), "from a file");
	assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "b")), "from a file");
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
	unlink(secret);
	unlink(path);
}

static void a_file_with_a_nul_does_not_become_a_shorter_value(void **state)
{
	char secret[64];
	char text[160];
	struct vs_problems problems = {0};
	struct vs_conf *conf;
	FILE *file;

	(void)state;
	write_file(secret, "");
	file = fopen(secret, "w");
	assert_int_equal(fwrite("a\0b", 1, 3, file), 3);
	assert_int_equal(fclose(file), 0);
	snprintf(text, sizeof(text), "a: '${file:%s}'\n", secret);
	conf = parse(text, &no_env, &problems);
	assert_null(vs_node_get(vs_conf_root(conf), "a"));
	vs_conf_destroy(conf);
	expect_problems(&problems, "t.yaml:1:4: error: the value holds a NUL character after substitution\n");
	unlink(secret);
}

static void all_values_together_are_bounded(void **state)
{
	char *value = malloc(60001);
	char *entry = malloc(60010);
	const char *const entries[] = {entry, NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_buf text;
	struct vs_conf *conf;
	int i;

	(void)state;
	memset(value, 'x', 60000);
	value[60000] = '\0';
	sprintf(entry, "V=%s", value);
	vs_buf_init(&text);
	for (i = 0; i < 100; i++)
		vs_buf_printf(&text, "- ${V}\n");
	conf = vs_conf_parse(vs_buf_view(&text), "t.yaml", &env, &problems);
	assert_null(conf); /* a list is no map */
	vs_problems_fini(&problems);
	vs_buf_clear(&text);
	for (i = 0; i < 100; i++)
		vs_buf_printf(&text, "k%d: ${V}\n", i);
	conf = vs_conf_parse(vs_buf_view(&text), "t.yaml", &env, &problems);
	assert_non_null(conf);
	assert_int_equal(problems.errors, 100 - VS_CONF_EXPANDED_MAX / 60000);
	assert_string_equal(problems.items[0].text, "the value is too large after substitution");
	vs_conf_destroy(conf);
	vs_problems_fini(&problems);
	vs_buf_fini(&text);
	free(entry);
	free(value);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	struct vs_problems problems = {0};

	(void)state;
	assert_null(vs_conf_read("/nonexistent/x.yaml", &no_env, &problems));
	expect_problems(&problems,
		"/nonexistent/x.yaml: error: cannot open /nonexistent/x.yaml: No such file or directory\n");
}

static void a_file_beyond_the_limit_is_refused(void **state)
{
	char *text = malloc(VS_CONF_FILE_MAX + 2);
	char path[64];
	struct vs_problems problems = {0};

	(void)state;
	memset(text, '#', VS_CONF_FILE_MAX + 1);
	text[VS_CONF_FILE_MAX + 1] = '\0';
	write_file(path, text);
	assert_null(vs_conf_read(path, &no_env, &problems));
	assert_int_equal(problems.errors, 1);
	assert_non_null(strstr(problems.items[0].text, "larger than"));
	vs_problems_fini(&problems);
	unlink(path);
	free(text);
}

static void the_folder_is_that_of_the_file(void **state)
{
	static const char *const rows[][2] = {{"a.yaml", "."}, {"/a.yaml", "/"}, {"x/a.yaml", "x"},
		{"/etc/v/a.yaml", "/etc/v"}, {"./a", "."}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = vs_conf_parse(vs_view_of(""), rows[i][0], &no_env, &problems);

		assert_string_equal(vs_conf_folder(conf), rows[i][1]);
		vs_conf_destroy(conf);
	}
}

static void a_node_of_the_wrong_kind_is_named(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: [1]\nb: x\nc: {}\nd: \n", &no_env, &problems);
	const struct vs_node *root = vs_conf_root(conf);

	(void)state;
	assert_false(vs_node_expect(vs_node_get(root, "a"), VS_NODE_MAP, "a", &problems));
	assert_false(vs_node_expect(vs_node_get(root, "b"), VS_NODE_SEQUENCE, "b", &problems));
	assert_false(vs_node_expect(vs_node_get(root, "c"), VS_NODE_SCALAR, "c", &problems));
	assert_true(vs_node_expect(vs_node_get(root, "c"), VS_NODE_MAP, "c", &problems));
	assert_true(vs_node_expect(vs_node_item(root, 3), VS_NODE_MAP, "d", &problems));
	assert_true(vs_node_expect(NULL, VS_NODE_MAP, "e", &problems));
	vs_conf_destroy(conf);
	expect_problems(&problems, "t.yaml:1:4: error: 'a' must be a map ('key: value'), not a list\n"
				   "t.yaml:2:4: error: 'b' must be a list, not a text\n"
				   "t.yaml:3:4: error: 'c' must be a text, not a map ('key: value')\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_node_knows_its_place),
		cmocka_unit_test(children_are_found_by_key_and_by_number),
		cmocka_unit_test(an_empty_value_is_unset_however_it_is_written),
		cmocka_unit_test(a_quoted_null_is_a_text),
		cmocka_unit_test(values_are_substituted_everywhere_but_keys_are_not),
		cmocka_unit_test(an_aliased_value_is_substituted_once),
		cmocka_unit_test(a_substitution_that_fails_is_told_at_its_value),
		cmocka_unit_test(a_file_is_read_from_the_folder_of_the_configuration),
		cmocka_unit_test(a_file_with_a_nul_does_not_become_a_shorter_value),
		cmocka_unit_test(all_values_together_are_bounded),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(a_file_beyond_the_limit_is_refused),
		cmocka_unit_test(the_folder_is_that_of_the_file),
		cmocka_unit_test(a_node_of_the_wrong_kind_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
