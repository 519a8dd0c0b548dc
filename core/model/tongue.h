/*
 * The language of what people read. English is the key: each text is looked up by itself, and what a catalog
 * does not know stays English. Pure: who looks up is handed in.
 */
#ifndef VS_MODEL_TONGUE_H
#define VS_MODEL_TONGUE_H

#include <stddef.h>
#include <stdint.h>

struct vs_buf;

/* Marks a text of a table for the catalogs (po/); those in calls of vs_tongue_text are found there. */
#define VS_WORDS(text) text

/* NULL for a tongue means English. What the functions return stays as long as the process. */
struct vs_tongue {
	const char *(*text)(void *arg, const char *english);
	const char *(*count)(void *arg, const char *one, const char *many, uint64_t count);
	void *arg;
};

/* The empty text stays empty. */
const char *vs_tongue_text(const struct vs_tongue *tongue, const char *english);
/* Which of the forms that the language has count takes: English has one and many. */
const char *vs_tongue_count(
	const struct vs_tongue *tongue, const char *one, const char *many, uint64_t count);

/* "{name}" in a pattern: languages order their sentences differently. */
struct vs_hole {
	const char *name;
	const char *value; /* literal: a hole in it is none */
};

#define VS_HOLES_MAX 8

/* Adds pattern with its holes filled; one that holes does not name stays as it stands. */
void vs_tongue_fill(struct vs_buf *out, const char *pattern, const struct vs_hole *holes, size_t count);

/* "2h 15m" and "4.2 MiB" in that language. */
void vs_tongue_duration(const struct vs_tongue *tongue, struct vs_buf *out, int64_t ms);
void vs_tongue_bytes(const struct vs_tongue *tongue, struct vs_buf *out, double bytes);

#endif
