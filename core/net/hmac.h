/* HMAC-SHA256: who knows a key vouches for a text. Pure. */
#ifndef VS_NET_HMAC_H
#define VS_NET_HMAC_H

#include <stdbool.h>

#include "base/view.h"

#define VS_HMAC_BYTES 32
#define VS_HMAC_TEXT 65 /* in hexadecimal, with its NUL */

void vs_hmac_sha256(unsigned char mac[VS_HMAC_BYTES], struct vs_view key, struct vs_view text);
/* The same in hexadecimal. */
void vs_hmac_text(char mac[VS_HMAC_TEXT], struct vs_view key, struct vs_view text);
/* In a time that tells nothing about where they differ. */
bool vs_hmac_equal(const unsigned char a[VS_HMAC_BYTES], const unsigned char b[VS_HMAC_BYTES]);
/* 64 hexadecimal digits, in any case. */
bool vs_hmac_parse(unsigned char mac[VS_HMAC_BYTES], struct vs_view text);

/* The same by a key that is used often: a sixth of the time. */
struct vs_hmac_key;
struct vs_hmac_key *vs_hmac_key_create(struct vs_view key);
void vs_hmac_key_destroy(struct vs_hmac_key *key); /* NULL is fine */
void vs_hmac_text_by(char mac[VS_HMAC_TEXT], struct vs_hmac_key *key, struct vs_view text);

#endif
