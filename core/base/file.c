#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

#define CHUNK 16384
#define WRITER_MS 2000 /* for the next bytes of a pipe that was handed over */

static int system_error(struct vs_err *err, const char *what, const char *path)
{
	int code = errno == ENOENT ? VS_ERR_NOT_FOUND : VS_ERR_SYSTEM;

	return vs_err_set(err, code, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Without a writer, or with one that is not done, a pipe would hold up whoever reads it: the whole loop. */
static bool is_handed_over(const char *path)
{
	static const char *const places[] = {"/dev/stdin", "/dev/fd/", "/proc/self/fd/"};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return true;
	return false;
}

/* Not waiting for anybody, neither here nor when it is read. */
static int open_to_read(const char *path, struct vs_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat found;
	int rc = 0;

	if (fd < 0)
		return system_error(err, "open", path);
	if (fstat(fd, &found) < 0)
		rc = system_error(err, "open", path);
	else if ((S_ISFIFO(found.st_mode) || S_ISBLK(found.st_mode)) && !is_handed_over(path))
		rc = vs_err_set(err, VS_ERR_REFUSED, "cannot read %s: it is no regular file", path);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Whoever hands a pipe over writes into it just then. */
static bool await_bytes(int fd)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	return poll(&wanted, 1, WRITER_MS) > 0;
}

static int read_all(struct vs_buf *buf, int fd, size_t limit, const char *path, struct vs_err *err)
{
	size_t before = buf->len;

	for (;;) {
		ssize_t got;

		vs_buf_reserve(buf, CHUNK);
		got = read(fd, buf->ptr + buf->len, CHUNK);
		if (got < 0 &&
			(errno == EINTR || (errno == EAGAIN && is_handed_over(path) && await_bytes(fd))))
			continue;
		if (got < 0)
			return system_error(err, "read", path);
		buf->len += (size_t)got;
		buf->ptr[buf->len] = '\0';
		if (buf->len - before > limit)
			return vs_err_set(err, VS_ERR_TOO_BIG,
				"%s is larger than the %zu bytes that are read of it", path, limit);
		if (got == 0)
			return 0;
	}
}

int vs_file_read(struct vs_buf *buf, const char *path, size_t limit, struct vs_err *err)
{
	size_t before = buf->len;
	int fd = open_to_read(path, err);
	int rc;

	if (fd < 0)
		return fd;
	rc = read_all(buf, fd, limit, path, err);
	close(fd);
	if (rc < 0 && buf->len > before) {
		buf->len = before;
		buf->ptr[before] = '\0';
	}
	return rc;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

/* The folder that path lies in; caller frees. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return vs_strdup(".");
	return vs_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A rename is safe on disk only once its folder is. */
static int sync_folder(const char *path, struct vs_err *err)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	/* Some file systems cannot sync a folder and say EINVAL. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = system_error(err, "sync the folder", folder);
	if (fd >= 0)
		close(fd);
	vs_free(folder);
	return rc;
}

static int fill(int fd, const void *bytes, size_t len, unsigned mode)
{
	if (fchmod(fd, mode) != 0 || write_all(fd, bytes, len) != 0)
		return -1;
	return fsync(fd);
}

static int put_over(const char *temporary, const char *path, struct vs_err *err)
{
	return rename(temporary, path) == 0 ? 0 : system_error(err, "replace", path);
}

/* A link, unlike a rename, never takes the place of what is there. */
static int put_new(const char *temporary, const char *path, struct vs_err *err)
{
	if (link(temporary, path) != 0)
		return errno == EEXIST ? vs_err_set(err, VS_ERR_REFUSED, "%s is there already", path)
				       : system_error(err, "create", path);
	(void)unlink(temporary);
	return 0;
}

static int write_file(const char *path, const void *bytes, size_t len, unsigned mode,
	int (*put)(const char *temporary, const char *path, struct vs_err *err), struct vs_err *err)
{
	struct vs_buf temporary;
	int fd;
	int rc;

	vs_buf_init(&temporary);
	vs_buf_printf(&temporary, "%s.XXXXXX", path);
	fd = mkostemp(temporary.ptr, O_CLOEXEC);
	if (fd < 0) {
		rc = system_error(err, "create a file beside", path);
		goto out;
	}
	rc = fill(fd, bytes, len, mode) == 0 ? 0 : system_error(err, "write", path);
	if (close(fd) != 0 && rc == 0)
		rc = system_error(err, "write", path);
	if (rc == 0)
		rc = put(temporary.ptr, path, err);
	if (rc == 0)
		rc = sync_folder(path, err);
	else
		unlink(temporary.ptr);
out:
	vs_buf_fini(&temporary);
	return rc;
}

int vs_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct vs_err *err)
{
	return write_file(path, bytes, len, mode, put_over, err);
}

int vs_file_create(const char *path, const void *bytes, size_t len, unsigned mode, struct vs_err *err)
{
	return write_file(path, bytes, len, mode, put_new, err);
}

static int make_one(const char *path, unsigned mode, struct vs_err *err)
{
	struct stat found;
	int reason;

	if (mkdir(path, mode) == 0)
		return 0;
	reason = errno;
	if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
		return 0;
	if (reason == EEXIST)
		return vs_err_set(err, VS_ERR_SYSTEM,
			"cannot make the folder %s: something else of that name is there", path);
	errno = reason;
	return system_error(err, "make the folder", path);
}

int vs_dir_make(const char *path, unsigned mode, struct vs_err *err)
{
	char *copy = vs_strdup(path);
	int rc = 0;

	if (copy[0] == '\0')
		rc = vs_err_set(err, VS_ERR_INVALID, "cannot make a folder without a name");
	/* From the second character on: the root is always there. */
	for (size_t i = 1; rc == 0 && copy[0] && copy[i - 1]; i++) {
		char c = copy[i];

		if (c != '/' && c != '\0')
			continue;
		copy[i] = '\0';
		rc = make_one(copy, mode, err);
		copy[i] = c;
	}
	vs_free(copy);
	return rc;
}
