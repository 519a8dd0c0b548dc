/* The file of a plugin: found, opened, and judged by its owner, permissions and hash. */
#ifndef VS_PLUG_PLUGIN_FILE_H
#define VS_PLUG_PLUGIN_FILE_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"

#define VS_PLUGIN_FILE_MAX (64 * 1024 * 1024) /* bytes; more is not a plugin */

struct vs_plugin_file {
	int fd; /* -1 when closed */
	uint64_t size;
	char path[PATH_MAX];
	char sha256[65]; /* lower-case, after vs_plugin_file_hash */
};

/*
 * Opens <dir>/<folder of kind>/<name>.so. Refuses what somebody else than root or the
 * running user could have written: the file, its folder, or dir. VS_ERR_NOT_FOUND without
 * err when there is no such file. path is filled in any case.
 */
int vs_plugin_file_open(
	struct vs_plugin_file *file, const char *dir, uint32_t kind, const char *name, struct vs_err *err);
int vs_plugin_file_hash(struct vs_plugin_file *file, struct vs_err *err);
void vs_plugin_file_close(struct vs_plugin_file *file); /* twice is fine */

#endif
