/*
 * What the other side of an outgoing TLS connection showed, so that a refusal can say what is wrong with
 * it and not only that something is. It watches a verification; it decides nothing. [loop]
 */
#ifndef VS_NET_TLS_PEER_H
#define VS_NET_TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_err;

#define VS_TLS_PEER_PIN_TEXT 56 /* "sha256//", 44 characters and a NUL */

/* Why a certificate was not taken. What to do about it differs, and so do the sentences. */
enum vs_tls_fault {
	VS_TLS_FINE,
	VS_TLS_UNKNOWN_ISSUER,
	VS_TLS_SELF_SIGNED,
	VS_TLS_EXPIRED,
	VS_TLS_NOT_YET_VALID,
	VS_TLS_OTHER_NAME,
	VS_TLS_OTHER_KEY, /* than those that are pinned */
	VS_TLS_OTHER_VERSION, /* no version of the protocol in common */
	VS_TLS_NO_TLS, /* it speaks something else, most likely plain HTTP */
	VS_TLS_WANTS_OURS, /* it asks for a certificate, and takes none or not ours */
	VS_TLS_OUR_FILES, /* ours, or those to trust, cannot be used */
	VS_TLS_OTHER_FAULT,
};

/* Counted. Texts come from a stranger, made harmless for a line. */
struct vs_tls_peer {
	unsigned refs;
	bool seen; /* it showed a certificate */
	bool asked; /* it wanted one, and took what we had or none */
	enum vs_tls_fault fault; /* of its certificates; never those that need no certificate */
	char names[384]; /* it is for: "vpn.example.net, 203.0.113.7" */
	char pin[VS_TLS_PEER_PIN_TEXT]; /* of its key */
	/* Of the certificate that was not taken. */
	bool is_issuer; /* one above the server's own */
	char subject[128];
	char issuer[128];
	int64_t not_before; /* milliseconds since 1970 */
	int64_t not_after;
	const char *reason; /* of VS_TLS_OTHER_FAULT, in OpenSSL's words; static */
};

/* What ties a peer to the life of an SSL_CTX; one for each user of libcurl. Closed after the last of them. */
int vs_tls_peer_open(void);
void vs_tls_peer_close(int tie);

/* Whether a PEM file holds certificates to trust; 0, or negative with a sentence that names it. */
int vs_tls_peer_check_trusted(const char *path, struct vs_err *err);

struct vs_tls_peer *vs_tls_peer_create(void); /* one reference */
void vs_tls_peer_unref(struct vs_tls_peer *peer); /* NULL is fine */

/*
 * From now on verifications under this SSL_CTX (libcurl hands out a void pointer) fill peer, which it holds a
 * reference of: a connection that is kept may verify again.
 */
void vs_tls_peer_watch(void *ssl_ctx, int tie, struct vs_tls_peer *peer);

/* What was wrong, as the rest of a sentence about "the certificate". host: who was called. */
void vs_tls_peer_describe(
	const struct vs_tls_peer *peer, enum vs_tls_fault fault, const char *host, char *text, size_t size);

/* From what the library says of a handshake that failed: VS_TLS_FINE when it is none of these. */
enum vs_tls_fault vs_tls_fault_of(const char *library_text);

#endif
