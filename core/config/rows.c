#include "config/rows.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "base/text.h"
#include "config/option.h"

#define NAMES_MAX 64 /* candidates that a slip of the pen is compared with */

struct vpns_option vs_rows_get(const struct vs_rows *rows, uint32_t i)
{
	size_t stride = rows->stride ? rows->stride : sizeof(struct vpns_option);
	struct vpns_option option = {0};

	VS_REQUIRE(i < rows->count);
	memcpy(&option, (const char *)rows->options + i * stride,
		stride < sizeof(option) ? stride : sizeof(option));
	return option;
}

static bool find_row(const struct vs_rows *rows, const char *name, struct vpns_option *option)
{
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		*option = vs_rows_get(rows, i);
		if (strcmp(option->name, name) == 0)
			return true;
	}
	return false;
}

static bool is_other(const struct vs_rows *rows, const char *name)
{
	const char *const *other = rows->others;

	while (other && *other && strcmp(*other, name) != 0)
		other++;
	return other && *other;
}

static size_t known_names(const struct vs_rows *rows, const char *names[NAMES_MAX])
{
	const char *const *other = rows->others;
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < rows->count && count < NAMES_MAX; i++)
		names[count++] = vs_rows_get(rows, i).name;
	for (; other && *other && count < NAMES_MAX; other++)
		names[count++] = *other;
	return count;
}

static void unknown_key(
	const struct vs_rows *rows, const char *key, struct vs_mark mark, struct vs_problems *problems)
{
	const char *names[NAMES_MAX];
	size_t count = known_names(rows, names);
	const char *near = vs_nearest(key, names, count);
	struct vs_buf known;
	size_t i;

	if (near) {
		vs_problems_error(
			problems, mark, "unknown key '%s' in %s; did you mean '%s'?", key, rows->owner, near);
		return;
	}
	vs_buf_init(&known);
	for (i = 0; i < count; i++)
		vs_buf_printf(&known, "%s%s", i > 0 ? ", " : "", names[i]);
	if (count > 0)
		vs_problems_error(problems, mark, "unknown key '%s' in %s, which knows: %s", key, rows->owner,
			vs_buf_text(&known));
	else
		vs_problems_error(
			problems, mark, "unknown key '%s' in %s, which takes none", key, rows->owner);
	vs_buf_fini(&known);
}

/* Does node say anything for option? An empty list does not. */
static bool is_given(const struct vpns_option *option, const struct vs_node *node)
{
	struct vs_view rest;
	struct vs_view item;
	size_t i;

	if (!vs_node_is_set(node))
		return false;
	if (vs_node_kind(node) == VS_NODE_SEQUENCE) {
		for (i = 0; i < vs_node_count(node); i++) {
			if (vs_node_is_set(vs_node_item(node, i)))
				return true;
		}
		return false;
	}
	if (option->type != VPNS_OPTION_LIST || vs_node_kind(node) != VS_NODE_SCALAR)
		return true;
	rest = vs_view_of(vs_node_text(node));
	return vs_list_next(&rest, vs_list_separator(vs_node_text(node)), &item);
}

/* The items of a sequence, one a line. */
static bool join_items(const struct vpns_option *option, const struct vs_node *list, struct vs_buf *text,
	struct vs_problems *problems)
{
	bool good = true;
	size_t i;

	for (i = 0; i < vs_node_count(list); i++) {
		const struct vs_node *item = vs_node_item(list, i);
		const char *item_text = vs_node_text(item);

		if (!vs_node_is_set(item))
			continue;
		if (!item_text || strchr(item_text, '\n')) {
			vs_problems_error(problems, vs_node_mark(item),
				"an item of '%s' must be a text of one line", option->name);
			good = false;
			continue;
		}
		vs_buf_printf(text, "%s\n", item_text);
	}
	return good;
}

/* The text of an option's value, from arena, or NULL after a problem. */
static const char *value_text(const struct vpns_option *option, const struct vs_node *node,
	struct vs_arena *arena, struct vs_problems *problems)
{
	const char *text = NULL;
	struct vs_buf buf;

	if (vs_node_kind(node) == VS_NODE_SCALAR)
		return vs_arena_text(arena, vs_view_of(vs_node_text(node)));
	if (option->type != VPNS_OPTION_LIST || vs_node_kind(node) != VS_NODE_SEQUENCE) {
		vs_problems_error(problems, vs_node_mark(node), "'%s' must be %s, not %s", option->name,
			option->type == VPNS_OPTION_LIST ? "a list" : "a text",
			vs_node_kind_text(vs_node_kind(node)));
		return NULL;
	}
	vs_buf_init(&buf);
	if (join_items(option, node, &buf, problems))
		text = vs_arena_text(arena, vs_buf_view(&buf));
	vs_buf_fini(&buf);
	return text;
}

