/*
 * A database of the store plugin sqlite as files on the disk: path, and beside it path-wal, -shm,
 * -journal and path.lock, as the plugin's README promises. Nothing here opens a database.
 */
#ifndef VS_CLI_DATABASE_H
#define VS_CLI_DATABASE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct vs_buf;

/* Who files belong to that root makes. */
struct vs_owner {
	uid_t uid;
	gid_t gid;
};

/* Appends the absolute path that path leads to through all links. The file need not exist, its folder must.
 */
int vs_database_resolve(struct vs_buf *out, const char *path, struct vs_err *err);

/* Of the file at path, or else of its folder. */
int vs_database_owner(struct vs_owner *owner, const char *path, struct vs_err *err);

/*
 * Takes the lock that a server holds while it uses path; *fd keeps it until closed. VS_ERR_BUSY when
 * somebody else has it. With owner a lock file is made where there is none; NULL: then *fd is -1.
 */
int vs_database_lock(int *fd, const char *path, const struct vs_owner *owner, struct vs_err *err);

/* Whether the file begins as a database of ours does. Whether it is sound is another question. */
int vs_database_look(const char *path, struct vs_err *err);

/* Copies from, with its logs, to the new files at to, mode 0600. What was copied stays when it fails. */
int vs_database_copy(const char *from, const char *to, struct vs_err *err);

/* Makes what was written to path durable, and gives it to owner if the process is root. */
int vs_database_finish(const char *path, const struct vs_owner *owner, struct vs_err *err);

/* Renames path and its logs, the file first. What is not there is not moved; nothing is replaced. */
int vs_database_move(const char *from, const char *to, struct vs_err *err);
bool vs_database_exists(const char *path); /* it, or a log of it */
bool vs_database_is_alone(const char *path); /* it exists, and no log of it */

/* Makes the names in path's folder durable. */
int vs_database_sync_folder(const char *path, struct vs_err *err);

#endif
