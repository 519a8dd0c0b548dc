#include "base/id.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/require.h"

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

void vs_ulid(char text[VS_ULID_TEXT], int64_t wall_ms)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	const int64_t last = ((int64_t)1 << 48) - 1;
	uint64_t time = (uint64_t)(wall_ms < 0 ? 0 : wall_ms > last ? last : wall_ms);
	uint8_t chance[16];

	for (int i = 9; i >= 0; i--) {
		text[i] = digits[time & 31];
		time >>= 5;
	}
	/* 16 times 5 of the random bits are exactly the 80 that an ULID has. */
	vs_random(chance, sizeof(chance));
	for (int i = 0; i < 16; i++)
		text[10 + i] = digits[chance[i] & 31];
	text[VS_ULID_TEXT - 1] = '\0';
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
