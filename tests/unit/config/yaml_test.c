/* Files that are not, or not quite, what a configuration should be. */
#include "config_support.h"

static void every_mistake_is_told_at_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *problems;
	} rows[] = {
		{"a: 1\na: 2\n", "t.yaml:2:1: error: the key 'a' stands here again; it is already at line 1, "
				 "column 1\n"},
		{"m: {b: 1, c: 2, b: 3, b: 4}\n", "t.yaml:1:17: error: the key 'b' stands here again; it is "
						  "already at line 1, column 5\n"
						  "t.yaml:1:23: error: the key 'b' stands here again; it is "
						  "already at line 1, column 5\n"},
		{"a: *nope\n", "t.yaml:1:5: error: the alias '*nope' refers to no anchor before it\n"},
		{"a: &x [*x]\n", "t.yaml:1:9: error: the alias '*x' refers to what it stands inside\n"},
		{"a: &x {b: {c: *x}}\n",
			"t.yaml:1:16: error: the alias '*x' refers to what it stands inside\n"},
		{"b: &b {c: 1}\nd:\n  <<: *b\n",
			"t.yaml:3:3: error: merge keys ('<<') are not supported; write the keys out\n"},
		{"? [a]\n: b\n", "t.yaml:1:3: error: a key must be a plain text\n"},
		{"{a: 1}: b\n", "t.yaml:1:1: error: a key must be a plain text\n"},
		{"'': b\n", "t.yaml:1:1: error: a key must be a plain text\n"},
		{"\"a\\0b\": c\n", "t.yaml:1:1: error: a key must be a plain text\n"},
		{"a: \"b\\0c\"\n", "t.yaml:1:4: error: a value may not hold a NUL character\n"},
		{"a: !!int 5\n", "t.yaml:1:10: error: tags such as '!!str' are not supported; remove it\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = parse(rows[i].text, &no_env, &problems);

		assert_non_null(conf);
		vs_conf_destroy(conf);
		expect_problems(&problems, rows[i].problems);
	}
}

static void what_is_not_yaml_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *problem;
	} rows[] = {
		{"a: [1, 2\nb: 3\n",
			"t.yaml:3:1: error: this is not YAML: flow sequence without a closing bracket\n"},
		{"a:\n\t- b\n", "t.yaml:2:1: error: this is not YAML: tab character may not be used as "
				"indentation\n"},
		{"a: b: c\n", "t.yaml:1:5: error: this is not YAML: invalid nested block mapping on the same "
			      "line\n"},
		{"a: \"b\n",
			"t.yaml:1:5: error: this is not YAML: double-quoted scalar without closing quote\n"},
		{"a: @b\n", "t.yaml:1:4: error: this is not YAML: plain scalar cannot start with '@'\n"},
		{"just words\n", "t.yaml:1:1: error: the file must be a map ('key: value'), not a text\n"},
		{"- a\n- b\n", "t.yaml:1:1: error: the file must be a map ('key: value'), not a list\n"},
		{"a: 1\n---\nb: 2\n",
			"t.yaml:2:1: error: a second document ('---') begins here; a file holds one\n"},
		{"a: x\001y\n",
			"t.yaml:1:5: error: the byte 0x01 is no text: the file must be UTF-8 without control "
			"characters\n"},
		{"\xc3\xa4: \xff\n",
			"t.yaml:1:4: error: the byte 0xff is no text: the file must be UTF-8 without "
			"control characters\n"},
		{"a: 1\nb: \xe2\x82",
			"t.yaml:2:4: error: the byte 0xe2 is no text: the file must be UTF-8 without "
			"control characters\n"},
		{"\x7f"
		 "ELF\x02\x01",
			"t.yaml:1:1: error: the byte 0x7f is no text: the file must be UTF-8 without "
			"control characters\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_problems problems = {0};

		assert_null(parse(rows[i].text, &no_env, &problems));
		expect_problems(&problems, rows[i].problem);
	}
}

static void odd_but_good_files_are_read(void **state)
{
	static const char *const texts[] = {
		("\xef\xbb\xbf"
		 "a: 1\nb: 2\n"),
		"a: 1\r\nb: 2\r\n",
		"---\na: 1\nb: 2\n...\n",
		"%YAML 1.2\n---\na: 1\nb: 2\n",
		"{\"a\": \"1\", \"b\": \"2\"}\n",
		"a: &x 1\nb: 2\n",
		"a:\t1\nb: \t2\t\n",
		"a: 1\nb: 2",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = parse(texts[i], &no_env, &problems);

		assert_non_null(conf);
		assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "a")), "1");
		assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "b")), "2");
		vs_conf_destroy(conf);
		expect_problems(&problems, "");
	}
}

static void nothing_is_an_empty_map(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n", "~\n", "{}\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_problems problems = {0};
		struct vs_conf *conf = parse(texts[i], &no_env, &problems);

		assert_non_null(conf);
		assert_int_equal(vs_node_kind(vs_conf_root(conf)), VS_NODE_MAP);
		assert_int_equal(vs_node_count(vs_conf_root(conf)), 0);
		vs_conf_destroy(conf);
		expect_problems(&problems, "");
	}
}

static void a_later_anchor_of_the_same_name_wins(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", &no_env, &problems);
	const struct vs_node *root = vs_conf_root(conf);

	(void)state;
	assert_string_equal(vs_node_text(vs_node_get(root, "b")), "1");
	assert_string_equal(vs_node_text(vs_node_get(root, "d")), "2");
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
}

