/*
 * A long text as several messages: cut at the end of a line where there is one, else at a blank, else between
 * two characters; tags that are open at the cut are closed there and opened again in the next part. Pure.
 */
#ifndef TELEGRAM_SPLIT_H
#define TELEGRAM_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#define TELEGRAM_UNITS_MAX 4096 /* UTF-16 units that people see in one message */
#define TELEGRAM_PART_SIZE 24576 /* bytes of one part's HTML, with its NUL */
#define TELEGRAM_OPEN_MAX 8 /* tags within tags; a deeper one is left out, with its end */

struct telegram_tag {
	const char *text; /* of the beginning: "<b>" */
	uint32_t len;
	uint32_t name_len; /* behind the bracket */
};

struct telegram_split {
	const char *at; /* what comes next; borrowed */
	uint32_t open_count;
	uint32_t skipped; /* tags that were left out and are still open */
	struct telegram_tag open[TELEGRAM_OPEN_MAX];
};

/* html is borrowed until the last part. */
void telegram_split_begin(struct telegram_split *split, const char *html);
/* Writes the next part, which shows more than blanks. 0 when there is none. */
int telegram_split_next(struct telegram_split *split, char part[TELEGRAM_PART_SIZE]);

/* The same text without tags, entities as what they stand for; in place. */
void telegram_split_plain(char *html);

/* UTF-16 units that people see. */
uint64_t telegram_split_units(const char *html);
uint64_t telegram_split_plain_units(const char *text); /* of a text without markup */

#endif
