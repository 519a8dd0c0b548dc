#include "server/registry.h"

#include <obstack.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/require.h"
#include "model/names.h"
#include "server/sheets.h"

#define LOAD_MAX 2 /* clients for each bucket of the hash table */
#define CROWD 32768 /* clients */
#define PLACES_SIZE 65520 /* bytes of a block of places for entries: with malloc's own, 64 KiB */
#define CROWD_PAUSE 1024 /* clients between two steps: more than are read from a store in one turn */

/* Fresh memory is zero already; what is not touched costs nothing. */
#undef uthash_malloc
#undef uthash_bzero
#undef uthash_free
#define uthash_malloc(size) vs_zalloc(size)
#define uthash_bzero(ptr, size) ((void)(ptr))
#define uthash_free(ptr, size) vs_free(ptr)
/* grow() decides; a chain so long is bad luck or bad will. */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 32U

#define obstack_chunk_alloc vs_alloc
#define obstack_chunk_free vs_free

/* Where an entry was: the next one takes it. */
struct vacancy {
	struct vacancy *next;
};

struct vs_registry_cursor {
	struct vs_registry *registry;
	struct vs_entry *next; /* what comes next; NULL at the end */
	struct vs_registry_cursor *prev_cursor;
	struct vs_registry_cursor *next_cursor;
};

struct vs_registry {
	struct vs_entry *entries; /* uthash keeps the order of insertion */
	/*
	 * Entries lie in blocks. Alone, each would lie between what its request needed for a moment and leave
	 * gaps that nothing fits into: 50 bytes for each client.
	 */
	struct obstack places;
	struct vacancy *vacancies;
	struct vs_hash_seed seed; /* one key may report for as many ids as it likes */
	struct vs_names *names;
	struct vs_registry_cursor *cursors;
	size_t max_clients;
	uint64_t version;
};

struct vs_registry *vs_registry_create(size_t max_clients)
{
	struct vs_registry *registry = vs_zalloc(sizeof(*registry));

	obstack_begin(&registry->places, PLACES_SIZE);
	obstack_alignment_mask(&registry->places) = _Alignof(struct vs_entry) - 1;
	vs_hash_seed_init(&registry->seed);
	registry->names = vs_names_create();
	vs_names_seed(registry->names, &registry->seed);
	registry->max_clients = max_clients;
	vs_random(&registry->version, sizeof(registry->version));
	return registry;
}

/* glibc's macro aligns by adding to a null pointer, which clang's sanitizer stops at. */
__attribute__((no_sanitize("pointer-overflow"))) static void *place_alloc(struct vs_registry *registry)
{
	return obstack_alloc(&registry->places, sizeof(struct vs_entry));
}

static struct vs_entry *entry_create(struct vs_registry *registry)
{
	struct vacancy *vacancy = registry->vacancies;
	struct vs_entry *entry;

	if (vacancy != NULL)
		registry->vacancies = vacancy->next;
	entry = vacancy != NULL ? (void *)vacancy : place_alloc(registry);
	memset(entry, 0, sizeof(*entry));
	return entry;
}

static void entry_destroy(struct vs_registry *registry, struct vs_entry *entry)
{
	struct vacancy *vacancy = (void *)entry;

	vs_client_fini(&entry->client, registry->names);
	vacancy->next = registry->vacancies;
	registry->vacancies = vacancy;
}

void vs_registry_destroy(struct vs_registry *registry)
{
	struct vs_entry *entry;
	struct vs_entry *next;

	if (registry == NULL)
		return;
	VS_REQUIRE(registry->cursors == NULL);
	HASH_ITER (hh, registry->entries, entry, next) {
		HASH_DEL(registry->entries, entry);
		entry_destroy(registry, entry);
	}
	vs_names_destroy(registry->names);
	obstack_free(&registry->places, NULL);
	vs_free(registry);
}

struct vs_names *vs_registry_names(struct vs_registry *registry)
{
	return registry->names;
}

size_t vs_registry_count(const struct vs_registry *registry)
{
	return HASH_COUNT(registry->entries);
}

void vs_registry_set_max(struct vs_registry *registry, size_t max_clients)
{
	registry->max_clients = max_clients;
}

size_t vs_registry_max(const struct vs_registry *registry)
{
	return registry->max_clients;
}

static unsigned hash_of(const struct vs_registry *registry, const char *id, size_t len)
{
	return (unsigned)vs_hash(&registry->seed, id, len);
}

struct vs_entry *vs_registry_find(struct vs_registry *registry, const char *id)
{
	size_t len = strlen(id);
	struct vs_entry *entry;

