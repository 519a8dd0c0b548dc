/*
 * A few bytes to an address and what comes back, if wanted by a certain device: one UDP datagram each way, or
 * the beginning of a TCP connection. [loop]
 */
#ifndef VS_NET_EXCHANGE_H
#define VS_NET_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct vs_exchange;
struct vs_loop;

#define VS_EXCHANGE_MAX 4096 /* bytes each way */

/* The numbers are those of the SDK's socket/1. */
#define VS_EXCHANGE_ROWS(X)                                                                                  \
	X(OK, 0, "")                                                                                         \
	X(ADDRESS, 1, "there is nothing to send, or no address to send it to")                               \
	X(DEVICE, 2, "there is no such device")                                                              \
	X(PERMISSION, 3, "binding to the device is not permitted")                                           \
	X(BLOCKED, 4, "this machine's own rules did not let it out")                                         \
	X(UNREACHABLE, 5, "no way leads there")                                                              \
	X(REFUSED, 6, "the connection was refused, there or by a rule on the way")                           \
	X(TIMEOUT, 7, "nothing came back in time")                                                           \
	X(CLOSED, 8, "the peer closed before anything came back")                                            \
	X(OTHER, 9, "the exchange failed")

enum vs_exchange_error {
#define VS_EXCHANGE_ENUM(name, code, text) VS_EXCHANGE_E_##name = code,
	VS_EXCHANGE_ROWS(VS_EXCHANGE_ENUM)
#undef VS_EXCHANGE_ENUM
};

/* Everything is copied before vs_exchange_start() returns. */
struct vs_exchange_request {
	struct vs_addr addr;
	uint16_t port;
	bool tcp;
	const char *device; /* NULL: as the routes say */
	const void *data; /* at most VS_EXCHANGE_MAX; over TCP none means that connecting is all */
	size_t data_len;
	uint32_t timeout_ms; /* 0: 5 s */
};

/* Valid during done() only. */
struct vs_exchange_outcome {
	enum vs_exchange_error error;
	bool connected; /* TCP: the handshake was done */
	const void *data; /* never NULL */
	size_t data_len;
	struct vs_addr local; /* what it was sent from; family 0: it did not come that far */
	const char *error_text; /* a sentence; "" when OK */
	uint64_t elapsed_ms;
};

typedef void vs_exchange_done(void *arg, const struct vs_exchange_outcome *outcome);

/* done() comes exactly once, never from inside this call; the exchange is gone then. */
struct vs_exchange *vs_exchange_start(
	struct vs_loop *loop, const struct vs_exchange_request *request, vs_exchange_done *done, void *arg);
void vs_exchange_cancel(struct vs_exchange *exchange); /* done() does not come. NULL is fine */

/* SO_BINDTODEVICE on fd: OK, DEVICE, PERMISSION or OTHER, with errno. */
enum vs_exchange_error vs_bind_device(int fd, const char *device);

#endif
