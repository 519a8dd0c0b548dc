/* When WireGuard last heard from its peer, as the kernel and as wireguard-go tell it. Pure. */
#ifndef TUNNEL_WIREGUARD_H
#define TUNNEL_WIREGUARD_H

#include <stddef.h>
#include <stdint.h>

struct tunnel_handshake {
	int64_t at; /* wall, seconds, of the youngest of all peers; 0: never */
	uint32_t peers;
};

/* What "get=1" of the cross-platform interface answers. 0, or -1 when it is not such an answer. */
int tunnel_uapi_read(struct tunnel_handshake *handshake, const char *bytes, size_t len);

/* As tunnel_links_read(), of a dump of the generic netlink family "wireguard"; adds to handshake. */
int tunnel_wireguard_read(struct tunnel_handshake *handshake, const void *bytes, size_t len);
/* The number of that family, out of the answer of "nlctrl"; 0 when this is none. */
uint16_t tunnel_family_read(const void *bytes, size_t len);

#endif
