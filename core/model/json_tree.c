#include "model/json_tree.h"

#include <stdio.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/json_arena.h"
#include "model/json_escape.h"
#include "model/json_keys.h"
#include "model/json_path.h"

struct open_value {
	uint32_t index; /* of the array or object */
	struct vs_json_keys keys;
};

struct parse {
	struct vs_json_tree *tree;
	struct vs_view input;
	struct vs_err *err;
	yajl_handle yajl;
	const char *key; /* of the member whose value comes next; NULL in arrays */
	uint32_t key_len;
	uint32_t depth;
	size_t behind; /* where the last text or number ended: the next text begins after it */
	size_t end; /* of the outermost value, once it is complete */
	int refused; /* why we stopped yajl, err is filled; 0: we did not */
	struct open_value open[VS_JSON_DEPTH_MAX];
	struct vs_json_arena arena; /* of yajl */
};

/* --- errors ---------------------------------------------------------------------------- */

/* The path of the value that comes next, or of the one that is being read. */
static void write_path(struct parse *parse)
{
	struct vs_json_tree *tree = parse->tree;
	struct vs_buf path;
	size_t len;

	vs_buf_init(&path);
	for (uint32_t i = 0; i < parse->depth; i++) {
		const struct vs_json_node *outer = &tree->nodes[parse->open[i].index];
		bool last = i + 1 == parse->depth;
		const struct vs_json_node *inner = last ? NULL : &tree->nodes[parse->open[i + 1].index];

		if (outer->type == VS_JSON_ARRAY)
			vs_json_path_add_index(&path, outer->len - (last ? 0 : 1));
		else if (!last)
			vs_json_path_add(&path, (struct vs_view){inner->key, inner->key_len});
		else if (parse->key != NULL)
			vs_json_path_add(&path, (struct vs_view){parse->key, parse->key_len});
	}
	len = vs_utf8_cut(vs_buf_view(&path), VS_JSON_PATH - 1);
	memcpy(tree->path, vs_buf_text(&path), len);
	tree->path[len] = '\0';
	vs_buf_fini(&path);
}

/* A value that JSON allows and a keepalive does not. Always 0: yajl stops. */
static int refuse(struct parse *parse, int code, const char *sentence)
{
	write_path(parse);
	vs_err_set(parse->err, code, "%s%s%s", parse->tree->path, *parse->tree->path == '\0' ? "" : ": ",
		sentence);
	parse->refused = code;
	return 0;
}

static int refuse_place(const struct parse *parse, size_t at, const char *sentence)
{
	size_t line, column, len = strcspn(sentence, "\n");

	vs_json_place(parse->input, at, &line, &column);
	return vs_err_set(parse->err, VS_ERR_INVALID, "not valid JSON: line %zu, column %zu: %.*s", line,
		column, (int)len, sentence);
}

/* --- values ---------------------------------------------------------------------------- */

static void grow(struct vs_json_tree *tree)
{
	uint32_t capacity = tree->capacity * 4;
	struct vs_json_node *nodes = tree->nodes == tree->few ? NULL : tree->nodes;

	nodes = vs_realloc(nodes, capacity * sizeof(*nodes));
	if (tree->nodes == tree->few)
		memcpy(nodes, tree->few, sizeof(tree->few));
	tree->nodes = nodes;
	tree->capacity = capacity;
}

/* The next value, which the caller fills; NULL when there are too many. */
static struct vs_json_node *add(struct parse *parse, enum vs_json_type type)
{
	struct vs_json_tree *tree = parse->tree;
	struct vs_json_node *node;

	if (tree->count == VS_JSON_VALUES_MAX) {
		refuse(parse, VS_ERR_TOO_BIG, "the JSON holds too many values");
		return NULL;
	}
	if (tree->count == tree->capacity)
		grow(tree);
	node = &tree->nodes[tree->count++];
	node->key = parse->key;
	node->key_len = parse->key_len;
	node->text = NULL;
	node->len = 0;
	node->span = 1;
	node->type = (uint8_t)type;
	if (parse->depth > 0)
		tree->nodes[parse->open[parse->depth - 1].index].len++;
	else
		parse->end = yajl_get_bytes_consumed(parse->yajl);
	parse->key = NULL;
	return node;
}

