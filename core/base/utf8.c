#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* The well-formed sequences of Unicode, table 3-7: first byte, range of the second, length. */
static const struct {
	uint8_t first_low, first_high;
	uint8_t second_low, second_high;
	uint8_t len;
} rows[] = {
	{0x00, 0x7f, 0x00, 0x00, 1},
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_continuation(char c)
{
	return ((uint8_t)c & 0xc0) == 0x80;
}

size_t vs_utf8_step(struct vs_view text)
{
	size_t row = 0;
	uint8_t first;

	if (text.len == 0)
		return 0;
	first = (uint8_t)text.ptr[0];
	if (first < 0x80)
		return 1;
	while (row < sizeof(rows) / sizeof(rows[0]) && first > rows[row].first_high)
		row++;
	if (row == sizeof(rows) / sizeof(rows[0]) || first < rows[row].first_low || text.len < rows[row].len)
		return 0;
	if ((uint8_t)text.ptr[1] < rows[row].second_low || (uint8_t)text.ptr[1] > rows[row].second_high)
		return 0;
	for (size_t i = 2; i < rows[row].len; i++) {
		if (!is_continuation(text.ptr[i]))
			return 0;
	}
	return rows[row].len;
}

size_t vs_utf8_cut(struct vs_view text, size_t limit)
{
	size_t len = limit;

	if (text.len <= limit)
		return text.len;
	/* At most three continuation bytes precede the cut of a well-formed sequence. */
	while (len > 0 && limit - len < 3 && is_continuation(text.ptr[len]))
		len--;
	return is_continuation(text.ptr[len]) ? limit : len;
}

uint32_t vs_utf8_code(struct vs_view sequence)
{
	static const uint8_t first_masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = (uint8_t)sequence.ptr[0] & first_masks[sequence.len];

	for (size_t i = 1; i < sequence.len; i++)
		code = code << 6 | ((uint8_t)sequence.ptr[i] & 0x3f);
	return code;
}

bool vs_utf8_acts(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e},
		{0x2066, 0x2069}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

void vs_text_add_plain(struct vs_buf *out, struct vs_view text)
{
	while (text.len > 0) {
		size_t len = vs_utf8_step(text);
		struct vs_view sequence = {text.ptr, len ? len : 1};

		if (len == 0 || vs_utf8_acts(vs_utf8_code(sequence)))
			vs_buf_add_char(out, ' ');
		else
			vs_buf_add(out, sequence.ptr, len);
		text.ptr += sequence.len;
		text.len -= sequence.len;
	}
}

/* Nearly all texts are plain ASCII: eight bytes at a time. */
static size_t skip_ascii(struct vs_view text, size_t at)
{
	uint64_t eight;

	while (text.len - at >= sizeof(eight)) {
		memcpy(&eight, text.ptr + at, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
		at += sizeof(eight);
	}
	while (at < text.len && ((uint8_t)text.ptr[at] & 0x80) == 0)
		at++;
	return at;
}

size_t vs_utf8_prefix(struct vs_view text)
{
	size_t at = 0;

	while ((at = skip_ascii(text, at)) < text.len) {
		size_t len = vs_utf8_step((struct vs_view){text.ptr + at, text.len - at});

		if (len == 0)
			break;
		at += len;
	}
	return at;
}

bool vs_utf8_valid(struct vs_view text)
{
	return vs_utf8_prefix(text) == text.len;
}
