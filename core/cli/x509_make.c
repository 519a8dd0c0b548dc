#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/require.h"
#include "cli/x509.h"
#include "net/tls_cert.h"

#define FILE_MAX 262144
#define RSA_BITS 3072
#define SERIAL_BITS 158 /* of the 160 that a serial number may have: never zero, never negative */
#define EARLY_S 3600

struct vs_x509_ca {
	X509 *cert;
	EVP_PKEY *key;
};

/* What a certificate is allowed to do, by its kind. */
static const struct profile {
	const char *basic;
	const char *usage;
	const char *usage_rsa;
	const char *extended; /* NULL: nothing */
} profiles[] = {
	[VS_X509_CA] = {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign",
		"critical,keyCertSign,cRLSign", NULL},
	[VS_X509_SERVER] = {"critical,CA:FALSE", "critical,digitalSignature",
		"critical,digitalSignature,keyEncipherment", "serverAuth"},
	[VS_X509_CLIENT] = {"critical,CA:FALSE", "critical,digitalSignature", "critical,digitalSignature",
		"clientAuth"},
};

/* --- reading ------------------------------------------------------------------------- */

static BIO *read_bio(const char *path, struct vs_buf *bytes, struct vs_err *err)
{
	return vs_file_read(bytes, path, FILE_MAX, err) < 0
		       ? NULL
		       : BIO_new_mem_buf(vs_buf_text(bytes), (int)bytes->len);
}

static void wipe(struct vs_buf *bytes)
{
	if (bytes->cap > 0)
		OPENSSL_cleanse(bytes->ptr, bytes->cap);
	vs_buf_fini(bytes);
}

static EVP_PKEY *parse_key(BIO *bio)
{
	return PEM_read_bio_PrivateKey(bio, NULL, vs_tls_no_passphrase, NULL);
}

static int read_ca_cert(struct vs_x509_ca *ca, const char *path, struct vs_err *err)
{
	struct vs_buf bytes;
	BIO *bio;
	int rc = 0;

	vs_buf_init(&bytes);
	bio = read_bio(path, &bytes, err);
	if (bio == NULL)
		rc = err->code;
	else if ((ca->cert = PEM_read_bio_X509(bio, NULL, vs_tls_no_passphrase, NULL)) == NULL)
		rc = vs_err_set(err, VS_ERR_INVALID, "%s holds no certificate in PEM", path);
	else if (X509_check_ca(ca->cert) != 1)
		rc = vs_err_set(err, VS_ERR_INVALID, "%s is not the certificate of a CA", path);
	BIO_free(bio);
	vs_buf_fini(&bytes);
	return rc;
}

static int read_ca_key(struct vs_x509_ca *ca, const char *path, struct vs_err *err)
{
	struct vs_buf bytes;
	BIO *bio;
	int rc = 0;

	vs_buf_init(&bytes);
	bio = read_bio(path, &bytes, err);
	if (bio == NULL)
		rc = err->code;
	else if ((ca->key = parse_key(bio)) == NULL)
		rc = vs_err_set(
			err, VS_ERR_INVALID, "%s holds no key in PEM, or one with a passphrase", path);
	BIO_free(bio);
	wipe(&bytes);
	return rc;
}

struct vs_x509_ca *vs_x509_ca_read(const char *cert_path, const char *key_path, struct vs_err *err)
{
	struct vs_x509_ca *ca = vs_zalloc(sizeof(*ca));
	int rc = read_ca_cert(ca, cert_path, err);

	if (rc == 0)
		rc = read_ca_key(ca, key_path, err);
	if (rc == 0 && X509_check_private_key(ca->cert, ca->key) != 1)
		rc = vs_err_set(err, VS_ERR_INVALID, "the key %s does not belong to the certificate %s",
			key_path, cert_path);
	ERR_clear_error();
	if (rc == 0)
		return ca;
	vs_x509_ca_destroy(ca);
	return NULL;
}

int64_t vs_x509_ca_until(const struct vs_x509_ca *ca)
{
	return vs_tls_cert_time(X509_get0_notAfter(ca->cert));
}

void vs_x509_ca_destroy(struct vs_x509_ca *ca)
{
	if (ca == NULL)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	vs_free(ca);
}

/* --- making -------------------------------------------------------------------------- */

static EVP_PKEY *find_key(const struct vs_x509_order *order)
{
	EVP_PKEY *key;
	BIO *bio;

	if (order->key == NULL)
		return order->rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
	bio = BIO_new_mem_buf(order->key, -1);
	key = parse_key(bio);
	BIO_free(bio);
	return key;
}

