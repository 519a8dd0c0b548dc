/*
 * Option rows (vpn_sentinel/option.h): from the configuration to a filled struct, in two
 * steps, since across a process border only names and texts go:
 *
 *	node --vs_rows_pairs--> {name, text} pairs --vs_rows_fill_pairs--> struct
 *
 * All problems found are added; false means that at least one error was among them.
 */
#ifndef VS_CONFIG_ROWS_H
#define VS_CONFIG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/arena.h"
#include "config/conf.h"
#include "config/problem.h"

struct vs_buf;

/* A table of rows, and who is to be named in a sentence about them. Everything is borrowed. */
struct vs_rows {
	const struct vpns_option *options;
	uint32_t count;
	uint32_t stride; /* sizeof(struct vpns_option) as the table's author knew it; 0: ours */
	const char *owner; /* "probe ipinfo", "monitor" */
	const char *const *others; /* keys of the map that other code reads; NULL or NULL-terminated */
};

/* Rows of the core's own: options is an array. */
#define VS_ROWS(options, owner, others)                                                                      \
	{                                                                                                    \
		(options), (uint32_t)(sizeof(options) / sizeof((options)[0])), 0, (owner), (others)          \
	}

/* Row i as this program knows it; what a shorter stride lacks is zero. */
struct vpns_option vs_rows_get(const struct vs_rows *rows, uint32_t i);

/*
 * An option that was given. The text of a LIST that holds a newline has one item a line;
 * otherwise its items are separated by commas. Items are trimmed, empty ones dropped.
 */
struct vs_pair {
	const char *name;
	const char *text; /* NULL: wrong, and reported */
	struct vs_mark mark; /* of the value */
};

struct vs_pairs {
	struct vs_pair *items;
	size_t count;
	struct vs_mark mark; /* of the map: where a missing option is reported */
	bool broken; /* there was something else than a map, which is reported */
	const char *folder; /* that relative paths start from; NULL: the working directory */
};

/*
 * Writes the set options of map (NULL is an empty map) into pairs; memory comes from arena.
 * mark is the place to blame when map is NULL. Problems: unknown keys, maps where a value should be.
 */
bool vs_rows_pairs(const struct vs_rows *rows, const struct vs_node *map, struct vs_mark mark,
	const char *folder, struct vs_pairs *pairs, struct vs_arena *arena, struct vs_problems *problems);

/*
 * Parses, checks and writes every option into target, of target_size bytes, zeroed first;
 * options not given get their default. Texts live in arena. SECRET values are registered
 * with the log and never appear in a problem.
 */
bool vs_rows_fill_pairs(const struct vs_rows *rows, const struct vs_pairs *pairs, void *target,
	size_t target_size, struct vs_arena *arena, struct vs_problems *problems);

/* Both steps. */
bool vs_rows_fill(const struct vs_rows *rows, const struct vs_node *map, struct vs_mark mark,
	const char *folder, void *target, size_t target_size, struct vs_arena *arena,
	struct vs_problems *problems);

/* How many REQUIRED options without default there are; how many of them map leaves unset, whose names are
 * appended: "token, chat_id". */
size_t vs_rows_required(const struct vs_rows *rows);
size_t vs_rows_missing_required(const struct vs_rows *rows, const struct vs_node *map, struct vs_buf *names);

/* Appends an aligned table: name, type, default, help. Secrets' defaults are not shown. */
void vs_rows_help(const struct vs_rows *rows, struct vs_buf *out);

#endif
