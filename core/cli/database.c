#include "cli/database.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define CHUNK (1024 * 1024)
#define HEADER 100 /* bytes that every SQLite file begins with */
#define MAGIC "SQLite format 3" /* with its NUL */
#define APPLICATION_AT 68
#define APPLICATION "VPNS"

/* What belongs to a database. The index of the log, -shm, is made anew where it is needed. */
static const char *const suffixes[] = {"", "-wal", "-journal", "-shm"};
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))
#define SUFFIXES_COPIED (SUFFIXES - 1)

static int fail(struct vs_err *err, const char *what, const char *path)
{
	return vs_err_set(err, VS_ERR_SYSTEM, "cannot %s %s: %s", what, path, strerror(errno));
}

static int join(char out[PATH_MAX], const char *path, const char *suffix, struct vs_err *err)
{
	if (snprintf(out, PATH_MAX, "%s%s", path, suffix) >= PATH_MAX)
		return vs_err_set(err, VS_ERR_INVALID, "the path is too long: %s", path);
	return 0;
}

/* --- names ----------------------------------------------------------------------------- */

static void folder_of(char folder[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(folder, PATH_MAX, ".");
	else
		snprintf(folder, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

int vs_database_resolve(struct vs_buf *out, const char *path, struct vs_err *err)
{
	const char *slash = strrchr(path, '/');
	char full[PATH_MAX];
	char folder[PATH_MAX];

	if (realpath(path, full) != NULL) {
		vs_buf_add_text(out, full);
		return 0;
	}
	if (errno != ENOENT)
		return fail(err, "reach", path);
	folder_of(folder, path);
	if (realpath(folder, full) == NULL)
		return vs_err_set(err, VS_ERR_SYSTEM,
			"cannot reach the folder %s: %s; make it, for the user that the server runs as",
			folder, strerror(errno));
	vs_buf_printf(out, "%s/%s", strcmp(full, "/") == 0 ? "" : full, slash != NULL ? slash + 1 : path);
	return 0;
}

int vs_database_owner(struct vs_owner *owner, const char *path, struct vs_err *err)
{
	char folder[PATH_MAX];
	struct stat info;

	folder_of(folder, path);
	if (stat(path, &info) != 0 && stat(folder, &info) != 0)
		return fail(err, "look at", folder);
	*owner = (struct vs_owner){info.st_uid, info.st_gid};
	return 0;
}

static bool any_exists(const char *path, size_t from)
{
	char name[PATH_MAX];
	struct stat info;
	size_t i;

	for (i = from; i < SUFFIXES; i++) {
		if (join(name, path, suffixes[i], NULL) == 0 && lstat(name, &info) == 0)
			return true;
	}
	return false;
}

bool vs_database_exists(const char *path)
{
	return any_exists(path, 0);
}

bool vs_database_is_alone(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISREG(info.st_mode) && !any_exists(path, 1);
}

/* --- the lock -------------------------------------------------------------------------- */

/* Only a file that was made here is given away: another one may be a link to somebody else's. */
static int open_lock(const char *name, const struct vs_owner *owner)
{
	int fd = -1;

	if (owner == NULL)
		return open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && geteuid() == 0 && fchown(fd, owner->uid, owner->gid) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int vs_database_lock(int *fd, const char *path, const struct vs_owner *owner, struct vs_err *err)
{
	char name[PATH_MAX];
	char text[64];
	ssize_t len;
	int rc = join(name, path, ".lock", err);

	*fd = -1;
	if (rc < 0)
		return rc;
	*fd = open_lock(name, owner);
	if (*fd < 0 && owner == NULL)
		return 0; /* nobody has used it here, or nobody lets us look */
	if (*fd < 0)
		return fail(err, "make", name);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		rc = fail(err, "lock", name);
	len = pread(*fd, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	close(*fd);
	*fd = -1;
	if (rc < 0)
		return rc;
	return vs_err_set(
		err, VS_ERR_BUSY, "%s is in use by a server (process %ld)", path, strtol(text, NULL, 10));
}

/* --- content --------------------------------------------------------------------------- */

int vs_database_look(const char *path, struct vs_err *err)
{
	char header[HEADER] = {0};
	char name[PATH_MAX];
	struct stat info;
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return fail(err, "read", path);
	len = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? pread(fd, header, sizeof(header), 0) : 0;
	close(fd);
	if (len < 0)
		return fail(err, "read", path);
	if (len < HEADER || memcmp(header, MAGIC, sizeof(MAGIC)) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%s is no database: name a file that "
			"`vpn-sentinel backup` made",
			path);
	/* In a young database whose server was killed, the mark may stand in the log still. */
	if (memcmp(header + APPLICATION_AT, APPLICATION, strlen(APPLICATION)) == 0 ||
		(join(name, path, "-wal", NULL) == 0 && stat(name, &info) == 0 && info.st_size > 0))
		return 0;
	return vs_err_set(err, VS_ERR_INVALID,
		"%s is a database of another program: name a file that "
		"`vpn-sentinel backup` made",
		path);
}

static int copy_bytes(int from, int to)
{
	ssize_t len;

	do {
		len = copy_file_range(from, NULL, to, NULL, CHUNK, 0);
	} while (len > 0);
	return len < 0 ? -1 : 0;
}

/* For filesystems that cannot copy by themselves. */
static int copy_by_hand(int from, int to)
{
	static const off_t start = 0;
	char bytes[65536];
	ssize_t len;
	ssize_t put;
	ssize_t done;

	if (lseek(from, start, SEEK_SET) < 0 || lseek(to, start, SEEK_SET) < 0 || ftruncate(to, 0) != 0)
		return -1;
	while ((len = read(from, bytes, sizeof(bytes))) > 0) {
		for (done = 0; done < len; done += put) {
			put = write(to, bytes + done, (size_t)(len - done));
			if (put < 0)
				return -1;
		}
	}
	return len < 0 ? -1 : 0;
}

static int copy_file(const char *from, const char *to, struct vs_err *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out;
	int rc = 0;

	if (in < 0)
		return fail(err, "read", from);
	out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		rc = fail(err, "make", to);
	else if (copy_bytes(in, out) != 0 && (errno == ENOSPC || copy_by_hand(in, out) != 0))
		rc = fail(err, "write", to);
	close(in);
	if (out >= 0 && close(out) != 0 && rc == 0)
		rc = fail(err, "write", to);
	return rc;
}

int vs_database_copy(const char *from, const char *to, struct vs_err *err)
{
	char source[PATH_MAX];
	char target[PATH_MAX];
	struct stat info;
	int rc = 0;
	size_t i;

	for (i = 0; i < SUFFIXES_COPIED && rc == 0; i++) {
		rc = join(source, from, suffixes[i], err);
		if (rc == 0)
			rc = join(target, to, suffixes[i], err);
		if (rc == 0 && (i == 0 || lstat(source, &info) == 0))
			rc = copy_file(source, target, err);
	}
	return rc;
}

int vs_database_finish(const char *path, const struct vs_owner *owner, struct vs_err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int rc = 0;

	if (fd < 0)
		return fail(err, "open", path);
	if (fsync(fd) != 0)
		rc = fail(err, "write", path);
	else if (geteuid() == 0 && fchown(fd, owner->uid, owner->gid) != 0)
		rc = fail(err, "give its owner", path);
	close(fd);
	return rc;
}

/* --- moving ---------------------------------------------------------------------------- */

int vs_database_move(const char *from, const char *to, struct vs_err *err)
{
	char source[PATH_MAX];
	char target[PATH_MAX];
	struct stat info;
	int rc = 0;
	size_t i;

	for (i = 0; i < SUFFIXES && rc == 0; i++) {
		rc = join(source, from, suffixes[i], err);
		if (rc == 0)
			rc = join(target, to, suffixes[i], err);
		if (rc < 0 || lstat(source, &info) != 0)
			continue;
		errno = EEXIST;
		if (lstat(target, &info) == 0 || rename(source, target) != 0)
			rc = fail(err, "rename to", target);
	}
	return rc;
}

int vs_database_sync_folder(const char *path, struct vs_err *err)
{
	char folder[PATH_MAX];
	int rc = 0;
	int fd;

	folder_of(folder, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		rc = fail(err, "write", folder);
	if (fd >= 0)
		close(fd);
	return rc;
}
