#include "model/json_arena.h"

#include <string.h>

#include "base/alloc.h"

#define ALIGNMENT 16

/* Before each block, in the arena and outside: its size, which whoever grows it does not repeat. */
struct block {
	_Alignas(ALIGNMENT) size_t size;
};

void *vs_json_arena_alloc(void *ctx, size_t size)
{
	struct vs_json_arena *arena = ctx;
	size_t whole = sizeof(struct block) + ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
	struct block *block;

	if (whole <= VS_JSON_ARENA_SIZE - arena->used) {
		block = (struct block *)(void *)(arena->bytes + arena->used);
		arena->used += whole;
	} else {
		block = vs_alloc(whole);
	}
	block->size = size;
	return block + 1;
}

void vs_json_arena_free(void *ctx, void *ptr)
{
	struct vs_json_arena *arena = ctx;
	char *block = ptr == NULL ? NULL : (char *)ptr - sizeof(struct block);

	if (block != NULL && (block < arena->bytes || block >= arena->bytes + VS_JSON_ARENA_SIZE))
		vs_free(block);
}

void *vs_json_arena_realloc(void *ctx, void *ptr, size_t size)
{
	void *moved = vs_json_arena_alloc(ctx, size);
	size_t was = ptr == NULL ? 0 : ((struct block *)ptr - 1)->size;

	if (was > 0)
		memcpy(moved, ptr, was < size ? was : size);
	vs_json_arena_free(ctx, ptr);
	return moved;
}
