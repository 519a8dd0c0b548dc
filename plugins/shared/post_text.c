#include "post_text.h"

#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define REPLACEMENT "\xef\xbf\xbd"
#define TELLING 4 /* so many of its first bytes tell something of a secret */

size_t post_char_len(const char *text, size_t left)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len = left == 0                       ? 0
		     : at[0] < 0x80                  ? 1
		     : at[0] >= 0xc2 && at[0] < 0xe0 ? 2
		     : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
		     : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
						     : 0;
	size_t i;

	if (len == 0 || len > left)
		return 0;
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Longer than need be, half of a surrogate pair, beyond the last one. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
		(at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

static size_t units_of(const char *piece, size_t len, enum post_unit unit)
{
	size_t units = 0;
	size_t i;

	if (unit == POST_BYTES)
		return len;
	for (i = 0; i < len; i++) {
		if (((unsigned char)piece[i] & 0xc0) != 0x80)
			units += unit == POST_UTF16 && (unsigned char)piece[i] >= 0xf0 ? 2 : 1;
	}
	return units;
}

/* What stands for the character at text. Returns how many bytes of text that is. */
static size_t next_piece(
	char piece[POST_PIECE_SIZE], size_t *piece_len, const char *text, size_t left, post_escape *escape)
{
	size_t len = post_char_len(text, left);

	*piece_len = 0;
	if (len == 0) {
		*piece_len = sizeof(REPLACEMENT) - 1;
		memcpy(piece, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		return 1;
	}
	if (escape != NULL)
		*piece_len = escape(piece, text, len);
	if (*piece_len == 0) {
		*piece_len = len;
		memcpy(piece, text, len);
	}
	return len;
}

char *post_text(const char *text, size_t len, post_escape *escape, enum post_unit unit, size_t max)
{
	size_t tail = units_of(ELLIPSIS, sizeof(ELLIPSIS) - 1, unit);
	char *out = malloc(len * POST_PIECE_SIZE + sizeof(ELLIPSIS));
	char piece[POST_PIECE_SIZE];
	size_t piece_len;
	size_t out_len = 0;
	size_t units = 0;
	size_t safe = 0; /* so much may stay when an ellipsis must follow */
	size_t at = 0;

	if (out == NULL)
		return NULL;
	while (at < len) {
		at += next_piece(piece, &piece_len, text + at, len - at, escape);
		units += units_of(piece, piece_len, unit);
		if (max > 0 && units > max) {
			out_len = safe;
			if (tail <= max) {
				memcpy(out + safe, ELLIPSIS, sizeof(ELLIPSIS) - 1);
				out_len += sizeof(ELLIPSIS) - 1;
			}
			break;
		}
		memcpy(out + out_len, piece, piece_len);
		out_len += piece_len;
		if (units + tail <= max)
			safe = out_len;
	}
	out[out_len] = '\0';
	return out;
}

struct post_parts post_split(const char *text)
{
	struct post_parts parts;

	text += strspn(text, "\n");
	parts.title = text;
	parts.title_len = strcspn(text, "\n");
	parts.rest = text + parts.title_len;
	parts.rest += strspn(parts.rest, "\n");
	parts.rest_len = strlen(parts.rest);
	return parts;
}

void post_words(char *out, size_t size, const char *text, size_t len)
{
	char piece[POST_PIECE_SIZE];
	size_t piece_len;
	size_t out_len = 0;
	size_t at = 0;

	while (at < len) {
		at += next_piece(piece, &piece_len, text + at, len - at, NULL);
		if ((unsigned char)piece[0] < 0x20 || piece[0] == 0x7f)
			piece[0] = ' ';
		if (out_len + piece_len >= size)
			break;
		memcpy(out + out_len, piece, piece_len);
		out_len += piece_len;
	}
	out[out_len] = '\0';
}

void post_mask(char *text, const char *secret)
{
	size_t len = secret != NULL ? strlen(secret) : 0;
	size_t text_len;
	char *at = text;

	while (len > 0 && (at = strstr(at, secret)) != NULL) {
		*at = '*';
		memmove(at + 1, at + len, strlen(at + len) + 1);
		at++;
	}
	/* A text that was cut may end in the middle of one. */
	text_len = strlen(text);
	for (len = len < text_len ? len : text_len; len >= TELLING; len--) {
		if (memcmp(text + text_len - len, secret, len) == 0) {
			memcpy(text + text_len - len, "*", 2);
			return;
		}
	}
}

int post_header_ok(const char *text)
{
	if (*text == '\0')
		return 0;
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return 0;
	}
	return 1;
}

char *post_percent(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
	static const char digits[] = "0123456789ABCDEF";
	char *out = malloc(strlen(text) * 3 + 1);
	char *at = out;

	if (out == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL) {
			*at++ = *text;
			continue;
		}
		*at++ = '%';
		*at++ = digits[(unsigned char)*text >> 4];
		*at++ = digits[(unsigned char)*text & 15];
	}
	*at = '\0';
	return out;
}

size_t post_base_len(const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return len;
}
