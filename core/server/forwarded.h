/*
 * Whose request is it, when a proxy stands before the server? Pure.
 *
 * The peer itself, unless it is a trusted proxy: then whom it names last, and so on from right to
 * left while that one is a trusted proxy too. What stands left of the first stranger was written
 * by the stranger, and is not even looked at. Where a proxy names nobody, or what cannot be read,
 * the request counts as the proxy's own.
 */
#ifndef VS_SERVER_FORWARDED_H
#define VS_SERVER_FORWARDED_H

#include <stddef.h>

#include "base/addr.h"
#include "base/view.h"

struct vs_http_message;

#define VS_FORWARDED_HOPS_MAX 32 /* proxies in a row; more are not believed */

enum vs_forwarded_header {
	VS_FORWARDED_AUTO, /* the one that is there; two must lead to the same address */
	VS_FORWARDED_X_FORWARDED_FOR,
	VS_FORWARDED_FORWARDED, /* RFC 7239 */
};

struct vs_proxies {
	const struct vs_prefix *trusted; /* borrowed */
	size_t count; /* 0: every peer is who it is */
	enum vs_forwarded_header header;
};

enum vs_forwarded_result {
	VS_FORWARDED_NOT, /* addr is the peer */
	VS_FORWARDED_TAKEN, /* addr is what a trusted proxy says */
	VS_FORWARDED_MALFORMED, /* addr is the proxy that says what cannot be read, or two things */
};

enum vs_forwarded_result vs_forwarded_resolve(
	const struct vs_proxies *proxies, const struct vs_http_message *message, struct vs_addr *addr);

/* One element of a header's value. */
enum vs_hop {
	VS_HOP_NONE, /* there is none left */
	VS_HOP_ADDRESS,
	VS_HOP_HIDDEN, /* "unknown", an obfuscated name, or no word about it */
	VS_HOP_MALFORMED,
};

/* Takes the last element off the end of rest; addr is set for VS_HOP_ADDRESS. For any bytes. */
enum vs_hop vs_forwarded_last_for(struct vs_view *rest, struct vs_addr *addr); /* X-Forwarded-For */
enum vs_hop vs_forwarded_last(struct vs_view *rest, struct vs_addr *addr); /* Forwarded */

#endif
