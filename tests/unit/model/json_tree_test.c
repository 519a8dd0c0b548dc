#include "model_test.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "model/json_tree.h"

/* The tree as text: what was understood, without the place it came from. */
static void print(const struct vs_json_node *node, struct vs_buf *out)
{
	switch ((enum vs_json_type)node->type) {
	case VS_JSON_NULL:
		vs_buf_add_text(out, "null");
		break;
	case VS_JSON_BOOL:
		vs_buf_add_text(out, node->number.yes ? "yes" : "no");
		break;
	case VS_JSON_INT:
		vs_buf_printf(out, "%lld", (long long)node->number.integer);
		break;
	case VS_JSON_REAL:
		vs_buf_printf(out, "%.17gr", node->number.real);
		break;
	case VS_JSON_TEXT:
		assert_int_equal(node->text[node->len], '\0');
		assert_int_equal(strlen(node->text), node->len);
		vs_buf_printf(out, "<%s>", node->text);
		break;
	case VS_JSON_ARRAY:
	case VS_JSON_OBJECT:
		vs_buf_add_char(out, node->type == VS_JSON_ARRAY ? '[' : '{');
		VS_JSON_EACH (child, node) {
			vs_buf_add_text(out, child == node + 1 ? "" : " ");
			if (child->key != NULL)
				vs_buf_printf(out, "%s=", child->key);
			print(child, out);
		}
		vs_buf_add_char(out, node->type == VS_JSON_ARRAY ? ']' : '}');
		break;
	}
}

