#include "net/tls_peer.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "net/tls_cert.h"

#define TRUSTED_MAX ((size_t)16 * 1024 * 1024)
#define NAMES_MAX 8 /* a certificate may have hundreds: the first ones say whose it is */

static const struct {
	int code;
	enum vs_tls_fault fault;
} verify_faults[] = {
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, VS_TLS_UNKNOWN_ISSUER},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, VS_TLS_UNKNOWN_ISSUER},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, VS_TLS_UNKNOWN_ISSUER},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, VS_TLS_UNKNOWN_ISSUER},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, VS_TLS_SELF_SIGNED},
	{X509_V_ERR_CERT_HAS_EXPIRED, VS_TLS_EXPIRED},
	{X509_V_ERR_CERT_NOT_YET_VALID, VS_TLS_NOT_YET_VALID},
	{X509_V_ERR_HOSTNAME_MISMATCH, VS_TLS_OTHER_NAME},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, VS_TLS_OTHER_NAME},
};

/* Handshakes that fail before or beside the server's certificate. */
static const struct {
	const char *part;
	enum vs_tls_fault fault;
} library_faults[] = {
	{"wrong version number", VS_TLS_NO_TLS},
	{"http request", VS_TLS_NO_TLS},
	{"packet length too long", VS_TLS_NO_TLS},
	{"unsupported protocol", VS_TLS_OTHER_VERSION},
	{"alert protocol version", VS_TLS_OTHER_VERSION},
	{"no protocols available", VS_TLS_OTHER_VERSION},
	{"alert certificate required", VS_TLS_WANTS_OURS},
	{"alert bad certificate", VS_TLS_WANTS_OURS},
	{"alert unknown ca", VS_TLS_WANTS_OURS},
	{"alert certificate expired", VS_TLS_WANTS_OURS},
	{"alert certificate unknown", VS_TLS_WANTS_OURS},
	{"alert unsupported certificate", VS_TLS_WANTS_OURS},
};

enum vs_tls_fault vs_tls_fault_of(const char *library_text)
{
	size_t i;

	for (i = 0; i < sizeof(library_faults) / sizeof(library_faults[0]); i++)
		if (strstr(library_text, library_faults[i].part) != NULL)
			return library_faults[i].fault;
	return VS_TLS_FINE;
}

/* Cut at a whole character. */
static void keep(char *to, size_t size, struct vs_buf *text)
{
	size_t len = text->len < size ? text->len : size - 1;

	while (len > 0 && len < text->len && ((unsigned char)text->ptr[len] & 0xc0) == 0x80)
		len--;
	memcpy(to, vs_buf_text(text), len);
	to[len] = '\0';
	vs_buf_fini(text);
}

static void fill_title(char *to, size_t size, const X509_NAME *name)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_tls_cert_title(&text, name);
	keep(to, size, &text);
}

static void fill_leaf(struct vs_tls_peer *peer, const X509 *cert)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_tls_cert_names(&text, cert, NAMES_MAX);
	keep(peer->names, sizeof(peer->names), &text);
	vs_tls_cert_pin(peer->pin, cert);
	peer->seen = true;
}

static void fill_fault(struct vs_tls_peer *peer, X509_STORE_CTX *store)
{
	const X509 *cert = X509_STORE_CTX_get_current_cert(store);
	int code = X509_STORE_CTX_get_error(store);
	size_t i;

	peer->fault = VS_TLS_OTHER_FAULT;
	peer->reason = X509_verify_cert_error_string(code);
	for (i = 0; i < sizeof(verify_faults) / sizeof(verify_faults[0]); i++)
		if (verify_faults[i].code == code)
			peer->fault = verify_faults[i].fault;
	peer->is_issuer = X509_STORE_CTX_get_error_depth(store) > 0;
	if (cert == NULL)
		return;
	fill_title(peer->subject, sizeof(peer->subject), X509_get_subject_name(cert));
	fill_title(peer->issuer, sizeof(peer->issuer), X509_get_issuer_name(cert));
	peer->not_before = vs_tls_cert_time(X509_get0_notBefore(cert));
	peer->not_after = vs_tls_cert_time(X509_get0_notAfter(cert));
}

/* Looks, and leaves the decision as it is. */
static int on_verify(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct vs_tls_peer *peer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const X509 *leaf = X509_STORE_CTX_get0_cert(store);

	if (!peer->seen && leaf != NULL)
		fill_leaf(peer, leaf);
	if (!good && peer->fault == VS_TLS_FINE)
		fill_fault(peer, store);
	return good;
}

