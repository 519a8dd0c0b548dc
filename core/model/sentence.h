/* A sentence that grows in a fixed place and is cut between UTF-8 characters when that is full. */
#ifndef VS_MODEL_SENTENCE_H
#define VS_MODEL_SENTENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_sentence {
	char *text; /* always NUL-terminated once something was said */
	size_t size;
	size_t len;
};

void vs_say(struct vs_sentence *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many bytes of a text to say by "%.*s": at most max, and never a part of a character. */
int vs_say_length(struct vs_view text, size_t max);

/* "2026-11-23 00:15:06 UTC" */
void vs_time_words(char *text, size_t size, int64_t wall_ms);

/* "4.2 MiB" */
void vs_bytes_words(char *text, size_t size, double bytes);

#endif
