/* The connection to one database file: opening, checking, the statements that are kept, closing. */
#ifndef SQLITE_DATABASE_H
#define SQLITE_DATABASE_H

#include <sqlite3.h>

#include "fault.h"
#include "file.h"

/*      name           SQL; in scans ?1 is the table, ?2 the first key, ?3 the limit, ?4 the key to stop at */
#define DATABASE_STATEMENTS(X)                                                                               \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                          \
	X(COMMIT, "COMMIT")                                                                                  \
	X(ROLLBACK, "ROLLBACK")                                                                              \
	X(PUT, "INSERT INTO records VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value")    \
	X(DELETE, "DELETE FROM records WHERE tab = ?1 AND key = ?2")                                         \
	X(SCAN, "SELECT key, value FROM records WHERE tab = ?1 AND key >= ?2 ORDER BY key LIMIT ?3")         \
	X(SCAN_TO, "SELECT key, value FROM records WHERE tab = ?1 AND key >= ?2 AND key < ?4"                \
		   " ORDER BY key LIMIT ?3")                                                                 \
	X(SCAN_BACK, "SELECT key, value FROM records WHERE tab = ?1 AND key >= ?2"                           \
		     " ORDER BY key DESC LIMIT ?3")                                                          \
	X(SCAN_BACK_TO, "SELECT key, value FROM records WHERE tab = ?1 AND key >= ?2 AND key < ?4"           \
			" ORDER BY key DESC LIMIT ?3")

enum database_statement {
#define DATABASE_STATEMENT_ENUM(name, sql) DATABASE_##name,
	DATABASE_STATEMENTS(DATABASE_STATEMENT_ENUM)
#undef DATABASE_STATEMENT_ENUM
		DATABASE_STATEMENT_COUNT
};

struct database {
	char path[FILE_PATH_MAX];
	int64_t cache; /* bytes */
	int sync_normal; /* 1: a commit may be lost with the power, but not with the process */
	sqlite3 *db; /* NULL: closed */
	sqlite3_stmt *statements[DATABASE_STATEMENT_COUNT];
	struct file_id file; /* that was opened first */
	struct file_id log; /* beside it, while it is open */
	int log_was_gone; /* 1: see database_in_place(); the owner takes it back */
};

enum database_check {
	DATABASE_CHECK_NONE,
	DATABASE_CHECK_BOUNDED, /* whole up to 64 MiB, quick up to 512 MiB, then none */
	DATABASE_CHECK_WHOLE,
};

/*
 * Opens path, which must exist; later only the same file again. 0, or -1 with fault and closed. When
 * fault's status is CORRUPT, nothing was written to the file nor to those beside it.
 */
int database_open(struct database *base, enum database_check check, struct fault *fault);

/*
 * 0 when path still leads to the file that is open, and its log stands beside it. A log that was removed is
 * put back, since this connection has it still, and opened anew: log_was_gone. No other connection of this
 * process may have the file open then.
 */
int database_in_place(struct database *base, struct fault *fault);
int database_has_log(const struct database *base); /* 0: the one that is open is not beside it any more */

void database_close(struct database *base); /* twice is fine */
void database_close_untouched(struct database *base); /* without bringing the log into the file */

#endif
