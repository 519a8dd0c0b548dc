#include "server/exit_book.h"

#include <uthash.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "server/registry.h"

/* One exit; gone with its last client. */
struct vs_exit_count {
	struct vs_addr addr;
	uint32_t clients;
	uint32_t alive;
	UT_hash_handle hh;
};

struct vs_exit_book {
	struct vs_exit_count *exits;
	struct vs_hash_seed seed; /* peers choose the addresses */
};

struct vs_exit_book *vs_exit_book_create(void)
{
	struct vs_exit_book *book = vs_zalloc(sizeof(*book));

	vs_hash_seed_init(&book->seed);
	return book;
}

static struct vs_exit_count *find_or_add(struct vs_exit_book *book, const struct vs_addr *addr)
{
	unsigned hash = (unsigned)vs_hash(&book->seed, addr, sizeof(*addr));
	struct vs_exit_count *found;

	HASH_FIND_BYHASHVALUE(hh, book->exits, addr, sizeof(*addr), hash, found);
	if (found != NULL)
		return found;
	found = vs_zalloc(sizeof(*found));
	found->addr = *addr;
	HASH_ADD_BYHASHVALUE(hh, book->exits, addr, sizeof(found->addr), hash, found);
	return found;
}

void vs_exit_book_drop(struct vs_exit_book *book, struct vs_entry *entry)
{
	struct vs_exit_count *exit = entry->exit;

	if (exit == NULL)
		return;
	entry->exit = NULL;
	exit->alive -= entry->exit_alive ? 1 : 0;
	entry->exit_alive = false;
	if (--exit->clients > 0)
		return;
	HASH_DELETE(hh, book->exits, exit);
	vs_free(exit);
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
	vs_free(book);
}

void vs_exit_book_note(struct vs_exit_book *book, struct vs_entry *entry)
{
	const struct vs_addr *addr = &entry->client.told_exit;
	bool alive = entry->client.liveness == VS_LIVENESS_ALIVE;

	if (entry->exit != NULL && !vs_addr_equal(&entry->exit->addr, addr))
		vs_exit_book_drop(book, entry);
	if (addr->family == 0)
		return;
	if (entry->exit == NULL) {
		entry->exit = find_or_add(book, addr);
		entry->exit->clients++;
	}
	if (alive != entry->exit_alive) {
		entry->exit->alive += alive ? 1 : 0;
		entry->exit->alive -= alive ? 0 : 1;
		entry->exit_alive = alive;
	}
}

bool vs_exit_book_is_silent(const struct vs_entry *entry)
{
	return entry->exit != NULL && entry->exit->clients >= 2 && entry->exit->alive == 0;
}
