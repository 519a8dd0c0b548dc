/* Numbers with a unit: durations and sizes. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"

#define FRACTION_DIGITS 9 /* beyond a billionth of a day or a GiB nothing is left */

struct unit {
	const char *name;
	uint64_t worth;
};

static const struct unit duration_units[] = {
	{"d", 86400000},
	{"h", 3600000},
	{"m", 60000},
	{"s", 1000},
	{"ms", 1},
};
static const struct unit size_units[] = {
	{"KiB", UINT64_C(1) << 10},
	{"MiB", UINT64_C(1) << 20},
	{"GiB", UINT64_C(1) << 30},
};

/* The decimal number at the front of a text, and what follows it. */
struct decimal {
	uint64_t whole;
	uint64_t fraction; /* of scale */
	uint64_t scale;
	struct vs_view unit;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int fraction_parse(struct decimal *number, struct vs_view text, size_t *at)
{
	size_t from = *at;

	for (; *at < text.len && is_digit(text.ptr[*at]); (*at)++) {
		if (*at - from >= FRACTION_DIGITS)
			continue;
		number->fraction = number->fraction * 10 + (uint64_t)(text.ptr[*at] - '0');
		number->scale *= 10;
	}
	return *at > from ? 0 : VS_ERR_INVALID;
}

static int decimal_parse(struct decimal *number, struct vs_view text)
{
	size_t at = 0;

	*number = (struct decimal){.scale = 1};
	for (; at < text.len && is_digit(text.ptr[at]); at++) {
		if (__builtin_mul_overflow(number->whole, 10, &number->whole) ||
			__builtin_add_overflow(number->whole, (uint64_t)(text.ptr[at] - '0'), &number->whole))
			return VS_ERR_INVALID;
	}
	if (at == 0)
		return VS_ERR_INVALID;
	if (at < text.len && text.ptr[at] == '.') {
		at++;
		if (fraction_parse(number, text, &at) < 0)
			return VS_ERR_INVALID;
	}
	number->unit = (struct vs_view){text.ptr + at, text.len - at};
	return 0;
}

/* 0 when there is no such unit. */
static uint64_t worth_of(struct vs_view name, const struct unit *units, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (vs_view_equal_text(name, units[i].name))
			return units[i].worth;
	}
	return 0;
}

static int scale(uint64_t *value, const struct decimal *number, uint64_t worth)
{
	uint64_t whole;
	uint64_t part;

	if (__builtin_mul_overflow(number->whole, worth, &whole) ||
		__builtin_mul_overflow(number->fraction, worth, &part) ||
		__builtin_add_overflow(part, number->scale / 2, &part) ||
		__builtin_add_overflow(whole, part / number->scale, value))
		return VS_ERR_INVALID;
	return 0;
}

int vs_duration_parse(int64_t *ms, struct vs_view text, int64_t bare_unit_ms)
{
	struct decimal number;
	uint64_t worth = bare_unit_ms > 0 ? (uint64_t)bare_unit_ms : 0;
	uint64_t value;

	if (decimal_parse(&number, text) < 0)
		return VS_ERR_INVALID;
	if (number.unit.len > 0)
		worth = worth_of(
			number.unit, duration_units, sizeof(duration_units) / sizeof(duration_units[0]));
	if (worth == 0 || scale(&value, &number, worth) < 0 || value > INT64_MAX)
		return VS_ERR_INVALID;
	*ms = (int64_t)value;
	return 0;
}

int vs_size_parse(uint64_t *bytes, struct vs_view text)
{
	struct decimal number;
	uint64_t worth = 1;

	if (decimal_parse(&number, text) < 0)
		return VS_ERR_INVALID;
	if (number.unit.len > 0)
		worth = worth_of(number.unit, size_units, sizeof(size_units) / sizeof(size_units[0]));
	/* Half a byte is a slip of the pen. */
	if (worth == 0 || (worth == 1 && number.scale > 1))
		return VS_ERR_INVALID;
	return scale(bytes, &number, worth);
}

/* What people read: below a tenth of a second "45ms", below ten seconds a tenth more. */
static void short_format(char *text, size_t size, const char *sign, uint64_t ms)
{
	uint64_t tenths = ms / 100;

	if (ms > 0 && ms < 100)
		snprintf(text, size, "%s%" PRIu64 "ms", sign, ms);
	else if (ms < 10000 && tenths % 10 != 0)
		snprintf(text, size, "%s%" PRIu64 ".%" PRIu64 "s", sign, tenths / 10, tenths % 10);
	else
		snprintf(text, size, "%s%" PRIu64 "s", sign, ms / 1000);
}

void vs_duration_format(char *text, size_t size, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	const struct unit *big = duration_units;
	uint64_t second;

	if (left < 60000) {
		short_format(text, size, sign, left);
		return;
	}
	while (left < big->worth)
		big++;
	second = left % big->worth / big[1].worth;
	if (second > 0)
		snprintf(text, size, "%s%" PRIu64 "%s %" PRIu64 "%s", sign, left / big->worth, big->name,
			second, big[1].name);
	else
		snprintf(text, size, "%s%" PRIu64 "%s", sign, left / big->worth, big->name);
}
