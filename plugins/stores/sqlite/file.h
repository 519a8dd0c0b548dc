/* Files as such: names, modes, and what has to be on the disk. */
#ifndef SQLITE_FILE_H
#define SQLITE_FILE_H

#include "fault.h"

#include <sys/types.h>

/* Longer ones would not fit into a sentence, nor into what SQLite takes with its suffixes. */
#define FILE_PATH_MAX 384

/* What SQLite puts beside a database, and the database itself first. */
#define FILE_SUFFIXES "", "-wal", "-shm", "-journal"

/*
 * Writes the absolute path of the file that path leads to into resolved, through all links, so that
 * one file has one name. The file need not exist, its folder must. 0, or -1 with fault, also for what
 * exists and is no file.
 */
int file_resolve(char resolved[FILE_PATH_MAX], const char *path, struct fault *fault);

/* Makes an empty file that only its owner can read, or takes the rights of others to it away. */
int file_prepare(const char *path, struct fault *fault);

/* Renames, but never over another file: then -1 with errno EEXIST. */
int file_rename_new(const char *from, const char *to);

int64_t file_size(const char *path); /* -1: there is none */

/* Which file a name leads to. Inode 0: not known. */
struct file_id {
	dev_t device;
	ino_t inode;
};

void file_identify(struct file_id *id, const char *path); /* not known when there is none */
int file_is_same(
	const struct file_id *id, const char *path); /* 1: the name leads to it still, or id is not known */

/* Makes the names in the folder of path durable. 0, or -1 with errno. */
int file_sync_folder(const char *path);

#endif
