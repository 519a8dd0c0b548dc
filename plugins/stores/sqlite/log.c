#include "log.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 65536 };

/* The file that SQLite has open. NULL: it has none. */
static sqlite3_file *open_log(sqlite3 *db)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
		return NULL;
	return log != NULL && log->pMethods != NULL ? log : NULL;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	ssize_t done;

	for (; len > 0; bytes += done, len -= (size_t)done) {
		done = write(fd, bytes, len);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done < 0)
			done = 0;
	}
	return 0;
}

/* errno tells why not. */
static int copy(sqlite3_file *log, int fd)
{
	char piece[PIECE];
	sqlite3_int64 size = 0;
	sqlite3_int64 at;
	int len;

	errno = EIO;
	if (log->pMethods->xFileSize(log, &size) != SQLITE_OK)
		return -1;
	for (at = 0; at < size; at += len) {
		len = size - at < PIECE ? (int)(size - at) : PIECE;
		errno = EIO;
		if (log->pMethods->xRead(log, piece, len, at) != SQLITE_OK)
			return -1;
		if (write_all(fd, piece, (size_t)len) != 0)
			return -1;
	}
	return fsync(fd);
}

/* One that is empty was made by somebody who looked into the database since. */
static int publish(const char *part, const char *name)
{
	if (file_size(name) == 0 ? rename(part, name) != 0 : file_rename_new(part, name) != 0)
		return -1;
	return file_sync_folder(name);
}

int log_put_back(sqlite3 *db, const char *name, struct fault *fault)
{
	char part[FILE_PATH_MAX + 32];
	sqlite3_file *log = open_log(db);
	int error;
	int fd;

	if (log == NULL)
		return 0;
	snprintf(part, sizeof(part), "%s.part-XXXXXX", name);
	fd = mkostemp(part, O_CLOEXEC);
	if (fd < 0) {
		fault_say_errno(fault, errno, "%s was removed while in use, and cannot be put back", name);
		return -1;
	}
	error = copy(log, fd) != 0 ? errno : 0;
	close(fd);
	if (error == 0 && publish(part, name) != 0)
		error = errno;
	if (error == 0)
		return 0;
	unlink(part);
	fault_say_errno(fault, error, "%s was removed while in use, and cannot be put back", name);
	return -1;
}
