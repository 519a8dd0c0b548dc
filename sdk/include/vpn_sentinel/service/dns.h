/*
 * Service dns/1: questions to name servers, asked as you say. [loop]
 * RESOLVER mode asks one server, or the nameservers of resolv.conf in their order until one answers; nothing is cached,
 * no search domain is tried, no client subnet is sent. SYSTEM mode asks as applications do: getaddrinfo(), with
 * whatever this machine puts in its way, on a thread of the host.
 */
#ifndef VPN_SENTINEL_SERVICE_DNS_H
#define VPN_SENTINEL_SERVICE_DNS_H

#include "vpn_sentinel/host.h"

#define VPNS_DNS_1 "dns/1"

#define VPNS_DNS_RESOLVER UINT32_C(0)
#define VPNS_DNS_SYSTEM UINT32_C(1) /* types A and AAAA; 0 asks for both. server, class and transport do not count */

/* Types and classes are the numbers of the protocol; any other number may be asked too. */
#define VPNS_DNS_A UINT32_C(1)
#define VPNS_DNS_NS UINT32_C(2)
#define VPNS_DNS_CNAME UINT32_C(5)
#define VPNS_DNS_PTR UINT32_C(12)
#define VPNS_DNS_TXT UINT32_C(16)
#define VPNS_DNS_AAAA UINT32_C(28)
#define VPNS_DNS_IN UINT32_C(1)
#define VPNS_DNS_CH UINT32_C(3)

#define VPNS_DNS_UDP UINT32_C(0) /* and TCP when the answer was cut */
#define VPNS_DNS_TCP UINT32_C(1)

/* Everything is copied before query() returns. */
struct vpns_dns_request {
	uint32_t size;
	uint32_t mode;      /* VPNS_DNS_RESOLVER or VPNS_DNS_SYSTEM */
	const char *name;   /* whole, with or without the dot at its end */
	uint32_t type;      /* VPNS_DNS_A ...; 0: A (SYSTEM: A and AAAA) */
	uint32_t dns_class; /* VPNS_DNS_IN, VPNS_DNS_CH; 0: IN */
	const char *server; /* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; NULL: the system's */
	uint32_t family;    /* 4 or 6: only system nameservers of this family; 0: all */
	uint32_t transport; /* VPNS_DNS_UDP or VPNS_DNS_TCP */
	uint32_t timeout_ms; /* of the whole; 0: 5 s */
	uint32_t reserved;
};

/* OK, NXDOMAIN and NODATA are answers; the rest says why there is none. */
#define VPNS_DNS_OK INT32_C(0)
#define VPNS_DNS_E_NXDOMAIN INT32_C(1)  /* there is no such name (SYSTEM: or it has no address) */
#define VPNS_DNS_E_NODATA INT32_C(2)    /* the name has no record of this type */
#define VPNS_DNS_E_SERVFAIL INT32_C(3)
#define VPNS_DNS_E_REFUSED INT32_C(4)   /* the server does not want to answer us */
#define VPNS_DNS_E_NOTIMP INT32_C(5)    /* the server does not know this kind of question */
#define VPNS_DNS_E_FORMERR INT32_C(6)   /* the server did not understand the question */
#define VPNS_DNS_E_TIMEOUT INT32_C(7)   /* nobody answered in time (SYSTEM: or answered with a failure) */
#define VPNS_DNS_E_CONNECT INT32_C(8)   /* nobody listens there, or no way leads there */
#define VPNS_DNS_E_FORMAT INT32_C(9)    /* the answer is not DNS */
#define VPNS_DNS_E_TOO_LARGE INT32_C(10) /* the answer has more than 4 KiB, or more than 64 records */
#define VPNS_DNS_E_NO_SERVER INT32_C(11) /* no nameserver of this family is configured, or server is no address */
#define VPNS_DNS_E_NAME INT32_C(12)     /* what was asked is not a name */
#define VPNS_DNS_E_OTHER INT32_C(13)

/*
 * One record of the answer. text: an address in canonical form, or a name without the dot at its end, or what a TXT
 * record says, its character-strings one after the other; "" for other types. Bytes of names and
 * strings that are not printable ASCII, and the backslash, are written as \DDD, three decimal digits.
 */
struct vpns_dns_record {
	const char *name;
	const char *text;
	const char *const *strings; /* TXT: each character-string by itself; otherwise NULL */
	uint32_t string_count;
	uint32_t type;
	uint32_t ttl; /* seconds; 0 in SYSTEM mode */
	uint32_t reserved;
};

struct vpns_dns_reply {
	uint32_t size;
	int32_t error;  /* VPNS_DNS_* */
	uint32_t rcode; /* of the server's answer; 0 without one */
	uint32_t record_count;
	const struct vpns_dns_record *records; /* the answer section, aliases included */
	const char *server;     /* who answered or failed last, as one may write it in a request; "" in SYSTEM mode */
	const char *error_text; /* a sentence; "" when error is 0 */
	uint64_t elapsed_ms;
};

struct vpns_dns_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Asks; done(arg, reply) comes exactly once, never from inside this call. Returns a handle,
	 * 0 when the question cannot be asked (16 under way, no name).
	 */
	uint64_t (*query)(const struct vpns_host *host, const struct vpns_dns_request *request,
		void (*done)(void *arg, const struct vpns_dns_reply *reply), void *arg);
	/* After this done() does not come. A finished query, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
	/*
	 * Calls each(arg, address) for every nameserver of resolv.conf as it is now, in its order, before
	 * it returns. An address is written as a request takes it. Returns how many there are.
	 */
	uint32_t (*nameservers)(const struct vpns_host *host, void (*each)(void *arg, const char *address), void *arg);
};

#endif
