/* What ipinfo.io answers, taken apart. Pure: bytes in, struct out. */
#ifndef IPINFO_REPLY_H
#define IPINFO_REPLY_H

#include <stddef.h>
#include <stdint.h>

#define IPINFO_TEXT_SIZE 257 /* 256 bytes and a NUL; longer values are left out */

/* Every text is UTF-8 without control characters; "" when the reply does not say. */
struct ipinfo_reply {
	char ip[46]; /* canonical, IPv4-mapped addresses as IPv4 */
	char hostname[IPINFO_TEXT_SIZE];
	char city[IPINFO_TEXT_SIZE];
	char region[IPINFO_TEXT_SIZE];
	char country[3]; /* two capital letters */
	char asn[13]; /* "AS46562" */
	char org[IPINFO_TEXT_SIZE];
	char timezone[IPINFO_TEXT_SIZE];
	int hosting; /* 1: a data centre's network, 0: none, -1: not told */
	int bogon; /* 1: the address cannot be seen on the internet */
	const char *strange; /* the name of a member that was left out because it makes no sense, or NULL */
};

/* 0, or -1 with a sentence in why: not JSON, no object, no address. reply is zeroed first. */
int ipinfo_reply_parse(struct ipinfo_reply *reply, const char *body, size_t len, const char **why);

#endif
