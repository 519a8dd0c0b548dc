/* Paragraphs for a terminal. */
#ifndef VS_CLI_WRAP_H
#define VS_CLI_WRAP_H

#include <stddef.h>
#include <stdio.h>

#define VS_WRAP_WIDTH 92

/*
 * Prints text, made harmless as vs_shown() does, in lines of at most VS_WRAP_WIDTH columns (a longer word
 * stands alone). The first begins with first blanks, the others with rest.
 */
void vs_wrap(FILE *out, const char *text, size_t first, size_t rest);

#endif
