/* A damaged database is kept for whoever wants to rescue something of it. */
#ifndef SQLITE_ASIDE_H
#define SQLITE_ASIDE_H

#include "file.h"

#define ASIDE_NAME_MAX (FILE_PATH_MAX + 48)

/*
 * Renames path, and -wal, -shm and -journal beside it, to "<path>.corrupt-<UTC time>". The database is
 * closed. 0 and the new name, or -1 with fault. No file that exists is replaced.
 */
int aside_put(const char *path, int64_t wall_ms, char name[ASIDE_NAME_MAX], struct fault *fault);

/*
 * 1 when there is a log without the file it belongs to, or that file is empty. SQLite would begin a
 * new database and delete the log.
 */
int aside_is_log_alone(const char *path);

#endif
