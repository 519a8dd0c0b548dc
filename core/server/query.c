#include "server/query.h"

#include "base/err.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes one decoded byte off the front; -1 for a bad escape. */
static int take_byte(struct vs_view *text)
{
	char c = text->ptr[0];
	int high;
	int low;

	text->ptr++;
	text->len--;
	if (c != '%')
		return c == '+' ? ' ' : (unsigned char)c;
	if (text->len < 2)
		return -1;
	high = hex_digit(text->ptr[0]);
	low = hex_digit(text->ptr[1]);
	text->ptr += 2;
	text->len -= 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static int decode(struct vs_view text, char *value, size_t size)
{
	size_t len = 0;

	while (text.len > 0) {
		int byte = take_byte(&text);

		if (byte <= 0)
			return VS_ERR_INVALID;
		if (len + 1 >= size)
			return VS_ERR_TOO_BIG;
		value[len++] = (char)byte;
	}
	value[len] = '\0';
	return 0;
}

int vs_query_get(struct vs_view query, const char *name, char *value, size_t size)
{
	struct vs_view pair;
	struct vs_view key;

	while (query.len > 0 && vs_view_split(&query, '&', &pair)) {
		if (vs_view_split(&pair, '=', &key) && vs_view_equal_text(key, name))
			return decode(pair, value, size);
	}
	return VS_ERR_NOT_FOUND;
}
