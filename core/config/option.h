/* One option: its text becomes a value in a struct. Pure. */
#ifndef VS_CONFIG_OPTION_H
#define VS_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "vpn_sentinel/option.h"

#include "base/err.h"
#include "config/arena.h"

/* Bytes of the field that an option of type fills; 0 for a type this program does not know. */
size_t vs_option_size(uint32_t type);
/* "duration", "human|json": for tables and sentences. Written into text. */
void vs_option_type_text(const struct vpns_option *option, char *text, size_t size);

/*
 * Parses text and writes vs_option_size() bytes to field (of any alignment). folder is where
 * relative paths start from, NULL for the working directory. The sentence in err begins with
 * the option's name and shows the text unless the option is SECRET or a URL.
 */
int vs_option_parse(const struct vpns_option *option, const char *text, const char *folder, void *field,
	struct vs_arena *arena, struct vs_err *err);

/* Registers what text, a value of option, holds, if option is SECRET. */
void vs_option_hide(const struct vpns_option *option, const char *text);
/* The same for a PATH: its file holds secrets, one a line, each alone or as name=secret. path is as it was
 * parsed. */
void vs_option_hide_file(const struct vpns_option *option, const char *path);

/* Takes the next item off a list's text: trimmed and not empty. False at the end. */
bool vs_list_next(struct vs_view *rest, char separator, struct vs_view *item);
char vs_list_separator(const char *text); /* a newline if there is one, else a comma */

#endif
