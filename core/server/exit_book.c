#include "server/exit_book.h"

#include <stddef.h>

#include <glib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "server/registry.h"

#define SHARED UINT64_C(1) /* in a key: it stands in a share */

/* An exit that clients share, or shared; gone with its last client. */
struct share {
	uint64_t key; /* SHARED, and that of its clients */
	uint32_t clients;
	uint32_t alive;
};

/*
 * Most exits have one client, so an exit is a hash of 63 bits and has a record only when a second client
 * comes. GLib's table asks for no handle in what it holds, and as a set, of the keys in entries and shares,
 * it needs 12 bytes a place: with both, a lone client costs a fifth of what a record with uthash's handle
 * does.
 */
struct vs_exit_book {
	GHashTable *exits; /* a set of uint64_t: in the entry of the only client, or in the share */
	struct vs_hash_seed seed; /* peers choose the addresses: nobody can make two of them meet */
};

static guint hash_of(gconstpointer key)
{
	uint64_t bits = *(const uint64_t *)key & ~SHARED;

	return (guint)(bits ^ bits >> 32);
}

static gboolean is_same(gconstpointer one, gconstpointer other)
{
	return ((*(const uint64_t *)one ^ *(const uint64_t *)other) & ~SHARED) == 0;
}

struct vs_exit_book *vs_exit_book_create(void)
{
	struct vs_exit_book *book = vs_zalloc(sizeof(*book));

	vs_hash_seed_init(&book->seed);
	book->exits = g_hash_table_new(hash_of, is_same);
	return book;
}

/* 0: no exit. */
static uint64_t key_of(const struct vs_exit_book *book, const struct vs_addr *addr)
{
	uint64_t key;

	if (addr->family == 0)
		return 0;
	key = vs_hash(&book->seed, addr, sizeof(*addr)) & ~SHARED;
	return key != 0 ? key : SHARED << 1;
}

/* The key that the table has for it; NULL: none. */
static uint64_t *find(const struct vs_exit_book *book, const uint64_t *key)
{
	void *found = NULL;

	return g_hash_table_lookup_extended(book->exits, key, &found, NULL) ? found : NULL;
}

static struct share *share_of(const struct vs_exit_book *book, const struct vs_entry *entry)
{
	uint64_t *key = entry->exit == 0 ? NULL : find(book, &entry->exit);

	return key != NULL && (*key & SHARED) != 0 ? (struct share *)(void *)key : NULL;
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

/* A second client comes to the exit whose key is in the entry of the only one. */
static struct share *begin_share(struct vs_exit_book *book, const uint64_t *key)
{
	const struct vs_entry *first =
		(const struct vs_entry *)(const void *)((const char *)key - offsetof(struct vs_entry, exit));
	struct share *share = vs_zalloc(sizeof(*share));

	share->key = first->exit | SHARED;
	share->clients = 1;
	share->alive = first->exit_alive ? 1 : 0;
	g_hash_table_add(book->exits, &share->key); /* in the place of the entry's */
	return share;
}

static void add(struct vs_exit_book *book, struct vs_entry *entry, uint64_t key)
{
	uint64_t *found = find(book, &key);
	struct share *share;

	entry->exit = key;
	if (found == NULL) {
		g_hash_table_add(book->exits, &entry->exit);
		return;
	}
	share = (*found & SHARED) != 0 ? (struct share *)(void *)found : begin_share(book, found);
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
