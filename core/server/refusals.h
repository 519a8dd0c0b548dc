/*
 * Requests that were refused, told in the log: the first of an address at once, what follows
 * once a minute. Bounded: beyond so many addresses the rest are told as one. [loop]
 */
#ifndef VS_SERVER_REFUSALS_H
#define VS_SERVER_REFUSALS_H

#include <stdint.h>

struct vs_addr;
struct vs_loop;
struct vs_refusals;

#define VS_REFUSALS_ADDRESSES 256 /* told apart within a minute; IPv6 by /64 */

#define VS_REFUSED_ROWS(X)                                                                                   \
	X(NO_CREDENTIALS, "no credentials")                                                                  \
	X(BAD_CREDENTIALS, "bad credentials")                                                                \
	X(FORBIDDEN, "forbidden")                                                                            \
	X(UNAVAILABLE, "an access check without an answer")                                                  \
	X(LIMITED, "over the rate limit")

enum vs_refused {
#define VS_REFUSED_ENUM(name, text) VS_REFUSED_##name,
	VS_REFUSED_ROWS(VS_REFUSED_ENUM)
#undef VS_REFUSED_ENUM
		VS_REFUSED_WAYS
};

struct vs_refusals *vs_refusals_create(struct vs_loop *loop, uint64_t (*mono_ms)(void));
void vs_refusals_destroy(struct vs_refusals *refusals); /* tells what is still counted; NULL is fine */

/* from has no family at the Unix socket. */
void vs_refusals_note(struct vs_refusals *refusals, const struct vs_addr *from, enum vs_refused why);

#endif
