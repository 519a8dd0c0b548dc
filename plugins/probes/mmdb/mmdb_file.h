/* One database file: mapped, and mapped anew when another stands in its place. [loop] */
#ifndef MMDB_FILE_H
#define MMDB_FILE_H

#include <maxminddb.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct mmdb_file {
	const char *path; /* NULL: none is configured */
	int is_open;
	MMDB_s db;
	struct stat seen; /* of the file that is mapped, or that could not be */
	int failed; /* that one could not be used: why says why */
	char why[160];
};

void mmdb_file_init(struct mmdb_file *file, const char *path);
void mmdb_file_fini(struct mmdb_file *file);

/*
 * Looks whether the file is another one than last time. A new file that cannot be used does not end the use
 * of an old one that was replaced by renaming; a file that was written over in place is let go at once.
 * Afterwards is_open says whether there is anything to ask, and failed whether something is to be told.
 */
void mmdb_file_refresh(struct mmdb_file *file);

#endif
