/*
 * Token buckets by key: each holds so many requests and fills again evenly. The caller says
 * what time it is. Bounded: beyond max_keys the key longest not used is forgotten.
 */
#ifndef VS_SERVER_LIMITER_H
#define VS_SERVER_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_addr;
struct vs_limiter;

#define VS_LIMITER_KEY_MAX 192
#define VS_LIMITER_ADDR_KEY 9 /* bytes of an address's key */

struct vs_limiter_conf {
	uint32_t requests; /* > 0, in each per_ms */
	uint64_t per_ms;
	uint32_t burst; /* > 0: as many may come at once */
	size_t max_keys;
};

/* What one request met. Numbers are whole ones for headers, rounded so that obeying them suffices. */
struct vs_limit {
	bool allowed;
	uint32_t limit; /* the burst */
	uint32_t remaining;
	uint32_t reset_s; /* until the bucket is full */
	uint32_t retry_s; /* until the next request is allowed; 0 when it would be now */
};

struct vs_limiter *vs_limiter_create(const struct vs_limiter_conf *conf);
void vs_limiter_destroy(struct vs_limiter *limiter); /* NULL is fine */

/* Another rate from now on: each bucket is as full as it was, as a share of what it holds. Linear. */
void vs_limiter_change(struct vs_limiter *limiter, const struct vs_limiter_conf *conf, uint64_t now_ms);

/* Takes one token of key (at most VS_LIMITER_KEY_MAX bytes), if there is one. */
void vs_limiter_take(struct vs_limiter *limiter, struct vs_view key, uint64_t now_ms, struct vs_limit *out);
/* Puts one back: the request was counted elsewhere. */
void vs_limiter_give_back(struct vs_limiter *limiter, struct vs_view key, uint64_t now_ms);
size_t vs_limiter_count(const struct vs_limiter *limiter); /* keys remembered */

/* Where key lies in a table of so many places: each limiter has its own order, which nobody can know. */
size_t vs_limiter_place(const struct vs_limiter *limiter, struct vs_view key, size_t places);

/* IPv4 whole, IPv6 by /64, since one subscriber has that many. */
struct vs_view vs_limiter_addr_key(const struct vs_addr *addr, char key[VS_LIMITER_ADDR_KEY]);

#endif
