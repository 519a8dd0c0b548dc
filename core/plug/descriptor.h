/*
 * The constant that a plugin exports, checked member by member before anything of it is
 * used, and copied to the host's side of the border in the host's own layout.
 */
#ifndef VS_PLUG_DESCRIPTOR_H
#define VS_PLUG_DESCRIPTOR_H

#include <stdint.h>

#include "base/err.h"
#include "vpn_sentinel/plugin.h"
#include "vpn_sentinel/store.h"

/* The smallest that 1.0 allows: everything up to the last member of 1.0. */
#define VS_DESCRIPTOR_SIZE_1_0 (offsetof(struct vpns_plugin, store) + sizeof(void *))

/* desc points into this struct: rows and tables have the host's strides and sizes. */
struct vs_descriptor {
	struct vpns_plugin desc;
	struct vpns_option *options; /* owned */
	struct vpns_fact_decl *facts; /* owned */
	union {
		struct vpns_probe_ops probe;
		struct vpns_notifier_ops notifier;
		struct vpns_auth_ops auth;
		struct vpns_store_ops store;
	} ops;
};

/*
 * raw: the exported symbol, of which known bytes exist. Fills descriptor, which must stay
 * where it is, or refuses with a sentence that names what is wrong and the remedy.
 */
int vs_descriptor_take(struct vs_descriptor *descriptor, const void *raw, uint64_t known, uint32_t kind,
	const char *name, struct vs_err *err);
void vs_descriptor_fini(struct vs_descriptor *descriptor); /* twice is fine */

#endif
