#include "base/mask.h"

#include <stdint.h>
#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/id.h"

#define STARS "***"
#define STARS_LEN 3

struct vs_mask_secret {
	struct vs_mask_secret *next;
	size_t len;
	unsigned char bytes[];
};

/* How a secret may be spelt. Within one spelling each of its bytes has few forms. */
enum spelling { PLAIN, PERCENT, JSON, SPELLINGS };

/* By the first VS_MASK_MIN bytes. */
static size_t bucket_of(const unsigned char *bytes)
{
	uint32_t word =
		(uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];

	return (word * UINT32_C(2654435761)) >> 22;
}

void vs_mask_add(struct vs_mask *mask, const char *secret)
{
	size_t len = strlen(secret);
	struct vs_mask_secret **list;
	struct vs_mask_secret *known;

	if (len < VS_MASK_MIN)
		return;
	list = &mask->by_start[bucket_of((const unsigned char *)secret)];
	LL_FOREACH (*list, known) {
		if (known->len == len && memcmp(known->bytes, secret, len) == 0)
			return;
	}
	known = vs_alloc(sizeof(*known) + len);
	known->len = len;
	memcpy(known->bytes, secret, len);
	LL_PREPEND(*list, known);
	mask->count++;
}

void vs_mask_clear(struct vs_mask *mask)
{
	struct vs_mask_secret *secret;
	struct vs_mask_secret *next;

	for (size_t i = 0; i < VS_MASK_BUCKETS; i++) {
		LL_FOREACH_SAFE(mask->by_start[i], secret, next)
		{
			explicit_bzero(secret->bytes, secret->len);
			vs_free(secret);
		}
		mask->by_start[i] = NULL;
	}
	mask->count = 0;
}

static size_t json_escape(const char *text, size_t len, unsigned char *byte)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (len >= 6 && memcmp(text, "\\u00", 4) == 0 && vs_hex_byte(text + 4) >= 0) {
		*byte = (unsigned char)vs_hex_byte(text + 4);
		return *byte < 0x80 ? 6 : 0;
	}
	found = len >= 2 ? memchr(letters, text[1], sizeof(letters) - 1) : NULL;
	if (!found)
		return 0;
	*byte = (unsigned char)meanings[found - letters];
	return 2;
}

/* The byte that stands at text in that spelling. Returns how many characters spell it. */
static size_t read_byte(enum spelling spelling, const char *text, size_t len, unsigned char *byte)
{
	size_t used = 0;

	if (spelling == PERCENT && text[0] == '%' && len >= 3 && vs_hex_byte(text + 1) >= 0) {
		*byte = (unsigned char)vs_hex_byte(text + 1);
		used = 3;
	} else if (spelling == JSON && text[0] == '\\') {
		used = json_escape(text, len, byte);
	}
	if (used == 0) {
		*byte = (unsigned char)text[0];
		used = 1;
	}
	return used;
}

/* How many characters of text spell the whole secret, 0 when they do not. */
static size_t spelt_length(
	const struct vs_mask_secret *secret, enum spelling spelling, const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < secret->len; i++) {
		unsigned char byte;

		if (at == len)
			return 0;
		at += read_byte(spelling, text + at, len - at, &byte);
		if (byte != secret->bytes[i])
			return 0;
	}
	return at;
}

/* The list that a secret that begins at text must be in; NULL: the text is too short for any. */
static const struct vs_mask_secret *candidates(
	const struct vs_mask *mask, enum spelling spelling, const char *text, size_t len)
{
	unsigned char start[VS_MASK_MIN];
	size_t at = 0;

	for (size_t i = 0; i < VS_MASK_MIN; i++) {
		if (at == len)
			return NULL;
		at += read_byte(spelling, text + at, len - at, &start[i]);
	}
	return mask->by_start[bucket_of(start)];
}

/* The longest secret that begins at text, in any spelling; 0 for none. */
static size_t secret_length(const struct vs_mask *mask, const char *text, size_t len)
{
	size_t longest = 0;

	for (int spelling = PLAIN; spelling < SPELLINGS; spelling++) {
		const struct vs_mask_secret *secret;

		for (secret = candidates(mask, (enum spelling)spelling, text, len); secret != NULL;
			secret = secret->next) {
			size_t found = spelt_length(secret, (enum spelling)spelling, text, len);

			if (found > longest)
				longest = found;
		}
	}
	return longest;
}

size_t vs_mask_apply(const struct vs_mask *mask, char *text, size_t len)
{
	size_t put = 0;
	size_t at = 0;

	while (mask->count > 0 && at < len) {
		size_t end = at + secret_length(mask, text + at, len - at);

		if (end == at) {
			text[put++] = text[at++];
			continue;
		}
		/* Another secret may begin inside this one and reach further. */
		for (at++; at < end; at++) {
			size_t further = at + secret_length(mask, text + at, len - at);

			if (further > end)
				end = further;
		}
		/* Never over bytes still to be read: what is replaced is longer. */
		memcpy(text + put, STARS, STARS_LEN);
		put += STARS_LEN;
	}
	return mask->count > 0 ? put : len;
}
