#include "whose.h"

#include "file.h"
#include "lock.h"
#include "schema.h"

#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The head of every SQLite file, which is also the beginning of its first page in a log. */
enum { HEAD = 100, APPLICATION_AT = 68 };
static const char magic[16] = "SQLite format 3"; /* with its NUL */

/* A log: its head, then frames of a head and a page each. */
enum {
	LOG_MAGIC = 0x377f0682, /* or one more */
	LOG_HEAD = 32,
	LOG_PAGE_SIZE_AT = 8,
	FRAME_HEAD = 24,
	FRAMES_MAX = 16384, /* more of them than a log of ours has, but for one that a backup made grow */
};

static uint32_t number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       (uint32_t)bytes[3];
}

/* 1, and the PRAGMA application_id, when a page begins as that of a SQLite file. */
static int is_head(const unsigned char head[HEAD], uint32_t *application)
{
	if (memcmp(head, magic, sizeof(magic)) != 0)
		return 0;
	*application = number_at(head + APPLICATION_AT);
	return 1;
}

static int read_head(const char *path, uint32_t *application)
{
	unsigned char head[HEAD];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;

	if (fd >= 0)
		close(fd);
	return len == HEAD && is_head(head, application);
}

static int open_beside(const char *path, const char *suffix)
{
	char name[FILE_PATH_MAX + 16];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* A first page with our mark among the pages of a log. */
static int has_our_page(int fd)
{
	unsigned char bytes[FRAME_HEAD + HEAD];
	uint32_t application;
	uint32_t size;
	off_t at = LOG_HEAD;
	int i;

	if (pread(fd, bytes, LOG_HEAD, 0) != LOG_HEAD || (number_at(bytes) & ~UINT32_C(1)) != LOG_MAGIC)
		return 0;
	size = number_at(bytes + LOG_PAGE_SIZE_AT);
	if (size < 512 || size > 65536)
		return 0;
	for (i = 0; i < FRAMES_MAX; i++, at += FRAME_HEAD + (off_t)size) {
		if (pread(fd, bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes))
			return 0;
		if (number_at(bytes) == 1 && is_head(bytes + FRAME_HEAD, &application) &&
			application == SCHEMA_APPLICATION_ID)
			return 1;
	}
	return 0;
}

static int has_our_log(const char *path)
{
	int fd = open_beside(path, "-wal");
	int ours = fd >= 0 && has_our_page(fd);

	if (fd >= 0)
		close(fd);
	return ours;
}

static int has_our_lock(const char *path)
{
	int fd = open_beside(path, ".lock");
	int ours = fd >= 0 && lock_is_ours(fd);

	if (fd >= 0)
		close(fd);
	return ours;
}

enum whose whose_file(const char *path)
{
	uint32_t application = 0;
	int is_sqlite;

	if (file_size(path) <= 0)
		return WHOSE_NOBODYS;
	is_sqlite = read_head(path, &application);
	if ((is_sqlite && application == SCHEMA_APPLICATION_ID) || has_our_lock(path))
		return WHOSE_OURS;
	if (is_sqlite && application != 0)
		return WHOSE_OTHERS;
	/* A young one, whose mark stands in its log still; or one whose first page is damaged. */
	if (has_our_log(path))
		return WHOSE_OURS;
	return is_sqlite ? WHOSE_UNKNOWN : WHOSE_OTHERS;
}

int whose_was_ours(const char *path)
{
	char pattern[2 * FILE_PATH_MAX + 32];
	size_t len = 0;
	glob_t found;
	int rc;

	if (has_our_lock(path))
		return 1;
	for (; *path != '\0'; path++) {
		if (strchr("*?[]\\", *path) != NULL)
			pattern[len++] = '\\';
		pattern[len++] = *path;
	}
	snprintf(pattern + len, sizeof(pattern) - len, ".before-restore-*");
	rc = glob(pattern, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return rc == 0;
}
