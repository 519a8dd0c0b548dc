/*
 * Who resolved which name of the server's own zone, until a client says that the name was its. Pure but for
 * the seeds of its tables; times are of the monotonic clock. [loop]
 *
 * A nonce waits 2 minutes for the keepalive that lists it, and as long for queries that come after that. It
 * belongs to the first client that lists it. Everything is bounded: what a network invents can push out only
 * its own names, and those of networks that never resolved for a client only each other.
 */
#ifndef VS_SERVER_ZONE_BOOK_H
#define VS_SERVER_ZONE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/view.h"

struct vs_zone_book;

#define VS_ZONE_WAIT_MS (2 * 60 * 1000)
#define VS_ZONE_WINDOW_MS (15 * 60 * 1000) /* what was seen so long ago counts no more */
#define VS_ZONE_PATIENCE 20 /* nor what that many later names of the client did not show: it has gone */
#define VS_ZONE_RING 8192 /* names of each sort: of strangers, of known networks, listed ones */
#define VS_ZONE_SHARE 2048 /* names of one network (/24, of IPv6 /56) that wait */
#define VS_ZONE_KNOWN 1024 /* networks remembered for having resolved for a client */
#define VS_ZONE_CLIENTS 200000
#define VS_ZONE_RESOLVERS_MAX 16 /* of one client */
#define VS_ZONE_ECS_MAX 4

/* One query. */
struct vs_zone_query {
	const char *nonce; /* as vs_dnsd_nonce_parse() makes it */
	struct vs_addr resolver;
	struct vs_prefix ecs; /* 0 bits: none */
};

/* What was seen for one client lately: sorted, so that what is the same looks the same. */
struct vs_zone_told {
	struct vs_addr resolvers[VS_ZONE_RESOLVERS_MAX];
	size_t resolver_count;
	struct vs_prefix ecs[VS_ZONE_ECS_MAX];
	size_t ecs_count;
	uint32_t labels; /* names that were resolved */
};

struct vs_zone_book *vs_zone_book_create(void);
void vs_zone_book_destroy(struct vs_zone_book *book); /* NULL is fine */

void vs_zone_book_note(struct vs_zone_book *book, const struct vs_zone_query *query, uint64_t now_ms);

/* client_id lists text: a nonce, alone or as the first label of a name. Anything else is passed over. */
void vs_zone_book_claim(
	struct vs_zone_book *book, const char *client_id, struct vs_view text, uint64_t now_ms);

/* False: nothing was seen for it within the window. */
bool vs_zone_book_tell(
	struct vs_zone_book *book, const char *client_id, uint64_t now_ms, struct vs_zone_told *told);

/*
 * NULL: resolvers are seen as they are. Else the one private address that for a window resolved all names of
 * all clients, of which there are two at least: a gateway before the server (a container network's proxy)
 * which hides who asks. Not so a loopback address: that is a resolver on this host.
 */
const struct vs_addr *vs_zone_book_hides(const struct vs_zone_book *book, uint64_t now_ms);

size_t vs_zone_book_waiting(const struct vs_zone_book *book); /* names that nobody has listed */
size_t vs_zone_book_clients(const struct vs_zone_book *book);

#endif
