/* Colours for people, where there are people to see them. */
#ifndef VS_CLI_PAINT_H
#define VS_CLI_PAINT_H

#include <stdbool.h>
#include <stdio.h>

#define VS_PAINT_END "\x1b[0m"

/* Whether out is a terminal, and neither NO_COLOR nor TERM=dumb asks for plain text. */
bool vs_paint_wanted(FILE *out);

/* The escape sequence that begins a verdict's colour; NULL: it has none. */
const char *vs_paint_verdict(const char *verdict);

#endif
