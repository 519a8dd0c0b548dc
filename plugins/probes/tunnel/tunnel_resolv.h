/* The nameservers of a resolv.conf. Pure: bytes in, texts out. */
#ifndef TUNNEL_RESOLV_H
#define TUNNEL_RESOLV_H

#include <stddef.h>
#include <stdint.h>

enum { TUNNEL_SERVERS_MAX = 8, TUNNEL_ADDRESS = 64 };

struct tunnel_server {
	char address[TUNNEL_ADDRESS]; /* canonical, without a zone */
	char device[16]; /* of "fe80::1%eth0"; "" for others */
	uint8_t family; /* 4 or 6 */
	uint8_t loopback; /* 127.0.0.0/8 or ::1: a forwarder on this host */
};

/* An address as people write it; 0, or -1 when it is none. */
int tunnel_server_parse(struct tunnel_server *server, const char *text, size_t len);

/* Those that count, at most TUNNEL_SERVERS_MAX; lines that make no sense are passed over, as resolvers do. */
size_t tunnel_resolv_read(struct tunnel_server servers[TUNNEL_SERVERS_MAX], const char *bytes, size_t len);

#endif
