/*
 * The newest reports that could not be sent, kept for the server's return: in memory, and
 * in one file (a body a line) so that a restart does not lose them.
 */
#ifndef VS_CLIENT_SPOOL_H
#define VS_CLIENT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_spool;

/* One of them. */
struct vs_spooled {
	char *body; /* the spool's */
	uint64_t number; /* counts up with every push: no two of a spool are the same */
	uint64_t made_ms; /* mono, when it was made; 0: by an earlier run, nobody knows */
};

#define VS_SPOOL_LIMIT 100

/*
 * path NULL: memory only. limit 0: nothing is ever kept. Reads what an earlier run left; a
 * damaged file is set aside with a warning, and its readable lines are kept.
 */
struct vs_spool *vs_spool_create(const char *path, size_t limit);
void vs_spool_destroy(struct vs_spool *spool); /* does not save; NULL is fine */

/* Another limit. Reports beyond a lower one go, the oldest first, when the next one comes. */
void vs_spool_limit(struct vs_spool *spool, size_t limit);

size_t vs_spool_count(const struct vs_spool *spool);

/* Copies body, made at made_ms (mono; 0: unknown), to the end; a full spool drops its oldest one. */
void vs_spool_push(struct vs_spool *spool, struct vs_view body, uint64_t made_ms);

/* The oldest one, borrowed until the next push or drop; NULL when empty. */
const struct vs_spooled *vs_spool_oldest(const struct vs_spool *spool);
void vs_spool_drop_oldest(struct vs_spool *spool); /* empty is fine */
/* Drops the oldest one if it is that: a spool that was full meanwhile has dropped it already. */
void vs_spool_drop(struct vs_spool *spool, uint64_t number);

/*
 * Writes the file if something changed since, or removes it when there is nothing to keep.
 * A directory that cannot be written is logged once, until it can be again.
 */
void vs_spool_save(struct vs_spool *spool);

#endif
