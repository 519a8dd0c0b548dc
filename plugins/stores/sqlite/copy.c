#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STEP_PAGES = 512, /* 2 MiB: some milliseconds, which is what a commit may have to wait */
	BUSY_MS = 1000,
};

static int refuse_existing(const char *path, struct fault *fault)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return 0;
	fault_say(fault, VPNS_STORE_FAILED, "%s exists: a backup never replaces a file, choose another name",
		path);
	return -1;
}

static int make_part(char part[COPY_PART_MAX], const char *path, struct fault *fault)
{
	int fd;

	snprintf(part, COPY_PART_MAX, "%s.part-XXXXXX", path);
	fd = mkostemp(part, O_CLOEXEC);
	if (fd < 0) {
		fault_say_errno(fault, errno, "cannot make a backup at %s", path);
		return -1;
	}
	close(fd);
	return 0;
}

/* A part that fails is thrown away, so it needs no journal; and it becomes durable by us. */
static int open_to(struct copy *copy)
{
	int code = sqlite3_open_v2(copy->part, &copy->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return code;
	sqlite3_extended_result_codes(copy->to, 1);
	return sqlite3_exec(
		copy->to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL);
}

/* The transaction lasts as long as the copy: what is committed meanwhile is in the log, and not for it. */
static int open_from(struct copy *copy, const char *path)
{
	int code = sqlite3_open_v2(path, &copy->from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return code;
	sqlite3_extended_result_codes(copy->from, 1);
	sqlite3_db_config(copy->from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_busy_timeout(copy->from, BUSY_MS);
	return sqlite3_exec(copy->from, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static int begin(struct copy *copy, struct database *base, const char *path, struct fault *fault)
{
	int code;

	if (strlen(path) >= sizeof(copy->path)) {
		fault_say(fault, VPNS_STORE_FAILED, "the path is longer than %d bytes: choose a shorter one",
			FILE_PATH_MAX - 1);
		return -1;
	}
	if (file_resolve(copy->place, path, fault) != 0 || refuse_existing(copy->place, fault) != 0 ||
		make_part(copy->part, copy->place, fault) != 0)
		return -1;
	snprintf(copy->path, sizeof(copy->path), "%s", path);
	errno = 0;
	code = open_from(copy, base->path);
	if (code != SQLITE_OK) {
		fault_of(fault, code, copy->from, base->path);
		return -1;
	}
	code = open_to(copy);
	if (code == SQLITE_OK) {
		copy->backup = sqlite3_backup_init(copy->to, "main", copy->from, "main");
		if (copy->backup != NULL)
			return 0;
		code = sqlite3_extended_errcode(copy->to);
	}
	fault_of(fault, code, copy->to, copy->part);
	return -1;
}

/* 1: there is more; 0: all pages are there; -1 with fault. */
static int step(struct copy *copy, struct fault *fault)
{
	int code;

	errno = 0;
	code = sqlite3_backup_step(copy->backup, STEP_PAGES);
	if (code == SQLITE_OK)
		return 1;
	sqlite3_backup_finish(copy->backup);
	copy->backup = NULL;
	/* One file that can be read from read-only places, too: no log beside it. */
	if (code == SQLITE_DONE)
		code = sqlite3_exec(copy->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	fault_of(fault, code, copy->to, copy->part);
	return -1;
}

static void close_both(struct copy *copy)
{
	if (copy->backup != NULL)
		sqlite3_backup_finish(copy->backup);
	sqlite3_close(copy->to);
	sqlite3_close(copy->from);
	copy->backup = NULL;
	copy->to = NULL;
	copy->from = NULL;
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
	char name[COPY_PART_MAX + 16];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", part, suffixes[i]);
		unlink(name);
	}
}

void copy_drop(struct copy *copy)
{
	close_both(copy);
	if (copy->part[0] != '\0')
		drop_part(copy->part);
	memset(copy, 0, sizeof(*copy));
}

/* What is written is brought to the disk part by part: all at the end would take as long as the whole. */
static int go_on(struct copy *copy, struct fault *fault)
{
	int rc = step(copy, fault);

	if (rc < 0)
		return -1;
	if (rc == 0)
		close_both(copy);
	if (rc > 0 ? sync_part(copy->part) == 0 : publish(copy->part, copy->place) == 0)
		return rc;
	fault_say_errno(fault, errno, "cannot finish the backup at %s", copy->place);
	return -1;
}

int copy_go_on(struct copy *copy, struct database *base, const char *path, struct fault *fault)
{
	int rc = 0;

	if (copy->backup == NULL || strcmp(copy->path, path) != 0) {
		copy_drop(copy);
		rc = begin(copy, base, path, fault);
	}
	if (rc == 0)
		rc = go_on(copy, fault);
	if (rc > 0)
		return 1;
	if (rc == 0)
		copy->part[0] = '\0'; /* it has its name */
	copy_drop(copy);
	if (rc == 0)
		return 0;
	/* The copy's trouble is not that of the store. */
	fault->stuck = 0;
	if (fault->status == VPNS_STORE_CORRUPT)
		fault_say(
			fault, VPNS_STORE_FAILED, "the copy at %s came out damaged: look at the disk", path);
	return -1;
}
