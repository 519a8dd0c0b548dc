/*
 * The places of addresses, across restarts: an atlas in memory and the store's PLACES table behind it. What
 * the atlas drops goes from the store, too. Losing any of it costs a question to a source, nothing else.
 * [loop]
 */
#ifndef VS_SERVER_PLACE_BOOK_H
#define VS_SERVER_PLACE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_addr;
struct vs_atlas;
struct vs_ledger;
struct vs_place;
struct vs_place_book;
struct vs_unit;

#define VS_PLACE_BOOK_KEEP_MS (INT64_C(30) * 24 * 3600 * 1000) /* older ones are not loaded any more */

/* Both are borrowed; the book watches the atlas. */
struct vs_place_book *vs_place_book_create(struct vs_atlas *atlas, struct vs_ledger *ledger);
void vs_place_book_destroy(struct vs_place_book *book); /* NULL is fine */

/* Reads what is stored, once, at the start. done(arg, ok, reason) comes once, never from inside this call. */
int vs_place_book_load(struct vs_place_book *book, int64_t now,
	void (*done)(void *arg, bool ok, const char *reason), void *arg);

/* Into the atlas and the store. */
void vs_place_book_put(struct vs_place_book *book, const struct vs_addr *addr, const struct vs_place *place);

/* For a store that begins empty: begin, then next until false; each adds at most so many records to unit. */
void vs_place_book_begin_rewrite(struct vs_place_book *book);
bool vs_place_book_rewrite(struct vs_place_book *book, size_t max, struct vs_unit *unit);

#endif
