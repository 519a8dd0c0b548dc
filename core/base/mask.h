/*
 * A set of secret texts, and their removal from other texts. A secret is found as it
 * is, percent-encoded, and as the inside of a JSON string. Not thread-safe: log.c locks.
 */
#ifndef VS_BASE_MASK_H
#define VS_BASE_MASK_H

#include <stddef.h>

#define VS_MASK_BUCKETS 1024 /* so that a text costs the same whether there is one key or thousands */
#define VS_MASK_MIN 4 /* shorter ones would mask everything */

struct vs_mask_secret;

struct vs_mask {
	struct vs_mask_secret *by_start[VS_MASK_BUCKETS]; /* lists, by the hash of their first bytes */
	size_t count;
};

void vs_mask_add(struct vs_mask *mask, const char *secret); /* copies; twice is once */
void vs_mask_clear(struct vs_mask *mask);
/* Each secret in text becomes "***", in place. Returns the new length, never a larger one. */
size_t vs_mask_apply(const struct vs_mask *mask, char *text, size_t len);

#endif
