/*
 * A plugin file, checked and loaded. Loading: open, look at owner and permissions, hash,
 * read the note, dlopen the very descriptor that was checked, check the descriptor. Each
 * refusal is a sentence with names, numbers and the remedy. [loop]
 */
#ifndef VS_PLUG_PLUGIN_H
#define VS_PLUG_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "vpn_sentinel/plugin.h"

struct vs_plugin;
struct vs_search;

#define VS_SHA256_TEXT 65

struct vs_plugin_request {
	const struct vs_search *search;
	uint32_t kind; /* VPNS_KIND_* */
	const char *name;
	const char *sha256; /* 64 hexadecimal digits the file must have; NULL or "": any */
	bool pinned; /* `trust: pinned`: a file without sha256 is refused */
};

/* The first file of that kind and name in the search order; one reference. NULL with err. */
struct vs_plugin *vs_plugin_load(const struct vs_plugin_request *request, struct vs_err *err);
struct vs_plugin *vs_plugin_ref(struct vs_plugin *plugin);
void vs_plugin_unref(struct vs_plugin *plugin); /* NULL is fine; the code stays mapped */

/* The host's own copy of the descriptor; members the plugin does not know are zero. */
const struct vpns_plugin *vs_plugin_desc(const struct vs_plugin *plugin);
const char *vs_plugin_path(const struct vs_plugin *plugin);
const char *vs_plugin_sha256(const struct vs_plugin *plugin); /* lower-case hexadecimal */

/* The declaration of a fact, or NULL. A copy on the host's side of the border; help and unit may be NULL. */
const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name);

#endif
