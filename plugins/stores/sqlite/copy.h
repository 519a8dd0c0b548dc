/* A consistent copy of a database, made while it is in use. */
#ifndef SQLITE_COPY_H
#define SQLITE_COPY_H

#include "database.h"

/*
 * Copies base to the new file at path, mode 0600. It appears there when it is complete and on the
 * disk, or not at all. 0, or -1 with fault.
 */
int copy_make(struct database *base, const void *path, struct fault *fault);

#endif
