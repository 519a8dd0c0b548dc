/*
 * What was seen lately: addresses of resolvers, or networks they passed on. Pure: the time is an argument.
 *
 * Of a pool of resolvers each question shows one, so the union of a while is what counts. One that has not
 * been seen for the whole while, or that did not come up in very many later answers, has gone: the system
 * asks somebody else now.
 */
#ifndef DNS_RESOLVER_SEEN_H
#define DNS_RESOLVER_SEEN_H

#include <stddef.h>
#include <stdint.h>

enum { DNS_RESOLVER_SEEN_MAX = 20, DNS_RESOLVER_SEEN_TEXT = 50 };

struct dns_resolver_seen {
	struct {
		char text[DNS_RESOLVER_SEEN_TEXT];
		uint32_t techniques; /* bits */
		uint64_t at_ms;
		uint32_t since; /* answers that showed another one since then */
	} rows[DNS_RESOLVER_SEEN_MAX];
	uint32_t count;
};

/* An answer showed text. 1 when it is new. Of too many, the one not seen for the longest time makes room. */
int dns_resolver_seen_add(
	struct dns_resolver_seen *seen, const char *text, uint32_t technique, uint64_t now_ms);
/* Forgets what was last seen more than window_ms ago, or not in the last `answers` of them. */
void dns_resolver_seen_age(
	struct dns_resolver_seen *seen, uint64_t window_ms, uint32_t answers, uint64_t now_ms);
/* The texts with a blank between, sorted, so that the same set is the same text. Cut at a whole one. */
void dns_resolver_seen_write(const struct dns_resolver_seen *seen, char *out, size_t size);
uint32_t dns_resolver_seen_techniques(const struct dns_resolver_seen *seen);

#endif
