#include "aside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TRIES = 100 }; /* as many in one second, which will not be */

static const char *const suffixes[] = {FILE_SUFFIXES};
enum { SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

static void join(char out[ASIDE_NAME_MAX + 16], const char *path, const char *suffix)
{
	snprintf(out, ASIDE_NAME_MAX + 16, "%s%s", path, suffix);
}

static int is_free(const char *name)
{
	char one[ASIDE_NAME_MAX + 16];
	int i;

	for (i = 0; i < SUFFIXES; i++) {
		join(one, name, suffixes[i]);
		if (file_size(one) >= 0)
			return 0;
	}
	return 1;
}

static int choose_name(const char *path, int64_t wall_ms, char name[ASIDE_NAME_MAX])
{
	time_t second = (time_t)(wall_ms / 1000);
	struct tm utc;
	char stamp[32];
	int i;

	if (gmtime_r(&second, &utc) == NULL || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc) == 0)
		snprintf(stamp, sizeof(stamp), "unknown");
	for (i = 0; i < TRIES; i++) {
		if (i == 0)
			snprintf(name, ASIDE_NAME_MAX, "%s.corrupt-%s", path, stamp);
		else
			snprintf(name, ASIDE_NAME_MAX, "%s.corrupt-%s-%d", path, stamp, i);
		if (is_free(name))
			return 0;
	}
	errno = EEXIST;
	return -1;
}

int aside_put(const char *path, int64_t wall_ms, char name[ASIDE_NAME_MAX], struct fault *fault)
{
	char from[ASIDE_NAME_MAX + 16];
	char to[ASIDE_NAME_MAX + 16];
	int rc = choose_name(path, wall_ms, name);
	int i;

	/* The file first: should the power fail now, the next start finds its log alone. */
	for (i = 0; i < SUFFIXES && rc == 0; i++) {
		join(from, path, suffixes[i]);
		join(to, name, suffixes[i]);
		if (file_rename_new(from, to) != 0 && errno != ENOENT)
			rc = -1;
	}
	if (rc != 0) {
		fault_say_errno(fault, errno, "%s is damaged, and cannot be set aside", path);
		return -1;
	}
	file_sync_folder(path); /* at worst, a power failure brings it back and it is set aside again */
	return 0;
}

int aside_is_log_alone(const char *path)
{
	char log[ASIDE_NAME_MAX + 16];

	join(log, path, "-wal");
	return file_size(path) <= 0 && file_size(log) > 0;
}
