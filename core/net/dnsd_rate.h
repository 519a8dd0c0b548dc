/*
 * How many answers one network gets in a second, so that nobody is flooded with them in somebody else's name.
 * Bounded: a table of fixed size; whoever needs the place of another begins anew. Pure but for its seed.
 */
#ifndef VS_NET_DNSD_RATE_H
#define VS_NET_DNSD_RATE_H

#include <stddef.h>
#include <stdint.h>

struct vs_addr;
struct vs_dnsd_rate;

#define VS_DNSD_SHARE_KEY 9 /* bytes */

enum vs_dnsd_pass {
	VS_DNSD_PASS,
	VS_DNSD_SLIP, /* a word that leads honest ones to TCP: every second that is too many */
	VS_DNSD_STOP,
};

/* per_second 0: no limit. */
struct vs_dnsd_rate *vs_dnsd_rate_create(uint32_t per_second);
void vs_dnsd_rate_destroy(struct vs_dnsd_rate *rate); /* NULL is fine */
void vs_dnsd_rate_set(struct vs_dnsd_rate *rate, uint32_t per_second);

enum vs_dnsd_pass vs_dnsd_rate_take(struct vs_dnsd_rate *rate, const struct vs_addr *peer, uint64_t mono_ms);

/* The network that an address counts as: /24, of IPv6 /56. */
void vs_dnsd_share_key(const struct vs_addr *peer, unsigned char key[VS_DNSD_SHARE_KEY]);

#endif
