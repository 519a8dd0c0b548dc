/* Keys and certificates made on the spot, in memory and as files. */
#ifndef VS_TESTS_NET_TLS_PKI_H
#define VS_TESTS_NET_TLS_PKI_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define PKI_DAY 86400L

struct pki_cert {
	EVP_PKEY *key;
	X509 *cert;
};

struct pki_wish {
	const char *name;
	const struct pki_cert *issuer; /* NULL: itself */
	EVP_PKEY *key; /* taken; NULL: a new P-256 one */
	long from; /* seconds from now */
	long until;
	long serial;
	bool ca;
};

static inline EVP_PKEY *pki_ecdsa(void)
{
	return EVP_EC_gen("P-256");
}

static inline EVP_PKEY *pki_rsa(unsigned bits)
{
	return EVP_RSA_gen(bits);
}

static inline void pki_add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(cert, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline struct pki_cert pki_make(const struct pki_wish *wish)
{
	struct pki_cert made = {wish->key != NULL ? wish->key : pki_ecdsa(), X509_new()};
	const struct pki_cert *issuer = wish->issuer != NULL ? wish->issuer : &made;
	X509_NAME *name = X509_get_subject_name(made.cert);

	assert_non_null(made.key);
	X509_set_version(made.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.cert), wish->serial != 0 ? wish->serial : 1);
	X509_gmtime_adj(X509_getm_notBefore(made.cert), wish->from != 0 ? wish->from : -60);
	X509_gmtime_adj(X509_getm_notAfter(made.cert), wish->until != 0 ? wish->until : 90 * PKI_DAY);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)wish->name, -1, -1, 0);
	X509_set_issuer_name(made.cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(made.cert, made.key);
	pki_add(made.cert, issuer->cert, NID_basic_constraints, wish->ca ? "critical,CA:TRUE" : "CA:FALSE");
	pki_add(made.cert, issuer->cert, NID_subject_alt_name, "DNS:localhost");
	assert_true(X509_sign(made.cert, issuer->key, EVP_sha256()) > 0);
	return made;
}

static inline void pki_free(struct pki_cert *made)
{
	X509_free(made->cert);
	EVP_PKEY_free(made->key);
}

/* A folder of its own, and the names of the two files that most tests need. */
struct pki_folder {
	char path[64];
	char cert[96];
	char key[96];
};

static inline void pki_folder_make(struct pki_folder *folder)
{
	strcpy(folder->path, "/tmp/vs-tls-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	(void)snprintf(folder->cert, sizeof(folder->cert), "%s/cert.pem", folder->path);
	(void)snprintf(folder->key, sizeof(folder->key), "%s/key.pem", folder->path);
}

static inline void pki_folder_remove(struct pki_folder *folder)
{
	(void)unlink(folder->cert);
	(void)unlink(folder->key);
	assert_int_equal(rmdir(folder->path), 0);
}

static inline void pki_write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* more: certificates behind it, up to a NULL. */
static inline void pki_write_cert(const char *path, X509 *cert, X509 *const *more)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	for (; more != NULL && *more != NULL; more++)
		assert_int_equal(PEM_write_X509(file, *more), 1);
	assert_int_equal(fclose(file), 0);
}

/* passphrase NULL: without one. */
static inline void pki_write_key(const char *path, EVP_PKEY *key, const char *passphrase)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_int_equal(PEM_write_PrivateKey(file, key, passphrase != NULL ? EVP_aes_256_cbc() : NULL,
				 (const unsigned char *)passphrase,
				 passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL),
		1);
	assert_int_equal(fclose(file), 0);
}

#endif
