#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_MAX (FILE_PATH_MAX + 16)

static int refuse_existing(const char *path, struct fault *fault)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return 0;
	fault_say(fault, VPNS_STORE_FAILED, "%s exists: a backup never replaces a file, choose another name",
		path);
	return -1;
}

static int make_part(char part[PART_MAX], const char *path, struct fault *fault)
{
	int fd;

	snprintf(part, PART_MAX, "%s.part-XXXXXX", path);
	fd = mkostemp(part, O_CLOEXEC);
	if (fd < 0) {
		fault_say_errno(fault, errno, "cannot make a backup at %s", path);
		return -1;
	}
	close(fd);
	return 0;
}

/* A part that fails is thrown away, so it needs no journal; and it becomes durable once, at the end. */
static int copy_pages(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *backup;
	int code = sqlite3_exec(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	backup = sqlite3_backup_init(to, "main", from, "main");
	if (backup == NULL)
		return sqlite3_extended_errcode(to);
	sqlite3_backup_step(backup, -1);
	code = sqlite3_backup_finish(backup);
	/* One file that can be read from read-only places, too: no log beside it. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return code;
}

static int fill_part(const char *part, struct database *base, struct fault *fault)
{
	sqlite3 *to = NULL;
	int code;

	errno = 0;
	code = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) {
		sqlite3_extended_result_codes(to, 1);
		code = copy_pages(to, base->db);
	}
	if (code != SQLITE_OK)
		fault_of(fault, code, to, part);
	sqlite3_close(to);
	return code == SQLITE_OK ? 0 : -1;
}

static int sync_part(const char *part)
{
	int fd = open(part, O_RDWR | O_CLOEXEC);
	int error;
	int rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	error = errno;
	close(fd);
	errno = error;
	return rc;
}

/* Gives the part its name, for good. */
static int publish(const char *part, const char *path)
{
	int error;

	if (sync_part(part) != 0 || file_rename_new(part, path) != 0)
		return -1;
	if (file_sync_folder(path) == 0)
		return 0;
	error = errno;
	unlink(path);
	errno = error;
	return -1;
}

static void drop_part(const char *part)
{
	static const char *const suffixes[] = {FILE_SUFFIXES};
	char name[PART_MAX + 16];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", part, suffixes[i]);
		unlink(name);
	}
}

int copy_make(struct database *base, const void *request, struct fault *fault)
{
	char path[FILE_PATH_MAX];
	char part[PART_MAX];
	int rc;

	if (file_resolve(path, request, fault) != 0 || refuse_existing(path, fault) != 0 ||
		make_part(part, path, fault) != 0)
		return -1;
	rc = fill_part(part, base, fault);
	if (rc == 0 && publish(part, path) != 0) {
		fault_say_errno(fault, errno, "cannot finish the backup at %s", path);
		rc = -1;
	}
	if (rc == 0)
		return 0;
	drop_part(part);
	/* The copy's trouble is not that of the store. */
	fault->stuck = 0;
	if (fault->status == VPNS_STORE_CORRUPT)
		fault_say(
			fault, VPNS_STORE_FAILED, "the copy at %s came out damaged: look at the disk", path);
	return -1;
}
