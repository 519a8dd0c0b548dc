/* From what the kernel told to what is reported: which device is the tunnel, and what leads past it. Pure. */
#ifndef TUNNEL_VIEW_H
#define TUNNEL_VIEW_H

#include <stdint.h>

#include "vpn_sentinel/plugin.h"

#include "tunnel_netlink.h"
#include "tunnel_resolv.h"

enum { TUNNEL_WITNESSES_MAX = 8, TUNNEL_WAYS_MAX = TUNNEL_WITNESSES_MAX + TUNNEL_SERVERS_MAX };
enum { TUNNEL_FACTS_MAX = 20, TUNNEL_TEXT = 512 };

/* An address, and how the kernel would reach it. */
struct tunnel_way {
	struct tunnel_server to;
	struct tunnel_route route;
	uint8_t is_nameserver; /* else it stands for the internet */
};

struct tunnel_view {
	struct tunnel_links links;
	struct tunnel_way ways[TUNNEL_WAYS_MAX];
	uint32_t way_count;
	int64_t handshake_age_s; /* of the tunnel; less than 0: cannot be known */
	uint8_t handshake_never; /* 1: WireGuard has not heard from any peer yet */
	char problem[256]; /* why nothing could be asked; "" when all was */
};

/* What is reported. Texts are "" when there is nothing to say. */
struct tunnel_findings {
	uint32_t status; /* VPNS_PROBE_* */
	char reason[TUNNEL_TEXT];
	char interface[TUNNEL_TEXT]; /* of the tunnel: names separated by blanks */
	char up[8];
	char handshake_age[32];
	char tunnel_rx[24], tunnel_tx[24], beside_rx[24], beside_tx[24];
	char devices[12];
	char path_exit[8], path_exit6[8], path_beside[TUNNEL_TEXT];
	char dns_path[8], dns_beside[TUNNEL_TEXT];
	char ipv6_global[TUNNEL_TEXT];
};

/*
 * Marks the links that are the tunnel: those whose names match a pattern (of the shell), or, without
 * patterns, those that look like one.
 */
void tunnel_view_mark(struct tunnel_links *links, const struct vpns_list *patterns);
/* The tunnel through which the internet is reached, else the first there is; NULL: none. */
const struct tunnel_link *tunnel_view_main(const struct tunnel_view *view);

/* silent_s: how old a handshake may be before it is mentioned. patterns: as they were marked by. */
void tunnel_view_judge(struct tunnel_findings *findings, const struct tunnel_view *view,
	const struct vpns_list *patterns, int64_t silent_s);
/* The facts of findings, whose texts they borrow. Returns their number. */
uint32_t tunnel_view_facts(const struct tunnel_findings *findings, struct vpns_fact facts[TUNNEL_FACTS_MAX]);
/* Whether somebody should know at once: counters and ages do not matter. */
int tunnel_view_differs(const struct tunnel_findings *a, const struct tunnel_findings *b);

#endif
