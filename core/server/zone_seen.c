#include "server/zone_seen.h"

#include <stdlib.h>
#include <string.h>

/* Where a new one goes: behind the others, or in the place of the oldest. */
static size_t make_place(const uint64_t *times, uint8_t *count, size_t max)
{
	size_t oldest = 0;
	size_t i;

	if (*count < max)
		return (*count)++;
	for (i = 1; i < max; i++)
		if (times[i] < times[oldest])
			oldest = i;
	return oldest;
}

static void add_resolver(struct vs_zone_seen *seen, const struct vs_addr *resolver, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < seen->resolver_count; i++)
		if (vs_addr_equal(&seen->resolvers[i], resolver))
			break;
	if (i == seen->resolver_count)
		i = make_place(seen->resolver_ms, &seen->resolver_count, VS_ZONE_RESOLVERS_MAX);
	seen->resolvers[i] = *resolver;
	seen->resolver_since[i] = 0;
	if (seen->resolver_ms[i] < now_ms)
		seen->resolver_ms[i] = now_ms;
}

static bool same_prefix(const struct vs_prefix *a, const struct vs_prefix *b)
{
	return a->bits == b->bits && vs_addr_equal(&a->addr, &b->addr);
}

static void add_ecs(struct vs_zone_seen *seen, const struct vs_prefix *ecs, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < seen->ecs_count; i++)
		if (same_prefix(&seen->ecs[i], ecs))
			break;
	if (i == seen->ecs_count)
		i = make_place(seen->ecs_ms, &seen->ecs_count, VS_ZONE_ECS_MAX);
	seen->ecs[i] = *ecs;
	seen->ecs_since[i] = 0;
	if (seen->ecs_ms[i] < now_ms)
		seen->ecs_ms[i] = now_ms;
}

void vs_zone_seen_add(struct vs_zone_seen *seen, const struct vs_addr *resolver, const struct vs_prefix *ecs,
	uint64_t now_ms)
{
	add_resolver(seen, resolver, now_ms);
	if (ecs->bits > 0)
		add_ecs(seen, ecs, now_ms);
}

void vs_zone_seen_turn(struct vs_zone_seen *seen)
{
	size_t i;

	for (i = 0; i < seen->resolver_count; i++)
		if (seen->resolver_since[i] < VS_ZONE_PATIENCE)
			seen->resolver_since[i]++;
	for (i = 0; i < seen->ecs_count; i++)
		if (seen->ecs_since[i] < VS_ZONE_PATIENCE)
			seen->ecs_since[i]++;
}

void vs_zone_seen_merge(struct vs_zone_seen *seen, const struct vs_zone_seen *other)
{
	size_t i;

	for (i = 0; i < other->resolver_count; i++)
		add_resolver(seen, &other->resolvers[i], other->resolver_ms[i]);
	for (i = 0; i < other->ecs_count; i++)
		add_ecs(seen, &other->ecs[i], other->ecs_ms[i]);
}

static int by_address(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct vs_addr));
}

static int by_prefix(const void *a, const void *b)
{
	const struct vs_prefix *one = a;
	const struct vs_prefix *other = b;
	int order = by_address(&one->addr, &other->addr);

	return order != 0 ? order : (int)one->bits - (int)other->bits;
}

void vs_zone_seen_tell(const struct vs_zone_seen *seen, uint64_t since_ms, struct vs_zone_told *told)
{
	size_t i;

	memset(told, 0, sizeof(*told));
	for (i = 0; i < seen->resolver_count; i++) {
		if (seen->resolver_ms[i] < since_ms || seen->resolver_since[i] >= VS_ZONE_PATIENCE)
			continue;
		told->resolvers[told->resolver_count++] = seen->resolvers[i];
	}
	for (i = 0; i < seen->ecs_count; i++)
		if (seen->ecs_ms[i] >= since_ms && seen->ecs_since[i] < VS_ZONE_PATIENCE)
			told->ecs[told->ecs_count++] = seen->ecs[i];
	qsort(told->resolvers, told->resolver_count, sizeof(told->resolvers[0]), by_address);
	qsort(told->ecs, told->ecs_count, sizeof(told->ecs[0]), by_prefix);
}
