/*
 * What plugins remember across restarts (state/1): all of it in memory, written to the
 * store's STATE table within a second, many changes of one key as one. [loop]
 */
#ifndef VS_SERVER_STATE_BOOK_H
#define VS_SERVER_STATE_BOOK_H

#include <stdbool.h>

#include "plug/env.h"

struct vs_ledger;
struct vs_loop;
struct vs_state_book;
struct vs_unit;

/* ledger is borrowed. */
struct vs_state_book *vs_state_book_create(struct vs_loop *loop, struct vs_ledger *ledger);
void vs_state_book_destroy(struct vs_state_book *book); /* unwritten changes are lost: flush; NULL is fine */

/* Reads what is stored; done(arg, ok, reason) comes once, never from inside this call. Once, at the start. */
int vs_state_book_load(
	struct vs_state_book *book, void (*done)(void *arg, bool ok, const char *reason), void *arg);
/* For a store that begins empty: adds all of it to unit. */
void vs_state_book_rewrite(const struct vs_state_book *book, struct vs_unit *unit);
/* Hands what is unwritten to the ledger now. */
void vs_state_book_flush(struct vs_state_book *book);

/*
 * The same, and done(arg, durable) comes once the value of owner's key is stored, or the store refused; never
 * from inside this call.
 */
void vs_state_book_store(struct vs_state_book *book, const char *owner, const char *key,
	void (*done)(void *arg, bool durable), void *arg);

struct vs_state_backend vs_state_book_backend(struct vs_state_book *book); /* valid until destroy */

#endif
