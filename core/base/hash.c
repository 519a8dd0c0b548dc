#include "base/hash.h"

#include <endian.h>
#include <string.h>

#include "base/id.h"

#define WORD 8
#define ROUNDS_AT_END 3

void vs_hash_seed_init(struct vs_hash_seed *seed)
{
	vs_random(seed, sizeof(*seed));
}

static uint64_t turn_left(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = turn_left(v[1], 13) ^ v[0];
	v[3] = turn_left(v[3], 16) ^ v[2];
	v[0] = turn_left(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = turn_left(v[1], 17) ^ v[2];
	v[3] = turn_left(v[3], 21) ^ v[0];
	v[2] = turn_left(v[2], 32);
}

static void take_in(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v);
	v[0] ^= word;
}

uint64_t vs_hash(const struct vs_hash_seed *seed, const void *bytes, size_t len)
{
	uint64_t v[4] = {seed->half[0] ^ 0x736f6d6570736575, seed->half[1] ^ 0x646f72616e646f6d,
		seed->half[0] ^ 0x6c7967656e657261, seed->half[1] ^ 0x7465646279746573};
	const unsigned char *at = bytes;
	uint64_t word;
	size_t rest;
	int i;

	for (rest = len; rest >= WORD; rest -= WORD, at += WORD) {
		memcpy(&word, at, WORD);
		take_in(v, le64toh(word));
	}
	word = 0;
	if (rest > 0)
		memcpy(&word, at, rest);
	take_in(v, le64toh(word) | (uint64_t)len << 56);
	v[2] ^= 0xff;
	for (i = 0; i < ROUNDS_AT_END; i++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
