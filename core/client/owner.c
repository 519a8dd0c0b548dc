#include "client/owner.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* 0, or a negative when nobody knows. */
static int written(const char *file, int64_t *written_ns, dev_t *device)
{
	struct stat info;

	if (stat(file, &info) != 0)
		return -1;
	*written_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
	*device = info.st_dev;
	return 0;
}

/* Engines mount this file alone, from a file system of their own. */
static bool is_mounted(const char *file, dev_t device)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash == file ? vs_strdup("/") : vs_strdup(file);
	struct stat info;
	bool known;

	if (slash != NULL && slash != file)
		folder[slash - file] = '\0';
	known = slash != NULL && stat(folder, &info) == 0;
	vs_free(folder);
	return known && info.st_dev != device;
}

void vs_owner_init(struct vs_owner *owner, const char *file, const char *unshared)
{
	dev_t device;

	*owner = (struct vs_owner){.file = file};
	if (written(file, &owner->written_ns, &device) == 0 && access(unshared, F_OK) != 0)
		owner->mounted = is_mounted(file, device);
}

static bool is_written_anew(const struct vs_owner *owner, bool when_gone)
{
	int64_t written_ns;
	dev_t device;

	return written(owner->file, &written_ns, &device) < 0 ? when_gone : written_ns != owner->written_ns;
}

bool vs_owner_is_back(const struct vs_owner *owner)
{
	return owner->mounted && is_written_anew(owner, false);
}

bool vs_owner_may_be_back(const struct vs_owner *owner)
{
	return !owner->mounted || is_written_anew(owner, true);
}
