/*
 * Asks the kernel: links, addresses, and the way to each witness and nameserver with all policy rules.
 * [worker] Blocks for as long as the kernel takes, and up to a second for wireguard-go.
 */
#ifndef TUNNEL_ASK_H
#define TUNNEL_ASK_H

#include <stdint.h>

#include "tunnel_view.h"

struct tunnel_asking {
	const struct vpns_list *patterns; /* of the tunnel's name */
	struct tunnel_server witnesses[TUNNEL_WITNESSES_MAX];
	uint32_t witness_count;
	const char *resolv_conf;
	const char *wireguard_dir; /* of wireguard-go's sockets */
	int64_t now_s; /* wall */
};

/* Fills view, which may be uninitialised. */
void tunnel_ask(struct tunnel_view *view, const struct tunnel_asking *asking);

/* A descriptor, non-blocking, that is readable when links, addresses, routes or rules change; -1 with errno.
 */
int tunnel_watch_open(void);
/* Reads what is there, at most a few hundred datagrams. 1: something changed; 0: nothing; -1: it is broken.
 */
int tunnel_watch_read(int fd);

#endif
