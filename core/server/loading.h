/*
 * Reads whole tables at the start, one after the other. A record that cannot be read is told by its key, and
 * stays where it is (see unread.h). [loop]
 */
#ifndef VS_SERVER_LOADING_H
#define VS_SERVER_LOADING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/view.h"
#include "server/unit.h"

struct vs_ledger;

struct vs_loading_table {
	enum vs_table table;
	const char *what; /* as people call its records */
	/* Takes one record. VS_ERR_INVALID with a sentence: it is none. */
	int (*take)(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err);
};

/*
 * tables and ledger are borrowed until done(done_arg, ok, reason), which comes once, never from inside this
 * call; what was taken before a failure stays with arg. Negative: the store's queue is full, and done does
 * not come.
 */
int vs_loading_start(struct vs_ledger *ledger, const struct vs_loading_table *tables, size_t count, void *arg,
	void (*done)(void *arg, bool ok, const char *reason), void *done_arg);

#endif
