/*
 * Service canary/1: a signed word to the role's own server, sent through a device that you name. Of probes of a
 * client. [loop]
 * Whatever arrives there, arrived beside the tunnel, and the server says so at once. No key of the API is sent.
 */
#ifndef VPN_SENTINEL_SERVICE_CANARY_H
#define VPN_SENTINEL_SERVICE_CANARY_H

#include "vpn_sentinel/host.h"

#define VPNS_CANARY_1 "canary/1"

#define VPNS_CANARY_ARRIVED INT32_C(0)
#define VPNS_CANARY_E_TOKEN INT32_C(1)   /* the server has not answered a keepalive yet, or knows no canaries */
#define VPNS_CANARY_E_REFUSED INT32_C(2) /* somebody was reached who did not say that it was taken: it did get out */
#define VPNS_CANARY_E_BLOCKED INT32_C(3) /* no connection: no route, nobody there, forbidden, or not in time */
#define VPNS_CANARY_E_DEVICE INT32_C(4)  /* the device cannot be used: no such one, or not permitted */
#define VPNS_CANARY_E_NAME INT32_C(5)    /* the server's name could not be resolved: nothing was tried */
#define VPNS_CANARY_E_OTHER INT32_C(6)
/* The server has an address of a local network: to reach that proves nothing, so nothing was tried. */
#define VPNS_CANARY_E_LOCAL INT32_C(7)

struct vpns_canary_reply {
	uint32_t size;
	int32_t error;             /* VPNS_CANARY_* */
	uint32_t status;           /* of HTTP; 0: nobody answered */
	uint32_t reserved;
	const char *error_text;    /* a sentence; "" when error is 0 */
	const char *remote_address; /* who answered; "" when nobody did */
	uint64_t elapsed_ms;
};

struct vpns_canary_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Sends one through device ("eth0", at most 15 bytes). timeout_ms of the whole; 0: 5 s. done(arg, reply)
	 * comes exactly once, never from inside this call. Returns a handle, 0 when it cannot be: no such name
	 * of a device, or 8 under way.
	 */
	uint64_t (*send)(const struct vpns_host *host, const char *device, uint32_t timeout_ms,
		void (*done)(void *arg, const struct vpns_canary_reply *reply), void *arg);
	/* After this done() does not come. A finished one, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
};

#endif
