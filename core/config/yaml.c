/* Events become nodes: anchors, aliases, keys, limits. */
#include "config/node.h"

#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "config/yaml_event.h"

/* node is NULL while what the anchor names is still being read. */
struct anchor {
	char *name;
	struct vs_node *node;
	UT_hash_handle hh;
};

struct builder {
	struct vs_yaml *yaml;
	struct vs_arena *arena;
	struct vs_problems *problems;
	struct anchor *anchors;
	struct vs_node *scalars;
};

/* A key that a map has already. */
struct seen {
	struct vs_node_entry entry;
	UT_hash_handle hh;
};

/* Children while their number is not known yet. */
struct children {
	struct vs_node_entry *items;
	size_t count;
	size_t cap;
};

/* What a collection is read into. */
struct growing {
	struct vs_node *node;
	struct children children;
	struct seen *seen;
	unsigned depth;
};

static struct vs_node *build(struct builder *b, const struct vs_yaml_event *event, unsigned depth);

static struct anchor *find_anchor(struct builder *b, struct vs_view name)
{
	struct anchor *anchor;

	HASH_FIND(hh, b->anchors, name.ptr, name.len, anchor);
	return anchor;
}

/* Opens the anchor of event, if it has one; it is complete when its node is set. */
static struct anchor *open_anchor(struct builder *b, const struct vs_yaml_event *event)
{
	struct anchor *anchor;

	if (event->anchor.len == 0)
		return NULL;
	anchor = find_anchor(b, event->anchor);
	if (!anchor) {
		anchor = vs_zalloc(sizeof(*anchor));
		anchor->name = vs_strndup(event->anchor.ptr, event->anchor.len);
		HASH_ADD_KEYPTR(hh, b->anchors, anchor->name, event->anchor.len, anchor);
	}
	anchor->node = NULL;
	return anchor;
}

static void free_anchors(struct builder *b)
{
	struct anchor *anchor;
	struct anchor *tmp;

	HASH_ITER (hh, b->anchors, anchor, tmp) {
		HASH_DEL(b->anchors, anchor);
		vs_free(anchor->name);
		vs_free(anchor);
	}
}

static struct vs_node *new_node(struct builder *b, enum vs_node_kind kind, struct vs_mark mark)
{
	struct vs_node *node = vs_arena_alloc(b->arena, sizeof(*node));

	node->kind = kind;
	node->mark = mark;
	node->weight = 1;
	return node;
}

static bool is_null(const struct vs_yaml_event *event)
{
	return event->plain &&
	       (vs_view_equal_text(event->text, "~") || vs_view_equal_nocase(event->text, "null"));
}

static bool has_nul(struct vs_view text)
{
	return text.len > 0 && memchr(text.ptr, '\0', text.len);
}

static struct vs_node *build_scalar(struct builder *b, const struct vs_yaml_event *event)
{
	struct vs_node *node = new_node(b, VS_NODE_SCALAR, event->mark);

	if (has_nul(event->text))
		vs_problems_error(b->problems, event->mark, "a value may not hold a NUL character");
	else if (event->text.len > 0 && !is_null(event))
		node->text = (struct vs_view){vs_arena_text(b->arena, event->text), event->text.len};
	node->next_scalar = b->scalars;
	b->scalars = node;
	return node;
}

static struct vs_node *build_alias(struct builder *b, const struct vs_yaml_event *event)
{
	struct anchor *anchor = find_anchor(b, event->text);

	if (anchor && anchor->node)
		return anchor->node;
	vs_problems_error(b->problems, event->mark, "the alias '*%.*s' refers to %s", (int)event->text.len,
		event->text.ptr, anchor ? "what it stands inside" : "no anchor before it");
	return new_node(b, VS_NODE_SCALAR, event->mark);
}

/* False when the tree would become too large. */
static bool add_child(struct builder *b, struct growing *growing, struct vs_node_entry entry)
{
	struct children *children = &growing->children;
	struct vs_node *node = growing->node;

	if (children->count == children->cap) {
		children->cap = children->cap ? children->cap * 2 : 8;
		children->items = vs_realloc(children->items, children->cap * sizeof(*children->items));
	}
	children->items[children->count++] = entry;
	node->weight += entry.value->weight;
	if (node->weight <= VS_CONF_NODES_MAX)
		return true;
	vs_problems_error(
		b->problems, node->mark, "more than %d values in here, aliases expanded", VS_CONF_NODES_MAX);
	return false;
}

static bool build_items(struct builder *b, struct growing *growing)
{
	for (;;) {
		struct vs_node_entry entry = {0};
		struct vs_yaml_event event;

		if (!vs_yaml_next(b->yaml, &event))
			return false;
		if (event.type == VS_YAML_SEQUENCE_END)
			return true;
		entry.value = build(b, &event, growing->depth);
		if (!entry.value || !add_child(b, growing, entry))
			return false;
	}
}

/* A key that stood there before is a problem; the first one counts. */
static bool is_new_key(struct builder *b, struct growing *growing, const struct vs_node_entry *entry)
{
	size_t len = strlen(entry->key);
	struct seen *seen;

	HASH_FIND(hh, growing->seen, entry->key, len, seen);
	if (seen) {
		vs_problems_error(b->problems, entry->key_mark,
			"the key '%s' stands here again; it is already at line %u, column %u", entry->key,
			seen->entry.key_mark.line, seen->entry.key_mark.column);
		return false;
	}
	seen = vs_zalloc(sizeof(*seen));
	seen->entry = *entry;
	HASH_ADD_KEYPTR(hh, growing->seen, seen->entry.key, len, seen);
	return true;
}

