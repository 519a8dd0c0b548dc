/* A list of addresses and prefixes, such as proxies to trust. Pure. */
#ifndef VS_CONFIG_PREFIXES_H
#define VS_CONFIG_PREFIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "vpn_sentinel/option.h"

#include "base/addr.h"
#include "base/err.h"
#include "config/arena.h"

struct vs_prefixes {
	struct vs_prefix *items; /* from the arena; a bare address is a prefix of all its bits */
	size_t count;
};

/* err names the first item that is neither, and what may be meant. */
int vs_prefixes_parse(struct vs_prefixes *prefixes, const struct vpns_list *items, struct vs_arena *arena,
	struct vs_err *err);
/* One of them holds every address of its family. */
bool vs_prefixes_hold_all(const struct vs_prefixes *prefixes);

#endif
