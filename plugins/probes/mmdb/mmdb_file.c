#include "mmdb_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void mmdb_file_init(struct mmdb_file *file, const char *path)
{
	memset(file, 0, sizeof(*file));
	file->path = path;
}

void mmdb_file_fini(struct mmdb_file *file)
{
	if (file->is_open)
		MMDB_close(&file->db);
	file->is_open = 0;
}

static int same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int same_bytes(const struct stat *a, const struct stat *b)
{
	return same_inode(a, b) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void fail(struct mmdb_file *file, const char *why)
{
	file->failed = 1;
	snprintf(file->why, sizeof(file->why), "%s", why);
}

static void open_anew(struct mmdb_file *file)
{
	MMDB_s db;
	int error;

	if (!S_ISREG(file->seen.st_mode)) {
		fail(file, "it is not a file");
		return;
	}
	error = MMDB_open(file->path, MMDB_MODE_MMAP, &db);
	if (error != MMDB_SUCCESS) {
		fail(file, error == MMDB_FILE_OPEN_ERROR ? strerror(errno) : MMDB_strerror(error));
		return;
	}
	mmdb_file_fini(file);
	file->db = db;
	file->is_open = 1;
}

void mmdb_file_refresh(struct mmdb_file *file)
{
	struct stat now;

	if (file->path == NULL)
		return;
	if (stat(file->path, &now) != 0) {
		fail(file, strerror(errno));
		memset(&file->seen, 0, sizeof(file->seen));
		return;
	}
	if (same_bytes(&now, &file->seen))
		return;
	/* Pages of a file that became shorter are a SIGBUS. */
	if (file->is_open && same_inode(&now, &file->seen))
		mmdb_file_fini(file);
	file->seen = now;
	file->failed = 0;
	open_anew(file);
}
