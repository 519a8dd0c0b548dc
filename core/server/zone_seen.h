/* Sets of resolvers and of networks they ask for, bounded: the newest stay. Pure. For zone_book.c. */
#ifndef VS_SERVER_ZONE_SEEN_H
#define VS_SERVER_ZONE_SEEN_H

#include "server/zone_book.h"

/* Zeroed is empty. */
struct vs_zone_seen {
	struct vs_addr resolvers[VS_ZONE_RESOLVERS_MAX];
	uint64_t resolver_ms[VS_ZONE_RESOLVERS_MAX];
	struct vs_prefix ecs[VS_ZONE_ECS_MAX];
	uint64_t ecs_ms[VS_ZONE_ECS_MAX];
	uint8_t resolver_since[VS_ZONE_RESOLVERS_MAX]; /* names that showed another one since then */
	uint8_t ecs_since[VS_ZONE_ECS_MAX];
	uint8_t resolver_count;
	uint8_t ecs_count;
};

void vs_zone_seen_add(struct vs_zone_seen *seen, const struct vs_addr *resolver, const struct vs_prefix *ecs,
	uint64_t now_ms);
/* Another name begins: what it does not show is one name older. */
void vs_zone_seen_turn(struct vs_zone_seen *seen);
void vs_zone_seen_merge(struct vs_zone_seen *seen, const struct vs_zone_seen *other);
/* Fills all of told but its labels with what is not older than since_ms, nor than VS_ZONE_PATIENCE names. */
void vs_zone_seen_tell(const struct vs_zone_seen *seen, uint64_t since_ms, struct vs_zone_told *told);

#endif
