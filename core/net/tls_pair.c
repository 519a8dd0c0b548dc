#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/tls_cert.h"
#include "net/tls_inside.h"

#define FILE_MAX 262144
/* Every handshake sends them, and clients give up on longer ones. */
#define CHAIN_MAX 16
#define CHAIN_BYTES_MAX 65536

/* --- the files ------------------------------------------------------------------------- */

static void name_user(char *text, size_t size)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char names[1024];

	if (getpwuid_r(geteuid(), &entry, names, sizeof(names), &found) == 0 && found != NULL)
		(void)snprintf(text, size, "%s", found->pw_name);
	else
		(void)snprintf(text, size, "uid %u", (unsigned)geteuid());
}

static int read_file(struct vs_buf *bytes, const char *path, const char *what, struct vs_err *err)
{
	char user[64];
	int rc = vs_file_read(bytes, path, FILE_MAX, err);
	int code = errno;

	if (rc == VS_ERR_SYSTEM && code == EACCES) {
		name_user(user, sizeof(user));
		return vs_err_set(err, rc,
			"the %s %s may not be read by %s, who runs this: give that user, or a group of it, "
			"the "
			"right to read the file and to enter its folders",
			what, path, user);
	}
	if (rc < 0)
		vs_err_prefix(err, "the %s", what);
	return rc;
}

/* What is in a file that holds no PEM of the kind that was wanted. */
static int refuse_content(
	const struct vs_buf *bytes, const char *path, const char *what, const char *kind, struct vs_err *err)
{
	const char *label = strstr(vs_buf_text(bytes), "-----BEGIN ");

	if (bytes->len == 0)
		return vs_err_set(err, VS_ERR_INVALID, "the %s %s is empty", what, path);
	/* A SEQUENCE whose length takes more than one byte: what is text begins otherwise. */
	if (bytes->len > 1 && bytes->ptr[0] == 0x30 && ((unsigned char)bytes->ptr[1] & 0x80) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"the %s %s is in DER form, and must be in PEM: convert it with `openssl %s -inform "
			"DER "
			"-in %s`",
			what, path, strcmp(what, "key") == 0 ? "pkey" : "x509", path);
	if (label != NULL && strstr(label, kind) == NULL)
		return vs_err_set(err, VS_ERR_INVALID,
			"the %s %s holds \"%.*s\" and no %s: are 'cert' and 'key' exchanged?", what, path,
			(int)strcspn(label + 5, "-\r\n"), label + 5, what);
	return vs_err_set(err, VS_ERR_INVALID,
		"the %s %s cannot be read as PEM: it should hold a block that begins "
		"with \"-----BEGIN\" and \"%s-----\", and is whole",
		what, path, kind);
}

/* --- the certificates ------------------------------------------------------------------ */

static int parse_chain(
	struct vs_tls_pair *pair, const struct vs_buf *bytes, const char *path, struct vs_err *err)
{
	BIO *bio = BIO_new_mem_buf(vs_buf_text(bytes), (int)bytes->len);
	X509 *cert;
	int rc = 0;

	pair->chain = sk_X509_new_null();
	pair->cert = PEM_read_bio_X509(bio, NULL, vs_tls_no_passphrase, NULL);
	while (pair->cert != NULL &&
		(cert = PEM_read_bio_X509(bio, NULL, vs_tls_no_passphrase, NULL)) != NULL)
		(void)sk_X509_push(pair->chain, cert);
	if (pair->cert == NULL)
		rc = refuse_content(bytes, path, "certificate", " CERTIFICATE", err);
	else if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		rc = vs_err_set(err, VS_ERR_INVALID,
			"certificate number %d in the file %s cannot be read: is the file written only in "
			"part?",
			sk_X509_num(pair->chain) + 2, path);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}

static int check_size(const struct vs_tls_pair *pair, const char *path, struct vs_err *err)
{
	int count = 1 + sk_X509_num(pair->chain);
	int bytes = i2d_X509(pair->cert, NULL);
	int i;

	for (i = 0; i < sk_X509_num(pair->chain); i++)
		bytes += i2d_X509(sk_X509_value(pair->chain, i), NULL);
	if (count <= CHAIN_MAX && bytes <= CHAIN_BYTES_MAX)
		return 0;
	return vs_err_set(err, VS_ERR_INVALID,
		"the certificate %s holds %d certificates of %d bytes, and clients take no more than %d of "
		"%d "
		"in all: keep the server's own one and those that lead from it to the CA",
		path, count, bytes, CHAIN_MAX, CHAIN_BYTES_MAX);
}

static void fill_name(struct vs_tls_facts *facts, const X509 *cert)
{
	GENERAL_NAMES *names;

	if (X509_NAME_get_text_by_NID(
		    X509_get_subject_name(cert), NID_commonName, facts->name, sizeof(facts->name)) > 0)
		return;
	facts->name[0] = '\0';
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	if (names != NULL && sk_GENERAL_NAME_num(names) > 0 &&
		sk_GENERAL_NAME_value(names, 0)->type == GEN_DNS) {
		const ASN1_STRING *text = sk_GENERAL_NAME_value(names, 0)->d.dNSName;

		(void)snprintf(facts->name, sizeof(facts->name), "%.*s", ASN1_STRING_length(text),
			(const char *)ASN1_STRING_get0_data(text));
	}
	GENERAL_NAMES_free(names);
}

