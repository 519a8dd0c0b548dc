/*
 * Records that the store would not take, newest value of each key, until it does. Pure
 * bookkeeping. Routine states of clients make room for everything else, deletions too.
 */
#ifndef VS_SERVER_BACKLOG_H
#define VS_SERVER_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

#include "server/unit.h"

struct vs_backlog;
struct vs_batch;

struct vs_backlog *vs_backlog_create(size_t limit); /* records */
void vs_backlog_destroy(struct vs_backlog *backlog); /* NULL is fine */

/* Takes the records of unit (empty afterwards), which were written at seq. Returns how many found no room. */
size_t vs_backlog_take(struct vs_backlog *backlog, struct vs_unit *unit, uint64_t seq);
/* The store has taken unit, written at seq: what waits for the same keys from before is outdated. */
void vs_backlog_supersede(struct vs_backlog *backlog, const struct vs_unit *unit, uint64_t seq);

size_t vs_backlog_count(const struct vs_backlog *backlog);
/* Everything, in the order first taken; the caller owns the batch. mark is for vs_backlog_done. */
struct vs_batch *vs_backlog_batch(const struct vs_backlog *backlog, uint64_t *mark);
/* The store has taken the batch that came with mark: forget what it held, but not what changed since. */
void vs_backlog_done(struct vs_backlog *backlog, uint64_t mark);

#endif
