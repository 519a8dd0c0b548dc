/*
 * What silences hold back: of each incident the transition that is to be told when its silence ends. [loop]
 * Bookkeeping, and its records in the store.
 */
#ifndef VS_SERVER_HELD_H
#define VS_SERVER_HELD_H

#include <stddef.h>

#include <uthash.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "model/transition.h"

struct vs_unit;

struct vs_held {
	char incident[VS_ULID_TEXT];
	struct vs_transition transition; /* owned */
	char *tags; /* owned: the client's, joined by commas */
	char *except; /* owned: a channel that is not to be asked; "": none */
	UT_hash_handle hh;
};

/* Zeroed is empty. */
struct vs_held_book {
	struct vs_held *items; /* in the order in which they were held back */
	struct vs_held *next; /* of the walk that is under way; NULL: none is */
};

/*
 * Keeps transition for later, in unit too. When the beginning of its incident is held already, that is what
 * will be told, with what is known now.
 */
void vs_held_put(struct vs_held_book *book, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit);
struct vs_held *vs_held_find(const struct vs_held_book *book, const char *incident); /* NULL: none */
/* Forgets it, in unit too. A walk goes on behind it. */
void vs_held_drop(struct vs_held_book *book, struct vs_held *held, struct vs_unit *unit);
size_t vs_held_count(const struct vs_held_book *book);
void vs_held_clear(struct vs_held_book *book); /* in memory alone; twice is fine */

/* A record of the HELD table; VS_ERR_INVALID with a sentence when it is none. */
int vs_held_restore(struct vs_held_book *book, struct vs_view key, struct vs_view value, struct vs_err *err);
/* Adds all records to unit. */
void vs_held_rewrite(const struct vs_held_book *book, struct vs_unit *unit);

#endif
