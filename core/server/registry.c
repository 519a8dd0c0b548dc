#include "server/registry.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/require.h"
#include "model/names.h"

struct vs_registry_cursor {
	struct vs_registry *registry;
	struct vs_entry *next; /* what comes next; NULL at the end */
	struct vs_registry_cursor *prev_cursor;
	struct vs_registry_cursor *next_cursor;
};

struct vs_registry {
	struct vs_entry *entries; /* uthash keeps the order of insertion */
	struct vs_names *names;
	struct vs_registry_cursor *cursors;
	size_t max_clients;
};

struct vs_registry *vs_registry_create(size_t max_clients)
{
	struct vs_registry *registry = vs_zalloc(sizeof(*registry));

	registry->names = vs_names_create();
	registry->max_clients = max_clients;
	return registry;
}

static void entry_destroy(struct vs_registry *registry, struct vs_entry *entry)
{
	vs_client_fini(&entry->client, registry->names);
	vs_free(entry);
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

struct vs_entry *vs_registry_find(struct vs_registry *registry, const char *id)
{
	struct vs_entry *entry;

	HASH_FIND_STR(registry->entries, id, entry);
	return entry;
}

static int check_room(const struct vs_registry *registry, struct vs_err *err)
{
	if (HASH_COUNT(registry->entries) < registry->max_clients)
		return 0;
	return vs_err_set(err, VS_ERR_TOO_BIG,
		"%zu clients are known already, as many as monitor.max_clients allows: raise it, or delete "
		"some",
		registry->max_clients);
}

static void insert(struct vs_registry *registry, struct vs_entry *entry)
{
	struct vs_registry_cursor *cursor;

	HASH_ADD_KEYPTR(hh, registry->entries, entry->client.id, strlen(entry->client.id), entry);
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
	entry = vs_zalloc(sizeof(*entry));
	vs_client_init(&entry->client, id);
	insert(registry, entry);
	return entry;
}

struct vs_entry *vs_registry_adopt(struct vs_registry *registry, struct vs_client *client, struct vs_err *err)
{
	struct vs_entry *entry;

	if (check_room(registry, err) < 0)
		return NULL;
	entry = vs_zalloc(sizeof(*entry));
	entry->client = *client;
	memset(client, 0, sizeof(*client));
	insert(registry, entry);
	return entry;
}

void vs_registry_remove(struct vs_registry *registry, struct vs_entry *entry)
{
	struct vs_registry_cursor *cursor;

	VS_REQUIRE(!vs_wheel_is_set(&entry->deadline) && !entry->dirty);
	DL_FOREACH2(registry->cursors, cursor, next_cursor)
	{
		if (cursor->next == entry)
			cursor->next = entry->hh.next;
	}
	HASH_DEL(registry->entries, entry);
	entry_destroy(registry, entry);
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

void vs_registry_cursor_close(struct vs_registry_cursor *cursor)
{
	if (cursor == NULL)
		return;
	DL_DELETE2(cursor->registry->cursors, cursor, prev_cursor, next_cursor);
	vs_free(cursor);
}
