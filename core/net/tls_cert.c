#include "net/tls_cert.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/text.h"

#define TITLE_FLAGS (XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ)

void vs_tls_cert_title(struct vs_buf *out, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	(void)X509_NAME_print_ex(bio, name, 0, TITLE_FLAGS);
	len = BIO_get_mem_data(bio, &text);
	if (len > 0)
		vs_text_add_plain(out, (struct vs_view){text, (size_t)len});
	BIO_free(bio);
}

static void add_ip(struct vs_buf *out, const ASN1_OCTET_STRING *bytes)
{
	int len = ASN1_STRING_length(bytes);
	struct vs_addr addr = {.family = len == 4 ? 4 : 6};
	char text[VS_ADDR_TEXT] = "?";

	if (len == 4 || len == 16) {
		memcpy(addr.bytes, ASN1_STRING_get0_data(bytes), (size_t)len);
		vs_addr_format(&addr, text);
	}
	vs_buf_add_text(out, text);
}

static void add_name(struct vs_buf *out, const GENERAL_NAME *name)
{
	if (name->type == GEN_IPADD)
		add_ip(out, name->d.iPAddress);
	else
		vs_text_add_plain(out, (struct vs_view){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
					       (size_t)ASN1_STRING_length(name->d.dNSName)});
}

void vs_tls_cert_names(struct vs_buf *out, const X509 *cert, int max)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int found = 0;
	int i;

	for (i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS && name->type != GEN_IPADD)
			continue;
		if (found++ >= max)
			continue;
		if (found > 1)
			vs_buf_add_text(out, ", ");
		add_name(out, name);
	}
	if (found > max)
		vs_buf_printf(out, " and %d more", found - max);
	GENERAL_NAMES_free(names);
}

void vs_tls_cert_pin(char pin[VS_TLS_PIN_TEXT], const X509 *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char base64[48]; /* 44 of them, and a NUL */
	unsigned char *der = NULL;
	unsigned len = 0;
	int der_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	pin[0] = '\0';
	if (der_len <= 0)
		return;
	if (EVP_Digest(der, (size_t)der_len, digest, &len, EVP_sha256(), NULL) == 1) {
		(void)EVP_EncodeBlock(base64, digest, (int)len);
		(void)snprintf(pin, VS_TLS_PIN_TEXT, "sha256//%s", (const char *)base64);
	}
	OPENSSL_free(der);
}

int64_t vs_tls_cert_time(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0;
	int seconds = 0;
	int ok = ASN1_TIME_diff(&days, &seconds, epoch, time);

	ASN1_TIME_free(epoch);
	return ok == 1 ? (days * INT64_C(86400) + seconds) * 1000 : 0;
}

void vs_tls_cert_serial(char *text, size_t size, const X509 *cert)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *digits = number != NULL ? BN_bn2hex(number) : NULL;

	(void)snprintf(text, size, "%s", digits != NULL ? digits : "");
	OPENSSL_free(digits);
	BN_free(number);
}

int vs_tls_no_passphrase(char *to, int size, int writing, void *arg)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}
