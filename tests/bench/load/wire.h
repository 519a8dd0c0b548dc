/*
 * The bytes of one connection, plain or encrypted, without ever blocking. Each encrypted connection
 * does a handshake of its own: no session is resumed, and no certificate is checked.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <openssl/types.h>
#include <stddef.h>
#include <sys/types.h>

#define WIRE_LATER (-1) /* nothing now */
#define WIRE_LOST (-2)

struct wire {
	int fd;
	SSL *tls; /* NULL: plain */
};

SSL_CTX *wire_context(void); /* NULL: no memory */

int wire_open(struct wire *wire, int fd, SSL_CTX *context); /* context NULL: plain; -1: no memory */
void wire_close(struct wire *wire); /* without goodbye; twice does no harm */

/* How many bytes, or one of the above; a handshake that is not done yet is gone on with. */
ssize_t wire_send(struct wire *wire, const void *bytes, size_t len);
ssize_t wire_receive(struct wire *wire, void *bytes, size_t size);

#endif
