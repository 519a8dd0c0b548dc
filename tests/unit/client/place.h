/* A folder of its own for a test, and the log as text. */
#ifndef VS_TESTS_CLIENT_PLACE_H
#define VS_TESTS_CLIENT_PLACE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"

struct place {
	char folder[64];
	int log_fd;
	char log[16384];
	char path[256];
};

static inline void place_init(struct place *place)
{
	snprintf(place->folder, sizeof(place->folder), "/tmp/vs-client-test.XXXXXX");
	if (mkdtemp(place->folder) == NULL)
		abort();
	place->log_fd = memfd_create("log", MFD_CLOEXEC);
	vs_log_setup(VS_LOG_DEBUG, VS_LOG_HUMAN, place->log_fd);
}

static inline int place_remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void place_fini(struct place *place)
{
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	vs_log_forget_secrets();
	close(place->log_fd);
	nftw(place->folder, place_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The log since the last call. */
static inline const char *place_log(struct place *place)
{
	ssize_t got = pread(place->log_fd, place->log, sizeof(place->log) - 1, 0);

	place->log[got < 0 ? 0 : got] = '\0';
	if (ftruncate(place->log_fd, 0) != 0 || lseek(place->log_fd, 0, SEEK_SET) != 0)
		abort();
	return place->log;
}

static inline size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (text = strstr(text, part); text != NULL; text = strstr(text + strlen(part), part))
		count++;
	return count;
}

/* Valid until the next call. */
static inline const char *place_path(struct place *place, const char *name)
{
	snprintf(place->path, sizeof(place->path), "%s/%s", place->folder, name);
	return place->path;
}

static inline void place_write(struct place *place, const char *name, const char *text)
{
	if (vs_file_write(place_path(place, name), text, strlen(text), 0600, NULL) != 0)
		abort();
}

/* Appends the file's text; false when there is no such file. */
static inline bool place_read(struct place *place, const char *name, struct vs_buf *text)
{
	return vs_file_read(text, place_path(place, name), 1 << 20, NULL) == 0;
}

#endif
