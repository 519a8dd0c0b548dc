/* Foreign JSON: where jansson reads a text, too, both must have read the same. */
#include "fuzz.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "model/json.h"
#include "model/json_tree.h"

void fuzz_begin(void)
{
	vs_json_setup();
}

static void check_same(const struct vs_json_node *node, json_t *value);

static void check_members(const struct vs_json_node *node, json_t *value)
{
	VS_REQUIRE(json_is_object(value) && json_object_size(value) == node->len);
	VS_JSON_EACH (child, node) {
		VS_REQUIRE(strlen(child->key) == child->key_len);
		VS_REQUIRE(vs_utf8_valid((struct vs_view){child->key, child->key_len}));
		VS_REQUIRE(vs_json_tree_find(node, child->key) == child);
		check_same(child, json_object_get(value, child->key));
	}
}

static void check_entries(const struct vs_json_node *node, json_t *value)
{
	size_t i = 0;

	VS_REQUIRE(json_is_array(value) && json_array_size(value) == node->len);
	VS_JSON_EACH (child, node) {
		VS_REQUIRE(child->key == NULL);
		check_same(child, json_array_get(value, i++));
	}
}

static void check_same(const struct vs_json_node *node, json_t *value)
{
	VS_REQUIRE(value != NULL);
	switch ((enum vs_json_type)node->type) {
	case VS_JSON_NULL:
		VS_REQUIRE(json_is_null(value));
		break;
	case VS_JSON_BOOL:
		VS_REQUIRE(json_is_boolean(value) && node->number.yes == json_is_true(value));
		break;
	case VS_JSON_INT:
		VS_REQUIRE(json_is_integer(value) && node->number.integer == json_integer_value(value));
		break;
	case VS_JSON_REAL:
		VS_REQUIRE(json_is_real(value) && isfinite(node->number.real));
		VS_REQUIRE(
			memcmp(&node->number.real, &(double){json_real_value(value)}, sizeof(double)) == 0);
		break;
	case VS_JSON_TEXT:
		VS_REQUIRE(json_is_string(value) && strlen(node->text) == node->len);
		VS_REQUIRE(strcmp(node->text, json_string_value(value)) == 0);
		break;
	case VS_JSON_ARRAY:
		check_entries(node, value);
		break;
	case VS_JSON_OBJECT:
		check_members(node, value);
		break;
	}
}

void fuzz_one(struct vs_view input)
{
	struct vs_json_tree *tree = vs_alloc(sizeof(*tree));
	struct vs_err err = {0};
	json_t *json = json_loadb(input.ptr, input.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	memset(tree, 0xee, sizeof(*tree));
	if (vs_json_tree_parse(tree, input, &err) == 0) {
		VS_REQUIRE(tree->count >= 1 && tree->count <= VS_JSON_VALUES_MAX);
		VS_REQUIRE(tree->nodes->span == tree->count);
		check_same(tree->nodes, json);
	} else {
		fuzz_require_sentence(err.text, sizeof(err.text));
		fuzz_require_text(tree->path, sizeof(tree->path));
	}
	vs_json_tree_fini(tree);
	vs_json_tree_fini(tree);
	vs_free(tree);
	json_decref(json);
}
