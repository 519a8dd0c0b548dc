/*
 * Certificates of our own: a small CA, and what it issues to servers and clients. Only x509*.c make them;
 * everything goes in and out as PEM.
 */
#ifndef VS_CLI_X509_H
#define VS_CLI_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct vs_x509_ca;

enum vs_x509_kind { VS_X509_CA, VS_X509_SERVER, VS_X509_CLIENT };

/* Zero or NULL means: none. */
struct vs_x509_order {
	enum vs_x509_kind kind;
	const char *title; /* the subject's common name, at most 64 bytes; a server's may be NULL */
	const char *const *names; /* of a server, each checked by vs_x509_check_name() */
	size_t name_count;
	int64_t now; /* milliseconds since 1970; it begins an hour before, since clocks differ */
	int64_t until;
	bool rsa; /* 3072 bits, instead of ECDSA over P-256 */
	const struct vs_x509_ca *ca; /* of all but a CA, which signs itself */
	const char *key; /* PEM: the key to use, instead of a new one */
};

/* Zeroed is empty. Keys are wiped by fini. */
struct vs_x509_pair {
	struct vs_buf cert;
	struct vs_buf key;
};

int vs_x509_make(struct vs_x509_pair *pair, const struct vs_x509_order *order, struct vs_err *err);
void vs_x509_pair_fini(struct vs_x509_pair *pair);

/*
 * A name of a server: "vpn.example.net", "*.example.net" (the whole first label), "203.0.113.7",
 * "2001:db8::1". VS_ERR_INVALID with a sentence about what it is instead.
 */
int vs_x509_check_name(const char *name, struct vs_err *err);

/* NULL with err: a file cannot be read, is none of the kind, the two do not belong together, or it is no CA.
 */
struct vs_x509_ca *vs_x509_ca_read(const char *cert_path, const char *key_path, struct vs_err *err);
int64_t vs_x509_ca_until(const struct vs_x509_ca *ca);
void vs_x509_ca_destroy(struct vs_x509_ca *ca); /* NULL is fine */

#define VS_X509_TEXT 128

/* One certificate, for people. Texts are harmless for a terminal. */
struct vs_x509_facts {
	struct vs_buf subject;
	struct vs_buf issuer;
	struct vs_buf names; /* "" is none */
	int64_t not_before;
	int64_t not_after;
	char use[VS_X509_TEXT]; /* "CA", "server", "client", "server, client", "anything" */
	char key[VS_X509_TEXT]; /* "ECDSA P-256", "RSA 3072" */
	char serial[VS_X509_TEXT];
	char fingerprint[VS_X509_TEXT]; /* SHA-256 of the whole */
	char pin[VS_X509_TEXT];
	bool self_signed;
};

/* Calls each(arg, facts) for every certificate in the PEM text; path is for sentences. */
int vs_x509_show(struct vs_view pem, const char *path,
	void (*each)(void *arg, const struct vs_x509_facts *facts), void *arg, struct vs_err *err);

#endif
