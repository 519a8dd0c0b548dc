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

static bool is_digit_at(struct vs_view text, size_t at)
{
	return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

/* Up to three digits that are a byte; 0: they are not. */
static size_t read_octet(struct vs_view text, size_t at, uint8_t *octet)
{
	unsigned number = 0;
	size_t len = 0;

	while (len < 4 && is_digit_at(text, at + len))
		number = number * 10 + (unsigned)(text.ptr[at + len++] - '0');
	*octet = (uint8_t)number;
	return len <= 3 && number <= 255 ? len : 0;
}

/* Whether the four numbers are some of more with the same separator between them, as in a version. */
static bool is_of_longer_row(struct vs_view text, size_t at, size_t len, char separator)
{
	return (at >= 2 && text.ptr[at - 1] == separator && is_digit_at(text, at - 2)) ||
	       (at + len < text.len && text.ptr[at + len] == separator && is_digit_at(text, at + len + 1));
}

static bool is_known(const struct vs_capture_mask *mask, const struct vs_addr *addr)
{
	size_t i;

	for (i = 0; i < mask->count; i++)
		if (vs_addr_equal(&mask->items[i].addr, addr))
			return true;
	return false;
}

/*
 * How long an IPv4 address is that begins here, whatever letters it stands between: behind a "\n" within a
 * string of JSON, or as a part of a host's name, which many networks make of the address:
 * 192-0-2-7.example.net.
 */
static size_t quad_at(const struct vs_capture_mask *mask, struct vs_view text, size_t at,
	struct vs_addr *addr, char *separator)
{
	size_t len;
	int i;

	if (!is_digit_at(text, at) || (at > 0 && is_digit_at(text, at - 1)))
		return 0;
	*addr = (struct vs_addr){.family = 4};
	len = read_octet(text, at, &addr->bytes[0]);
	*separator = at + len < text.len ? text.ptr[at + len] : '\0';
	if (len == 0 || strchr(".-_", *separator) == NULL || *separator == '\0')
		return 0;
	for (i = 1; i < 4; i++) {
		size_t more = 0;

		if (at + len < text.len && text.ptr[at + len] == *separator)
			more = read_octet(text, at + len + 1, &addr->bytes[i]);
		if (more == 0)
			return 0;
		len += 1 + more;
	}
	return is_of_longer_row(text, at, len, *separator) && !is_known(mask, addr) ? 0 : len;
}

static void add_quad(struct vs_buf *out, const char *text, char separator)
{
	for (; *text != '\0'; text++)
		vs_buf_add_char(out, *text == '.' ? separator : *text);
}

static void replace(struct vs_capture_mask *mask, struct vs_view text, struct vs_buf *out)
{
	size_t at = 0;

	while (at < text.len) {
		struct vs_view word = {text.ptr + at, word_at(text, at)};
		const struct masked *number;
		struct vs_addr addr;
		char separator;
		size_t quad = quad_at(mask, text, at, &addr, &separator);

		if (quad > 0) {
			add_quad(out, find(mask, &addr)->text, separator);
			at += quad;
			continue;
		}
		/* A stop or a colon behind it belongs to the sentence. */
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

/* Twice, since a number may stand before the address that tells what it is. */
void vs_capture_mask_add(struct vs_capture_mask *mask, struct vs_view text, struct vs_buf *out)
{
	struct vs_buf nowhere;

	vs_buf_init(&nowhere);
	replace(mask, text, &nowhere);
	vs_buf_fini(&nowhere);
	replace(mask, text, out);
}
