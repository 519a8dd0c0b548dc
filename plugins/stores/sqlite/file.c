#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void folder_of(char folder[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(folder, PATH_MAX, ".");
	else
		snprintf(folder, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Of a file that is not there yet: its folder's path and its own name. */
static int resolve_new(char full[PATH_MAX], const char *path, struct fault *fault)
{
	char folder[PATH_MAX];
	struct stat info;
	size_t len;

	if (lstat(path, &info) == 0) {
		fault_say(fault, VPNS_STORE_FAILED, "%.256s is a link that leads nowhere", path);
		return -1;
	}
	if (name_of(path)[0] == '\0') {
		fault_say(fault, VPNS_STORE_FAILED, "\"%.256s\" is no file: name one", path);
		return -1;
	}
	folder_of(folder, path);
	if (realpath(folder, full) == NULL) {
		fault_say_errno(fault, errno, "cannot keep %.256s in its folder", path);
		return -1;
	}
	len = strlen(full);
	snprintf(full + len, PATH_MAX - len, "%s%s", len > 1 ? "/" : "", name_of(path));
	return 0;
}

static int check_kind(const char *path, struct fault *fault)
{
	struct stat info;

	if (stat(path, &info) != 0 || S_ISREG(info.st_mode))
		return 0;
	fault_say(fault, VPNS_STORE_FAILED, "%.256s is %s, not a file: name a file", path,
		S_ISDIR(info.st_mode) ? "a folder" : "something special");
	return -1;
}

int file_resolve(char resolved[FILE_PATH_MAX], const char *path, struct fault *fault)
{
	char full[PATH_MAX];

	if (check_kind(path, fault) != 0)
		return -1;
	if (realpath(path, full) == NULL) {
		if (errno != ENOENT) {
			fault_say_errno(fault, errno, "cannot reach %.256s", path);
			return -1;
		}
		if (resolve_new(full, path, fault) != 0)
			return -1;
	}
	if (strlen(full) >= FILE_PATH_MAX) {
		fault_say(fault, VPNS_STORE_FAILED,
			"a path has at most %d bytes, but this one is longer: %.256s", FILE_PATH_MAX - 1,
			full);
		return -1;
	}
	memcpy(resolved, full, strlen(full) + 1);
	return 0;
}

int file_prepare(const char *path, struct fault *fault)
{
	struct stat info;
	int fd;

	if (stat(path, &info) != 0) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0) {
			fault_say_errno(fault, errno, "cannot make %s", path);
			return -1;
		}
		close(fd);
		return 0;
	}
	if ((info.st_mode & 077) != 0 && chmod(path, info.st_mode & 0700) != 0) {
		fault_say_errno(fault, errno, "cannot take the rights of others to %s away", path);
		return -1;
	}
	return 0;
}

int file_rename_new(const char *from, const char *to)
{
	struct stat info;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A filesystem that cannot do both in one step. */
	if (lstat(to, &info) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

int64_t file_size(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? (int64_t)info.st_size : -1;
}

void file_identify(struct file_id *id, const char *path)
{
	struct stat info;

	id->inode = 0;
	if (stat(path, &info) != 0)
		return;
	id->device = info.st_dev;
	id->inode = info.st_ino;
}

int file_is_same(const struct file_id *id, const char *path)
{
	struct stat info;

	if (id->inode == 0)
		return 1;
	return stat(path, &info) == 0 && info.st_dev == id->device && info.st_ino == id->inode;
}

int file_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int error;
	int rc;
	int fd;

	folder_of(folder, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	error = errno;
	close(fd);
	errno = error;
	return rc;
}
