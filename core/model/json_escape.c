#include "model/json_escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ESCAPE_LEN 6 /* \uXXXX */

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return ((unsigned)(unsigned char)c | 32U) - 'a' + 10;
}

/* Whether \uXXXX stands at the front, and its code. */
static bool take_code(struct vs_view raw, uint32_t *code)
{
	if (raw.len < ESCAPE_LEN || raw.ptr[0] != '\\' || raw.ptr[1] != 'u')
		return false;
	*code = 0;
	for (size_t i = 2; i < ESCAPE_LEN; i++)
		*code = *code << 4 | (digit(raw.ptr[i]) & 15);
	return true;
}

static bool is_high(uint32_t code)
{
	return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(uint32_t code)
{
	return code >= 0xdc00 && code <= 0xdfff;
}

static struct vs_view skip(struct vs_view raw, size_t len)
{
	len = len < raw.len ? len : raw.len;
	return (struct vs_view){raw.ptr + len, raw.len - len};
}

const char *vs_json_escape_problem(struct vs_view raw)
{
	for (;;) {
		const char *at = raw.len == 0 ? NULL : memchr(raw.ptr, '\\', raw.len);
		uint32_t code, low;

		if (at == NULL)
			return NULL;
		raw = skip(raw, (size_t)(at - raw.ptr));
		if (!take_code(raw, &code)) {
			raw = skip(raw, 2);
			continue;
		}
		raw = skip(raw, ESCAPE_LEN);
		if (code == 0)
			return "holds \\u0000";
		if (is_low(code))
			return "holds the second half of a surrogate pair alone";
		if (!is_high(code))
			continue;
		if (!take_code(raw, &low) || !is_low(low))
			return "holds the first half of a surrogate pair alone";
		raw = skip(raw, ESCAPE_LEN);
	}
}
