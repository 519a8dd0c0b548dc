#include "base/id.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/require.h"

#define TIME_DIGITS 10 /* that tell a ULID's time; the others are chance */

void vs_random(void *bytes, size_t len)
{
	unsigned char *at = bytes;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		VS_REQUIRE(got > 0);
		at += got;
		len -= (size_t)got;
	}
}

uint64_t vs_random_below(uint64_t limit)
{
	uint64_t value;
	uint64_t biased;

	VS_REQUIRE(limit > 0);
	/* The lowest 2^64 mod limit values would come up once too often. */
	biased = (0 - limit) % limit;
	do
		vs_random(&value, sizeof(value));
	while (value < biased);
	return value % limit;
}

/* In the order of their bytes. */
static const char ulid_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void put_time(char text[VS_ULID_TEXT], int64_t wall_ms)
{
	const int64_t last = ((int64_t)1 << 48) - 1;
	uint64_t time = (uint64_t)(wall_ms < 0 ? 0 : wall_ms > last ? last : wall_ms);

	for (int i = TIME_DIGITS - 1; i >= 0; i--) {
		text[i] = ulid_digits[time & 31];
		time >>= 5;
	}
	text[VS_ULID_TEXT - 1] = '\0';
}

void vs_ulid(char text[VS_ULID_TEXT], int64_t wall_ms)
{
	uint8_t chance[16];

	put_time(text, wall_ms);
	/* 16 times 5 of the random bits are exactly the 80 that an ULID has. */
	vs_random(chance, sizeof(chance));
	for (int i = 0; i < 16; i++)
		text[TIME_DIGITS + i] = ulid_digits[chance[i] & 31];
}

void vs_ulid_last(char text[VS_ULID_TEXT], int64_t wall_ms)
{
	put_time(text, wall_ms);
	memset(text + TIME_DIGITS, 'Z', VS_ULID_TEXT - 1 - TIME_DIGITS);
}

bool vs_ulid_valid(const char *text)
{
	return strspn(text, ulid_digits) == VS_ULID_TEXT - 1 && text[VS_ULID_TEXT - 1] == '\0';
}

void vs_ulid_next(char text[VS_ULID_TEXT], int64_t wall_ms)
{
	char fresh[VS_ULID_TEXT];
	const char *digit;
	size_t i;

	vs_ulid(fresh, wall_ms);
	if (strncmp(text, fresh, TIME_DIGITS) < 0) {
		memcpy(text, fresh, sizeof(fresh));
		return;
	}
	VS_REQUIRE(vs_ulid_valid(text));
	/* The same moment, or an earlier one: count up. */
	for (i = VS_ULID_TEXT - 1; i-- > 0;) {
		digit = strchr(ulid_digits, text[i]);
		text[i] = digit[1] != '\0' ? digit[1] : ulid_digits[0];
		if (digit[1] != '\0')
			return;
	}
}

void vs_hex(char *text, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[at[i] >> 4];
		*text++ = digits[at[i] & 15];
	}
	*text = '\0';
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int vs_hex_byte(const char text[2])
{
	int high = digit_of(text[0]);
	int low = digit_of(text[1]);

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}
