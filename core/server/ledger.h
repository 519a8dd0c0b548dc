/*
 * The server's memory on disk: the only part that talks to the store. [loop]
 *
 * What must be durable together is written in one unit, and answered when it is. Routine
 * states of known clients are written at most a second later, one write a client however
 * often it changed. When the store fails, units wait in memory (10,000 records), count as
 * not durable, and are written when it is back: units as they were, where two have a record in common both
 * at once. A record that the store can never take is given up, when it takes another.
 *
 * A store that does not answer for 5 s counts as failing, too: what it was given waits in memory besides, and
 * is not durable. Should it answer after all, what it has taken waits no more.
 *
 * A store that turns out to be damaged is closed and opened anew. If it begins empty then, all that the
 * server knows is written into it; until that is done nothing counts as durable.
 */
#ifndef VS_SERVER_LEDGER_H
#define VS_SERVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "server/clock.h"
#include "server/unit.h"

struct vs_entry;
struct vs_ledger;
struct vs_loop;
struct vs_names;
struct vs_stats;
struct vs_store;
struct vs_unit;

#define VS_LEDGER_BACKLOG 10000 /* records that wait at most */

/* store is borrowed and must outlive the ledger; so must names, stats and entries that were touched. */
struct vs_ledger *vs_ledger_create(struct vs_loop *loop, struct vs_store *store, const struct vs_clock *clock,
	struct vs_names *names, struct vs_stats *stats);
/* Nothing may be under way: see vs_ledger_flush. NULL is fine. */
void vs_ledger_destroy(struct vs_ledger *ledger);

/*
 * Takes unit. done(arg, durable) comes once, never from inside this call: durable is false
 * when the store refused, or does not answer, and the unit waits in memory. done may be NULL. Returns
 * the unit's number, which is above 0 and all that were given before.
 */
uint64_t vs_ledger_commit(
	struct vs_ledger *ledger, struct vs_unit *unit, void (*done)(void *arg, bool durable), void *arg);
/* False while it is not known what became of the unit with this number, or of one before. */
bool vs_ledger_is_settled(const struct vs_ledger *ledger, uint64_t number);

/* The routine state of a known client changed: write it within a second. */
void vs_ledger_touch(struct vs_ledger *ledger, struct vs_entry *entry);
void vs_ledger_untouch(struct vs_ledger *ledger, struct vs_entry *entry); /* not touched is fine */

/*
 * Writes everything now, once more also what the store refused before; done(arg) comes when it
 * is written, or refused again, never from inside this call.
 */
void vs_ledger_flush(struct vs_ledger *ledger, void (*done)(void *arg), void *arg);

/*
 * Everything the server knows, for a store that began empty. begin: from the first; next: adds some more
 * records to unit, or none in a turn that only looked for them; false, and none, when that was all. Called
 * from turns of the loop of their own; records that change meanwhile are committed as ever.
 */
struct vs_ledger_source {
	void (*begin)(void *arg);
	bool (*next)(void *arg, struct vs_unit *unit);
	void *arg;
};

/* Copied. NULL: there is none (any more), and a damaged store just refuses; so it is at the beginning. */
void vs_ledger_set_source(struct vs_ledger *ledger, const struct vs_ledger_source *source);
/* The store told somebody else that it is damaged. */
void vs_ledger_doubt(struct vs_ledger *ledger, const char *why);
/* True from the damage on until everything is written anew. */
bool vs_ledger_is_rewriting(const struct vs_ledger *ledger);
/* What happened to the store that was damaged, and what is lost; NULL: nothing, or it was told. Borrowed. */
const char *vs_ledger_loss(const struct vs_ledger *ledger);
/* One more sentence of what is lost; said when the source begins. */
void vs_ledger_add_loss(struct vs_ledger *ledger, const char *sentence);
void vs_ledger_loss_told(struct vs_ledger *ledger);

/* True while units wait because the store refuses; why is its sentence (borrowed), since wall time. */
bool vs_ledger_is_failing(const struct vs_ledger *ledger, const char **why, int64_t *since);
size_t vs_ledger_waiting(const struct vs_ledger *ledger); /* records waiting in memory */
/* True while the store refuses or has much to do: what can wait should. */
bool vs_ledger_is_busy(const struct vs_ledger *ledger);

/*
 * Reads a table whole, in order of keys: each(arg, key, value), then done(arg, ok, reason).
 * prefix NULL: all of it, else keys that begin with prefix and a NUL. limit 0: all.
 */
int vs_ledger_read(struct vs_ledger *ledger, enum vs_table table, const char *prefix, uint64_t limit,
	bool newest_first, bool (*each)(void *arg, struct vs_view key, struct vs_view value),
	void (*done)(void *arg, bool ok, const char *reason), void *arg);
/* The same for limit records of it before key ("": the end), the last first: a look at a large table in parts,
 * between which others are served. */
int vs_ledger_read_before(struct vs_ledger *ledger, enum vs_table table, struct vs_view key, uint64_t limit,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value),
	void (*done)(void *arg, bool ok, const char *reason), void *arg);

#endif
