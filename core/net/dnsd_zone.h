/*
 * A DNS zone that exists to see who asks: below it every name that looks like a nonce exists, and nothing
 *else but its apex. Pure: a query's bytes and its sender in, the reply's bytes and what was seen out.
 *
 *	<26 characters of a-z2-7>.leak.example.net	A, AAAA, TXT (who asked, and for which network)
 *
 * Answers are small, so that nobody is flooded through it, and never about another zone.
 */
#ifndef VS_NET_DNSD_ZONE_H
#define VS_NET_DNSD_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/view.h"
#include "net/dnsd_message.h"

struct vs_dnsd_zone;

#define VS_DNSD_NONCE_LEN 26 /* 128 bits in base 32 */
#define VS_DNSD_ADDRESSES_MAX 4

/* Copied. Names are valid, in lower case and without the last dot. */
struct vs_dnsd_zone_conf {
	const char *name;
	const char *ns; /* the name of the server, as the zone above says it */
	const struct vs_addr *addresses; /* what names resolve to; also ns, if it lies in the zone */
	size_t address_count; /* at most VS_DNSD_ADDRESSES_MAX */
	uint32_t ttl; /* seconds, of nonces */
};

struct vs_dnsd_zone *vs_dnsd_zone_create(const struct vs_dnsd_zone_conf *conf);
void vs_dnsd_zone_destroy(struct vs_dnsd_zone *zone); /* NULL is fine */

/* A query as it came. */
struct vs_dnsd_ask {
	const void *bytes;
	size_t len;
	struct vs_addr peer;
	bool tcp;
	bool limited; /* say no more than "ask over TCP", and note nothing */
};

enum vs_dnsd_outcome {
	VS_DNSD_SILENT, /* no query */
	VS_DNSD_MALFORMED, /* or of a kind that is not answered */
	VS_DNSD_FOREIGN, /* about something else than the zone */
	VS_DNSD_TOLD, /* answered, also when the answer is that there is no such name */
	VS_DNSD_CUT, /* told to come over TCP */
};

struct vs_dnsd_seen {
	enum vs_dnsd_outcome outcome;
	char nonce[VS_DNSD_NONCE_LEN + 1]; /* in lower case; "": the query held none */
	struct vs_addr resolver; /* who asked */
	bool tcp;
	struct vs_dnsd_ecs ecs;
};

/* Returns the length of the reply; 0: there is none. */
size_t vs_dnsd_zone_answer(const struct vs_dnsd_zone *zone, const struct vs_dnsd_ask *ask,
	unsigned char reply[VS_DNSD_REPLY_MAX], struct vs_dnsd_seen *seen);

/* 26 characters of a-z2-7, in any case, which are copied in lower case. */
bool vs_dnsd_nonce_parse(char nonce[VS_DNSD_NONCE_LEN + 1], struct vs_view text);

#endif