/* The answer is what it would have been. */
static int on_asked(SSL *ssl, void *arg)
{
	struct vs_tls_peer *peer = arg;

	(void)ssl;
	peer->asked = true;
	return 1;
}

static void on_context_freed(
	void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *pointer)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)number;
	(void)pointer;
	vs_tls_peer_unref(value);
}

int vs_tls_peer_open(void)
{
	int tie = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_freed);

	VS_REQUIRE(tie >= 0);
	return tie;
}

void vs_tls_peer_close(int tie)
{
	(void)CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL_CTX, tie);
}

static bool holds_certificate(const struct vs_buf *pem)
{
	BIO *bio = BIO_new_mem_buf(vs_buf_text(pem), (int)pem->len);
	STACK_OF(X509_INFO) *found = PEM_X509_INFO_read_bio(bio, NULL, vs_tls_no_passphrase, NULL);
	bool holds = false;
	int i;

	for (i = 0; found != NULL && i < sk_X509_INFO_num(found); i++)
		holds = holds || sk_X509_INFO_value(found, i)->x509 != NULL;
	sk_X509_INFO_pop_free(found, X509_INFO_free);
	BIO_free(bio);
	ERR_clear_error();
	return holds;
}

int vs_tls_peer_check_trusted(const char *path, struct vs_err *err)
{
	struct vs_buf pem;
	int rc;

	vs_buf_init(&pem);
	rc = vs_file_read(&pem, path, TRUSTED_MAX, err);
	if (rc == 0 && !holds_certificate(&pem))
		rc = vs_err_set(err, VS_ERR_INVALID,
			"%s holds no certificate in PEM (a block that begins with \"-----BEGIN "
			"CERTIFICATE\"), or one "
			"that is cut",
			path);
	vs_buf_fini(&pem);
	return rc;
}

struct vs_tls_peer *vs_tls_peer_create(void)
{
	struct vs_tls_peer *peer = vs_zalloc(sizeof(*peer));

	peer->refs = 1;
	return peer;
}

void vs_tls_peer_unref(struct vs_tls_peer *peer)
{
	if (peer != NULL && --peer->refs == 0)
		vs_free(peer);
}

void vs_tls_peer_watch(void *ssl_ctx, int tie, struct vs_tls_peer *peer)
{
	SSL_CTX *ctx = ssl_ctx;

	if (SSL_CTX_set_ex_data(ctx, tie, peer) != 1)
		return;
	peer->refs++;
	(void)SSL_CTX_set_app_data(ctx, peer);
	SSL_CTX_set_cert_cb(ctx, on_asked, peer);
	SSL_CTX_set_verify(ctx, SSL_CTX_get_verify_mode(ctx), on_verify);
}

static void describe_dates(const struct vs_tls_peer *peer, bool expired, char *text, size_t size)
{
	const char *whose = peer->is_issuer ? "the certificate of its issuer" : "it";
	char date[VS_TIME_TEXT];
	char now[VS_TIME_TEXT];

	vs_time_format(date, expired ? peer->not_after : peer->not_before);
	vs_time_format(now, vs_wall_ms());
	(void)snprintf(text, size, "%s%s%s%s %s %s, and the clock of this host shows %s", whose,
		peer->is_issuer ? " \"" : "", peer->is_issuer ? peer->subject : "",
		peer->is_issuer ? "\"" : "", expired ? "expired at" : "is not valid before", date, now);
}

void vs_tls_peer_describe(
	const struct vs_tls_peer *peer, enum vs_tls_fault fault, const char *host, char *text, size_t size)
{
	const char *names = peer->names[0] != '\0' ? peer->names : "no name at all";

	text[0] = '\0';
	if (fault == VS_TLS_UNKNOWN_ISSUER)
		(void)snprintf(text, size, "it was issued by \"%s\", who is not trusted here", peer->issuer);
	else if (fault == VS_TLS_SELF_SIGNED)
		(void)snprintf(text, size,
			"it is self-signed (\"%s\"), and not among those that are trusted here",
			peer->subject);
	else if (fault == VS_TLS_EXPIRED || fault == VS_TLS_NOT_YET_VALID)
		describe_dates(peer, fault == VS_TLS_EXPIRED, text, size);
	else if (fault == VS_TLS_OTHER_NAME)
		(void)snprintf(text, size, "it is for %s, and not for %s", names, host);
	else if (fault == VS_TLS_OTHER_KEY)
		(void)snprintf(text, size, "its key is %s, which is none of the pinned ones", peer->pin);
	else if (fault == VS_TLS_OTHER_FAULT && peer->reason != NULL)
		(void)snprintf(text, size, "%s", peer->reason);
}
