/* The rows of a descriptor: options and declared facts, checked and copied in our layout. */
#ifndef VS_PLUG_DESCRIPTOR_ROWS_H
#define VS_PLUG_DESCRIPTOR_ROWS_H

#include "base/err.h"
#include "vpn_sentinel/plugin.h"

/*
 * Each allocates the copy, points desc at it and sets the stride to ours; on refusal the
 * copy, if there is one, is still the caller's to free.
 */
int vs_descriptor_options(struct vpns_plugin *desc, struct vpns_option **copy, struct vs_err *err);
int vs_descriptor_facts(struct vpns_plugin *desc, struct vpns_fact_decl **copy, struct vs_err *err);

#endif
