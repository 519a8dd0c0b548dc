#include "plug/plugin_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "plug/kind.h"

/* Could somebody else than root or us have put something there? */
static int check_owner(const char *path, const struct stat *what, struct vs_err *err)
{
	if (what->st_uid != 0 && what->st_uid != geteuid())
		return vs_err_set(err, VS_ERR_REFUSED,
			"%s belongs to user %u, who is neither root nor the user running this (%u): chown it",
			path, (unsigned)what->st_uid, (unsigned)geteuid());
	if (what->st_mode & S_IWOTH)
		return vs_err_set(err, VS_ERR_REFUSED,
			"%s is writable by everybody (mode %04o): chmod go-w %s", path,
			(unsigned)(what->st_mode & 07777), path);
	if (what->st_mode & S_IWGRP)
		return vs_err_set(err, VS_ERR_REFUSED,
			"%s is writable by its group (mode %04o): chmod go-w %s", path,
			(unsigned)(what->st_mode & 07777), path);
	return 0;
}

static int open_dir(int *fd, int parent, const char *name, const char *path, struct vs_err *err)
{
	struct stat what;

	*fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return VS_ERR_NOT_FOUND;
	if (*fd < 0 || fstat(*fd, &what) != 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "%s cannot be opened: %s", path, strerror(errno));
	return check_owner(path, &what, err);
}

static int open_file(struct vs_plugin_file *file, int folder, const char *name, struct vs_err *err)
{
	char base[NAME_MAX + 1];
	struct stat what;

	snprintf(base, sizeof(base), "%s.so", name);
	/* Not to hang on a FIFO that somebody calls a plugin. */
	file->fd = openat(folder, base, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 && errno == ENOENT)
		return VS_ERR_NOT_FOUND;
	if (file->fd < 0 || fstat(file->fd, &what) != 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "%s cannot be opened: %s", file->path, strerror(errno));
	if (!S_ISREG(what.st_mode))
		return vs_err_set(err, VS_ERR_INVALID, "%s is not a regular file", file->path);
	if (what.st_size > VS_PLUGIN_FILE_MAX)
		return vs_err_set(err, VS_ERR_TOO_BIG, "%s has more than %d MiB: it cannot be a plugin",
			file->path, VS_PLUGIN_FILE_MAX / (1024 * 1024));
	file->size = (uint64_t)what.st_size;
	return check_owner(file->path, &what, err);
}

int vs_plugin_file_open(
	struct vs_plugin_file *file, const char *dir, uint32_t kind, const char *name, struct vs_err *err)
{
	char folder_path[PATH_MAX];
	int dir_fd = -1;
	int folder_fd = -1;
	int length;
	int rc;

	memset(file, 0, sizeof(*file));
	file->fd = -1;
	snprintf(folder_path, sizeof(folder_path), "%s/%s", dir, vs_kind_folder(kind));
	length = snprintf(file->path, sizeof(file->path), "%s/%s/%s.so", dir, vs_kind_folder(kind), name);
	if (length < 0 || (size_t)length >= sizeof(file->path))
		return vs_err_set(err, VS_ERR_TOO_BIG, "the path of the plugin directory is too long");
	rc = open_dir(&dir_fd, AT_FDCWD, dir, dir, err);
	if (rc == 0)
		rc = open_dir(&folder_fd, dir_fd, vs_kind_folder(kind), folder_path, err);
	if (rc == 0)
		rc = open_file(file, folder_fd, name, err);
	if (folder_fd >= 0)
		close(folder_fd);
	if (dir_fd >= 0)
		close(dir_fd);
	if (rc < 0)
		vs_plugin_file_close(file);
	return rc;
}

static int digest(EVP_MD_CTX *context, struct vs_plugin_file *file, unsigned char *sum, struct vs_err *err)
{
	char chunk[16384];
	uint64_t offset = 0;
	unsigned length = 0;
	ssize_t got;

	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return vs_err_set(err, VS_ERR_INTERNAL, "OpenSSL offers no SHA-256");
	while ((got = pread(file->fd, chunk, sizeof(chunk), (off_t)offset)) > 0) {
		EVP_DigestUpdate(context, chunk, (size_t)got);
		offset += (uint64_t)got;
		if (offset > VS_PLUGIN_FILE_MAX)
			return vs_err_set(err, VS_ERR_TOO_BIG, "%s grows while it is read", file->path);
	}
	if (got < 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "%s cannot be read: %s", file->path, strerror(errno));
	EVP_DigestFinal_ex(context, sum, &length);
	return 0;
}

int vs_plugin_file_hash(struct vs_plugin_file *file, struct vs_err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context;
	int rc;

	context = EVP_MD_CTX_new();
	if (!context)
		return vs_err_set(err, VS_ERR_INTERNAL, "OpenSSL could not start a digest");
	rc = digest(context, file, sum, err);
	EVP_MD_CTX_free(context);
	if (rc == 0)
		vs_hex(file->sha256, sum, 32);
	return rc;
}

void vs_plugin_file_close(struct vs_plugin_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}
