#include "whose.h"

#include "file.h"
#include "schema.h"

#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The head of every SQLite file. */
enum { HEAD = 100, APPLICATION_AT = 68 };
static const char magic[16] = "SQLite format 3"; /* with its NUL */

/* 1, and the PRAGMA application_id, when it has the head of a SQLite file. */
static int read_head(const char *path, uint32_t *application)
{
	unsigned char head[HEAD];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;

	if (fd >= 0)
		close(fd);
	if (len != HEAD || memcmp(head, magic, sizeof(magic)) != 0)
		return 0;
	*application = (uint32_t)head[APPLICATION_AT] << 24 | (uint32_t)head[APPLICATION_AT + 1] << 16 |
		       (uint32_t)head[APPLICATION_AT + 2] << 8 | (uint32_t)head[APPLICATION_AT + 3];
	return 1;
}

static int has(const char *path, const char *suffix)
{
	char name[FILE_PATH_MAX + 16];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return file_size(name) > 0;
}

enum whose whose_file(const char *path)
{
	uint32_t application = 0;
	int is_sqlite;

	if (file_size(path) <= 0)
		return WHOSE_NOBODYS;
	is_sqlite = read_head(path, &application);
	if ((is_sqlite && application == SCHEMA_APPLICATION_ID) || has(path, ".lock"))
		return WHOSE_OURS;
	if (is_sqlite && application != 0)
		return WHOSE_OTHERS;
	/* A young one, whose mark stands in its log still; or one whose first page is damaged. */
	if (has(path, "-wal"))
		return WHOSE_OURS;
	return is_sqlite ? WHOSE_UNKNOWN : WHOSE_OTHERS;
}

int whose_was_ours(const char *path)
{
	char pattern[2 * FILE_PATH_MAX + 32];
	size_t len = 0;
	glob_t found;
	int rc;

	if (has(path, ".lock"))
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
