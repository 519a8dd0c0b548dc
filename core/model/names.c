#include "model/names.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/require.h"

struct name {
	UT_hash_handle hh;
	uint32_t id;
	uint32_t holders;
	char text[]; /* NUL-terminated; the hash's key */
};

struct vs_names {
	struct vs_hash_seed seed;
	struct name *by_text;
	struct name **by_id; /* [0] is never used; free slots are NULL */
	uint32_t capacity;
	uint32_t *spare; /* ids below used that are free again; as large as by_id */
	uint32_t spare_count;
	uint32_t used; /* ids handed out so far, and 0 */
};

struct vs_names *vs_names_create(void)
{
	struct vs_names *names = vs_zalloc(sizeof(*names));

	names->used = 1;
	return names;
}

void vs_names_seed(struct vs_names *names, const struct vs_hash_seed *seed)
{
	VS_REQUIRE(names->by_text == NULL);
	names->seed = *seed;
}

void vs_names_destroy(struct vs_names *names)
{
	if (names == NULL)
		return;
	HASH_CLEAR(hh, names->by_text);
	for (uint32_t id = 1; id < names->used; id++)
		vs_free(names->by_id[id]);
	vs_free(names->by_id);
	vs_free(names->spare);
	vs_free(names);
}

static uint32_t new_id(struct vs_names *names)
{
	if (names->spare_count > 0)
		return names->spare[--names->spare_count];
	if (names->used >= names->capacity) {
		names->capacity = names->capacity == 0 ? 64 : names->capacity * 2;
		names->by_id = vs_realloc(names->by_id, names->capacity * sizeof(*names->by_id));
		names->spare = vs_realloc(names->spare, names->capacity * sizeof(*names->spare));
	}
	return names->used++;
}

uint32_t vs_names_hold(struct vs_names *names, struct vs_view text)
{
	struct name *name;
	unsigned hash;

	if (text.len == 0)
		return 0;
	hash = (unsigned)vs_hash(&names->seed, text.ptr, text.len);
	HASH_FIND_BYHASHVALUE(hh, names->by_text, text.ptr, text.len, hash, name);
	if (name == NULL) {
		name = vs_zalloc(sizeof(*name) + text.len + 1);
		memcpy(name->text, text.ptr, text.len);
		name->id = new_id(names);
		names->by_id[name->id] = name;
		HASH_ADD_KEYPTR_BYHASHVALUE(hh, names->by_text, name->text, text.len, hash, name);
	}
	name->holders++;
	return name->id;
}

void vs_names_drop(struct vs_names *names, uint32_t id)
{
	struct name *name;

	if (id == 0)
		return;
	VS_REQUIRE(id < names->used && names->by_id[id] != NULL);
	name = names->by_id[id];
	if (--name->holders > 0)
		return;
	HASH_DEL(names->by_text, name);
	names->by_id[id] = NULL;
	names->spare[names->spare_count++] = id;
	vs_free(name);
}

const char *vs_names_text(const struct vs_names *names, uint32_t id)
{
	if (id == 0)
		return "";
	VS_REQUIRE(id < names->used && names->by_id[id] != NULL);
	return names->by_id[id]->text;
}

size_t vs_names_count(const struct vs_names *names)
{
	return HASH_COUNT(names->by_text);
}

bool vs_names_replace(struct vs_names *names, uint32_t *id, struct vs_view text)
{
	uint32_t fresh;

	if (vs_view_equal_text(text, vs_names_text(names, *id)))
		return false;
	fresh = vs_names_hold(names, text);
	vs_names_drop(names, *id);
	*id = fresh;
	return true;
}
