#include "base/rotated.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

#define MODE 0600
#define TRY_AGAIN 8 /* after an eighth of its size a file that could not be renamed is tried again */

struct vs_rotated {
	char *path;
	uint64_t max_size;
	unsigned keep;
	int fd;
	uint64_t size;
	uint64_t next_try; /* of a rename that failed: the size from which on; 0: none did */
	bool torn; /* the last line has no newline */
};

/* --- opening --------------------------------------------------------------------------------- */

static int refuse(struct vs_err *err, const char *path, const char *why)
{
	return vs_err_set(err, VS_ERR_REFUSED, "cannot write %s: %s", path, why);
}

/* Whoever may write to the folder could have put something else there. */
static int check(int fd, const char *path, struct stat *found, struct vs_err *err)
{
	if (fstat(fd, found) != 0)
		return refuse(err, path, strerror(errno));
	if (!S_ISREG(found->st_mode))
		return refuse(err, path, "it is no regular file");
	if (found->st_uid != geteuid())
		return refuse(err, path, "it belongs to another user");
	if (found->st_nlink > 1)
		return refuse(err, path, "it has a second name (a hard link)");
	return 0;
}

static int fail_to_open(struct vs_err *err, const char *path)
{
	if (errno == ELOOP)
		return refuse(err, path, "it is a symbolic link: name the file itself");
	if (errno == ENOENT)
		return refuse(err, path, "its folder is not there: make it first");
	if (errno == ENXIO)
		return refuse(err, path, "it is no regular file");
	return refuse(err, path, strerror(errno));
}

