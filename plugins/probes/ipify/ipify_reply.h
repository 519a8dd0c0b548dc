/* What api.ipify.org answers: an address and nothing else. Pure: bytes in, struct out. */
#ifndef IPIFY_REPLY_H
#define IPIFY_REPLY_H

#include <stddef.h>

#include "geo_ip.h"

struct ipify_reply {
	char ip[GEO_IP_SIZE]; /* canonical, IPv4-mapped addresses as IPv4 */
	int family; /* 4 or 6 */
	int bogon; /* 1: nobody on the internet has it */
};

/* With or without a line break behind it. 0, or -1 when body is anything else; reply is zeroed first. */
int ipify_reply_parse(struct ipify_reply *reply, const char *body, size_t len);

#endif
