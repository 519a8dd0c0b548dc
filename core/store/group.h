/*
 * Commits that wait one behind the other go into the store as one: a disk that takes a
 * millisecond for each would otherwise make a crowd of them wait for a second. Each still
 * has an outcome of its own. For this folder; [store] but for tests.
 */
#ifndef VS_STORE_GROUP_H
#define VS_STORE_GROUP_H

#include <stddef.h>

#include "store/job.h"

/* What one group holds at most; a first job above it goes alone. */
#define VS_GROUP_JOBS 256
#define VS_GROUP_BYTES (1024 * 1024)

/*
 * Takes the first job of queue, which is not empty, and when that is a commit the commits
 * right behind it: a list in the same order, the caller's from then on.
 */
struct vs_job *vs_group_take(struct vs_job **queue);

/*
 * Commits the batches of group, all of them commits, in order and together. When the store can
 * never take that (FAILED), each is committed alone, so that a bad one hurts only itself. What
 * may heal (RETRY) or is beyond trust (CORRUPT) is everybody's outcome: nothing has happened.
 */
void vs_group_commit(struct vs_job *group, struct vs_store_seat *seat);

#endif
