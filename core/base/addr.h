/* IP addresses and prefixes, family-neutral; IPv4-mapped IPv6 becomes IPv4 when parsed. */
#ifndef VS_BASE_ADDR_H
#define VS_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

#define VS_ADDR_TEXT 46 /* longest text with its NUL */
#define VS_PREFIX_TEXT 50

struct sockaddr;
struct sockaddr_storage;

struct vs_addr {
	uint8_t family; /* 4, 6, or 0 for none */
	uint8_t bytes[16]; /* 4 or 16 used, the rest zero, so memcmp compares */
};

struct vs_prefix {
	struct vs_addr addr; /* host bits zero */
	uint8_t bits;
};

int vs_addr_parse(struct vs_addr *addr, struct vs_view text); /* strict: inet_pton's forms */
void vs_addr_format(const struct vs_addr *addr, char text[VS_ADDR_TEXT]); /* "" when none */
bool vs_addr_equal(const struct vs_addr *a, const struct vs_addr *b);
/* Private, loopback, link-local, unique-local, CGNAT 100.64/10 or unspecified: not a public exit. */
bool vs_addr_is_private(const struct vs_addr *addr);
void vs_addr_from_sockaddr(struct vs_addr *addr, const struct sockaddr *sa);
/* Fills sa for bind() and connect(); returns how many bytes of it count. Not of no address. */
uint32_t vs_addr_to_sockaddr(const struct vs_addr *addr, uint16_t port, struct sockaddr_storage *sa);

/* "10.0.0.0/8" or a bare address; host bits set are an error. */
int vs_prefix_parse(struct vs_prefix *prefix, struct vs_view text);
void vs_prefix_format(const struct vs_prefix *prefix, char text[VS_PREFIX_TEXT]);
void vs_prefix_of(struct vs_prefix *prefix, const struct vs_addr *addr, uint8_t bits);
bool vs_prefix_contains(const struct vs_prefix *prefix, const struct vs_addr *addr);

#endif
