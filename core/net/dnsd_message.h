/*
 * DNS messages of a server: a query's bytes in, a reply's bytes out. Pure, bounded, total. dnsd_message.c
 * is the one file that knows the library that reads and writes them.
 */
#ifndef VS_NET_DNSD_MESSAGE_H
#define VS_NET_DNSD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define VS_DNSD_QUERY_MAX 4096 /* bytes; longer ones are not read */
#define VS_DNSD_REPLY_MAX 4096
#define VS_DNSD_UDP_PLAIN 512 /* bytes that a peer without EDNS takes */
#define VS_DNSD_UDP_MAX 1232 /* that pass everywhere without fragments */
#define VS_DNSD_NAME_TEXT 1024 /* longest name with each byte escaped, and its NUL */

enum vs_dnsd_type {
	VS_DNSD_A = 1,
	VS_DNSD_NS = 2,
	VS_DNSD_SOA = 6,
	VS_DNSD_HINFO = 13,
	VS_DNSD_TXT = 16,
	VS_DNSD_AAAA = 28,
	VS_DNSD_IXFR = 251,
	VS_DNSD_ANY = 255,
};
#define VS_DNSD_META_FIRST 128 /* types of questions, not of records: to 255 */
#define VS_DNSD_CLASS_IN 1

enum vs_dnsd_rcode {
	VS_DNSD_NOERROR = 0,
	VS_DNSD_FORMERR = 1,
	VS_DNSD_NXDOMAIN = 3,
	VS_DNSD_NOTIMP = 4,
	VS_DNSD_REFUSED = 5,
	VS_DNSD_BADVERS = 16,
};

/* EDNS client subnet: the network that a resolver says it asks for. */
struct vs_dnsd_ecs {
	bool given;
	uint16_t family; /* 1: IPv4, 2: IPv6, 0: none, with 0 bits */
	struct vs_prefix prefix; /* 0 bits: whoever is behind the resolver wants to stay unknown */
};

struct vs_dnsd_query {
	enum vs_dnsd_rcode fault; /* NOERROR: it can be answered */
	uint16_t type;
	uint16_t class;
	bool edns;
	uint16_t udp_size; /* of EDNS; 0 without */
	struct vs_dnsd_ecs ecs;
	char name[VS_DNSD_NAME_TEXT]; /* lower case, without the last dot; "" is the root */
	void *packet; /* dnsd_message.c's */
};

/*
 * False: nobody may be answered, since it is too short for an id, an answer itself, or too long. Otherwise
 * query holds a question, or the fault that is to be the reply. To be ended in both cases.
 */
bool vs_dnsd_query_read(struct vs_dnsd_query *query, const void *bytes, size_t len);
void vs_dnsd_query_fini(struct vs_dnsd_query *query); /* twice is fine */

struct vs_dnsd_record {
	const char *owner; /* NULL: the name that was asked for, as it was written */
	enum vs_dnsd_type type; /* A AAAA TXT NS SOA HINFO */
	uint32_t ttl;
	struct vs_addr addr; /* of A, AAAA */
	/* Of NS and SOA: names; of TXT and HINFO: strings of at most 255 bytes, up to the first NULL. */
	const char *texts[2];
};

#define VS_DNSD_SERIAL 1 /* of SOA: nobody transfers the zone */
#define VS_DNSD_RETRY_S 3600

struct vs_dnsd_reply {
	enum vs_dnsd_rcode rcode;
	bool authoritative;
	bool truncated; /* ask again over TCP: no records */
	uint32_t negative_ttl; /* the last number of SOA */
	const struct vs_dnsd_record *answer;
	size_t answer_count;
	const struct vs_dnsd_record *authority;
	size_t authority_count;
};

/*
 * Writes at most max bytes of the reply to query; what does not fit is left out and the reply marked as
 * truncated. EDNS and the client's subnet are echoed as far as the query had them. Returns its length, never
 * 0.
 */
size_t vs_dnsd_reply_write(const struct vs_dnsd_query *query, const struct vs_dnsd_reply *reply, size_t max,
	unsigned char out[VS_DNSD_REPLY_MAX]);

#endif
