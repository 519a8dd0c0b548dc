/* What a database of ours looks like, whose it is, and how an older one becomes today's. */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "fault.h"

/* PRAGMA application_id: the bytes "VPNS". file(1) and others know a database by it. */
#define SCHEMA_APPLICATION_ID 0x56504e53
#define SCHEMA_VERSION 1 /* PRAGMA user_version of what this program writes */

/*
 * Reads only. 0 and *version (0: an empty database) when it is ours to use; -1 with fault when it
 * is another program's, a newer one's, or cannot be read.
 */
int schema_look(sqlite3 *db, const char *path, int *version, struct fault *fault);

/* Brings version to SCHEMA_VERSION, step by step, each whole or not at all. */
int schema_upgrade(sqlite3 *db, const char *path, int version, struct fault *fault);

#endif
