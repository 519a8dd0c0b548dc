/*
 * A keyed hash for tables whose keys strangers choose: without the seed nobody can prepare keys that
 * meet in one place. uthash takes the value with its _BYHASHVALUE macros. [any thread]
 */
#ifndef VS_BASE_HASH_H
#define VS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct vs_hash_seed {
	uint64_t half[2];
};

void vs_hash_seed_init(struct vs_hash_seed *seed); /* with random bytes; each table has its own */
uint64_t vs_hash(const struct vs_hash_seed *seed, const void *bytes, size_t len); /* SipHash-1-3 */

#endif
