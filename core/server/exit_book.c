#include "server/exit_book.h"

#include <stddef.h>

#include <glib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "server/registry.h"

/* An exit that clients share, or shared; gone with its last client. */
struct share {
	uint64_t key;
	uint32_t clients;
	uint32_t alive;
};

/*
 * Most exits have one client, so an exit is a hash of 64 bits and has a record only when a second client
 * comes. GLib's table asks for no handle in what it holds: with both, a lone client costs a third of what a
 * record with uthash's handle does.
 */
struct vs_exit_book {
	GHashTable *exits; /* key -> share; NULL while the key is in the entry of the only client */
	struct vs_hash_seed seed; /* peers choose the addresses: nobody can make two of them meet */
};

struct vs_exit_book *vs_exit_book_create(void)
{
	struct vs_exit_book *book = vs_zalloc(sizeof(*book));

	vs_hash_seed_init(&book->seed);
	book->exits = g_hash_table_new(g_int64_hash, g_int64_equal);
	return book;
}

/* 0: no exit. */
static uint64_t key_of(const struct vs_exit_book *book, const struct vs_addr *addr)
{
	uint64_t key = addr->family == 0 ? 0 : vs_hash(&book->seed, addr, sizeof(*addr));

	return addr->family != 0 && key == 0 ? 1 : key;
}

static struct share *share_of(const struct vs_exit_book *book, const struct vs_entry *entry)
{
	return entry->exit == 0 ? NULL : g_hash_table_lookup(book->exits, &entry->exit);
}

void vs_exit_book_drop(struct vs_exit_book *book, struct vs_entry *entry)
{
	struct share *share = share_of(book, entry);

	if (entry->exit == 0)
		return;
	if (share != NULL) {
		share->clients--;
		share->alive -= entry->exit_alive ? 1 : 0;
	}
	if (share == NULL || share->clients == 0)
		g_hash_table_remove(book->exits, &entry->exit);
	if (share != NULL && share->clients == 0)
		vs_free(share);
	entry->exit = 0;
	entry->exit_alive = false;
}

void vs_exit_book_destroy(struct vs_exit_book *book, struct vs_registry *registry)
{
	struct vs_registry_cursor *cursor;
	struct vs_entry *entry;

	if (book == NULL)
		return;
	cursor = vs_registry_cursor_open(registry, NULL);
	while ((entry = vs_registry_cursor_next_entry(cursor)) != NULL)
		vs_exit_book_drop(book, entry);
	vs_registry_cursor_close(cursor);
	g_hash_table_destroy(book->exits);
	vs_free(book);
}

/* The entry of the only client, in which the table found its key. */
static const struct vs_entry *only_one(const void *key)
{
	return (const struct vs_entry *)((const char *)key - offsetof(struct vs_entry, exit));
}

/* A second client comes. */
static struct share *begin_share(struct vs_exit_book *book, const struct vs_entry *first)
{
	struct share *share = vs_zalloc(sizeof(*share));

	share->key = first->exit;
	share->clients = 1;
	share->alive = first->exit_alive ? 1 : 0;
	g_hash_table_replace(book->exits, &share->key, share);
	return share;
}

static void add(struct vs_exit_book *book, struct vs_entry *entry, uint64_t key)
{
	void *found = NULL, *value = NULL;
	struct share *share;

	entry->exit = key;
	if (!g_hash_table_lookup_extended(book->exits, &key, &found, &value)) {
		g_hash_table_insert(book->exits, &entry->exit, NULL);
		return;
	}
	share = value != NULL ? value : begin_share(book, only_one(found));
	share->clients++;
}

void vs_exit_book_note(struct vs_exit_book *book, struct vs_entry *entry)
{
	uint64_t key = key_of(book, &entry->client.told_exit);
	bool alive = entry->client.liveness == VS_LIVENESS_ALIVE;
	struct share *share;

	if (entry->exit != key)
		vs_exit_book_drop(book, entry);
	if (key == 0)
		return;
	if (entry->exit == 0)
		add(book, entry, key);
	if (alive == entry->exit_alive)
		return;
	entry->exit_alive = alive;
	share = share_of(book, entry);
	if (share != NULL)
		share->alive = alive ? share->alive + 1 : share->alive - 1;
}

bool vs_exit_book_is_silent(const struct vs_exit_book *book, const struct vs_entry *entry)
{
	const struct share *share = share_of(book, entry);

	return share != NULL && share->clients >= 2 && share->alive == 0;
}
