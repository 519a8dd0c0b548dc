/*
 * Service socket/1: send a few bytes to an address, if wanted by a certain device, and see what comes back. [loop]
 * Binding to a device needs no privilege on Linux 5.7 and newer.
 */
#ifndef VPN_SENTINEL_SERVICE_SOCKET_H
#define VPN_SENTINEL_SERVICE_SOCKET_H

#include "vpn_sentinel/host.h"

#define VPNS_SOCKET_1 "socket/1"

#define VPNS_SOCKET_UDP UINT32_C(0)
#define VPNS_SOCKET_TCP UINT32_C(1)

/* Everything is copied before exchange() returns. */
struct vpns_socket_request {
	uint32_t size;
	uint32_t transport;  /* VPNS_SOCKET_UDP or VPNS_SOCKET_TCP */
	const char *address; /* IPv4 or IPv6, no name */
	const char *device;  /* "eth0": leave by this device or not at all; NULL: as the routes say */
	uint32_t port;
	uint32_t timeout_ms; /* of the whole; 0: 5 s */
	const void *data;    /* what to send, at most 4 KiB; NULL: over TCP, connecting is all */
	uint32_t data_len;
	uint32_t reserved;
};

#define VPNS_SOCKET_OK INT32_C(0)
#define VPNS_SOCKET_E_ADDRESS INT32_C(1)     /* not an address, or no port, or no data over UDP */
#define VPNS_SOCKET_E_DEVICE INT32_C(2)      /* there is no such device */
#define VPNS_SOCKET_E_PERMISSION INT32_C(3)  /* binding to the device is not permitted: nothing was tried */
#define VPNS_SOCKET_E_BLOCKED INT32_C(4)     /* this machine's own rules refused to let the packet out */
#define VPNS_SOCKET_E_UNREACHABLE INT32_C(5) /* no route, device down, or a router said so */
#define VPNS_SOCKET_E_REFUSED INT32_C(6)     /* nobody listens, or a rule on the way rejects it */
#define VPNS_SOCKET_E_TIMEOUT INT32_C(7)     /* nothing came back */
#define VPNS_SOCKET_E_CLOSED INT32_C(8)      /* TCP: closed or reset before anything came back */
#define VPNS_SOCKET_E_OTHER INT32_C(9)

struct vpns_socket_reply {
	uint32_t size;
	int32_t error;     /* VPNS_SOCKET_* */
	uint32_t connected; /* 1: TCP: the handshake was done */
	uint32_t data_len;
	const void *data; /* one datagram, or the first bytes of a stream; at most 4 KiB; never NULL */
	const char *local_address; /* what we sent from; "" when it did not come that far */
	const char *error_text;    /* a sentence; "" when error is 0 */
	uint64_t elapsed_ms;
};

struct vpns_socket_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Connects, sends data, waits for the first datagram or the first bytes, and closes. A datagram from
	 * anybody else does not count. done(arg, reply) comes exactly once, never from inside this call.
	 * Returns a handle, 0 when it cannot be (16 under way).
	 */
	uint64_t (*exchange)(const struct vpns_host *host, const struct vpns_socket_request *request,
		void (*done)(void *arg, const struct vpns_socket_reply *reply), void *arg);
	/* After this done() does not come. A finished exchange, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
};

#endif