static void set_serial(X509 *cert)
{
	BIGNUM *number = BN_new();

	VS_REQUIRE(BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
	VS_REQUIRE(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL);
	BN_free(number);
}

static void set_dates(X509 *cert, const struct vs_x509_order *order)
{
	VS_REQUIRE(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(order->now / 1000 - EARLY_S)) != NULL);
	VS_REQUIRE(ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(order->until / 1000)) != NULL);
}

static void set_titles(X509 *cert, const struct vs_x509_order *order)
{
	X509_NAME *subject = X509_get_subject_name(cert);

	if (order->title != NULL)
		VS_REQUIRE(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
				   (const unsigned char *)order->title, -1, -1, 0) == 1);
	VS_REQUIRE(X509_set_issuer_name(
			   cert, order->ca != NULL ? X509_get_subject_name(order->ca->cert) : subject) == 1);
}

static void add_extension(X509 *cert, const struct vs_x509_order *order, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, order->ca != NULL ? order->ca->cert : cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	VS_REQUIRE(extension != NULL);
	VS_REQUIRE(X509_add_ext(cert, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static GENERAL_NAME *general_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	struct vs_addr addr;

	if (vs_addr_parse(&addr, vs_view_of(text)) == 0) {
		ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();

		VS_REQUIRE(ASN1_OCTET_STRING_set(bytes, addr.bytes, addr.family == 4 ? 4 : 16) == 1);
		GENERAL_NAME_set0_value(name, GEN_IPADD, bytes);
	} else {
		ASN1_IA5STRING *host = ASN1_IA5STRING_new();

		VS_REQUIRE(ASN1_STRING_set(host, text, -1) == 1);
		GENERAL_NAME_set0_value(name, GEN_DNS, host);
	}
	return name;
}

/* Critical where there is no subject: then they are all that says whose it is. */
static void add_names(X509 *cert, const struct vs_x509_order *order)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	size_t i;

	for (i = 0; i < order->name_count; i++)
		VS_REQUIRE(sk_GENERAL_NAME_push(names, general_name(order->names[i])) > 0);
	if (order->name_count > 0)
		VS_REQUIRE(
			X509_add1_ext_i2d(cert, NID_subject_alt_name, names, order->title == NULL, 0) == 1);
	GENERAL_NAMES_free(names);
}

static void add_extensions(X509 *cert, const struct vs_x509_order *order, const EVP_PKEY *key)
{
	const struct profile *profile = &profiles[order->kind];
	bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;

	add_extension(cert, order, NID_basic_constraints, profile->basic);
	add_extension(cert, order, NID_key_usage, rsa ? profile->usage_rsa : profile->usage);
	if (profile->extended != NULL)
		add_extension(cert, order, NID_ext_key_usage, profile->extended);
	add_extension(cert, order, NID_subject_key_identifier, "hash");
	add_extension(cert, order, NID_authority_key_identifier, "keyid:always");
	add_names(cert, order);
}

static int write_pair(struct vs_x509_pair *pair, X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	long len;

	VS_REQUIRE(PEM_write_bio_X509(bio, cert) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	vs_buf_add(&pair->cert, bytes, (size_t)len);
	VS_REQUIRE(BIO_reset(bio) == 1);
	VS_REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	vs_buf_add(&pair->key, bytes, (size_t)len);
	OPENSSL_cleanse(bytes, (size_t)len);
	BIO_free(bio);
	return 0;
}

int vs_x509_make(struct vs_x509_pair *pair, const struct vs_x509_order *order, struct vs_err *err)
{
	EVP_PKEY *key = find_key(order);
	X509 *cert;
	int rc = 0;

	memset(pair, 0, sizeof(*pair));
	ERR_clear_error();
	if (key == NULL)
		return vs_err_set(err, VS_ERR_INVALID,
			order->key != NULL ? "it is no key in PEM, or one with a passphrase"
					   : "no key could be made");
	cert = X509_new();
	VS_REQUIRE(X509_set_version(cert, X509_VERSION_3) == 1);
	set_serial(cert);
	set_dates(cert, order);
	set_titles(cert, order);
	VS_REQUIRE(X509_set_pubkey(cert, key) == 1);
	add_extensions(cert, order, key);
	if (X509_sign(cert, order->ca != NULL ? order->ca->key : key, EVP_sha256()) > 0)
		rc = write_pair(pair, cert, key);
	else
		rc = vs_err_set(err, VS_ERR_INVALID, "the CA's key is of a kind that cannot sign here");
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}

void vs_x509_pair_fini(struct vs_x509_pair *pair)
{
	vs_buf_fini(&pair->cert);
	wipe(&pair->key);
}
