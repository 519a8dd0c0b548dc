/*
 * Foreign JSON as a flat array of values: what a keepalive's body is read from. yajl does the
 * reading, and json_tree.c alone knows it. Pure and total: any bytes give a tree or a sentence
 * with the place.
 *
 * The texts lie in one copy of the input, each with a NUL, so that a tree costs one allocation
 * as large as the input, and another one beyond VS_JSON_FEW values.
 */
#ifndef VS_MODEL_JSON_TREE_H
#define VS_MODEL_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define VS_JSON_DEPTH_MAX 16
#define VS_JSON_VALUES_MAX 8192
#define VS_JSON_FEW 96 /* values for which nothing is allocated: the usual reports have some 40 */
#define VS_JSON_PATH 160 /* "observations[2].facts.exit.ip" with its NUL */

enum vs_json_type {
	VS_JSON_NULL,
	VS_JSON_BOOL,
	VS_JSON_INT,
	VS_JSON_REAL,
	VS_JSON_TEXT,
	VS_JSON_ARRAY,
	VS_JSON_OBJECT
};

struct vs_json_node {
	const char *key; /* of a member, with a NUL; NULL in arrays and for the outermost value */
	const char *text; /* TEXT: UTF-8 with a NUL after it and none inside. INT, REAL: as written, no NUL */
	union {
		int64_t integer; /* INT */
		double real; /* REAL, finite */
		bool yes; /* BOOL */
	} number;
	uint32_t key_len;
	uint32_t len; /* bytes of the text; members of an object; entries of an array */
	uint32_t span; /* values up to the next sibling: itself and all inside it */
	uint8_t type; /* enum vs_json_type */
};

struct vs_json_tree {
	struct vs_json_node *nodes; /* the outermost value first, then in the order of the input */
	uint32_t count;
	uint32_t capacity;
	char *text; /* owned, as are the nodes beyond few */
	char path[VS_JSON_PATH]; /* after an error: the member it is about; "" when it is about none */
	struct vs_json_node few[VS_JSON_FEW];
};

/*
 * Parses text into tree, which need not be initialised and must not move afterwards. 0, or
 * VS_ERR_INVALID or VS_ERR_TOO_BIG with tree empty but for its path. Objects may not have a
 * member twice, numbers are 64-bit integers or finite, texts are UTF-8 without NUL.
 */
int vs_json_tree_parse(struct vs_json_tree *tree, struct vs_view text, struct vs_err *err);
void vs_json_tree_fini(struct vs_json_tree *tree); /* twice is fine */
/* Frees all but the texts, which the caller owns from now on: vs_free. */
char *vs_json_tree_take_text(struct vs_json_tree *tree);

/* The member of that name; NULL when object is NULL or no object, or has none. */
const struct vs_json_node *vs_json_tree_find(const struct vs_json_node *object, const char *name);

/* Whatever lies in the array or object at, one level down; at is evaluated more than once. */
#define VS_JSON_EACH(child, at)                                                                              \
	for (const struct vs_json_node *child = (at) + 1; child < (at) + (at)->span; child += child->span)

#endif
