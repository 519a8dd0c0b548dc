#include "webhook_sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_SIZE = 65 };

static int sign(char hex[HEX_SIZE], const char *signed_text, const char *key)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	unsigned i;

	if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)signed_text, strlen(signed_text),
		    sum, &len) == NULL)
		return -1;
	for (i = 0; i < len; i++)
		snprintf(hex + (size_t)i * 2, 3, "%02x", sum[i]);
	return 0;
}

int webhook_sign(char out[WEBHOOK_SIGNATURE_SIZE], int64_t seconds, const char *body, const char *key,
	const char *old_key)
{
	size_t size = strlen(body) + 32;
	char *text = malloc(size);
	char now[HEX_SIZE];
	char before[HEX_SIZE];
	int rc = -1;

	if (text == NULL)
		return -1;
	snprintf(text, size, "%lld.%s", (long long)seconds, body);
	if (sign(now, text, key) == 0 && (old_key == NULL || sign(before, text, old_key) == 0)) {
		snprintf(out, WEBHOOK_SIGNATURE_SIZE, "t=%lld,v1=%s%s%s", (long long)seconds, now,
			old_key != NULL ? ",v1=" : "", old_key != NULL ? before : "");
		rc = 0;
	}
	free(text);
	return rc;
}
