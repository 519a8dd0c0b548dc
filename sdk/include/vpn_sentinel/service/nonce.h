/*
 * Service nonce/1: names the server will see from elsewhere. Of probes of a client. [loop]
 * A nonce that a probe puts into a name of the server's own DNS zone goes into the next report too, so that the
 * server knows whose question reached it, and through whom.
 */
#ifndef VPN_SENTINEL_SERVICE_NONCE_H
#define VPN_SENTINEL_SERVICE_NONCE_H

#include "vpn_sentinel/host.h"

#define VPNS_NONCE_1 "nonce/1"

#define VPNS_NONCE_MAX 64 /* bytes */

struct vpns_nonce_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Hands one over: letters, digits and hyphens. 0, VPNS_E_INVALID for anything else, VPNS_E_BUSY when 16 wait
	 * for the next report, VPNS_E_UNAVAILABLE where no reports are sent.
	 */
	int32_t (*tell)(const struct vpns_host *host, const char *nonce);
};

#endif