	HASH_FIND_BYHASHVALUE(hh, registry->entries, id, len, hash_of(registry, id, len), entry);
	return entry;
}

static int check_room(const struct vs_registry *registry, struct vs_err *err)
{
	if (HASH_COUNT(registry->entries) < registry->max_clients)
		return 0;
	return vs_err_set(err, VS_ERR_TOO_BIG,
		"%zu clients are known already, and monitor.max_clients allows %zu: raise it, or delete some",
		(size_t)HASH_COUNT(registry->entries), registry->max_clients);
}

/*
 * Left alone, uthash doubles its table when one chain grew long, and walks through all entries each
 * time: a sixteenth of a second at 600,000 clients, in which nobody is answered. So it grows by its load,
 * and when there is a crowd it gets the size for max_clients at once, in a few turns while that is cheap.
 */
static void grow(struct vs_registry *registry)
{
	struct UT_hash_table *table = registry->entries->hh.tbl;
	bool early = table->num_items >= CROWD && table->num_items % CROWD_PAUSE == 0 &&
		     table->num_buckets < registry->max_clients / LOAD_MAX;

	if (table->num_items > LOAD_MAX * table->num_buckets || early)
		HASH_EXPAND_BUCKETS(hh, table, false);
}

static void insert(struct vs_registry *registry, struct vs_entry *entry)
{
	const char *id = entry->client.id;
	size_t len = strlen(id);
	struct vs_registry_cursor *cursor;

	registry->version++;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, registry->entries, id, len, hash_of(registry, id, len), entry);
	grow(registry);
	DL_FOREACH2(registry->cursors, cursor, next_cursor)
	{
		if (cursor->next == NULL)
			cursor->next = entry;
	}
}

struct vs_entry *vs_registry_add(struct vs_registry *registry, const char *id, struct vs_err *err)
{
	struct vs_entry *entry;

	if (check_room(registry, err) < 0)
		return NULL;
	entry = entry_create(registry);
	vs_client_init(&entry->client, id);
	insert(registry, entry);
	return entry;
}

struct vs_entry *vs_registry_adopt(struct vs_registry *registry, struct vs_client *client)
{
	struct vs_entry *entry = entry_create(registry);

	entry->client = *client;
	memset(client, 0, sizeof(*client));
	insert(registry, entry);
	return entry;
}

void vs_registry_remove(struct vs_registry *registry, struct vs_entry *entry)
{
	struct vs_registry_cursor *cursor;

	VS_REQUIRE(!vs_wheel_is_set(&entry->deadline) && !entry->dirty);
	registry->version++;
	vs_sheet_drop(entry->sheet);
	DL_FOREACH2(registry->cursors, cursor, next_cursor)
	{
		if (cursor->next == entry)
			cursor->next = entry->hh.next;
	}
	HASH_DEL(registry->entries, entry);
	entry_destroy(registry, entry);
}

void vs_registry_changed(struct vs_registry *registry, struct vs_entry *entry)
{
	registry->version++;
	vs_sheet_spoil(entry->sheet);
}

uint64_t vs_registry_version(const struct vs_registry *registry)
{
	return registry->version;
}

struct vs_registry_cursor *vs_registry_cursor_open(struct vs_registry *registry, const char *after)
{
	struct vs_registry_cursor *cursor;
	struct vs_entry *entry = registry->entries;

	if (after != NULL) {
		entry = vs_registry_find(registry, after);
		if (entry == NULL)
			return NULL;
		entry = entry->hh.next;
	}
	cursor = vs_zalloc(sizeof(*cursor));
	cursor->registry = registry;
	cursor->next = entry;
	DL_APPEND2(registry->cursors, cursor, prev_cursor, next_cursor);
	return cursor;
}

struct vs_entry *vs_registry_cursor_next_entry(struct vs_registry_cursor *cursor)
{
	struct vs_entry *entry = cursor->next;

	if (entry != NULL)
		cursor->next = entry->hh.next;
	return entry;
}

const struct vs_client *vs_registry_cursor_next(struct vs_registry_cursor *cursor)
{
	struct vs_entry *entry = vs_registry_cursor_next_entry(cursor);

	return entry != NULL ? &entry->client : NULL;
}

struct vs_entry *vs_registry_cursor_peek(const struct vs_registry_cursor *cursor)
{
	return cursor->next;
}

void vs_registry_cursor_skip(struct vs_registry_cursor *cursor, struct vs_entry *last)
{
	cursor->next = last->hh.next;
}

void vs_registry_cursor_close(struct vs_registry_cursor *cursor)
{
	if (cursor == NULL)
		return;
	DL_DELETE2(cursor->registry->cursors, cursor, prev_cursor, next_cursor);
	vs_free(cursor);
}
