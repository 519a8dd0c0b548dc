/* Addresses and prefixes of both families. Pure. */
#ifndef CIDR_PREFIX_H
#define CIDR_PREFIX_H

#include <stddef.h>
#include <stdint.h>

/* IPv4-mapped IPv6 addresses are IPv4 addresses here, so that either spelling means the same. */
struct cidr_prefix {
	unsigned char bytes[16]; /* the first 4 for IPv4 */
	uint8_t family; /* 4 or 6 */
	uint8_t bits;
};

/*
 * Reads "192.0.2.1", "192.0.2.0/24", "2001:db8::/32" or "::ffff:192.0.2.0/120". Returns NULL, or
 * what is wrong with it.
 */
const char *cidr_prefix_parse(struct cidr_prefix *prefix, const char *text);

/* Reads an address as a prefix of full length; a zone ("%eth0") does not count. 0, or -1. */
int cidr_address_parse(struct cidr_prefix *address, const char *text);

/* 1 when address is of the same family and inside prefix. */
int cidr_prefix_holds(const struct cidr_prefix *prefix, const struct cidr_prefix *address);

#endif
