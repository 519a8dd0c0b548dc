#include "config/node.h"

#include <string.h>

enum vs_node_kind vs_node_kind(const struct vs_node *node)
{
	return node->kind;
}

struct vs_mark vs_node_mark(const struct vs_node *node)
{
	return node->mark;
}

const char *vs_node_text(const struct vs_node *node)
{
	return node ? node->text.ptr : NULL;
}

bool vs_node_is_set(const struct vs_node *node)
{
	return node && (node->kind != VS_NODE_SCALAR || node->text.ptr);
}

bool vs_node_is_broken(const struct vs_node *node)
{
	return node && node->broken;
}

size_t vs_node_count(const struct vs_node *node)
{
	return node ? node->count : 0;
}

const struct vs_node *vs_node_item(const struct vs_node *node, size_t index)
{
	return index < node->count ? node->entries[index].value : NULL;
}

const char *vs_node_key(const struct vs_node *map, size_t index, struct vs_mark *mark)
{
	if (index >= map->count)
		return NULL;
	if (mark)
		*mark = map->entries[index].key_mark;
	return map->entries[index].key;
}

const struct vs_node *vs_node_get(const struct vs_node *map, const char *key)
{
	size_t i;

	if (!map || map->kind != VS_NODE_MAP)
		return NULL;
	for (i = 0; i < map->count; i++) {
		if (strcmp(map->entries[i].key, key) == 0)
			return vs_node_is_set(map->entries[i].value) ? map->entries[i].value : NULL;
	}
	return NULL;
}

bool vs_node_expect(
	const struct vs_node *node, enum vs_node_kind kind, const char *name, struct vs_problems *problems)
{
	if (!vs_node_is_set(node) || node->kind == kind)
		return true;
	vs_problems_error(problems, node->mark, "'%s' must be %s, not %s", name, vs_node_kind_text(kind),
		vs_node_kind_text(node->kind));
	return false;
}

const char *vs_node_kind_text(enum vs_node_kind kind)
{
	static const char *const texts[] = {"a text", "a list", "a map ('key: value')"};

	return texts[kind];
}
