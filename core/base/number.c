#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define REAL_MAX 128 /* more characters than any useful number has */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t vs_uint_format(char text[VS_UINT_TEXT], uint64_t number)
{
	char digits[VS_UINT_TEXT];
	size_t at = sizeof(digits) - 1;
	size_t len;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	len = sizeof(digits) - 1 - at;
	memcpy(text, digits + at, len + 1);
	return len;
}

int vs_int_parse(int64_t *value, struct vs_view text)
{
	bool negative = text.len > 0 && text.ptr[0] == '-';
	int64_t sum = 0;

	if (text.len == (negative ? 1 : 0))
		return VS_ERR_INVALID;
	for (size_t i = negative ? 1 : 0; i < text.len; i++) {
		int digit = text.ptr[i] - '0';

		if (!is_digit(text.ptr[i]) || __builtin_mul_overflow(sum, 10, &sum))
			return VS_ERR_INVALID;
		/* Summed on its own side of zero, for INT64_MIN has no positive. */
		if (__builtin_add_overflow(sum, negative ? -digit : digit, &sum))
			return VS_ERR_INVALID;
	}
	*value = sum;
	return 0;
}

static size_t skip_digits(const char *text, size_t at)
{
	while (is_digit(text[at]))
		at++;
	return at;
}

/* [-] digits [. digits] [e [+-] digits], so that neither "inf" nor "0x1p3" reaches strtod. */
static bool looks_real(const char *text)
{
	size_t at = text[0] == '-' ? 1 : 0;
	size_t end = skip_digits(text, at);

	if (end == at)
		return false;
	if (text[end] == '.') {
		at = end + 1;
		end = skip_digits(text, at);
		if (end == at)
			return false;
	}
	if (text[end] == 'e' || text[end] == 'E') {
		at = end + 1;
		if (text[at] == '+' || text[at] == '-')
			at++;
		end = skip_digits(text, at);
		if (end == at)
			return false;
	}
	return text[end] == '\0';
}

int vs_real_parse(double *value, struct vs_view text)
{
	char copy[REAL_MAX + 1];
	locale_t plain;
	double parsed;

	if (text.len == 0 || text.len > REAL_MAX || memchr(text.ptr, '\0', text.len))
		return VS_ERR_INVALID;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (!looks_real(copy))
		return VS_ERR_INVALID;
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	parsed = strtod_l(copy, NULL, plain);
	freelocale(plain);
	if (!isfinite(parsed))
		return VS_ERR_INVALID;
	*value = parsed;
	return 0;
}

int vs_asn_parse(uint32_t *asn, struct vs_view text)
{
	struct vs_view digits = text;
	int64_t value;

	if (text.len >= 2 && (text.ptr[0] | 32) == 'a' && (text.ptr[1] | 32) == 's') {
		/* With the letters a name may follow; a bare number stands alone. */
		struct vs_view rest = {text.ptr + 2, text.len - 2};

		vs_view_split(&rest, ' ', &digits);
	}
	if (digits.len == 0 || digits.ptr[0] == '-' || vs_int_parse(&value, digits) < 0)
		return VS_ERR_INVALID;
	if (value < 1 || value > UINT32_MAX)
		return VS_ERR_INVALID;
	*asn = (uint32_t)value;
	return 0;
}
