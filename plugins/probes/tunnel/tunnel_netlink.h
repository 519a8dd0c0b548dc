/*
 * What the kernel answers about links, addresses and routes, taken apart. Pure: bytes in, struct out. Bytes
 * are one datagram of a netlink socket, aligned as an int; everything in it is checked against its length.
 */
#ifndef TUNNEL_NETLINK_H
#define TUNNEL_NETLINK_H

#include <stddef.h>
#include <stdint.h>

enum { TUNNEL_LINKS_MAX = 256, TUNNEL_NAME = 16, TUNNEL_KIND = 16 };

struct tunnel_link {
	int32_t index;
	int32_t master; /* the bridge or bond that it is a port of; 0: none */
	uint16_t type; /* ARPHRD_* */
	uint8_t up; /* 1: switched on, with a carrier */
	uint8_t on; /* 1: switched on */
	uint8_t loopback;
	uint8_t global6; /* 1: it has a public IPv6 address */
	uint8_t tunnel; /* 1: tunnel_view.h takes it for the tunnel */
	char name[TUNNEL_NAME]; /* visible ASCII */
	char kind[TUNNEL_KIND]; /* "wireguard", "tun", "veth", ...; "" for real hardware */
	uint64_t rx, tx; /* bytes */
};

struct tunnel_links {
	struct tunnel_link items[TUNNEL_LINKS_MAX];
	uint32_t count;
	uint32_t left_out; /* did not fit; ports make room for others, and are not counted here */
};

/* What the kernel would do with a packet. */
struct tunnel_route {
	int32_t error; /* errno when there is no way; 0: there is one */
	int32_t device; /* index of the link; 0: none */
	uint8_t local; /* 1: the address is this host's own */
	uint8_t found; /* an answer was there */
};

/* More datagrams follow, all is told, the bytes make no sense; less than that is -errno. */
#define TUNNEL_MORE 0
#define TUNNEL_DONE 1
#define TUNNEL_MALFORMED (-100000)

struct nlmsghdr;

/*
 * Whether the message lies within the left bytes, with the padding that libmnl counts to it. libmnl's own
 * check takes a length beyond INT_MAX for a negative one, and would stay at that message for ever.
 */
int tunnel_message_is_whole(const struct nlmsghdr *message, int left);

/* Adds the links of one datagram of a dump. */
int tunnel_links_read(struct tunnel_links *links, const void *bytes, size_t len);
/* Marks the links with public IPv6 addresses. */
int tunnel_addresses_read(struct tunnel_links *links, const void *bytes, size_t len);
/* The answer to one question. An address without a way is an answer: route->error says why. */
int tunnel_route_read(struct tunnel_route *route, const void *bytes, size_t len);

/* The link of that index, NULL when there is none. */
const struct tunnel_link *tunnel_link_find(const struct tunnel_links *links, int32_t index);

#endif
