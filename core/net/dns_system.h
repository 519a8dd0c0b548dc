/* getaddrinfo() on a thread, behind dns.c: addresses as applications get them. [loop] */
#ifndef VS_NET_DNS_SYSTEM_H
#define VS_NET_DNS_SYSTEM_H

#include <stdint.h>

#include "net/dns.h"
#include "net/dns_message.h"

struct vs_dns_lookup;
struct vs_pool;

/* message is the callee's to keep: it must be released. Empty unless error is OK. */
typedef void vs_dns_lookup_done(void *arg, enum vs_dns_error error, struct vs_dns_message *message);

/*
 * Addresses of name, of one type or (0) of both; no search domain is tried. done() comes exactly once, never
 * from inside this call. NULL when the pool is full: then it does not come.
 */
struct vs_dns_lookup *vs_dns_lookup_start(
	struct vs_pool *pool, const char *name, uint32_t type, vs_dns_lookup_done *done, void *arg);
/* done() does not come, although the thread may still wait for an answer. NULL is fine. */
void vs_dns_lookup_cancel(struct vs_dns_lookup *lookup);

#endif
