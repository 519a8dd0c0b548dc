/* The encrypted kind of transport: what transport.c hands over to. Nobody else includes this. */
#ifndef VS_NET_TRANSPORT_TLS_H
#define VS_NET_TRANSPORT_TLS_H

#include "net/transport.h"

struct vs_transport_tls;

struct vs_transport_tls *vs_transport_tls_create(
	struct vs_transport *transport, struct vs_tls_context *context, struct vs_turns *turns);
void vs_transport_tls_destroy(struct vs_transport_tls *tls); /* when libuv is done with it; NULL is fine */

/* Where encrypted bytes are to be read to: plain ones go before it. */
struct vs_view vs_transport_tls_room(const struct vs_transport *transport);
/* Have come. Those of a handshake wait for its turn, and until then nothing more is read. */
void vs_transport_tls_bytes(struct vs_transport_tls *tls, struct vs_view bytes);
void vs_transport_tls_ended(struct vs_transport_tls *tls, bool broken); /* without a goodbye */

/* As those of transport.h without _tls. */
enum vs_transport_write vs_transport_tls_write(
	struct vs_transport_tls *tls, const struct vs_view *parts, unsigned count);
bool vs_transport_tls_write_now(struct vs_transport_tls *tls, struct vs_view bytes);
size_t vs_transport_tls_unwritten(const struct vs_transport_tls *tls);
void vs_transport_tls_finish(struct vs_transport_tls *tls);
void vs_transport_tls_goodbye(struct vs_transport_tls *tls);
void vs_transport_tls_close(struct vs_transport_tls *tls); /* no event comes any more */

#endif
