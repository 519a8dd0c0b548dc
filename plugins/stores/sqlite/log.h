/*
 * The log beside a database. Who removes it from its folder takes away what the file cannot do without: parts
 * of a log that stand in the file already are of use only together with the rest.
 */
#ifndef SQLITE_LOG_H
#define SQLITE_LOG_H

#include <sqlite3.h>

#include "fault.h"

/*
 * Writes the log that db still has open to the file called name, where none may be but an empty one: whole
 * and on the disk, or not at all. The database is as safe afterwards as it was before somebody removed its
 * log, however this process ends. Nobody may write to the database meanwhile. 0, or -1 with fault.
 */
int log_put_back(sqlite3 *db, const char *name, struct fault *fault);

#endif
