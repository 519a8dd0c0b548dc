/* Text for manual pages: the macros of man(7), in the ASCII subset that every formatter reads alike. */
#ifndef VS_CLI_ROFF_H
#define VS_CLI_ROFF_H

#include <stdio.h>

/* The page's first lines: its name (lower case), section ('1') and one sentence without full stop. */
void vs_roff_title(FILE *out, const char *name, char section, const char *summary);
void vs_roff_section(FILE *out, const char *title);
/* The term of a definition; its text follows by vs_roff_text(). Each part NULL or in its own face. */
void vs_roff_term(FILE *out, const char *bold, const char *plain);
/* Inside a line; nothing of it is a macro or an escape. */
void vs_roff_inline(FILE *out, const char *text);
/* Paragraphs with empty lines between them; indented lines are kept as they are. Ends its last line. */
void vs_roff_text(FILE *out, const char *text);

#endif
