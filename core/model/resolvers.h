/* The lists that facts about resolvers hold, as values: items separated by single blanks. */
#ifndef VS_MODEL_RESOLVERS_H
#define VS_MODEL_RESOLVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/view.h"

/* Pools have a dozen; a client that tells more must not cost more. */
#define VS_RESOLVERS_MAX 128

struct vs_resolver {
	struct vs_addr addr;
	bool by_zone; /* the server's own zone was asked from there: nobody stood between */
};

struct vs_resolvers {
	struct vs_resolver items[VS_RESOLVERS_MAX]; /* each address once */
	size_t count;
};

/* What is no address is passed over. */
void vs_resolvers_read(struct vs_resolvers *resolvers, struct vs_view told, struct vs_view by_zone);

/*
 * Takes the next network off a list of client subnets: "198.51.100.0/24", or with the scope that the
 * resolver was told, "198.51.100.0/24/24". False at the end. What is none is passed over.
 */
bool vs_subnet_next(struct vs_view *rest, struct vs_prefix *subnet);

size_t vs_items_count(struct vs_view list); /* of a list of words */
bool vs_items_contain(struct vs_view list, const char *item);

#endif
