/* What plugin files there are, read from their notes: nothing is loaded. For `plugin list`. */
#ifndef VS_PLUG_LISTING_H
#define VS_PLUG_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_search;

struct vs_listing_entry {
	uint32_t kind; /* of the folder it lies in */
	char *name; /* of the file, without .so */
	char *path;
	size_t place; /* which directory of the search */
	char *version; /* "" when refused before it could be read */
	uint16_t abi_major;
	uint16_t abi_minor;
	char *refusal; /* NULL, or why vs_plugin_load would refuse the file */
	bool shadowed; /* an earlier directory holds the same kind and name: this one is never loaded */
};

struct vs_listing {
	struct vs_listing_entry *entries; /* by kind, name, search order */
	size_t count;
};

/* Lists every *.so of every kind folder; folders that do not exist are passed over. */
void vs_listing_read(struct vs_listing *listing, const struct vs_search *search);
void vs_listing_fini(struct vs_listing *listing); /* twice is fine */

#endif
