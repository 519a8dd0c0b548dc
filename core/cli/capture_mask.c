#include "cli/capture_mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"

#define DECIMAL_TEXT 40 /* of 128 bits */
#define MASKED_MAX 200 /* different addresses of one family; the last one stands for all further ones */

struct masked {
	struct vs_addr addr;
	char text[VS_ADDR_TEXT]; /* what takes its place */
	char number[DECIMAL_TEXT];
	char masked_number[DECIMAL_TEXT];
};

struct vs_capture_mask {
	struct masked *items;
	size_t count;
	unsigned of_family[2]; /* IPv4, IPv6 */
};

struct vs_capture_mask *vs_capture_mask_create(void)
{
	return vs_zalloc(sizeof(struct vs_capture_mask));
}

void vs_capture_mask_destroy(struct vs_capture_mask *mask)
{
	if (mask != NULL)
		vs_free(mask->items);
	vs_free(mask);
}

/* The address as one decimal number, by dividing its bytes by ten until nothing is left. */
static void to_number(char text[DECIMAL_TEXT], const struct vs_addr *addr)
{
	size_t len = addr->family == 4 ? 4 : 16;
	char reversed[DECIMAL_TEXT];
	struct vs_addr rest = *addr;
	size_t digits = 0;
	bool left = true;

	while (left && digits + 1 < DECIMAL_TEXT) {
		unsigned carry = 0;
		size_t i;

		left = false;
		for (i = 0; i < len; i++) {
			carry = carry * 256 + rest.bytes[i];
			rest.bytes[i] = (uint8_t)(carry / 10);
			left = left || rest.bytes[i] != 0;
			carry %= 10;
		}
		reversed[digits++] = (char)('0' + carry);
	}
	text[digits] = '\0';
	for (size_t i = 0; i < digits; i++)
		text[i] = reversed[digits - 1 - i];
}

static const struct masked *find(struct vs_capture_mask *mask, const struct vs_addr *addr)
{
	bool is_6 = addr->family == 6;
	struct masked *item;
	struct vs_addr other;
	unsigned number;
	size_t i;

	for (i = 0; i < mask->count; i++)
		if (vs_addr_equal(&mask->items[i].addr, addr))
			return &mask->items[i];
	mask->items = vs_realloc(mask->items, (mask->count + 1) * sizeof(*mask->items));
	item = &mask->items[mask->count++];
	item->addr = *addr;
	if (mask->of_family[is_6] < MASKED_MAX)
		mask->of_family[is_6]++;
	number = mask->of_family[is_6];
	snprintf(item->text, sizeof(item->text), is_6 ? "2001:db8::%x" : "198.51.100.%u", number);
	vs_addr_parse(&other, vs_view_of(item->text));
	to_number(item->number, addr);
	to_number(item->masked_number, &other);
	return item;
}

static bool is_of_address(char c)
{
	return isxdigit((unsigned char)c) || c == '.' || c == ':';
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A word of digits that is one of the addresses seen so far. */
static const struct masked *find_number(const struct vs_capture_mask *mask, struct vs_view word)
{
	size_t i;

	for (i = 0; i < mask->count; i++)
		if (word.len > 6 && vs_view_equal_text(word, mask->items[i].number))
			return &mask->items[i];
	return NULL;
}

/* How long the word is that could be an address: hexadecimal digits, dots and colons. */
static size_t word_at(struct vs_view text, size_t at)
{
	size_t len = 0;

	if (at > 0 && is_of_word(text.ptr[at - 1]))
		return 0;
	/* No address begins with a stop, or with one colon alone. */
	if (text.ptr[at] == '.' || (text.ptr[at] == ':' && (at + 1 == text.len || text.ptr[at + 1] != ':')))
		return 0;
	while (at + len < text.len && is_of_address(text.ptr[at + len]))
		len++;
	if (at + len < text.len && is_of_word(text.ptr[at + len]))
		return 0;
	return len;
}

void vs_capture_mask_add(struct vs_capture_mask *mask, struct vs_view text, struct vs_buf *out)
{
	size_t at = 0;

	while (at < text.len) {
		struct vs_view word = {text.ptr + at, word_at(text, at)};
		const struct masked *number;
		const char *colon;
		struct vs_addr addr;

		/* Behind it may stand a port; a stop or a colon belongs to the sentence. */
		if (memchr(word.ptr, '.', word.len) != NULL && vs_addr_parse(&addr, word) < 0 &&
			(colon = memchr(word.ptr, ':', word.len)) != NULL && colon > word.ptr)
			word.len = (size_t)(colon - word.ptr);
		while (word.len > 1 && (word.ptr[word.len - 1] == '.' || word.ptr[word.len - 1] == ':') &&
			vs_addr_parse(&addr, word) < 0)
			word.len--;
		number = find_number(mask, word);
		if (word.len > 2 && vs_addr_parse(&addr, word) == 0)
			vs_buf_add_text(out, find(mask, &addr)->text);
		else if (number != NULL)
			vs_buf_add_text(out, number->masked_number);
		else
			vs_buf_add(out, text.ptr + at, word.len > 0 ? word.len : 1);
		at += word.len > 0 ? word.len : 1;
	}
}
