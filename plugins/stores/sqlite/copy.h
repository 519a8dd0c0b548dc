/*
 * A consistent copy of a database, made while it is in use: in parts, between which commits go on, by a
 * connection of its own, which sees the database as it was at the first part.
 */
#ifndef SQLITE_COPY_H
#define SQLITE_COPY_H

#include "database.h"

#define COPY_PART_MAX (FILE_PATH_MAX + 16)

/* Zeroed: no copy is under way. */
struct copy {
	char path[FILE_PATH_MAX]; /* of the new file, as it was asked for */
	char place[FILE_PATH_MAX]; /* the same, absolute */
	char part[COPY_PART_MAX]; /* where it grows */
	sqlite3 *from;
	sqlite3 *to;
	sqlite3_backup *backup; /* NULL: none */
};

/*
 * Copies some more of base to the new file at path, mode 0600; another path than before begins anew. The file
 * appears there when it is complete and on the disk, or not at all. 1: there is more to do; 0: done; -1 with
 * fault: nothing is left of it.
 */
int copy_go_on(struct copy *copy, struct database *base, const char *path, struct fault *fault);

/* Leaves nothing of a copy that is under way. None is fine. */
void copy_drop(struct copy *copy);

#endif
