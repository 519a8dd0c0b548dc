/*
 * The language of a channel's messages: the catalog of po/ that was installed for it, by gettext. Neither the
 * process's locale nor its environment is asked or changed. [loop]
 */
#ifndef VS_SERVER_LANGUAGE_H
#define VS_SERVER_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct vs_language;
struct vs_tongue;

/*
 * code: "es". NULL, "en", and a language whose catalog is not there: English. LANGUAGE must not be in the
 * environment: the C library would look for another file.
 */
struct vs_language *vs_language_create(const char *code);
/* The same with the catalogs of another folder. */
struct vs_language *vs_language_create_in(const char *folder, const char *code);
void vs_language_destroy(struct vs_language *language); /* NULL is fine */

/* Borrowed until destroy; NULL for English. */
const struct vs_tongue *vs_language_tongue(const struct vs_language *language);

/* Whether the catalog is installed; English needs none. */
bool vs_language_is_there(const char *code);
/* Where catalogs are looked for: "/usr/share/vpn-sentinel/locale", from the folder above the program's. */
const char *vs_language_folder(char *path, size_t size);

#endif
