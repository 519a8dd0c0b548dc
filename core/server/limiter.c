#include "server/limiter.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/require.h"

#define FORGET_A_TURN 2 /* full buckets dropped with each token taken: more than come in */
#define NEARLY 1e-9 /* so that the last of many small steps counts as a whole token */

struct bucket {
	double tokens;
	uint64_t at_ms; /* when there were so many */
	struct bucket *prev; /* by last use, the newest first */
	struct bucket *next;
	UT_hash_handle hh;
	size_t key_len;
	char key[];
};

struct vs_limiter {
	struct vs_limiter_conf conf;
	double per_token_ms;
	struct vs_hash_seed seed; /* whoever owns a /32 chooses among 2^32 keys */
	struct bucket *buckets;
	struct bucket *by_use;
};

static void set_conf(struct vs_limiter *limiter, const struct vs_limiter_conf *conf)
{
	VS_REQUIRE(conf->requests > 0 && conf->per_ms > 0 && conf->burst > 0 && conf->max_keys > 0);
	limiter->conf = *conf;
	limiter->per_token_ms = (double)conf->per_ms / (double)conf->requests;
}

struct vs_limiter *vs_limiter_create(const struct vs_limiter_conf *conf)
{
	struct vs_limiter *limiter = vs_zalloc(sizeof(*limiter));

	set_conf(limiter, conf);
	vs_hash_seed_init(&limiter->seed);
	return limiter;
}

static void forget(struct vs_limiter *limiter, struct bucket *bucket)
{
	HASH_DEL(limiter->buckets, bucket);
	DL_DELETE(limiter->by_use, bucket);
	vs_free(bucket);
}

void vs_limiter_destroy(struct vs_limiter *limiter)
{
	if (limiter == NULL)
		return;
	while (limiter->by_use != NULL)
		forget(limiter, limiter->by_use);
	vs_free(limiter);
}

static void fill(const struct vs_limiter *limiter, struct bucket *bucket, uint64_t now_ms)
{
	if (now_ms <= bucket->at_ms)
		return;
	bucket->tokens += (double)(now_ms - bucket->at_ms) / limiter->per_token_ms;
	if (bucket->tokens > limiter->conf.burst)
		bucket->tokens = limiter->conf.burst;
	bucket->at_ms = now_ms;
}

void vs_limiter_change(struct vs_limiter *limiter, const struct vs_limiter_conf *conf, uint64_t now_ms)
{
	double share = (double)conf->burst / (double)limiter->conf.burst;
	struct bucket *bucket;

	DL_FOREACH (limiter->by_use, bucket) {
		fill(limiter, bucket, now_ms);
		bucket->tokens *= share;
	}
	set_conf(limiter, conf);
	while (HASH_COUNT(limiter->buckets) > limiter->conf.max_keys)
		forget(limiter, limiter->by_use->prev);
}

/* A bucket that is full again is the same as none. */
static void forget_idle(struct vs_limiter *limiter, uint64_t now_ms)
{
	int i;

	for (i = 0; i < FORGET_A_TURN && limiter->by_use != NULL; i++) {
		struct bucket *oldest = limiter->by_use->prev;

		fill(limiter, oldest, now_ms);
		if (oldest->tokens < limiter->conf.burst)
			return;
		forget(limiter, oldest);
	}
}

static unsigned hash_of(const struct vs_limiter *limiter, struct vs_view key)
{
	return (unsigned)vs_hash(&limiter->seed, key.ptr, key.len);
}

static struct bucket *find(struct vs_limiter *limiter, struct vs_view key, unsigned hash)
{
	struct bucket *bucket;

	HASH_FIND_BYHASHVALUE(hh, limiter->buckets, key.ptr, key.len, hash, bucket);
	return bucket;
}

static struct bucket *add(struct vs_limiter *limiter, struct vs_view key, unsigned hash, uint64_t now_ms)
{
	struct bucket *bucket;

	VS_REQUIRE(key.len <= VS_LIMITER_KEY_MAX);
	if (HASH_COUNT(limiter->buckets) >= limiter->conf.max_keys)
		forget(limiter, limiter->by_use->prev);
	bucket = vs_zalloc(sizeof(*bucket) + key.len);
	bucket->tokens = limiter->conf.burst;
	bucket->at_ms = now_ms;
	bucket->key_len = key.len;
	if (key.len > 0)
		memcpy(bucket->key, key.ptr, key.len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, limiter->buckets, bucket->key, bucket->key_len, hash, bucket);
	DL_PREPEND(limiter->by_use, bucket);
	return bucket;
}

/* Rounded up, so that whoever waits that long has waited long enough. */
static uint32_t seconds(double ms)
{
	double exact = ms / 1000 - NEARLY;
	uint32_t whole;

	if (exact <= 0)
		return 0;
	if (exact >= UINT32_MAX)
		return UINT32_MAX;
	whole = (uint32_t)exact;
	return exact > whole ? whole + 1 : whole;
}

void vs_limiter_take(struct vs_limiter *limiter, struct vs_view key, uint64_t now_ms, struct vs_limit *out)
{
	unsigned hash = hash_of(limiter, key);
	struct bucket *bucket;

	forget_idle(limiter, now_ms);
	bucket = find(limiter, key, hash);
	if (bucket == NULL) {
		bucket = add(limiter, key, hash, now_ms);
	} else {
		DL_DELETE(limiter->by_use, bucket);
		DL_PREPEND(limiter->by_use, bucket);
		fill(limiter, bucket, now_ms);
	}
	out->allowed = bucket->tokens >= 1 - NEARLY;
	if (out->allowed)
		bucket->tokens = bucket->tokens < 1 ? 0 : bucket->tokens - 1;
	out->limit = limiter->conf.burst;
	out->remaining = (uint32_t)(bucket->tokens + NEARLY);
	out->reset_s = seconds((limiter->conf.burst - bucket->tokens) * limiter->per_token_ms);
	out->retry_s =
		bucket->tokens >= 1 - NEARLY ? 0 : seconds((1 - bucket->tokens) * limiter->per_token_ms);
}

void vs_limiter_give_back(struct vs_limiter *limiter, struct vs_view key, uint64_t now_ms)
{
	struct bucket *bucket = find(limiter, key, hash_of(limiter, key));

	if (bucket == NULL)
		return;
	fill(limiter, bucket, now_ms);
	bucket->tokens += 1;
	if (bucket->tokens > limiter->conf.burst)
		bucket->tokens = limiter->conf.burst;
}

size_t vs_limiter_count(const struct vs_limiter *limiter)
{
	return HASH_COUNT(limiter->buckets);
}

size_t vs_limiter_place(const struct vs_limiter *limiter, struct vs_view key, size_t places)
{
	return hash_of(limiter, key) % places;
}

struct vs_view vs_limiter_addr_key(const struct vs_addr *addr, char key[VS_LIMITER_ADDR_KEY])
{
	size_t len = addr->family == 4 ? 4 : 8;

	key[0] = (char)addr->family;
	memcpy(key + 1, addr->bytes, len);
	return (struct vs_view){key, len + 1};
}
