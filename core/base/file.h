/* Whole files: bounded reads, atomic writes. */
#ifndef VS_BASE_FILE_H
#define VS_BASE_FILE_H

#include <stddef.h>

#include "base/err.h"

struct vs_buf;

/*
 * Appends the file's bytes to buf; more than limit is VS_ERR_TOO_BIG. Never waits for anybody: a named pipe
 * is VS_ERR_REFUSED. But what whoever started the program hands over, as /dev/stdin or the pipe of <(...), is
 * read, and waited for 2 s between its pieces.
 */
int vs_file_read(struct vs_buf *buf, const char *path, size_t limit, struct vs_err *err);
/* Temporary file, fsync, rename, fsync of the folder. mode e.g. 0600. */
int vs_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct vs_err *err);
/* The same where nothing of that name may be: VS_ERR_REFUSED, and what is there stays as it is. */
int vs_file_create(const char *path, const void *bytes, size_t len, unsigned mode, struct vs_err *err);
int vs_dir_make(const char *path, unsigned mode, struct vs_err *err); /* with parents; existing is fine */

#endif
