/* Who sent a webhook, and when: HMAC-SHA256. Pure. */
#ifndef WEBHOOK_SIGN_H
#define WEBHOOK_SIGN_H

#include <stdint.h>

#define WEBHOOK_SIGNATURE_SIZE 192

/*
 * "t=<seconds>,v1=<hex>", of the bytes "<seconds>.<body>"; with old_key (NULL: none) a second v1 follows. 0,
 * or -1 when the library refuses.
 */
int webhook_sign(char out[WEBHOOK_SIGNATURE_SIZE], int64_t seconds, const char *body, const char *key,
	const char *old_key);

#endif
