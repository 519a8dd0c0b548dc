#include "net/tls.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "base/alloc.h"
#include "base/require.h"
#include "net/tls_inside.h"

/* For 1.2; every suite of 1.3 will do. All of them forget their keys with the connection. */
#define CIPHERS_1_2                                                                                          \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"           \
	"ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define GROUPS "X25519:P-256:P-384"
#define PROTOCOL "http/1.1"

void vs_tls_reason(char *text, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	(void)snprintf(text, size, "%s", reason != NULL ? reason : "no reason given");
	ERR_clear_error();
}

/* A client that asks for other protocols only would misunderstand every answer. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
	unsigned in_len, void *arg)
{
	const unsigned char *end = in + in_len;

	(void)ssl;
	(void)arg;
	while (in < end) {
		unsigned len = *in++;

		if (len > (size_t)(end - in))
			break;
		if (len == strlen(PROTOCOL) && memcmp(in, PROTOCOL, len) == 0) {
			*out = in;
			*out_len = (unsigned char)len;
			return SSL_TLSEXT_ERR_OK;
		}
		in += len;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int set_rules(SSL_CTX *ssl, enum vs_tls_version min_version)
{
	static const unsigned char session_context[] = "vpn-sentinel";
	char groups[] = GROUPS; /* OpenSSL's macro takes no const */

	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(
		ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ssl, VS_TLS_TICKET_LIFE_S);
	SSL_CTX_set_alpn_select_cb(ssl, on_alpn, NULL);
	return SSL_CTX_set_min_proto_version(
		       ssl, min_version == VS_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ssl, CIPHERS_1_2) == 1 && SSL_CTX_set1_groups_list(ssl, groups) == 1 &&
	       SSL_CTX_set_session_id_context(ssl, session_context, sizeof(session_context) - 1) == 1;
}

static int use_pair(SSL_CTX *ssl, const struct vs_tls_pair *pair)
{
	return SSL_CTX_use_certificate(ssl, pair->cert) == 1 && SSL_CTX_use_PrivateKey(ssl, pair->key) == 1 &&
	       SSL_CTX_set1_chain(ssl, pair->chain) == 1;
}

static int fill(struct vs_tls_context *context, const struct vs_tls_conf *conf, struct vs_err *err)
{
	struct vs_tls_pair pair = {0};
	char reason[160];
	int rc = vs_tls_pair_read(&pair, conf, err);

	if (rc < 0)
		return rc;
	ERR_clear_error();
	context->facts = pair.facts;
	context->ssl = SSL_CTX_new(TLS_server_method());
	context->bio = vs_tls_stream_bio();
	VS_REQUIRE(context->ssl != NULL && context->bio != NULL);
	VS_REQUIRE(set_rules(context->ssl, conf->min_version) &&
		   vs_tls_tickets_use(context->ssl, &context->tickets));
	if (!use_pair(context->ssl, &pair)) {
		vs_tls_reason(reason, sizeof(reason));
		rc = vs_err_set(
			err, VS_ERR_INVALID, "the certificate %s cannot be used: %s", conf->cert, reason);
	}
	vs_tls_pair_fini(&pair);
	return rc;
}

struct vs_tls_context *vs_tls_context_create(const struct vs_tls_conf *conf, struct vs_err *err)
{
	struct vs_tls_context *context = vs_zalloc(sizeof(*context));

	context->refs = 1;
	if (fill(context, conf, err) == 0)
		return context;
	vs_tls_context_unref(context);
	return NULL;
}

struct vs_tls_context *vs_tls_context_ref(struct vs_tls_context *context)
{
	context->refs++;
	return context;
}

void vs_tls_context_unref(struct vs_tls_context *context)
{
	if (context == NULL || --context->refs > 0)
		return;
	SSL_CTX_free(context->ssl);
	BIO_meth_free(context->bio);
	vs_tls_tickets_fini(&context->tickets);
	vs_free(context);
}

const struct vs_tls_facts *vs_tls_context_facts(const struct vs_tls_context *context)
{
	return &context->facts;
}