static const char *kind_of(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return "ECDSA";
	case EVP_PKEY_RSA:
		return "RSA";
	case EVP_PKEY_ED25519:
		return "Ed25519";
	default:
		return "unusual";
	}
}

static void fill_facts(struct vs_tls_pair *pair)
{
	struct vs_tls_facts *facts = &pair->facts;
	X509 *below = pair->cert;
	int i;

	facts->not_before = vs_tls_cert_time(X509_get0_notBefore(pair->cert));
	facts->not_after = vs_tls_cert_time(X509_get0_notAfter(pair->cert));
	facts->chain = 1 + (unsigned)sk_X509_num(pair->chain);
	facts->kind = kind_of(X509_get0_pubkey(pair->cert));
	vs_tls_cert_serial(facts->serial, sizeof(facts->serial), pair->cert);
	fill_name(facts, pair->cert);
	for (i = 0; i < sk_X509_num(pair->chain); i++) {
		X509 *above = sk_X509_value(pair->chain, i);
		int64_t end = vs_tls_cert_time(X509_get0_notAfter(above));

		if (end < facts->not_after)
			facts->not_after = end;
		if (facts->disordered == 0 && X509_check_issued(above, below) != X509_V_OK)
			facts->disordered = (unsigned)i + 1;
		below = above;
	}
	ERR_clear_error();
}

/* --- the key --------------------------------------------------------------------------- */

/* Nobody is there to type it, and a prompt would hang the server. */
static int on_passphrase(char *to, int size, int writing, void *arg)
{
	bool *asked = arg;

	(void)to;
	(void)size;
	(void)writing;
	*asked = true;
	return -1;
}

static int parse_key(
	struct vs_tls_pair *pair, const struct vs_buf *bytes, const char *path, struct vs_err *err)
{
	BIO *bio = BIO_new_mem_buf(vs_buf_text(bytes), (int)bytes->len);
	bool locked = false;
	int rc = 0;

	pair->key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &locked);
	if (locked)
		rc = vs_err_set(err, VS_ERR_INVALID,
			"the key %s is protected by a passphrase, and nobody is there to type it: write the "
			"key "
			"without one (`openssl pkey -in %s -out NEW`), readable by the server's user only",
			path, path);
	else if (pair->key == NULL)
		rc = refuse_content(bytes, path, "key", " KEY", err);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}

static int check_match(const struct vs_tls_pair *pair, const struct vs_tls_conf *conf, struct vs_err *err)
{
	int i;

	if (X509_check_private_key(pair->cert, pair->key) == 1)
		return 0;
	for (i = 0; i < sk_X509_num(pair->chain); i++)
		if (X509_check_private_key(sk_X509_value(pair->chain, i), pair->key) == 1)
			break;
	ERR_clear_error();
	if (i < sk_X509_num(pair->chain))
		return vs_err_set(err, VS_ERR_INVALID,
			"the key %s belongs to certificate number %d in %s: the server's own certificate "
			"must "
			"stand first, those that issued it behind it",
			conf->key, i + 2, conf->cert);
	return vs_err_set(err, VS_ERR_INVALID,
		"the key %s does not belong to the certificate %s: name the two files that were made "
		"together",
		conf->key, conf->cert);
}

static int read_cert(struct vs_tls_pair *pair, const struct vs_tls_conf *conf, struct vs_err *err)
{
	struct vs_buf bytes;
	int rc;

	vs_buf_init(&bytes);
	rc = read_file(&bytes, conf->cert, "certificate", err);
	if (rc == 0)
		rc = parse_chain(pair, &bytes, conf->cert, err);
	if (rc == 0)
		rc = check_size(pair, conf->cert, err);
	vs_buf_fini(&bytes);
	return rc;
}

static int read_key(struct vs_tls_pair *pair, const struct vs_tls_conf *conf, struct vs_err *err)
{
	struct vs_buf bytes;
	struct stat info;
	int rc;

	vs_buf_init(&bytes);
	rc = read_file(&bytes, conf->key, "key", err);
	if (rc == 0)
		rc = parse_key(pair, &bytes, conf->key, err);
	if (bytes.len > 0)
		OPENSSL_cleanse(bytes.ptr, bytes.len);
	vs_buf_fini(&bytes);
	pair->facts.key_is_open = stat(conf->key, &info) == 0 && (info.st_mode & S_IROTH) != 0;
	return rc;
}

int vs_tls_pair_read(struct vs_tls_pair *pair, const struct vs_tls_conf *conf, struct vs_err *err)
{
	int rc;

	ERR_clear_error();
	rc = read_cert(pair, conf, err);
	if (rc == 0)
		rc = read_key(pair, conf, err);
	if (rc == 0)
		rc = check_match(pair, conf, err);
	if (rc == 0)
		fill_facts(pair);
	else
		vs_tls_pair_fini(pair);
	return rc;
}

void vs_tls_pair_fini(struct vs_tls_pair *pair)
{
	X509_free(pair->cert);
	sk_X509_pop_free(pair->chain, X509_free);
	EVP_PKEY_free(pair->key);
	memset(pair, 0, sizeof(*pair));
}
