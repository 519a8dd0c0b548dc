/* What a name server answered, from its bytes. Pure; libresolv reads the message. */
#ifndef VS_NET_DNS_MESSAGE_H
#define VS_NET_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

#define VS_DNS_BYTES_MAX 4096 /* of a message */
#define VS_DNS_RECORDS_MAX 64

#define VS_DNS_TYPE_A 1
#define VS_DNS_TYPE_TXT 16
#define VS_DNS_TYPE_AAAA 28

struct vs_err;

/*
 * name and text are written as master files do: a backslash with three digits, or with one character, stands
 * for what is not printable or means something else. text: an address, a name without its last dot, or all
 * strings of a TXT record one after the other; "" of other types.
 */
struct vs_dns_record {
	char *name;
	char *text;
	char **strings; /* of TXT, in their order; otherwise NULL */
	size_t string_count;
	uint32_t type;
	uint32_t ttl;
};

struct vs_dns_message {
	unsigned rcode;
	size_t count; /* of the answer section */
	struct vs_dns_record records[VS_DNS_RECORDS_MAX];
};

/*
 * 0; VS_ERR_INVALID when bytes are no answer, VS_ERR_TOO_BIG beyond the limits above. Only after 0 there is
 * something to release.
 */
int vs_dns_message_parse(struct vs_dns_message *message, struct vs_view bytes);
void vs_dns_message_fini(struct vs_dns_message *message); /* twice is fine */

#endif
