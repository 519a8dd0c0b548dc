/*
 * What a server needs to speak TLS: a certificate with its key, and the rules. [loop]
 *
 * A context never changes. New files mean a new context, which takes the place of the old one for the
 * connections that come; those that are there keep theirs, so contexts are counted.
 */
#ifndef VS_NET_TLS_H
#define VS_NET_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct vs_tls_context;

enum vs_tls_version { VS_TLS_1_2, VS_TLS_1_3 };

struct vs_tls_conf {
	const char *cert; /* PEM: the server's certificate, then those that lead to a known one */
	const char *key; /* PEM, without a passphrase */
	enum vs_tls_version min_version;
};

#define VS_TLS_SERIAL_TEXT 64
#define VS_TLS_NAME_TEXT 128

/* What the files hold. Times in milliseconds since 1970. */
struct vs_tls_facts {
	int64_t not_before;
	int64_t not_after; /* of whichever certificate of the file ends first */
	char serial[VS_TLS_SERIAL_TEXT]; /* hexadecimal digits in capitals, as tools show it */
	char name[VS_TLS_NAME_TEXT]; /* the subject's common name, or its first other name; "" is none */
	const char *kind; /* "ECDSA", "RSA", ... */
	unsigned chain; /* certificates in the file */
	unsigned disordered; /* the first one (from 1) that the next did not issue; 0: none */
	bool key_is_open; /* everybody on the host may read the key */
};

/*
 * Reads both files. NULL with err: which file cannot be used, why, and what to do about it. A certificate
 * that is not valid by its dates is no error: see vs_tls_facts_warn().
 */
struct vs_tls_context *vs_tls_context_create(const struct vs_tls_conf *conf, struct vs_err *err);
struct vs_tls_context *vs_tls_context_ref(struct vs_tls_context *context);
void vs_tls_context_unref(struct vs_tls_context *context); /* NULL is fine */
const struct vs_tls_facts *vs_tls_context_facts(const struct vs_tls_context *context);

/* A sentence for each thing that the administrator ought to know at this time. */
void vs_tls_facts_warn(const struct vs_tls_facts *facts, int64_t now,
	void (*warn)(void *arg, const char *sentence), void *arg);

#endif
