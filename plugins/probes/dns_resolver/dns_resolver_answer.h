/* What the TXT records of the whoami names say of who asked. Pure: records in, texts out. */
#ifndef DNS_RESOLVER_ANSWER_H
#define DNS_RESOLVER_ANSWER_H

#include "vpn_sentinel/service/dns.h"

#define DNS_RESOLVER_ADDR 46 /* an address with its NUL */
#define DNS_RESOLVER_PREFIX 50

struct dns_resolver_answer {
	char resolver[DNS_RESOLVER_ADDR]; /* canonical; "": not told */
	char ecs[DNS_RESOLVER_PREFIX]; /* the network of the client that was passed on; "": none */
};

/* 1 with the canonical form of an address that can belong to somebody; 0 otherwise. */
int dns_resolver_address(char out[DNS_RESOLVER_ADDR], const char *text);
/* The same of "198.51.100.0/24", with or without a scope behind a second slash. No bits tell nothing: 0. */
int dns_resolver_prefix(char out[DNS_RESOLVER_PREFIX], const char *text);

/*
 * Records in any order, of one form or another: "192.0.2.1"; "edns0-client-subnet 198.51.100.0/24"; the
 * strings "ns" and an address, "ecs" and a network; "resolver 192.0.2.1 udp". Of several addresses the first
 * counts.
 */
void dns_resolver_answer_read(
	struct dns_resolver_answer *answer, const struct vpns_dns_record *records, uint32_t count);

#endif
