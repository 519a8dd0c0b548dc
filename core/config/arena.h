/* Memory for many small things that die together: the texts of a configuration. */
#ifndef VS_CONFIG_ARENA_H
#define VS_CONFIG_ARENA_H

#include <stddef.h>

#include "base/view.h"

struct vs_arena_chunk;

/* Zeroed is a valid, empty arena. Not thread-safe. */
struct vs_arena {
	struct vs_arena_chunk *chunks;
};

void vs_arena_init(struct vs_arena *arena);
void vs_arena_fini(struct vs_arena *arena); /* frees everything; twice is fine */
void *vs_arena_alloc(struct vs_arena *arena, size_t size); /* zeroed, aligned for any type */
const char *vs_arena_text(struct vs_arena *arena, struct vs_view text); /* a NUL-terminated copy */

#endif
