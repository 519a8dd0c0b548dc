#include "net/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/err.h"

/* OpenSSL skips blanks and takes padding anywhere; what leads to a key should have one spelling. */
static bool is_base64(struct vs_view text, size_t *padding)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	if (text.len % 4 != 0)
		return false;
	for (*padding = 0; *padding < 2 && *padding < text.len; ++*padding) {
		if (text.ptr[text.len - 1 - *padding] != '=')
			break;
	}
	for (i = 0; i < text.len - *padding; i++) {
		if (text.ptr[i] == '\0' || strchr(alphabet, text.ptr[i]) == NULL)
			return false;
	}
	return true;
}

long vs_base64_decode(char *bytes, size_t size, struct vs_view text)
{
	size_t padding;
	size_t len;

	if (!is_base64(text, &padding))
		return VS_ERR_INVALID;
	len = text.len / 4 * 3;
	if (size <= len || len > INT32_MAX)
		return VS_ERR_TOO_BIG;
	if (EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text.ptr, (int)text.len) < 0)
		return VS_ERR_INVALID;
	bytes[len - padding] = '\0';
	return (long)(len - padding);
}
