/*
 * A library to preload: calls that change files below one folder fail when a test says so.
 *
 *	FAULTIO_BELOW    the folder
 *	FAULTIO_CONTROL  a file of struct control, mapped; the test changes it while the program runs
 *
 * Every call on such a file counts. Those from number first to number last fail. While held is
 * set they wait: a disk that hangs. While deadly is set nothing fails, but
 * the program ends before renaming number first, as by kill -9. Beside AddressSanitizer its runtime has to be
 *preloaded before this library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* In the byte order of the machine; harness/faultio.py has the same. */
struct control {
	_Atomic uint64_t calls; /* so far */
	_Atomic uint64_t failed; /* of these */
	_Atomic uint64_t first; /* the number of the first call to fail; 0: none */
	_Atomic uint64_t last;
	_Atomic uint64_t error; /* errno of a failing call */
	_Atomic uint64_t is_short; /* 1: the first failing call, if it writes, writes half and succeeds */
	_Atomic uint64_t held; /* 1: calls wait until it is 0 */
	_Atomic uint64_t deadly; /* 1: first counts renamings, and ends the program */
	_Atomic uint64_t renames; /* so many of the calls so far gave a file another name */
};

enum outcome { PASSES, FAILS, IS_SHORT };

static struct control *control;
static char below[PATH_MAX]; /* ends with a slash */

__attribute__((constructor)) static void begin(void)
{
	const char *folder = getenv("FAULTIO_BELOW");
	const char *file = getenv("FAULTIO_CONTROL");
	int fd;

	if (folder == NULL || file == NULL)
		return;
	fd = open(file, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	snprintf(below, sizeof(below), "%s/", folder);
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (control == MAP_FAILED)
		control = NULL;
	close(fd);
}

static bool is_below(const char *path)
{
	return strncmp(path, below, strlen(below)) == 0;
}

static bool is_file_below(int fd)
{
	char link[32];
	char path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return is_below(path);
}

/* Counts a call on a file of ours and says what becomes of it. */
static enum outcome count(bool can_be_short)
{
	uint64_t number = atomic_fetch_add(&control->calls, 1) + 1;
	uint64_t first = control->first;

	while (control->held != 0)
		usleep(1000);
	if (control->deadly != 0 || first == 0 || number < first || number > control->last)
		return PASSES;
	control->failed++;
	if (can_be_short && number == first && control->is_short != 0)
		return IS_SHORT;
	errno = (int)control->error;
	return FAILS;
}

static enum outcome outcome_of(int fd, bool can_be_short)
{
	int error = errno;
	enum outcome outcome = PASSES;

	if (control != NULL && is_file_below(fd))
		outcome = count(can_be_short);
	if (outcome != FAILS)
		errno = error;
	return outcome;
}

/* The function that would have been called without this library. */
#define NEXT(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t len)
{
	enum outcome outcome = outcome_of(fd, len > 1);

	return outcome == FAILS ? -1 : NEXT(write)(fd, bytes, outcome == IS_SHORT ? len / 2 : len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	enum outcome outcome = outcome_of(fd, len > 1);

	return outcome == FAILS ? -1 : NEXT(pwrite)(fd, bytes, outcome == IS_SHORT ? len / 2 : len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	enum outcome outcome = outcome_of(fd, len > 1);

	return outcome == FAILS ? -1 : NEXT(pwrite64)(fd, bytes, outcome == IS_SHORT ? len / 2 : len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int part_count)
{
	enum outcome outcome = outcome_of(fd, part_count > 1);

	return outcome == FAILS ? -1 : NEXT(writev)(fd, parts, outcome == IS_SHORT ? 1 : part_count);
}

int fsync(int fd)
{
	return outcome_of(fd, false) == FAILS ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return outcome_of(fd, false) == FAILS ? -1 : NEXT(fdatasync)(fd);
}

int ftruncate(int fd, off_t len)
{
	return outcome_of(fd, false) == FAILS ? -1 : NEXT(ftruncate)(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return outcome_of(fd, false) == FAILS ? -1 : NEXT(ftruncate64)(fd, len);
}

static bool renaming_fails(const char *from, const char *to)
{
	if (control == NULL || (!is_below(from) && !is_below(to)))
		return false;
	if (++control->renames == control->first && control->deadly != 0)
		kill(getpid(), SIGKILL);
	return count(false) == FAILS;
}

int rename(const char *from, const char *to)
{
	return renaming_fails(from, to) ? -1 : NEXT(rename)(from, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return renaming_fails(from, to) ? -1 : NEXT(renameat2)(from_fd, from, to_fd, to, flags);
}

int link(const char *from, const char *to)
{
	return renaming_fails(from, to) ? -1 : NEXT(link)(from, to);
}

int unlink(const char *path)
{
	if (control != NULL && is_below(path) && count(false) == FAILS)
		return -1;
	return NEXT(unlink)(path);
}