static int on_null(void *ctx)
{
	return add(ctx, VS_JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int yes)
{
	struct vs_json_node *node = add(ctx, VS_JSON_BOOL);

	if (node != NULL)
		node->number.yes = yes != 0;
	return node != NULL;
}

/* Where text lies in the tree's copy; false for a number that ends the input: yajl has moved that. */
static bool is_inside(const struct parse *parse, const char *text)
{
	return text >= parse->tree->text && text < parse->tree->text + parse->input.len;
}

static int on_number(void *ctx, const char *text, size_t len)
{
	struct parse *parse = ctx;
	struct vs_view number = {text, len};
	bool is_int = memchr(text, '.', len) == NULL && memchr(text, 'e', len) == NULL &&
		      memchr(text, 'E', len) == NULL;
	struct vs_json_node *node;
	int64_t integer = 0;
	double real = 0;

	if (!is_inside(parse, text)) {
		memcpy(parse->tree->text, text, len);
		number.ptr = parse->tree->text;
	}
	if (is_int && vs_int_parse(&integer, number) < 0)
		return refuse(parse, VS_ERR_INVALID, "an integer of more than 64 bits");
	if (!is_int && vs_real_parse(&real, number) < 0)
		return refuse(parse, VS_ERR_INVALID, "a number that is too large or too long");
	node = add(parse, is_int ? VS_JSON_INT : VS_JSON_REAL);
	if (node == NULL)
		return 0;
	node->text = number.ptr;
	node->len = (uint32_t)len;
	if (is_int)
		node->number.integer = integer;
	else
		node->number.real = real;
	parse->behind = (size_t)(number.ptr - parse->tree->text) + len;
	return 1;
}

/*
 * Puts a NUL behind a text and returns where it lies: where it stood, or, when it had escapes,
 * at the end of that place, for it cannot have become longer. The bytes up to its closing quote
 * have been read. NULL: it was refused.
 */
static const char *keep(struct parse *parse, const unsigned char *bytes, size_t len)
{
	char *copy = parse->tree->text, *quote, *text;
	struct vs_view raw;
	const char *problem;

	if (is_inside(parse, (const char *)bytes)) {
		text = copy + ((const char *)bytes - copy);
		text[len] = '\0';
		parse->behind = (size_t)(text - copy) + len + 1;
		return text;
	}
	quote = copy + yajl_get_bytes_consumed(parse->yajl) - 1;
	raw.ptr = (const char *)memchr(copy + parse->behind, '"', parse->input.len - parse->behind) + 1;
	raw.len = (size_t)(quote - raw.ptr);
	VS_REQUIRE(len <= raw.len);
	problem = vs_json_escape_problem(raw);
	if (problem != NULL) {
		refuse(parse, VS_ERR_INVALID, problem);
		return NULL;
	}
	text = quote - len;
	memcpy(text, bytes, len);
	*quote = '\0';
	parse->behind = (size_t)(quote - copy) + 1;
	return text;
}

static int on_text(void *ctx, const unsigned char *bytes, size_t len)
{
	const char *text = keep(ctx, bytes, len);
	struct vs_json_node *node = text == NULL ? NULL : add(ctx, VS_JSON_TEXT);

	if (node == NULL)
		return 0;
	node->text = text;
	node->len = (uint32_t)len;
	return 1;
}

static int on_key(void *ctx, const unsigned char *bytes, size_t len)
{
	struct parse *parse = ctx;
	struct vs_json_node *nodes = parse->tree->nodes;
	struct open_value *open = &parse->open[parse->depth - 1];
	const char *key = keep(parse, bytes, len);

	if (key == NULL)
		return 0;
	parse->key = key;
	parse->key_len = (uint32_t)len;
	if (vs_json_keys_note(&open->keys, &nodes[open->index], nodes + parse->tree->count, key,
		    parse->key_len) != NULL)
		return refuse(parse, VS_ERR_INVALID, "stands here twice");
	return 1;
}

static int open_value(struct parse *parse, enum vs_json_type type)
{
	if (parse->depth == VS_JSON_DEPTH_MAX)
		return refuse(parse, VS_ERR_TOO_BIG, "the JSON is nested too deeply");
	if (add(parse, type) == NULL)
		return 0;
	parse->open[parse->depth++] = (struct open_value){parse->tree->count - 1, {0}};
	return 1;
}

static int on_object(void *ctx)
{
	return open_value(ctx, VS_JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return open_value(ctx, VS_JSON_ARRAY);
}

static int on_array_end(void *ctx)
{
	struct parse *parse = ctx;
	struct vs_json_tree *tree = parse->tree;
	uint32_t index = parse->open[--parse->depth].index;

	tree->nodes[index].span = tree->count - index;
	parse->end = yajl_get_bytes_consumed(parse->yajl);
	return 1;
}

static int on_object_end(void *ctx)
{
	struct parse *parse = ctx;
	struct vs_json_tree *tree = parse->tree;
	uint32_t index = parse->open[parse->depth - 1].index;
	const struct vs_json_node *twice;

	tree->nodes[index].span = tree->count - index;
	twice = vs_json_keys_check(&tree->nodes[index]);
	if (twice != NULL) {
		parse->key = twice->key;
		parse->key_len = twice->key_len;
		return refuse(parse, VS_ERR_INVALID, "stands here twice");
	}
	parse->depth--;
	parse->end = yajl_get_bytes_consumed(parse->yajl);
	return 1;
}

/* --- the whole ------------------------------------------------------------------------- */

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_text,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* yajl takes a vertical tab and a form feed for blanks. */
static int check_blanks(const struct parse *parse)
{
	struct vs_view input = parse->input;
	const char *at = input.len == 0 ? NULL : memchr(input.ptr, '\v', input.len);

	if (at == NULL && input.len > 0)
		at = memchr(input.ptr, '\f', input.len);
	return at == NULL ? 0
			  : refuse_place(parse, (size_t)(at - input.ptr),
				    "a control character, where blanks and line breaks alone may be");
}

/* The encoding is checked here, as a whole: yajl takes overlong forms and surrogates for UTF-8. */
static int check_encoding(const struct parse *parse)
{
	struct vs_view input = parse->input;
	size_t good = vs_utf8_prefix(input);
	char sentence[32];

	if (good < input.len) {
		snprintf(sentence, sizeof(sentence), "byte 0x%02x is not UTF-8",
			(unsigned)(unsigned char)input.ptr[good]);
		return refuse_place(parse, good, sentence);
	}
	if (vs_view_starts_with(input, "\xef\xbb\xbf"))
		return refuse_place(parse, 0, "a byte order mark, where the JSON should begin");
	return check_blanks(parse);
}

static int explain(struct parse *parse, size_t at)
{
	unsigned char *sentence;
	int rc;

	if (parse->refused < 0)
		return parse->refused;
	sentence = yajl_get_error(parse->yajl, 0, NULL, 0);
	rc = refuse_place(parse, at, (const char *)sentence);
	yajl_free_error(parse->yajl, sentence);
	return rc;
}

/* To yajl a text without an end, after all the rest, is no fault. */
static int check_end(struct parse *parse)
{
	const char *text = parse->tree->text;
	size_t at = parse->end;

	if (parse->depth > 0 || parse->tree->count == 0)
		return 0; /* it is not complete */
	while (at < parse->input.len && memchr(" \t\r\n", text[at], 4) != NULL)
		at++;
	return at == parse->input.len ? 0 : refuse_place(parse, at, "trailing garbage");
}

static int read_all(struct parse *parse)
{
	yajl_alloc_funcs memory = {
		vs_json_arena_alloc, vs_json_arena_realloc, vs_json_arena_free, &parse->arena};
	const unsigned char *text = (const unsigned char *)parse->tree->text;
	int rc = 0;

	parse->yajl = yajl_alloc(&callbacks, &memory, parse);
	yajl_config(parse->yajl, yajl_dont_validate_strings, 1); /* check_encoding did */
	if (yajl_parse(parse->yajl, text, parse->input.len) != yajl_status_ok)
		rc = explain(parse, yajl_get_bytes_consumed(parse->yajl));
	else if ((rc = check_end(parse)) == 0 && yajl_complete_parse(parse->yajl) != yajl_status_ok)
		rc = explain(parse, parse->input.len);
	yajl_free(parse->yajl);
	return rc;
}

int vs_json_tree_parse(struct vs_json_tree *tree, struct vs_view text, struct vs_err *err)
{
	struct parse parse;
	int rc;

	parse.tree = tree;
	parse.input = text;
	parse.err = err;
	parse.key = NULL;
	parse.key_len = 0;
	parse.depth = 0;
	parse.behind = 0;
	parse.end = 0;
	parse.refused = 0;
	parse.arena.used = 0;
	tree->nodes = tree->few;
	tree->count = 0;
	tree->capacity = VS_JSON_FEW;
	tree->path[0] = '\0';
	tree->text = vs_alloc(text.len + 1);
	memcpy(tree->text, text.len == 0 ? "" : text.ptr, text.len);
	tree->text[text.len] = '\0';
	rc = check_encoding(&parse);
	if (rc == 0)
		rc = read_all(&parse);
	if (rc < 0)
		vs_json_tree_fini(tree);
	return rc;
}

char *vs_json_tree_take_text(struct vs_json_tree *tree)
{
	char *text = tree->text;

	tree->text = NULL;
	vs_json_tree_fini(tree);
	return text;
}

void vs_json_tree_fini(struct vs_json_tree *tree)
{
	if (tree->nodes != tree->few)
		vs_free(tree->nodes);
	vs_free(tree->text);
	tree->nodes = tree->few;
	tree->text = NULL;
	tree->count = 0;
}

const struct vs_json_node *vs_json_tree_find(const struct vs_json_node *object, const char *name)
{
	size_t len = strlen(name);

	if (object == NULL || object->type != VS_JSON_OBJECT)
		return NULL;
	/* The first letter tells most names of one length apart without a call. */
	VS_JSON_EACH (member, object)
		if (member->key_len == len && member->key[0] == name[0] &&
			memcmp(member->key, name, len) == 0)
			return member;
	return NULL;
}
