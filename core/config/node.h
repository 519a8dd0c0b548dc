/* What a node is made of. Only the files that build trees include this. */
#ifndef VS_CONFIG_NODE_H
#define VS_CONFIG_NODE_H

#include "config/arena.h"
#include "config/conf.h"

struct vs_node_entry {
	const char *key; /* NULL in a sequence */
	struct vs_mark key_mark;
	struct vs_node *value;
};

struct vs_node {
	enum vs_node_kind kind;
	struct vs_mark mark;
	size_t weight; /* nodes below and including this one, aliases expanded */

	bool broken; /* its substitution failed, which is reported */
	struct vs_view text; /* of a scalar; ptr is NULL when unset; a NUL follows */
	struct vs_node *next_scalar; /* every scalar once, in no order that matters */

	struct vs_node_entry *entries;
	size_t count;
};

/*
 * Parses YAML without any substitution. Everything comes from arena; *scalars becomes the
 * chain of all scalars. NULL when it is not YAML, not one map, or beyond the limits of conf.h.
 */
struct vs_node *vs_yaml_parse(struct vs_view text, const char *file, struct vs_arena *arena,
	struct vs_node **scalars, struct vs_problems *problems);

#endif
