#include "server/place_book.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "model/atlas.h"
#include "model/place.h"
#include "server/ledger.h"
#include "server/unit.h"

struct vs_place_book {
	struct vs_atlas *atlas;
	struct vs_ledger *ledger;
	int64_t now; /* while loading */
	struct vs_unit *useless; /* while loading: what is deleted afterwards */
	size_t unread; /* likewise: how many of them nobody can read */
	void (*loaded)(void *arg, bool ok, const char *reason);
	void *loaded_arg;
	struct vs_addr *rewriting; /* addresses that a new store does not have yet */
	size_t rewriting_count;
};

static void delete_from(struct vs_unit *unit, const struct vs_addr *addr)
{
	char key[VS_ADDR_TEXT];

	vs_addr_format(addr, key);
	vs_unit_delete(unit, VS_TABLE_PLACES, key, NULL);
}

static void put_into(struct vs_unit *unit, const struct vs_addr *addr, const struct vs_place *place)
{
	char key[VS_ADDR_TEXT];
	struct vs_buf record;

	vs_addr_format(addr, key);
	vs_buf_init(&record);
	vs_place_encode(addr, place, &record);
	vs_unit_put(unit, VS_TABLE_PLACES, key, NULL, vs_buf_view(&record));
	vs_buf_fini(&record);
}

static void on_dropped(void *arg, const struct vs_addr *addr)
{
	struct vs_place_book *book = arg;
	struct vs_unit *unit;

	if (book->useless != NULL) {
		delete_from(book->useless, addr);
		return;
	}
	unit = vs_unit_create();
	delete_from(unit, addr);
	vs_ledger_commit(book->ledger, unit, NULL, NULL);
}

struct vs_place_book *vs_place_book_create(struct vs_atlas *atlas, struct vs_ledger *ledger)
{
	struct vs_place_book *book = vs_zalloc(sizeof(*book));

	book->atlas = atlas;
	book->ledger = ledger;
	vs_atlas_watch(atlas, on_dropped, book);
	return book;
}

void vs_place_book_destroy(struct vs_place_book *book)
{
	if (book == NULL)
		return;
	vs_atlas_watch(book->atlas, NULL, NULL);
	vs_unit_destroy(book->useless);
	vs_free(book->rewriting);
	vs_free(book);
}

void vs_place_book_put(struct vs_place_book *book, const struct vs_addr *addr, const struct vs_place *place)
{
	struct vs_unit *unit = vs_unit_create();

	vs_atlas_put(book->atlas, addr, place);
	put_into(unit, addr, place);
	vs_ledger_commit(book->ledger, unit, NULL, NULL);
}

/* --- loading --------------------------------------------------------------------------- */

static bool on_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct vs_place_book *book = arg;
	struct vs_place place;
	struct vs_addr addr;
	struct vs_err err;

	if (vs_place_decode(&addr, &place, value, &err) < 0) {
		if (book->unread++ == 0)
			vs_log(VS_LOG_WARN, "locate",
				"the stored place of %.*s cannot be read and is asked for again: %s",
				(int)(key.len < VS_ADDR_TEXT ? key.len : VS_ADDR_TEXT), key.ptr, err.text);
	} else if (book->now - place.at <= VS_PLACE_BOOK_KEEP_MS) {
		vs_atlas_put(book->atlas, &addr, &place);
		return true;
	}
	vs_unit_delete_key(book->useless, VS_TABLE_PLACES, key);
	return true;
}

static void on_read(void *arg, bool ok, const char *reason)
{
	struct vs_place_book *book = arg;
	struct vs_unit *useless = book->useless;

	book->useless = NULL;
	if (book->unread > 1)
		vs_log(VS_LOG_WARN, "locate", "%zu more cannot be read", book->unread - 1);
	if (ok && useless->count > 0)
		vs_ledger_commit(book->ledger, useless, NULL, NULL);
	else
		vs_unit_destroy(useless);
	book->loaded(book->loaded_arg, ok, reason);
}

int vs_place_book_load(struct vs_place_book *book, int64_t now,
	void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	int rc;

	book->now = now;
	book->loaded = done;
	book->loaded_arg = arg;
	book->useless = vs_unit_create();
	rc = vs_ledger_read(book->ledger, VS_TABLE_PLACES, NULL, 0, false, on_record, on_read, book);
	if (rc < 0) {
		vs_unit_destroy(book->useless);
		book->useless = NULL;
	}
	return rc;
}

/* --- a store that begins empty --------------------------------------------------------- */

static void note_address(void *arg, const struct vs_addr *addr, const struct vs_place *place)
{
	struct vs_place_book *book = arg;

	(void)place;
	book->rewriting[book->rewriting_count++] = *addr;
}

void vs_place_book_begin_rewrite(struct vs_place_book *book)
{
	vs_free(book->rewriting);
	book->rewriting = vs_calloc(vs_atlas_count(book->atlas) + 1, sizeof(*book->rewriting));
	book->rewriting_count = 0;
	vs_atlas_each(book->atlas, note_address, book);
}

/* From the last: to look at one moves it to the front, and so their order stays. */
bool vs_place_book_rewrite(struct vs_place_book *book, size_t max, struct vs_unit *unit)
{
	const struct vs_place *place;

	for (; book->rewriting_count > 0 && max > 0; max--) {
		const struct vs_addr *addr = &book->rewriting[--book->rewriting_count];

		place = vs_atlas_find(book->atlas, addr, 0);
		if (place != NULL)
			put_into(unit, addr, place);
	}
	return book->rewriting_count > 0;
}