bool vs_rows_pairs(const struct vs_rows *rows, const struct vs_node *map, struct vs_mark mark,
	const char *folder, struct vs_pairs *pairs, struct vs_arena *arena, struct vs_problems *problems)
{
	size_t errors = problems->errors;
	size_t count = vs_node_count(map);
	size_t i;

	*pairs = (struct vs_pairs){.mark = map ? vs_node_mark(map) : mark, .folder = folder};
	if (!vs_node_is_set(map))
		return true;
	pairs->broken = !vs_node_expect(map, VS_NODE_MAP, rows->owner, problems);
	if (pairs->broken)
		return false;
	pairs->items = vs_arena_alloc(arena, (count + 1) * sizeof(*pairs->items));
	for (i = 0; i < count; i++) {
		const struct vs_node *value = vs_node_item(map, i);
		struct vs_pair *pair = &pairs->items[pairs->count];
		struct vpns_option option;
		struct vs_mark key_mark;
		const char *key = vs_node_key(map, i, &key_mark);

		if (is_other(rows, key))
			continue;
		if (!find_row(rows, key, &option)) {
			unknown_key(rows, key, key_mark, problems);
			continue;
		}
		if (!is_given(&option, value) && !vs_node_is_broken(value))
			continue;
		pair->name = option.name;
		pair->text = vs_node_is_broken(value) ? NULL : value_text(&option, value, arena, problems);
		pair->mark = vs_node_mark(value);
		pairs->count++;
	}
	return problems->errors == errors;
}

static const struct vs_pair *find_pair(const struct vs_pairs *pairs, const char *name)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		if (strcmp(pairs->items[i].name, name) == 0)
			return &pairs->items[i];
	}
	return NULL;
}

/* Where an option goes. */
struct target {
	const struct vs_rows *rows;
	const struct vs_pairs *pairs;
	char *bytes;
	size_t size;
	struct vs_arena *arena;
	struct vs_problems *problems;
};

static void fill_default(const struct target *target, const struct vpns_option *option)
{
	struct vs_err err = {0};

	if (option->def && option->def[0] != '\0') {
		vs_option_hide(option, option->def);
		if (vs_option_parse(option, option->def, target->pairs->folder,
			    target->bytes + option->offset, target->arena, &err) < 0)
			vs_problems_error(target->problems, target->pairs->mark,
				"the default of an option of %s is wrong, a fault of its author: %s",
				target->rows->owner, err.text);
	} else if ((option->flags & VPNS_OPTION_REQUIRED) && !target->pairs->broken) {
		vs_problems_error(target->problems, target->pairs->mark, "'%s' is required in %s: %s",
			option->name, target->rows->owner, option->help ? option->help : "");
	}
}

static void fill_option(const struct target *target, const struct vpns_option *option)
{
	const struct vs_pair *pair = find_pair(target->pairs, option->name);
	size_t size = vs_option_size(option->type);
	struct vs_err err = {0};

	if (size == 0 || option->offset > target->size || size > target->size - option->offset) {
		vs_problems_error(target->problems, target->pairs->mark,
			"the option '%s' of %s is declared wrongly, a fault of its author: %s", option->name,
			target->rows->owner,
			size == 0 ? "its type is unknown" : "its field lies outside the struct");
		return;
	}
	if (!pair) {
		fill_default(target, option);
		return;
	}
	if (!pair->text)
		return; /* reported when the pair was made */
	vs_option_hide(option, pair->text);
	if (vs_option_parse(option, pair->text, target->pairs->folder, target->bytes + option->offset,
		    target->arena, &err) < 0)
		vs_problems_error(target->problems, pair->mark, "%s", err.text);
	else if (option->type == VPNS_OPTION_PATH)
		vs_option_hide_file(option, *(const char *const *)(target->bytes + option->offset));
}

bool vs_rows_fill_pairs(const struct vs_rows *rows, const struct vs_pairs *pairs, void *target_bytes,
	size_t target_size, struct vs_arena *arena, struct vs_problems *problems)
{
	struct target target = {rows, pairs, target_bytes, target_size, arena, problems};
	size_t errors = problems->errors;
	struct vpns_option option;
	uint32_t i;
	size_t k;

	if (target_size > 0)
		memset(target_bytes, 0, target_size);
	for (k = 0; k < pairs->count; k++) {
		if (!find_row(rows, pairs->items[k].name, &option))
			unknown_key(rows, pairs->items[k].name, pairs->items[k].mark, problems);
	}
	for (i = 0; i < rows->count; i++) {
		option = vs_rows_get(rows, i);
		fill_option(&target, &option);
	}
	return problems->errors == errors;
}

bool vs_rows_fill(const struct vs_rows *rows, const struct vs_node *map, struct vs_mark mark,
	const char *folder, void *target, size_t target_size, struct vs_arena *arena,
	struct vs_problems *problems)
{
	struct vs_pairs pairs;
	bool good = vs_rows_pairs(rows, map, mark, folder, &pairs, arena, problems);

	return vs_rows_fill_pairs(rows, &pairs, target, target_size, arena, problems) && good;
}

static bool is_required(const struct vpns_option *option)
{
	return (option->flags & VPNS_OPTION_REQUIRED) && !(option->def && option->def[0] != '\0');
}

size_t vs_rows_required(const struct vs_rows *rows)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		struct vpns_option option = vs_rows_get(rows, i);

		count += is_required(&option);
	}
	return count;
}

size_t vs_rows_missing_required(const struct vs_rows *rows, const struct vs_node *map, struct vs_buf *names)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < rows->count; i++) {
		struct vpns_option option = vs_rows_get(rows, i);

		if (!is_required(&option) || is_given(&option, vs_node_get(map, option.name)))
			continue;
		vs_buf_printf(names, "%s%s", count > 0 ? ", " : "", option.name);
		count++;
	}
	return count;
}