/* "a: [[[...]]]" with depth brackets. */
static struct vs_conf *parse_nested(size_t depth, struct vs_problems *problems)
{
	struct vs_conf *conf;
	struct vs_buf text;
	size_t i;

	vs_buf_init(&text);
	vs_buf_add_text(&text, "a: ");
	for (i = 0; i < depth; i++)
		vs_buf_add_char(&text, '[');
	for (i = 0; i < depth; i++)
		vs_buf_add_char(&text, ']');
	conf = vs_conf_parse(vs_buf_view(&text), "t.yaml", &no_env, problems);
	vs_buf_fini(&text);
	return conf;
}

static void nesting_is_bounded(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf = parse_nested(VS_CONF_DEPTH_MAX - 1, &problems);

	(void)state;
	assert_non_null(conf);
	vs_conf_destroy(conf);
	assert_null(parse_nested(VS_CONF_DEPTH_MAX, &problems));
	expect_problems(&problems, "t.yaml:1:67: error: nested more than 64 deep\n");
	assert_null(parse_nested(100000, &problems));
	expect_problems(&problems, "t.yaml:1:67: error: nested more than 64 deep\n");
}

static void a_billion_laughs_are_refused(void **state)
{
	struct vs_problems problems = {0};
	struct vs_buf text;
	int i;
	int k;

	(void)state;
	vs_buf_init(&text);
	vs_buf_add_text(&text, "l0: &l0 [lol]\n");
	for (i = 1; i < 12; i++) {
		vs_buf_printf(&text, "l%d: &l%d [*l%d", i, i, i - 1);
		for (k = 1; k < 10; k++)
			vs_buf_printf(&text, ", *l%d", i - 1);
		vs_buf_add_text(&text, "]\n");
	}
	assert_null(vs_conf_parse(vs_buf_view(&text), "t.yaml", &no_env, &problems));
	expect_problems(&problems, "t.yaml:6:9: error: more than 100000 values in here, aliases expanded\n");
	vs_buf_fini(&text);
}

static void a_large_value_and_many_keys_are_read(void **state)
{
	struct vs_problems problems = {0};
	struct vs_conf *conf;
	struct vs_buf text;
	char *value = malloc(500001);
	int i;

	(void)state;
	memset(value, 'v', 500000);
	value[500000] = '\0';
	vs_buf_init(&text);
	vs_buf_printf(&text, "big: %s\n", value);
	for (i = 0; i < 30000; i++)
		vs_buf_printf(&text, "k%d: x\n", i);
	conf = vs_conf_parse(vs_buf_view(&text), "t.yaml", &no_env, &problems);
	assert_non_null(conf);
	assert_string_equal(vs_node_text(vs_node_get(vs_conf_root(conf), "big")), value);
	assert_int_equal(vs_node_count(vs_conf_root(conf)), 30001);
	vs_conf_destroy(conf);
	expect_problems(&problems, "");
	vs_buf_fini(&text);
	free(value);
}

static const char busy[] = "a: &x {b: [1, 'two', \"th\\x72ee\"], c: ${V:-d}}\n"
			   "e: *x\n"
			   "f: |\n  text\n  more\n"
			   "g: >-\n  folded\n"
			   "? h\n: !!str i\n";

static void a_file_cut_at_any_byte_gives_a_tree_or_a_problem(void **state)
{
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(busy); len++) {
		struct vs_problems problems = {0};
		char *head = malloc(len ? len : 1);
		struct vs_conf *conf;

		memcpy(head, busy, len);
		conf = vs_conf_parse((struct vs_view){head, len}, "t.yaml", &no_env, &problems);
		assert_true(conf || problems.errors > 0);
		vs_conf_destroy(conf);
		vs_problems_fini(&problems);
		free(head);
	}
}

static void a_file_with_any_byte_changed_gives_a_tree_or_a_problem(void **state)
{
	static const char others[] = "\0\t\n :-[]{}&*!|>'\"%@`#,?$\x80\xff";
	size_t at;
	size_t k;

	(void)state;
	for (at = 0; at + 1 < sizeof(busy); at++) {
		for (k = 0; k < sizeof(others); k++) {
			struct vs_problems problems = {0};
			char text[sizeof(busy)];
			struct vs_conf *conf;

			memcpy(text, busy, sizeof(busy));
			text[at] = others[k];
			conf = vs_conf_parse(
				(struct vs_view){text, sizeof(busy) - 1}, "t.yaml", &no_env, &problems);
			assert_true(conf || problems.errors > 0);
			vs_conf_destroy(conf);
			vs_problems_fini(&problems);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_told_at_its_place),
		cmocka_unit_test(what_is_not_yaml_is_refused_with_its_place),
		cmocka_unit_test(odd_but_good_files_are_read),
		cmocka_unit_test(nothing_is_an_empty_map),
		cmocka_unit_test(a_later_anchor_of_the_same_name_wins),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(a_billion_laughs_are_refused),
		cmocka_unit_test(a_large_value_and_many_keys_are_read),
		cmocka_unit_test(a_file_cut_at_any_byte_gives_a_tree_or_a_problem),
		cmocka_unit_test(a_file_with_any_byte_changed_gives_a_tree_or_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
