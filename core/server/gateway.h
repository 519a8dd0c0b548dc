/*
 * Whether all clients arrive from one and the same private address: then that is a gateway which hides where
 * they come from (a container network, a proxy that is not trusted), and their source proves nothing about
 * any of them. Each call costs the same however many clients there are. [loop]
 */
#ifndef VS_SERVER_GATEWAY_H
#define VS_SERVER_GATEWAY_H

#include <stdbool.h>

struct vs_addr;
struct vs_entry;
struct vs_gateway;
struct vs_registry;

struct vs_gateway *vs_gateway_create(void);
/* The entries of the registry are counted nowhere afterwards. NULL is fine. */
void vs_gateway_destroy(struct vs_gateway *gateway, struct vs_registry *registry);

/* A client's keepalive came from source; one without a source is not counted. Says it once when that hides.
 */
void vs_gateway_note(struct vs_gateway *gateway, struct vs_entry *entry, const struct vs_addr *source);
void vs_gateway_drop(struct vs_gateway *gateway, struct vs_entry *entry); /* before the entry goes */

/*
 * NULL: sources count. Else the address that hides all of them: two clients at least, all from there. A
 * loopback address is none: whoever reports over it is on this host.
 */
const struct vs_addr *vs_gateway_hides(const struct vs_gateway *gateway);

/* Whether it may be the address of one: private, and not this host's own. */
bool vs_gateway_can_be(const struct vs_addr *addr);

#endif
