#include "cli/shown.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/text.h"

/* Ranges that steer a terminal or swap what is read: C0, DEL and C1, separators, direction marks. */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{0x00, 0x1f},
	{0x7f, 0x9f},
	{0x200e, 0x200f},
	{0x2028, 0x202e},
	{0x2066, 0x2069},
};

static bool is_hidden(uint32_t c)
{
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	}
	return false;
}

/* The character at the front of valid UTF-8, and how many bytes it has. */
static uint32_t decode(const char *text, size_t *len)
{
	static const struct {
		unsigned char from; /* the smallest first byte of that length */
		unsigned char mask;
		size_t len;
	} rows[] = {{0xf0, 0x07, 4}, {0xe0, 0x0f, 3}, {0xc0, 0x1f, 2}, {0x00, 0x7f, 1}};
	unsigned char first = (unsigned char)text[0];
	uint32_t c;
	size_t row = 0;
	size_t i;

	while (first < rows[row].from)
		row++;
	c = first & rows[row].mask;
	for (i = 1; i < rows[row].len; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	*len = rows[row].len;
	return c;
}

/* A text that is not UTF-8 anywhere keeps its ASCII only: there is no telling what the rest was meant to be.
 */
static void drop_high_bytes(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			*text = '?';
	}
}

char *vs_shown(const char *text)
{
	char *copy = vs_strdup(text);
	const char *from = copy;
	char *to = copy;

	if (!vs_utf8_valid(vs_view_of(copy)))
		drop_high_bytes(copy);
	while (*from != '\0') {
		size_t len;

		if (is_hidden(decode(from, &len)))
			*to++ = '?';
		else
			to = (char *)memmove(to, from, len) + len;
		from += len;
	}
	*to = '\0';
	return copy;
}

static size_t count_columns(const char *text)
{
	size_t columns = 0;
	size_t len;

	for (; *text != '\0'; text += len) {
		int width = wcwidth((wchar_t)decode(text, &len));

		columns += width < 0 ? 1 : (size_t)width; /* unknown to this system: most are narrow */
	}
	return columns;
}

static bool is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* wcwidth() follows the thread's locale, so it is asked in a fixed one. */
size_t vs_shown_columns(const char *text)
{
	locale_t utf8;
	locale_t before;
	size_t columns;

	if (is_ascii(text))
		return strlen(text);
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
	columns = count_columns(text);
	if (utf8 != (locale_t)0) {
		uselocale(before);
		freelocale(utf8);
	}
	return columns;
}
