/*
 * A file that lines are added to and that is renamed when it is full: name, name.1 (the newest of
 * the old ones), ..., name.<keep>. Used by one thread at a time.
 *
 * Mode 0600, and never through a symbolic link, into a device, or into somebody else's file. A line
 * is never split over two files, nor left half behind when the disk is full.
 */
#ifndef VS_BASE_ROTATED_H
#define VS_BASE_ROTATED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct vs_rotated;

/* path is copied; its folder must be there. keep 0: a full file is dropped. NULL with err. */
struct vs_rotated *vs_rotated_open(const char *path, uint64_t max_size, unsigned keep, struct vs_err *err);
void vs_rotated_close(struct vs_rotated *file); /* NULL is fine */

/*
 * Adds whole lines, each with its newline. Returns how many bytes were written, a number of whole
 * lines too; when that is less than all of them err says why. A file that cannot be renamed goes on
 * growing, tried again now and then, and that too is said in err, once in a row.
 */
size_t vs_rotated_add(struct vs_rotated *file, struct vs_view lines, struct vs_err *err);

/*
 * Opens path anew, for whoever renamed it. On failure the old one is kept. Another size and number
 * count from now on.
 */
int vs_rotated_reopen(struct vs_rotated *file, struct vs_err *err);
void vs_rotated_limit(struct vs_rotated *file, uint64_t max_size, unsigned keep);

const char *vs_rotated_path(const struct vs_rotated *file);

#endif
