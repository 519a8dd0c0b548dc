#include "net/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/require.h"

void vs_hmac_sha256(unsigned char mac[VS_HMAC_BYTES], struct vs_view key, struct vs_view text)
{
	unsigned len = 0;

	VS_REQUIRE(HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)text.ptr, text.len, mac,
			   &len) != NULL);
	VS_REQUIRE(len == VS_HMAC_BYTES);
}

void vs_hmac_text(char mac[VS_HMAC_TEXT], struct vs_view key, struct vs_view text)
{
	unsigned char bytes[VS_HMAC_BYTES];

	vs_hmac_sha256(bytes, key, text);
	vs_hex(mac, bytes, sizeof(bytes));
}

bool vs_hmac_equal(const unsigned char a[VS_HMAC_BYTES], const unsigned char b[VS_HMAC_BYTES])
{
	return CRYPTO_memcmp(a, b, VS_HMAC_BYTES) == 0;
}

bool vs_hmac_parse(unsigned char mac[VS_HMAC_BYTES], struct vs_view text)
{
	size_t i;

	if (text.len != VS_HMAC_TEXT - 1)
		return false;
	for (i = 0; i < VS_HMAC_BYTES; i++) {
		int byte = vs_hex_byte(text.ptr + 2 * i);

		if (byte < 0)
			return false;
		mac[i] = (unsigned char)byte;
	}
	return true;
}

struct vs_hmac_key {
	EVP_MAC_CTX *context; /* begins anew for each text, with the key it has */
};

struct vs_hmac_key *vs_hmac_key_create(struct vs_view key)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
	struct vs_hmac_key *made = vs_zalloc(sizeof(*made));
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	VS_REQUIRE(mac != NULL);
	made->context = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac); /* the context holds it */
	VS_REQUIRE(made->context != NULL);
	VS_REQUIRE(EVP_MAC_init(made->context, (const unsigned char *)key.ptr, key.len, params) == 1);
	return made;
}

void vs_hmac_key_destroy(struct vs_hmac_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->context);
	vs_free(key);
}

void vs_hmac_text_by(char mac[VS_HMAC_TEXT], struct vs_hmac_key *key, struct vs_view text)
{
	unsigned char bytes[VS_HMAC_BYTES];
	size_t len = 0;

	VS_REQUIRE(EVP_MAC_init(key->context, NULL, 0, NULL) == 1);
	VS_REQUIRE(EVP_MAC_update(key->context, (const unsigned char *)text.ptr, text.len) == 1);
	VS_REQUIRE(EVP_MAC_final(key->context, bytes, &len, sizeof(bytes)) == 1 && len == sizeof(bytes));
	vs_hex(mac, bytes, sizeof(bytes));
}