static void what_json_allows_is_understood(void **state)
{
	static const struct {
		const char *text, *means;
	} cases[] = {
		{"{}", "{}"},
		{" \t\r\n{ } \n", "{}"},
		{"[]", "[]"},
		{"null", "null"},
		{"true", "yes"},
		{" false ", "no"},
		{"0", "0"},
		{"-0", "0"},
		{"-7", "-7"},
		{"12", "12"},
		{" 12", "12"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"1.5", "1.5r"},
		{"-0.0", "-0r"},
		{"1e3", "1000r"},
		{"1E+3", "1000r"},
		{"25e-2", "0.25r"},
		{"1e-400", "0r"},
		{"\"\"", "<>"},
		{"\"x\"", "<x>"},
		{"\"\x7f\"", "<\x7f>"},
		{"\"é東🔒\"", "<é東🔒>"},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "<\"\\/\b\f\n\r\t>"},
		{"\"\\u0041\\u00e9\\u6771\"", "<Aé東>"},
		{"\"\\ud83d\\udd12\"", "<🔒>"},
		{"\"\\\\ud800\"", "<\\ud800>"},
		{"\"\\\\u0000\"", "<\\u0000>"},
		{"\"a\\nb\" ", "<a\nb>"},
		{"[1,2,3]", "[1 2 3]"},
		{"[[],[[]],{}]", "[[] [[]] {}]"},
		{"[\"a\\tb\",\"c\",\"\\t\"]", "[<a\tb> <c> <\t>]"},
		{"{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":true}", "{a={b=[1 {c=null}]} d=yes}"},
		{"{\"a\\nb\":1,\"c\":\"\\n\"}", "{a\nb=1 c=<\n>}"},
		{"{\"\":1,\" \":2}", "{=1  =2}"},
		{"{\"a\":1,\"A\":2,\"aa\":3}", "{a=1 A=2 aa=3}"},
		{"{\"a\":{\"x\":1},\"b\":{\"x\":1}}", "{a={x=1} b={x=1}}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_json_tree tree;
		struct vs_err err = {0};
		struct vs_buf out;

		vs_buf_init(&out);
		if (vs_json_tree_parse(&tree, vs_view_of(cases[i].text), &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(tree.nodes[0].span, tree.count);
		print(tree.nodes, &out);
		assert_string_equal(vs_buf_text(&out), cases[i].means);
		vs_buf_fini(&out);
		vs_json_tree_fini(&tree);
		vs_json_tree_fini(&tree);
	}
}

static void refused(struct vs_view text, const char *says, const char *path)
{
	struct vs_json_tree tree;
	struct vs_err err = {0};

	if (vs_json_tree_parse(&tree, text, &err) >= 0)
		fail_msg("taken: %.*s", (int)text.len, text.ptr);
	if (strstr(err.text, says) == NULL)
		fail_msg("%.*s: \"%s\" does not say \"%s\"", (int)text.len, text.ptr, err.text, says);
	assert_string_equal(tree.path, path);
	assert_int_equal(tree.count, 0);
	assert_null(tree.text);
}

/* What is no JSON at all is told by its place. */
static void what_is_no_json_is_refused_with_line_and_column(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "line 1, column 1: parse error: premature EOF"},
		{"  \n ", "line 2, column 2: parse error: premature EOF"},
		{"{", "line 1, column 2: parse error: premature EOF"},
		{"[1,", "premature EOF"},
		{"{\"a\"", "premature EOF"},
		{"{\"a\":", "premature EOF"},
		{"{\"a\":1", "premature EOF"},
		{"\"abc", "premature EOF"},
		{"\"abc\\", "line 1, column 6"},
		{"\"abc\\u12", "line 1, column 9"},
		{"tru", "line 1, column 4"},
		{"-", "line 1, column 2"},
		{"1.", "line 1, column 3"},
		{"1e", "line 1, column 3"},
		{"}", "line 1, column"},
		{"[1,]", "line 1, column"},
		{"[,1]", "line 1, column"},
		{"[1 2]", "line 1, column"},
		{"{,}", "line 1, column"},
		{"{\"a\":1,}", "line 1, column"},
		{"{\"a\" 1}", "line 1, column"},
		{"{\"a\":}", "line 1, column"},
		{"{a:1}", "line 1, column"},
		{"{1:1}", "line 1, column"},
		{"{'a':1}", "line 1, column"},
		{"{\"a\":1 \"b\":2}", "line 1, column"},
		{"[1}", "line 1, column"},
		{"{\"a\":1]", "line 1, column"},
		{"{}{}", "trailing garbage"},
		{"{} x", "trailing garbage"},
		{"1 2", "trailing garbage"},
		{"{}\"", "line 1, column 3: trailing garbage"},
		{"\v{}", "line 1, column 1: a control character"},
		{"{}\n\f", "line 2, column 1: a control character"},
		{"[1,\v2]", "line 1, column 4: a control character"},
		{"[\"a\fb\"]", "line 1, column 4: a control character"},
		{"[1]\n \"open", "line 2, column 2: trailing garbage"},
		{"8\"2b,", "trailing garbage"},
		{"null\"", "trailing garbage"},
		{"\"a\"\"b", "trailing garbage"},
		{"\"\\n\" \"b", "trailing garbage"},
		{"{}\n\n}", "line 3, column"},
		{"NaN", "line 1, column"},
		{"[Infinity]", "line 1, column"},
		{"[-Infinity]", "line 1, column"},
		{"True", "line 1, column"},
		{"nul1", "line 1, column"},
		{"[01]", "line 1, column"},
		{"[+1]", "line 1, column"},
		{"[.5]", "line 1, column"},
		{"[0x10]", "line 1, column"},
		{"// a comment\n{}", "line 1, column"},
		{"{} /* a comment */", "line 1, column"},
		{"\"\\x\"", "line 1, column"},
		{"\"\\u12g4\"", "line 1, column"},
		{"\"a\tb\"", "line 1, column"},
		{"\"a\nb\"", "line"},
		{"{\n \"a\": 1,\n \"b\" 2}", "line 3, column"},
		{"\xef\xbb\xbf{}", "line 1, column 1: a byte order mark"},
		{"\xff\xfe{", "line 1, column 1: byte 0xff is not UTF-8"},
		{"[\"\xc0\x80\"]", "line 1, column 3: byte 0xc0 is not UTF-8"},
		{"[\"ab\xed\xa0\x80\"]", "line 1, column 5: byte 0xed is not UTF-8"},
		{"[\"\xf4\x90\x80\x80\"]", "byte 0xf4 is not UTF-8"},
		{"{\"12345678\xe9\":1}", "line 1, column 11: byte 0xe9 is not UTF-8"},
		{"\n\n\x80", "line 3, column 1: byte 0x80 is not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		refused(vs_view_of(cases[i].text), cases[i].says, "");
	refused((struct vs_view){"{\0}", 3}, "line 1, column", "");
	refused((struct vs_view){"[\"a\0b\"]", 7}, "line 1, column", "");
}

/* What is JSON, and still no value that can be kept, is told by its member. */
static void what_cannot_be_kept_is_refused_with_its_path(void **state)
{
	static const struct {
		const char *text, *says, *path;
	} cases[] = {
		{"{\"a\":1,\"a\":2}", "a: stands here twice", "a"},
		{"{\"a\":1,\"\\u0061\":2}", "a: stands here twice", "a"},
		{"{\"a\":{\"b\":1,\"c\":[{\"d\":1,\"d\":1}]}}", "a.c[0].d: stands here twice", "a.c[0].d"},
		{"[1,[2,{\"x\":{},\"x\":{}}]]", "[1][1].x: stands", "[1][1].x"},
		{"{\"\":1,\"\":2}", "stands here twice", ""},
		{"{\"a\\nb\":1,\"a\\nb\":2}", "a b: stands here twice", "a b"},
		{"9223372036854775808", "an integer of more than 64 bits", ""},
		{"{\"a\":[0,-9223372036854775809]}", "a[1]: an integer of more than 64 bits", "a[1]"},
		{"{\"a\":100000000000000000000000000}", "a: an integer", "a"},
		{"{\"a\":1e400}", "a: a number that is too large", "a"},
		{"{\"a\":[1,-1e309]}", "a[1]: a number that is too large", "a[1]"},
		{"\"\\u0000\"", "holds \\u0000", ""},
		{"{\"a\":\"x\\u0000\"}", "a: holds \\u0000", "a"},
		{"{\"a\":{\"b\\u0000c\":1}}", "a: holds \\u0000", "a"},
		{"{\"a\":\"\\ud800\"}", "a: holds the first half of a surrogate pair alone", "a"},
		{"{\"a\":\"\\ud800x\"}", "first half", "a"},
		{"{\"a\":\"\\ud800\\n\"}", "first half", "a"},
		{"{\"a\":\"\\ud800\\u0041\"}", "first half", "a"},
		{"{\"a\":\"\\ud800\\ud800\"}", "first half", "a"},
		{"{\"a\":\"\\udc00\"}", "a: holds the second half of a surrogate pair alone", "a"},
		{"{\"a\":\"\\ud83d\\udd12\\udd12\"}", "second half", "a"},
		{"[\"\\n\",\"\\t\",\"\\\\\\uDBFF\"]", "[2]: holds the first half", "[2]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		refused(vs_view_of(cases[i].text), cases[i].says, cases[i].path);
}

static void nest(struct vs_buf *out, const char *open, const char *close, int depth)
{
	vs_buf_init(out);
	for (int i = 0; i < depth; i++)
		vs_buf_add_text(out, open);
	vs_buf_add_text(out, "1");
	for (int i = 0; i < depth; i++)
		vs_buf_add_text(out, close);
}

static void sixteen_levels_are_read_and_the_next_is_refused(void **state)
{
	static const char *const opens[] = {"[", "{\"a\":"}, *const closes[] = {"]", "}"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct vs_json_tree tree;
		struct vs_buf text;

		nest(&text, opens[i], closes[i], VS_JSON_DEPTH_MAX);
		assert_int_equal(vs_json_tree_parse(&tree, vs_buf_view(&text), NULL), 0);
		assert_int_equal(tree.count, VS_JSON_DEPTH_MAX + 1);
		vs_json_tree_fini(&tree);
		vs_buf_fini(&text);
		nest(&text, opens[i], closes[i], VS_JSON_DEPTH_MAX + 1);
		assert_int_equal(vs_json_tree_parse(&tree, vs_buf_view(&text), NULL), VS_ERR_TOO_BIG);
		vs_buf_fini(&text);
	}
}

static void more_values_than_8192_are_refused(void **state)
{
	struct vs_json_tree tree;
	struct vs_buf text;

	(void)state;
	vs_buf_init(&text);
	vs_buf_add_text(&text, "[0");
	for (int i = 2; i < VS_JSON_VALUES_MAX; i++)
		vs_buf_add_text(&text, ",0");
	vs_buf_add_text(&text, "]");
	assert_int_equal(vs_json_tree_parse(&tree, vs_buf_view(&text), NULL), 0);
	assert_int_equal(tree.count, VS_JSON_VALUES_MAX);
	vs_json_tree_fini(&tree);
	text.len--;
	vs_buf_add_text(&text, ",0]");
	refused(vs_buf_view(&text), "[8191]: the JSON holds too many values", "[8191]");
	vs_buf_fini(&text);
}

/* An object of many members, the one at `twice` (unless it is the first) named like the first. */
static void write_members(struct vs_buf *out, int count, int twice)
{
	vs_buf_init(out);
	vs_buf_add_char(out, '{');
	for (int i = 0; i < count; i++)
		vs_buf_printf(out, "%s\"k%04d\":{}", i == 0 ? "" : ",", i == twice ? 0 : i);
	vs_buf_add_char(out, '}');
}

static void a_member_that_stands_twice_is_found_however_many_there_are(void **state)
{
	static const int counts[] = {2, 3, 15, 16, 17, 18, 40, 5000};

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct vs_json_tree tree;
		struct vs_buf text;

		write_members(&text, counts[i], 0);
		assert_int_equal(vs_json_tree_parse(&tree, vs_buf_view(&text), NULL), 0);
		assert_int_equal(tree.nodes[0].len, counts[i]);
		vs_json_tree_fini(&tree);
		vs_buf_fini(&text);
		for (int twice = 1; twice<counts[i]; twice += counts[i]> 40 ? 833 : 1) {
			write_members(&text, counts[i], twice);
			refused(vs_buf_view(&text), "k0000: stands here twice", "k0000");
			vs_buf_fini(&text);
		}
	}
}

/* Escapes take another way through yajl: its own buffer, which outgrows the arena here. */
static void texts_with_escapes_keep_their_places(void **state)
{
	struct vs_json_tree tree;
	struct vs_buf text, means, out;

	(void)state;
	for (int len = 0; len < 9000; len = len * 2 + 1) {
		vs_buf_init(&text);
		vs_buf_init(&means);
		vs_buf_init(&out);
		vs_buf_add_text(&text, "[\"a\",\"\\n\",\"");
		vs_buf_add_text(&means, "[<a> <\n> <");
		for (int i = 0; i < len; i++) {
			vs_buf_add_text(&text, i % 7 == 0 ? "\\u00e9" : "x");
			vs_buf_add_text(&means, i % 7 == 0 ? "é" : "x");
		}
		vs_buf_add_text(&text, "\",\"\",\"\\t\\t\",[\"z\"]]");
		vs_buf_add_text(&means, "> <> <\t\t> [<z>]]");
		assert_int_equal(vs_json_tree_parse(&tree, vs_buf_view(&text), NULL), 0);
		print(tree.nodes, &out);
		assert_string_equal(vs_buf_text(&out), vs_buf_text(&means));
		vs_json_tree_fini(&tree);
		vs_buf_fini(&text);
		vs_buf_fini(&means);
		vs_buf_fini(&out);
	}
}

static void members_are_found_by_their_whole_name(void **state)
{
	static const char text[] = "{\"a\":{\"b\":1},\"b\":2,\"ab\":3}";
	struct vs_json_tree tree;

	(void)state;
	assert_int_equal(vs_json_tree_parse(&tree, vs_view_of(text), NULL), 0);
	assert_int_equal(vs_json_tree_find(tree.nodes, "b")->number.integer, 2);
	assert_int_equal(vs_json_tree_find(tree.nodes, "ab")->number.integer, 3);
	assert_null(vs_json_tree_find(tree.nodes, "abc"));
	assert_null(vs_json_tree_find(tree.nodes, ""));
	assert_null(vs_json_tree_find(NULL, "a"));
	assert_null(vs_json_tree_find(vs_json_tree_find(tree.nodes, "b"), "a"));
	vs_json_tree_fini(&tree);
}

static void same(const struct vs_json_node *node, const json_t *json)
{
	size_t i = 0;

	switch ((enum vs_json_type)node->type) {
	case VS_JSON_NULL:
		assert_true(json_is_null(json));
		break;
	case VS_JSON_BOOL:
		assert_true(node->number.yes ? json_is_true(json) : json_is_false(json));
		break;
	case VS_JSON_INT:
		assert_true(json_is_integer(json) && json_integer_value(json) == node->number.integer);
		break;
	case VS_JSON_REAL:
		assert_true(json_is_real(json));
		assert_true(fabs(json_real_value(json) - node->number.real) <= 0);
		break;
	case VS_JSON_TEXT:
		assert_true(json_is_string(json) && json_string_length(json) == node->len);
		assert_string_equal(json_string_value(json), node->text);
		break;
	case VS_JSON_ARRAY:
		assert_int_equal(json_array_size(json), node->len);
		VS_JSON_EACH (child, node)
			same(child, json_array_get(json, i++));
		break;
	case VS_JSON_OBJECT:
		assert_int_equal(json_object_size(json), node->len);
		VS_JSON_EACH (member, node)
			same(member, json_object_get(json, member->key));
		break;
	}
}

/* Another parser, and a strict one: whatever bytes are changed, both take it alike or neither does. */
static void what_jansson_takes_is_taken_and_nothing_else(void **state)
{
	static const char *const seeds[] = {"{\"client_id\":\"a\",\"v\":2,\"seq\":7,\"tags\":[\"home\","
					    "\"\\u00e9\\ud83d\\udd12\"],\"x\":-1.5e3}",
		"[{\"a\":1,\"b\":2,\"c\":[true,false,null]},{\"a\":\"é東🔒\",\"b\":\"\\\\\\\"\"},[],{},0,-12,"
		"3.25]"};
	static const char alphabet[] =
		"\"\"\"\\\\{}[]::,,,0123456789eE+-.abu dDuf\xc3\xa9\xf0\x9f\x94\x92\t\n";
	unsigned taken = 0, left = 0;

	(void)state;
	srand(4);
	for (int round = 0; round < 40000; round++) {
		char *text = vs_strdup(seeds[round % 2]);
		size_t len = strlen(text);
		struct vs_json_tree tree;
		struct vs_err err = {0};
		json_t *json;

		for (int change = rand() % 4; change >= 0; change--) {
			char *at = text + (size_t)rand() % len;

			if (rand() % 3 == 0)
				*at = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
			else if (rand() % 2 == 0)
				*at = text[(size_t)rand() % len];
			else
				memmove(at, at + 1, len-- - (size_t)(at - text));
		}
		json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
		if (vs_json_tree_parse(&tree, (struct vs_view){text, len}, &err) == 0) {
			if (json == NULL)
				fail_msg("taken: %.*s", (int)len, text);
			same(tree.nodes, json);
			vs_json_tree_fini(&tree);
			taken++;
		} else if (json != NULL) {
			fail_msg("refused: %.*s: %s", (int)len, text, err.text);
		} else {
			assert_true(strlen(err.text) > 0);
			left++;
		}
		json_decref(json);
		vs_free(text);
	}
	assert_true(taken > 1000 && left > 1000);
}

/* Memory of exactly the text's size, so that the sanitizer sees a read beyond it. */
static void a_text_cut_at_any_byte_is_refused(void **state)
{
	static const char text[] = "{\"a\\n\":[1.5e3,\"\\ud83d\\udd12é\",true],\"b\":{\"c\":null,\"d\":-12}}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *exact = vs_alloc(len == 0 ? 1 : len);

		memcpy(exact, text, len);
		refused((struct vs_view){exact, len}, "not valid JSON", "");
		vs_free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_json_allows_is_understood),
		cmocka_unit_test(what_is_no_json_is_refused_with_line_and_column),
		cmocka_unit_test(what_cannot_be_kept_is_refused_with_its_path),
		cmocka_unit_test(sixteen_levels_are_read_and_the_next_is_refused),
		cmocka_unit_test(more_values_than_8192_are_refused),
		cmocka_unit_test(a_member_that_stands_twice_is_found_however_many_there_are),
		cmocka_unit_test(texts_with_escapes_keep_their_places),
		cmocka_unit_test(members_are_found_by_their_whole_name),
		cmocka_unit_test(what_jansson_takes_is_taken_and_nothing_else),
		cmocka_unit_test(a_text_cut_at_any_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
