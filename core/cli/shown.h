/* Text that came from far away, as a terminal may see it: it must not move the cursor. */
#ifndef VS_CLI_SHOWN_H
#define VS_CLI_SHOWN_H

#include <stddef.h>

/*
 * A copy with '?' in place of every control character, of marks that turn the direction of
 * writing, and of bytes that are not UTF-8. The caller frees it.
 */
char *vs_shown(const char *text);

/* Terminal columns that text takes, which came from vs_shown(). */
size_t vs_shown_columns(const char *text);

#endif
