/*
 * The atlas: places of the addresses that were asked for, bounded; what was not looked at for longest
 * goes first. Looking does not change what it says, so that const users may.
 *
 * Whoever judges by it and does not find an address must judge again at the next report: a new
 * address changes no edition, a changed or stale one does.
 */
#ifndef VS_MODEL_ATLAS_H
#define VS_MODEL_ATLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/place.h"

struct vs_atlas;
struct vs_hash_seed;
struct vs_step;

#define VS_ATLAS_MAX 100000
#define VS_ATLAS_FRESH_MS (INT64_C(24) * 3600 * 1000)

/* max: 0 for VS_ATLAS_MAX. */
struct vs_atlas *vs_atlas_create(size_t max);
void vs_atlas_destroy(struct vs_atlas *atlas); /* NULL is fine */
/* Random bytes, before the first address: peers choose them. Without: the same order every time. */
void vs_atlas_seed(struct vs_atlas *atlas, const struct vs_hash_seed *seed);
/* What is older is stale: told with its age, and worth asking for again. At least 1 s. */
void vs_atlas_set_fresh(struct vs_atlas *atlas, int64_t fresh_ms);
int64_t vs_atlas_fresh(const struct vs_atlas *atlas);

/* Who goes because of the limit, before it is gone. NULL: nobody is told. */
void vs_atlas_watch(
	struct vs_atlas *atlas, void (*dropped)(void *arg, const struct vs_addr *addr), void *arg);

/* Copies place. An address with family 0 is ignored. */
void vs_atlas_put(struct vs_atlas *atlas, const struct vs_addr *addr, const struct vs_place *place);

/*
 * The place of addr, with stale as of now, or NULL. Borrowed until the next put. What turns stale does
 * so at the next full step of time (a 24th of what is fresh), when the edition changes.
 */
const struct vs_place *vs_atlas_find(const struct vs_atlas *atlas, const struct vs_addr *addr, int64_t now);

/* Another number whenever a place that was there has changed, and with each step of time; NULL: 0. */
uint64_t vs_atlas_edition(const struct vs_atlas *atlas, int64_t now);

size_t vs_atlas_count(const struct vs_atlas *atlas);
void vs_atlas_step(struct vs_atlas *atlas, const struct vs_step *step); /* the wall clock was set */

/* All places, the one looked at last first; not while putting. Borrowed. */
void vs_atlas_each(const struct vs_atlas *atlas,
	void (*each)(void *arg, const struct vs_addr *addr, const struct vs_place *place), void *arg);

#endif
