/* How many connections each address has; IPv6 counts by /64, since one subscriber has that many. */
#ifndef VS_NET_HTTP_PEERS_H
#define VS_NET_HTTP_PEERS_H

#include <stdbool.h>
#include <stdint.h>

struct vs_addr;
struct vs_http_peers;

struct vs_http_peers *vs_http_peers_create(void);
void vs_http_peers_destroy(struct vs_http_peers *peers); /* NULL is fine */
/* Counts one more, or returns false when addr has limit already. Family 0 is never counted. */
bool vs_http_peers_add(struct vs_http_peers *peers, const struct vs_addr *addr, uint32_t limit);
void vs_http_peers_remove(struct vs_http_peers *peers, const struct vs_addr *addr);

#endif
