#include "config/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"

#define CHUNK_SIZE 4096

struct vs_arena_chunk {
	struct vs_arena_chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

void vs_arena_init(struct vs_arena *arena)
{
	arena->chunks = NULL;
}

void vs_arena_fini(struct vs_arena *arena)
{
	while (arena->chunks) {
		struct vs_arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		vs_free(chunk);
	}
}

/* A chunk with room for size bytes becomes the current one, unless it is a large thing's own. */
static struct vs_arena_chunk *add_chunk(struct vs_arena *arena, size_t size)
{
	size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;
	struct vs_arena_chunk *chunk = vs_zalloc(sizeof(*chunk) + room);

	chunk->size = room;
	if (room == size && arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	return chunk;
}

void *vs_arena_alloc(struct vs_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct vs_arena_chunk *chunk = arena->chunks;
	void *ptr;

	VS_REQUIRE(size <= SIZE_MAX / 2);
	size = (size + align - 1) / align * align;
	if (!chunk || chunk->size - chunk->used < size)
		chunk = add_chunk(arena, size);
	ptr = chunk->bytes + chunk->used;
	chunk->used += size;
	return ptr;
}

const char *vs_arena_text(struct vs_arena *arena, struct vs_view text)
{
	char *copy = vs_arena_alloc(arena, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}
