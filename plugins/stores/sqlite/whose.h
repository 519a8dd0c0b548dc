/*
 * Whose file stands at the path, before anything is done to it. A path that was mistyped must cost
 * nobody their file.
 */
#ifndef SQLITE_WHOSE_H
#define SQLITE_WHOSE_H

enum whose {
	WHOSE_NOBODYS, /* there is none, or it is empty */
	WHOSE_OURS, /* its head, or what stands beside it, says so, also when it is damaged */
	WHOSE_UNKNOWN, /* a SQLite file without a mark: perhaps one that is to become ours */
	WHOSE_OTHERS, /* a database of another program, or no database at all */
};

enum whose whose_file(const char *path);

/* 1 when a lock that was in use, or what a restore left, shows that there was a database at path. */
int whose_was_ours(const char *path);

#endif
