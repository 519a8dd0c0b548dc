/*
 * Records that the store would not take, newest value of each key, until it does. Pure
 * bookkeeping. Routine states of clients make room for everything else, deletions too.
 *
 * What was written together goes to the store together. Where two units hold the same key, only the
 * newer value is left, so these two have become one: a bundle. Bundles have no key in common, and so may be
 * written one after the other, in any order.
 */
#ifndef VS_SERVER_BACKLOG_H
#define VS_SERVER_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/unit.h"

struct vs_backlog;
struct vs_batch;
struct vs_buf;

struct vs_backlog *vs_backlog_create(size_t limit); /* records */
void vs_backlog_destroy(struct vs_backlog *backlog); /* NULL is fine */

/* Takes the records of unit (empty afterwards), which were written at seq. Returns how many found no room. */
size_t vs_backlog_take(struct vs_backlog *backlog, struct vs_unit *unit, uint64_t seq);
/* The store has taken unit, written at seq: what waits for the same keys from then or before is outdated. */
void vs_backlog_supersede(struct vs_backlog *backlog, const struct vs_unit *unit, uint64_t seq);

size_t vs_backlog_count(const struct vs_backlog *backlog);

/*
 * The next batch for the store, the caller's: whole bundles, the oldest first, as many as most records
 * hold, but at least one. One at a time: done, undone or give_up ends it.
 */
struct vs_batch *vs_backlog_batch(struct vs_backlog *backlog, size_t most);
/*
 * The same without regard to bundles, for a store that can never take one as it is. A crash between two such
 * batches may tell something twice, but not never: what must be told comes first, what was told goes last.
 */
struct vs_batch *vs_backlog_slice(struct vs_backlog *backlog, size_t most);

/* The store has taken the batch: forget what it held, but not what changed since. */
void vs_backlog_done(struct vs_backlog *backlog);
void vs_backlog_undone(struct vs_backlog *backlog); /* it has not */
/* The store can never take the batch, of one record. True and its name, unless it changed since. */
bool vs_backlog_give_up(struct vs_backlog *backlog, struct vs_buf *name);

#endif
