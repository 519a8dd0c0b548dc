/* Where a parser's own state lies: a small place of fixed size, and beside it the heap. */
#ifndef VS_MODEL_JSON_ARENA_H
#define VS_MODEL_JSON_ARENA_H

#include <stddef.h>

#define VS_JSON_ARENA_SIZE 1024 /* yajl needs some 500 bytes, and more only for escaped texts */

struct vs_json_arena {
	size_t used; /* the caller sets it to 0 */
	_Alignas(16) char bytes[VS_JSON_ARENA_SIZE];
};

/* The functions of an allocator whose ctx is the arena. What lies in it is given back with it. */
void *vs_json_arena_alloc(void *ctx, size_t size);
void *vs_json_arena_realloc(void *ctx, void *ptr, size_t size);
void vs_json_arena_free(void *ctx, void *ptr); /* NULL is fine */

#endif
