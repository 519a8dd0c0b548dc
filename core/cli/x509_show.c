#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cli/x509.h"
#include "net/tls_cert.h"

#define NAMES_MAX 1000

static void fill_key(struct vs_x509_facts *facts, const X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	char group[64] = "";
	size_t len = 0;

	if (key == NULL)
		(void)snprintf(facts->key, sizeof(facts->key), "unknown");
	else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		(void)snprintf(facts->key, sizeof(facts->key), "RSA %d", EVP_PKEY_get_bits(key));
	else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
		 EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1)
		(void)snprintf(facts->key, sizeof(facts->key), "ECDSA %s",
			strcmp(group, "prime256v1") == 0 ? "P-256" : group);
	else
		(void)snprintf(facts->key, sizeof(facts->key), "%s",
			EVP_PKEY_get0_type_name(key) != NULL ? EVP_PKEY_get0_type_name(key) : "unknown");
}

static void fill_use(struct vs_x509_facts *facts, X509 *cert)
{
	bool any = (X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) == 0;
	uint32_t usage = any ? 0 : X509_get_extended_key_usage(cert);
	const char *server = usage & XKU_SSL_SERVER ? "server" : "";
	const char *client = usage & XKU_SSL_CLIENT ? "client" : "";

	if (X509_check_ca(cert) > 0)
		(void)snprintf(facts->use, sizeof(facts->use), "CA");
	else if (any)
		(void)snprintf(facts->use, sizeof(facts->use), "anything");
	else if (server[0] != '\0' || client[0] != '\0')
		(void)snprintf(facts->use, sizeof(facts->use), "%s%s%s", server,
			server[0] != '\0' && client[0] != '\0' ? ", " : "", client);
	else
		(void)snprintf(facts->use, sizeof(facts->use), "neither server nor client");
}

static void fill_fingerprint(struct vs_x509_facts *facts, const X509 *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	unsigned i;

	if (X509_digest(cert, EVP_sha256(), digest, &len) != 1)
		return;
	for (i = 0; i < len; i++)
		(void)snprintf(
			facts->fingerprint + 3 * (size_t)i, 4, "%02X%s", digest[i], i + 1 < len ? ":" : "");
}

static void show_one(X509 *cert, void (*each)(void *arg, const struct vs_x509_facts *facts), void *arg)
{
	struct vs_x509_facts facts;
	char pin[VS_TLS_PIN_TEXT];

	memset(&facts, 0, sizeof(facts));
	vs_tls_cert_title(&facts.subject, X509_get_subject_name(cert));
	vs_tls_cert_title(&facts.issuer, X509_get_issuer_name(cert));
	vs_tls_cert_names(&facts.names, cert, NAMES_MAX);
	facts.not_before = vs_tls_cert_time(X509_get0_notBefore(cert));
	facts.not_after = vs_tls_cert_time(X509_get0_notAfter(cert));
	facts.self_signed = X509_self_signed(cert, 1) == 1;
	fill_key(&facts, cert);
	fill_use(&facts, cert);
	vs_tls_cert_serial(facts.serial, sizeof(facts.serial), cert);
	fill_fingerprint(&facts, cert);
	vs_tls_cert_pin(pin, cert);
	(void)snprintf(facts.pin, sizeof(facts.pin), "%s", pin);
	each(arg, &facts);
	vs_buf_fini(&facts.subject);
	vs_buf_fini(&facts.issuer);
	vs_buf_fini(&facts.names);
}

int vs_x509_show(struct vs_view pem, const char *path,
	void (*each)(void *arg, const struct vs_x509_facts *facts), void *arg, struct vs_err *err)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr != NULL ? pem.ptr : "", (int)pem.len);
	unsigned long last;
	unsigned count = 0;
	X509 *cert;

	ERR_clear_error();
	while ((cert = PEM_read_bio_X509(bio, NULL, vs_tls_no_passphrase, NULL)) != NULL) {
		show_one(cert, each, arg);
		X509_free(cert);
		count++;
	}
	last = ERR_peek_last_error();
	ERR_clear_error();
	BIO_free(bio);
	if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
		return vs_err_set(err, VS_ERR_INVALID,
			"certificate number %u in %s cannot be read: is the file written only in part?",
			count + 1, path);
	if (count == 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"%s holds no certificate in PEM (a block that begins with \"-----BEGIN "
			"CERTIFICATE\")",
			path);
	return 0;
}
