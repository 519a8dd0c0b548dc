/*
 * Facts: named, typed, declared values. A value crosses the border as text in the
 * canonical form of its type; the host parses it and drops what does not fit.
 */
#ifndef VPN_SENTINEL_FACT_H
#define VPN_SENTINEL_FACT_H

#include <stdint.h>

/*        name      code  canonical text */
#define VPNS_FACT_TYPES(X)                                                       \
	X(TEXT, 1, "UTF-8 text of at most 1024 bytes")                           \
	X(INT, 2, "a decimal integer of 64 bits")                                \
	X(REAL, 3, "a finite decimal number")                                    \
	X(BOOL, 4, "true or false")                                              \
	X(ADDR, 5, "an IPv4 or IPv6 address")                                    \
	X(PREFIX, 6, "an address, a slash and a number of bits")                 \
	X(ASN, 7, "an autonomous system number, with or without AS before it")   \
	X(COUNTRY, 8, "an ISO 3166-1 alpha-2 code")                              \
	X(DURATION, 9, "a number with a unit: ms s m h d")                       \
	X(TIME, 10, "an RFC 3339 time")

#define VPNS_FACT_TEXT UINT32_C(1)
#define VPNS_FACT_INT UINT32_C(2)
#define VPNS_FACT_REAL UINT32_C(3)
#define VPNS_FACT_BOOL UINT32_C(4)
#define VPNS_FACT_ADDR UINT32_C(5)
#define VPNS_FACT_PREFIX UINT32_C(6)
#define VPNS_FACT_ASN UINT32_C(7)
#define VPNS_FACT_COUNTRY UINT32_C(8)
#define VPNS_FACT_DURATION UINT32_C(9)
#define VPNS_FACT_TIME UINT32_C(10)

#define VPNS_FACT_NAME_MAX 48    /* characters of [a-z0-9_.] */
#define VPNS_FACT_VALUE_MAX 1024 /* bytes */

/* One row of what a probe may report. */
struct vpns_fact_decl {
	const char *name;
	uint32_t type; /* VPNS_FACT_* */
	uint32_t reserved;
	const char *unit; /* "ms", "bytes", ...; NULL when the type says it all */
	const char *help;
};

struct vpns_fact {
	const char *name;
	const char *value;
};

#endif
