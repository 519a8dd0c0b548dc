/* Lists of places in the network: countries, autonomous systems, prefixes. Pure parsers. */
#ifndef VS_CONFIG_PLACES_H
#define VS_CONFIG_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "base/addr.h"
#include "base/err.h"
#include "config/arena.h"

struct vs_places {
	char (*countries)[3]; /* "RO" */
	size_t country_count;
	uint32_t *asns;
	size_t asn_count;
	struct vs_prefix *prefixes; /* a bare address is a prefix of all its bits */
	size_t prefix_count;
};

enum vs_places_sort {
	VS_PLACES_ANY,
	VS_PLACES_HOME, /* no countries: one is never somebody's own network */
};

/* Items such as "RO", "AS9009", "10.0.0.0/8", "192.0.2.1". err names the first item that is none of them. */
int vs_places_parse(struct vs_places *places, const struct vpns_list *items, enum vs_places_sort sort,
	struct vs_arena *arena, struct vs_err *err);

/* DNS_LEAK_TOLERANCE: a lone "3" is a number of rounds (1 to 100), anything else a list of places. */
struct vs_tolerance_conf {
	uint32_t rounds; /* 0: not given */
	struct vs_places places;
};

int vs_tolerance_conf_parse(struct vs_tolerance_conf *tolerance, const struct vpns_list *items,
	struct vs_arena *arena, struct vs_err *err);

#endif