static void free_seen(struct growing *growing)
{
	struct seen *seen;
	struct seen *tmp;

	HASH_ITER (hh, growing->seen, seen, tmp) {
		HASH_DEL(growing->seen, seen);
		vs_free(seen);
	}
}

/* entry->key stays NULL when event cannot be a key. False: give up. */
static bool build_key(
	struct builder *b, const struct vs_yaml_event *event, struct vs_node_entry *entry, unsigned depth)
{
	entry->key_mark = event->mark;
	if (event->plain && vs_view_equal_text(event->text, "<<")) {
		vs_problems_error(
			b->problems, event->mark, "merge keys ('<<') are not supported; write the keys out");
		return true;
	}
	if (event->type == VS_YAML_SCALAR && event->text.len > 0 && !has_nul(event->text)) {
		entry->key = vs_arena_text(b->arena, event->text);
		return true;
	}
	vs_problems_error(b->problems, event->mark, "a key must be a plain text");
	return event->type == VS_YAML_SCALAR || build(b, event, depth);
}

static bool build_entries(struct builder *b, struct growing *growing)
{
	for (;;) {
		struct vs_node_entry entry = {0};
		struct vs_yaml_event event;

		if (!vs_yaml_next(b->yaml, &event))
			return false;
		if (event.type == VS_YAML_MAP_END)
			return true;
		if (!build_key(b, &event, &entry, growing->depth) || !vs_yaml_next(b->yaml, &event))
			return false;
		entry.value = build(b, &event, growing->depth);
		if (!entry.value)
			return false;
		if (entry.key && is_new_key(b, growing, &entry) && !add_child(b, growing, entry))
			return false;
	}
}

static struct vs_node *build_collection(
	struct builder *b, enum vs_node_kind kind, struct vs_mark mark, unsigned depth)
{
	struct growing growing = {.node = new_node(b, kind, mark), .depth = depth + 1};
	struct children *children = &growing.children;
	bool good;

	if (depth == VS_CONF_DEPTH_MAX) {
		vs_problems_error(b->problems, mark, "nested more than %d deep", VS_CONF_DEPTH_MAX);
		return NULL;
	}
	good = kind == VS_NODE_MAP ? build_entries(b, &growing) : build_items(b, &growing);
	if (children->count > 0) {
		size_t size = children->count * sizeof(*children->items);

		growing.node->entries = vs_arena_alloc(b->arena, size);
		memcpy(growing.node->entries, children->items, size);
		growing.node->count = children->count;
	}
	vs_free(children->items);
	free_seen(&growing);
	return good ? growing.node : NULL;
}

/* The node that begins with event. NULL: give up, it is reported. */
static struct vs_node *build(struct builder *b, const struct vs_yaml_event *event, unsigned depth)
{
	struct anchor *anchor = open_anchor(b, event);
	struct vs_node *node = NULL;

	if (event->tagged)
		vs_problems_error(
			b->problems, event->mark, "tags such as '!!str' are not supported; remove it");
	if (event->type == VS_YAML_SCALAR)
		node = build_scalar(b, event);
	else if (event->type == VS_YAML_ALIAS)
		node = build_alias(b, event);
	else
		node = build_collection(
			b, event->type == VS_YAML_MAP ? VS_NODE_MAP : VS_NODE_SEQUENCE, event->mark, depth);
	if (anchor)
		anchor->node = node;
	return node;
}

/* All documents, of which there may be one; *root stays NULL when there is none. */
static bool build_stream(struct builder *b, struct vs_node **root)
{
	for (;;) {
		struct vs_yaml_event event;

		if (!vs_yaml_next(b->yaml, &event))
			return false;
		if (event.type == VS_YAML_END)
			return true;
		if (event.type == VS_YAML_DOCUMENT && *root) {
			vs_problems_error(b->problems, event.mark,
				"a second document ('---') begins here; a file holds one");
			return false;
		}
		if (event.type == VS_YAML_DOCUMENT)
			continue;
		*root = build(b, &event, 0);
		if (!*root)
			return false;
	}
}

/* Nothing at all is an empty map. */
static struct vs_node *as_map(struct builder *b, struct vs_node *root, const char *file)
{
	if (!root || (root->kind == VS_NODE_SCALAR && !root->text.ptr))
		return new_node(b, VS_NODE_MAP, (struct vs_mark){file, 1, 1});
	if (root->kind == VS_NODE_MAP)
		return root;
	vs_problems_error(b->problems, root->mark, "the file must be a map ('key: value'), not %s",
		vs_node_kind_text(root->kind));
	return NULL;
}

struct vs_node *vs_yaml_parse(struct vs_view text, const char *file, struct vs_arena *arena,
	struct vs_node **scalars, struct vs_problems *problems)
{
	struct builder b = {.arena = arena, .problems = problems};
	struct vs_node *root = NULL;
	bool good;

	b.yaml = vs_yaml_open(text, file, problems);
	good = build_stream(&b, &root);
	vs_yaml_close(b.yaml);
	free_anchors(&b);
	*scalars = b.scalars;
	return good ? as_map(&b, root, file) : NULL;
}
