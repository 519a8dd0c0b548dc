/* A plugin directory of a test's own, with copies from the zoo that can be spoiled. */
#ifndef VS_TESTS_ABI_FOLDER_H
#define VS_TESTS_ABI_FOLDER_H

#include <stddef.h>

struct folder {
	char path[128]; /* of the directory; its folders exist and are clean */
};

void folder_make(struct folder *folder);
void folder_remove(struct folder *folder); /* with everything in it */
/* "<folder>/<rest>", valid until the fourth next call. */
const char *folder_path(const struct folder *folder, const char *rest);
void folder_write(const struct folder *folder, const char *rest, const void *bytes, size_t len);
/* A copy of the zoo's file from, e.g. "probes/plain.so". */
void folder_copy(const struct folder *folder, const char *from, const char *to);
/* Cuts a file to len bytes. */
void folder_cut(const struct folder *folder, const char *rest, size_t len);
/* Overwrites bytes of a file. */
void folder_patch(
	const struct folder *folder, const char *rest, size_t offset, const void *bytes, size_t len);

#endif
