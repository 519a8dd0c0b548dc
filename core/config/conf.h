/*
 * A configuration file as a tree of nodes that know where they stand. Values have their
 * ${...} replaced already; nothing changes after reading, and any thread may look.
 *
 * A scalar that is empty after substitution, or YAML's null, is unset: the same as if its
 * key were not there.
 */
#ifndef VS_CONFIG_CONF_H
#define VS_CONFIG_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"
#include "config/problem.h"

struct vs_conf;
struct vs_env;
struct vs_node;

#define VS_CONF_FILE_MAX (1024 * 1024) /* bytes of a file */
#define VS_CONF_DEPTH_MAX 64
#define VS_CONF_NODES_MAX 100000 /* after aliases are expanded */
#define VS_CONF_EXPANDED_MAX (4 * 1024 * 1024) /* bytes of all values after substitution */

enum vs_node_kind { VS_NODE_SCALAR, VS_NODE_SEQUENCE, VS_NODE_MAP };

/*
 * NULL when there is no tree: the file cannot be read or is not YAML; problems says why.
 * Otherwise a tree, even when problems were added on the way. Nodes live until destroy.
 */
struct vs_conf *vs_conf_read(const char *path, const struct vs_env *env, struct vs_problems *problems);
/* The same of a text; file is what problems call it and what relative paths start from. */
struct vs_conf *vs_conf_parse(
	struct vs_view text, const char *file, const struct vs_env *env, struct vs_problems *problems);
void vs_conf_destroy(struct vs_conf *conf); /* NULL is fine */

/* Always a map; an empty file gives an empty one. */
const struct vs_node *vs_conf_root(const struct vs_conf *conf);
const char *vs_conf_folder(const struct vs_conf *conf); /* the file's, "." when it names none */
/* Does some value mention ${name}? */
bool vs_conf_mentions(const struct vs_conf *conf, const char *name);

enum vs_node_kind vs_node_kind(const struct vs_node *node);
struct vs_mark vs_node_mark(const struct vs_node *node);
/* The text of a scalar that is set; NULL for everything else. NUL-terminated, no NUL inside. */
const char *vs_node_text(const struct vs_node *node);
/* False for NULL and for an unset scalar. */
bool vs_node_is_set(const struct vs_node *node);

/* Unset because its substitution failed: no second problem is needed. */
bool vs_node_is_broken(const struct vs_node *node);

/* Children of a sequence or map, in the order of the file; unset ones are counted. 0 for a scalar. */
size_t vs_node_count(const struct vs_node *node);
const struct vs_node *vs_node_item(const struct vs_node *node, size_t index);
/* The key of a map's child; mark (NULL is fine) is where the key stands. */
const char *vs_node_key(const struct vs_node *map, size_t index, struct vs_mark *mark);
/* The value of key; NULL when map is NULL, not a map, has no such key, or the value is unset. */
const struct vs_node *vs_node_get(const struct vs_node *map, const char *key);

/* Adds a problem when node is set and not of kind; name is what the sentence calls it. */
bool vs_node_expect(
	const struct vs_node *node, enum vs_node_kind kind, const char *name, struct vs_problems *problems);
/* "a text", "a list", "a map": for sentences. */
const char *vs_node_kind_text(enum vs_node_kind kind);

#endif
