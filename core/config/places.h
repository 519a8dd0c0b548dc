/* Lists of places in the network: countries, autonomous systems, prefixes. Pure parsers. */
#ifndef VS_CONFIG_PLACES_H
#define VS_CONFIG_PLACES_H

#include <stddef.h>
#include <stdint.h>

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

/* "RO", "AS9009", "10.0.0.0/8", "192.0.2.1": adds one item; count items at most are ever added. */
void vs_places_reserve(struct vs_places *places, size_t count, struct vs_arena *arena);
int vs_places_add(struct vs_places *places, struct vs_view item, struct vs_err *err);

/* DNS_LEAK_TOLERANCE: "3" is a number of rounds (1 to 100), anything else a comma list of places. */
struct vs_tolerance {
	uint32_t rounds; /* 0: not given */
	struct vs_places places;
};

int vs_tolerance_parse(
        struct vs_tolerance *tolerance, const char *text, struct vs_arena *arena, struct vs_err *err);

#endif
