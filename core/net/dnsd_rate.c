#include "net/dnsd_rate.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"

#define PLACES 8192
#define TOKEN 1000 /* a token in thousandths, so that each millisecond brings some */
#define BITS_4 24
#define BITS_6 56

struct place {
	unsigned char key[VS_DNSD_SHARE_KEY];
	uint8_t slip; /* the next one too many is told so */
	uint32_t tokens; /* thousandths */
	uint64_t at_ms; /* 0: free */
};

struct vs_dnsd_rate {
	uint32_t per_second;
	struct vs_hash_seed seed;
	struct place places[PLACES];
};

struct vs_dnsd_rate *vs_dnsd_rate_create(uint32_t per_second)
{
	struct vs_dnsd_rate *rate = vs_zalloc(sizeof(*rate));

	rate->per_second = per_second;
	vs_hash_seed_init(&rate->seed);
	return rate;
}

void vs_dnsd_rate_destroy(struct vs_dnsd_rate *rate)
{
	vs_free(rate);
}

void vs_dnsd_rate_set(struct vs_dnsd_rate *rate, uint32_t per_second)
{
	rate->per_second = per_second;
}

void vs_dnsd_share_key(const struct vs_addr *peer, unsigned char key[VS_DNSD_SHARE_KEY])
{
	struct vs_prefix prefix;

	vs_prefix_of(&prefix, peer, peer->family == 4 ? BITS_4 : BITS_6);
	key[0] = peer->family;
	memcpy(key + 1, prefix.addr.bytes, VS_DNSD_SHARE_KEY - 1);
}

/* A second's worth at most, however long it was quiet. */
static void refill(struct place *place, uint32_t full, uint64_t elapsed_ms)
{
	uint64_t more = elapsed_ms >= 1000 ? full : elapsed_ms * (full / TOKEN);

	place->tokens = more > full - place->tokens ? full : place->tokens + (uint32_t)more;
}

enum vs_dnsd_pass vs_dnsd_rate_take(struct vs_dnsd_rate *rate, const struct vs_addr *peer, uint64_t mono_ms)
{
	uint32_t full = rate->per_second * TOKEN;
	unsigned char key[VS_DNSD_SHARE_KEY];
	struct place *place;

	if (rate->per_second == 0)
		return VS_DNSD_PASS;
	vs_dnsd_share_key(peer, key);
	place = &rate->places[vs_hash(&rate->seed, key, sizeof(key)) % PLACES];
	if (place->at_ms == 0 || memcmp(place->key, key, sizeof(key)) != 0) {
		memcpy(place->key, key, sizeof(key));
		place->tokens = full;
		place->slip = 0;
	} else {
		if (place->tokens > full) /* the limit was lowered */
			place->tokens = full;
		refill(place, full, mono_ms - place->at_ms);
	}
	place->at_ms = mono_ms == 0 ? 1 : mono_ms;
	if (place->tokens >= TOKEN) {
		place->tokens -= TOKEN;
		return VS_DNSD_PASS;
	}
	place->slip ^= 1;
	return place->slip ? VS_DNSD_SLIP : VS_DNSD_STOP;
}