/* The descriptor, or an error. Not waiting: a pipe without a reader would never open. */
static int open_file(const char *path, struct stat *found, struct vs_err *err)
{
	int fd = open(
		path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, MODE);
	int rc;

	if (fd < 0)
		return fail_to_open(err, path);
	rc = check(fd, path, found, err);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Leaves file as it is when path cannot be opened. */
static int take_file(struct vs_rotated *file, struct vs_err *err)
{
	struct stat found;
	int fd = open_file(file->path, &found, err);
	char last = '\n';

	if (fd < 0)
		return fd;
	if (found.st_size > 0 && pread(fd, &last, 1, found.st_size - 1) != 1)
		last = '\n';
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->size = (uint64_t)found.st_size;
	file->next_try = 0;
	file->torn = last != '\n';
	return 0;
}

struct vs_rotated *vs_rotated_open(const char *path, uint64_t max_size, unsigned keep, struct vs_err *err)
{
	struct vs_rotated *file = vs_zalloc(sizeof(*file));

	file->path = vs_strdup(path);
	file->fd = -1;
	vs_rotated_limit(file, max_size, keep);
	if (take_file(file, err) == 0)
		return file;
	vs_rotated_close(file);
	return NULL;
}

void vs_rotated_close(struct vs_rotated *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		close(file->fd);
	vs_free(file->path);
	vs_free(file);
}

int vs_rotated_reopen(struct vs_rotated *file, struct vs_err *err)
{
	return take_file(file, err);
}

void vs_rotated_limit(struct vs_rotated *file, uint64_t max_size, unsigned keep)
{
	file->max_size = max_size;
	file->keep = keep;
}

const char *vs_rotated_path(const struct vs_rotated *file)
{
	return file->path;
}

/* --- renaming -------------------------------------------------------------------------------- */

/* "name.3", or name itself for 0. */
static void name_of(const struct vs_rotated *file, unsigned number, struct vs_buf *name)
{
	vs_buf_clear(name);
	vs_buf_add_text(name, file->path);
	if (number > 0)
		vs_buf_printf(name, ".%u", number);
}

static bool exists(const struct vs_rotated *file, unsigned number, struct vs_buf *name)
{
	struct stat found;

	name_of(file, number, name);
	return lstat(vs_buf_text(name), &found) == 0;
}

static int rename_one(const struct vs_rotated *file, unsigned from, struct vs_buf *old, struct vs_buf *new)
{
	name_of(file, from, old);
	name_of(file, from + 1, new);
	return rename(vs_buf_text(old), vs_buf_text(new)) == 0 || errno == ENOENT ? 0 : -1;
}

/*
 * Each name moves up by one, the last first, down from the first gap: one that a crash left between
 * two renames is filled, and nothing is renamed twice. What is beyond keep goes.
 */
static int shift(const struct vs_rotated *file)
{
	struct vs_buf old;
	struct vs_buf new;
	unsigned gap = 1;
	int rc = 0;

	vs_buf_init(&old);
	vs_buf_init(&new);
	while (gap < file->keep && exists(file, gap, &old))
		gap++;
	for (; rc == 0 && file->keep > 0 && gap > 0; gap--)
		rc = rename_one(file, gap - 1, &old, &new);
	for (gap = file->keep + 1; rc == 0 && gap > file->keep && exists(file, gap, &old); gap++)
		if (unlink(vs_buf_text(&old)) != 0)
			break;
	if (rc == 0 && file->keep == 0 && unlink(file->path) != 0 && errno != ENOENT)
		rc = -1;
	vs_buf_fini(&old);
	vs_buf_fini(&new);
	return rc;
}

/* Somebody else renamed it, or removed it: then what stands at its place now is not ours to rename. */
static bool is_elsewhere(const struct vs_rotated *file)
{
	struct stat named;
	struct stat open;

	return lstat(file->path, &named) != 0 || fstat(file->fd, &open) != 0 || named.st_dev != open.st_dev ||
	       named.st_ino != open.st_ino;
}

/* What cannot be renamed goes on growing: a line that is written is worth more than a bound. */
static void rotate(struct vs_rotated *file, struct vs_err *err)
{
	bool told = file->next_try > 0;
	struct vs_err why = {0};

	if (!is_elsewhere(file) && shift(file) < 0)
		(void)vs_err_set(&why, VS_ERR_SYSTEM,
			"cannot rename %s, which is full and goes on growing: %s", file->path,
			strerror(errno));
	else if (take_file(file, &why) == 0)
		return;
	file->next_try = file->size + file->max_size / TRY_AGAIN + 1;
	if (!told)
		*err = why;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Takes back what was written of a line that has no end, unless somebody else has added to the file. */
static void cut(struct vs_rotated *file, uint64_t from)
{
	struct stat found;

	if (fstat(file->fd, &found) == 0 && (uint64_t)found.st_size == file->size &&
		ftruncate(file->fd, (off_t)from) == 0)
		file->size = from;
	else
		file->torn = true;
}

static size_t write_lines(struct vs_rotated *file, struct vs_view lines, struct vs_err *err)
{
	const char *end;
	size_t done = 0;
	size_t whole;

	while (done < lines.len) {
		ssize_t put = write(file->fd, lines.ptr + done, lines.len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			(void)vs_err_set(
				err, VS_ERR_SYSTEM, "cannot write %s: %s", file->path, strerror(errno));
			break;
		}
		done += (size_t)put;
		file->size += (size_t)put;
	}
	if (done == lines.len)
		return done;
	end = done > 0 ? memrchr(lines.ptr, '\n', done) : NULL;
	whole = end == NULL ? 0 : (size_t)(end + 1 - lines.ptr);
	if (whole < done)
		cut(file, file->size - (done - whole));
	return whole;
}

/* The longest beginning of lines that has at most room bytes and ends with a line; 0 for none. */
static size_t fitting(struct vs_view lines, uint64_t room)
{
	size_t most = lines.len < room ? lines.len : (size_t)room;
	const char *end = most > 0 ? memrchr(lines.ptr, '\n', most) : NULL;

	return end == NULL ? 0 : (size_t)(end + 1 - lines.ptr);
}

static uint64_t room_in(const struct vs_rotated *file)
{
	uint64_t limit = file->max_size > file->next_try ? file->max_size : file->next_try;

	return file->size < limit ? limit - file->size : 0;
}

/* As many lines as fit, in a new file if none does; one that fits nowhere has a file of its own. */
static struct vs_view next_piece(struct vs_rotated *file, struct vs_view lines, struct vs_err *err)
{
	size_t len = fitting(lines, room_in(file));

	if (len == 0 && file->size > 0) {
		rotate(file, err);
		len = fitting(lines, room_in(file));
	}
	if (len == 0)
		len = (size_t)((const char *)memchr(lines.ptr, '\n', lines.len) + 1 - lines.ptr);
	return (struct vs_view){lines.ptr, len};
}

size_t vs_rotated_add(struct vs_rotated *file, struct vs_view lines, struct vs_err *err)
{
	size_t done = 0;

	err->code = 0;
	while (done < lines.len) {
		struct vs_view piece =
			next_piece(file, (struct vs_view){lines.ptr + done, lines.len - done}, err);
		size_t put;

		if (file->torn && write_lines(file, (struct vs_view){"\n", 1}, err) != 1)
			break;
		file->torn = false;
		put = write_lines(file, piece, err);
		done += put;
		if (put < piece.len)
			break;
	}
	return done;
}
