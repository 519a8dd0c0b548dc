#include "support/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

void folder_make(struct folder *folder)
{
	static const char *const kinds[] = {"probes", "notifiers", "auth", "stores"};
	size_t i;

	snprintf(folder->path, sizeof(folder->path), "/tmp/vs-abi-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	for (i = 0; i < 4; i++)
		assert_int_equal(mkdir(folder_path(folder, kinds[i]), 0755), 0);
}

static int remove_one(const char *path, const struct stat *what, int flag, struct FTW *walk)
{
	(void)what;
	(void)flag;
	(void)walk;
	return remove(path);
}

void folder_remove(struct folder *folder)
{
	assert_int_equal(nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *folder_path(const struct folder *folder, const char *rest)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder->path, rest);
	return path;
}

void folder_write(const struct folder *folder, const char *rest, const void *bytes, size_t len)
{
	int fd = open(folder_path(folder, rest), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

void folder_copy(const struct folder *folder, const char *from, const char *to)
{
	char path[512];
	struct stat what;
	char *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", ZOO_DIR, from);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &what), 0);
	bytes = malloc((size_t)what.st_size);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)what.st_size), what.st_size);
	close(fd);
	folder_write(folder, to, bytes, (size_t)what.st_size);
	free(bytes);
}

void folder_cut(const struct folder *folder, const char *rest, size_t len)
{
	assert_int_equal(truncate(folder_path(folder, rest), (off_t)len), 0);
}

void folder_patch(const struct folder *folder, const char *rest, size_t offset, const void *bytes, size_t len)
{
	int fd = open(folder_path(folder, rest), O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, (off_t)offset), (ssize_t)len);
	close(fd);
}
