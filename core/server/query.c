#include "server/query.h"

#include "base/err.h"
#include "base/id.h"

/* Takes one decoded byte off the front; -1 for a bad escape. */
static int take_byte(struct vs_view *text)
{
	char c = text->ptr[0];
	int byte;

	text->ptr++;
	text->len--;
	if (c != '%')
		return c == '+' ? ' ' : (unsigned char)c;
	if (text->len < 2)
		return -1;
	byte = vs_hex_byte(text->ptr);
	text->ptr += 2;
	text->len -= 2;
	return byte;
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
