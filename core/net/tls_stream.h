/*
 * One encrypted connection, seen from the server: encrypted bytes in, plain bytes out, and back. It knows
 * no sockets and never blocks: what it has to send it hands over, what it lacks it asks for. [loop]
 */
#ifndef VS_NET_TLS_STREAM_H
#define VS_NET_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"

struct vs_tls_context;
struct vs_tls_stream;

#define VS_TLS_PLAIN_MAX 16384 /* plain bytes of one record, the most of one write */

/*
 * send(arg, bytes) is called from inside the functions below with what the peer must get, in order; it
 * copies what it cannot send at once. The context is kept until destroy.
 */
struct vs_tls_stream *vs_tls_stream_create(
	struct vs_tls_context *context, void (*send)(void *arg, struct vs_view bytes), void *arg);
void vs_tls_stream_destroy(struct vs_tls_stream *stream); /* NULL is fine */

enum vs_tls_result {
	VS_TLS_READY, /* the handshake is complete; or: there are plain bytes */
	VS_TLS_WANT, /* more encrypted bytes are needed; all of those given are used up */
	VS_TLS_END, /* the peer said goodbye: nothing more will come, but it may still read */
	VS_TLS_BROKEN, /* it cannot go on; a last message for the peer was handed over where there is one */
};

/* Encrypted bytes that have come; borrowed until a function below says WANT, END or BROKEN. */
void vs_tls_stream_feed(struct vs_tls_stream *stream, struct vs_view bytes);
/* Goes on with the handshake: not END. */
enum vs_tls_result vs_tls_stream_handshake(struct vs_tls_stream *stream);
/* After the handshake, until it says something else than READY. size is at least 1. */
enum vs_tls_result vs_tls_stream_read(struct vs_tls_stream *stream, char *to, size_t size, size_t *got);
/* After the handshake; 1 to VS_TLS_PLAIN_MAX bytes, all of which are taken. False: broken. */
bool vs_tls_stream_write(struct vs_tls_stream *stream, struct vs_view plain);
/* Tells the peer that nothing more comes; only what is whole may end like this. Reading goes on. */
void vs_tls_stream_finish(struct vs_tls_stream *stream);

bool vs_tls_stream_is_resumed(const struct vs_tls_stream *stream);
const char *vs_tls_stream_why(const struct vs_tls_stream *stream); /* it is broken; "" when it is not */

#endif
