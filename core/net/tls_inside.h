/* What the files that know OpenSSL share. Nobody else includes this. */
#ifndef VS_NET_TLS_INSIDE_H
#define VS_NET_TLS_INSIDE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "net/tls.h"

/* A certificate with what leads to it, and its key. Zeroed is empty. */
struct vs_tls_pair {
	X509 *cert;
	STACK_OF(X509) * chain; /* without cert */
	EVP_PKEY *key;
	struct vs_tls_facts facts;
};

/* tls_pair.c */
int vs_tls_pair_read(struct vs_tls_pair *pair, const struct vs_tls_conf *conf, struct vs_err *err);
void vs_tls_pair_fini(struct vs_tls_pair *pair);

/* tls_ticket.c: the keys that session tickets are sealed with. They never leave the process. */
#define VS_TLS_TICKET_NAME 16
#define VS_TLS_TICKET_LIFE_S 7200 /* how long a ticket is good for */

struct vs_tls_ticket_key {
	uint64_t made_ms; /* mono; 0: there is none */
	unsigned char name[VS_TLS_TICKET_NAME];
	unsigned char cipher[32];
	unsigned char mac[32];
};

struct vs_tls_tickets {
	struct vs_tls_ticket_key now;
	struct vs_tls_ticket_key before; /* opens what was sealed with it */
};

/* The key to seal with: a new one when the one there is too old. NULL: there is no randomness. */
const struct vs_tls_ticket_key *vs_tls_tickets_seal(struct vs_tls_tickets *tickets, uint64_t mono_ms);
/* The key of that name, or NULL: unknown, or too old. */
const struct vs_tls_ticket_key *vs_tls_tickets_open(
	const struct vs_tls_tickets *tickets, const unsigned char *name, uint64_t mono_ms);
void vs_tls_tickets_fini(struct vs_tls_tickets *tickets);
int vs_tls_tickets_use(SSL_CTX *ssl, struct vs_tls_tickets *tickets); /* 1: done, as OpenSSL says it */

struct vs_tls_context {
	unsigned refs;
	SSL_CTX *ssl;
	BIO_METHOD *bio; /* of the streams */
	struct vs_tls_facts facts;
	struct vs_tls_tickets tickets;
};

/* tls_stream.c */
BIO_METHOD *vs_tls_stream_bio(void);

/* What OpenSSL says of its last error, which is then forgotten. */
void vs_tls_reason(char *text, size_t size);

#endif
