#include "lock.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file reads "123 sound\n" or "123 damaged\n": the process, and what it knew of the database. */
static const char damaged_word[] = "damaged";
static const char sound_word[] = "sound";

static void read_word(int fd, char text[64])
{
	ssize_t len = pread(fd, text, 63, 0);

	text[len > 0 ? len : 0] = '\0';
}

/* Neither the number nor the word is needed for the lock to hold, so a full disk does no harm. */
static void write_word(const struct lock *lock, const char *word)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%ld %s\n", (long)getpid(), word);

	if (pwrite(lock->fd, text, (size_t)len, 0) == len && ftruncate(lock->fd, len) == 0)
		fdatasync(lock->fd);
}

int lock_take(struct lock *lock, const char *path, struct fault *fault)
{
	char name[FILE_PATH_MAX + 8];
	char text[64];
	int error;

	snprintf(name, sizeof(name), "%s.lock", path);
	lock->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock->fd < 0) {
		fault_say_errno(fault, errno, "cannot make %s", name);
		return -1;
	}
	error = flock(lock->fd, LOCK_EX | LOCK_NB) != 0 ? errno : 0;
	read_word(lock->fd, text);
	lock->damaged = strstr(text, damaged_word) != NULL;
	if (error == 0)
		return 0;
	lock_give(lock);
	if (error != EWOULDBLOCK)
		fault_say_errno(fault, error, "cannot lock %s", name);
	else
		fault_say(fault, VPNS_STORE_RETRY,
			"%s is in use by another server (process %ld): one file serves one server, so end "
			"that one "
			"or give this one a path of its own",
			path, strtol(text, NULL, 10));
	return -1;
}

int lock_hold(struct lock *lock, const char *path, struct fault *fault)
{
	char name[FILE_PATH_MAX + 8];
	struct lock other = {-1, 0};
	struct stat there;
	struct stat ours;

	snprintf(name, sizeof(name), "%s.lock", path);
	if (fstat(lock->fd, &ours) == 0 && stat(name, &there) == 0 && ours.st_dev == there.st_dev &&
		ours.st_ino == there.st_ino)
		return 0;
	if (lock_take(&other, path, fault) != 0)
		return -1;
	lock_give(lock);
	lock->fd = other.fd;
	lock_mark_sound(lock);
	return 1;
}

void lock_mark_damaged(struct lock *lock)
{
	write_word(lock, damaged_word);
}

void lock_mark_sound(struct lock *lock)
{
	write_word(lock, sound_word);
}

int lock_is_ours(int fd)
{
	char text[64];
	char *word;

	read_word(fd, text);
	if (strtol(text, &word, 10) <= 0 || *word++ != ' ')
		return 0;
	return strncmp(word, sound_word, sizeof(sound_word) - 1) == 0 ||
	       strncmp(word, damaged_word, sizeof(damaged_word) - 1) == 0;
}

void lock_give(struct lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}
