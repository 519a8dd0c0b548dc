#include "model/atlas.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "model/step.h"

#define STEPS 24 /* of time, within what is fresh */
#define FRESH_MIN_MS 1000

struct entry {
	struct vs_addr addr;
	struct vs_place place; /* its texts lie in text */
	struct entry *prev; /* looked at more lately */
	struct entry *next;
	UT_hash_handle hh;
	char text[];
};

/* What changes by looking, too: behind a pointer, so that a const atlas can be looked at. */
struct book {
	struct entry *by_addr;
	struct entry *latest;
};

struct vs_atlas {
	struct book *book;
	size_t max;
	int64_t fresh_ms;
	uint64_t changes;
	struct vs_hash_seed seed;
	void (*dropped)(void *arg, const struct vs_addr *addr);
	void *arg;
};

struct vs_atlas *vs_atlas_create(size_t max)
{
	struct vs_atlas *atlas = vs_zalloc(sizeof(*atlas));

	atlas->book = vs_zalloc(sizeof(*atlas->book));
	atlas->max = max == 0 ? VS_ATLAS_MAX : max;
	atlas->fresh_ms = VS_ATLAS_FRESH_MS;
	return atlas;
}

static void drop(struct book *book, struct entry *entry)
{
	HASH_DELETE(hh, book->by_addr, entry);
	DL_DELETE(book->latest, entry);
	vs_free(entry);
}

void vs_atlas_destroy(struct vs_atlas *atlas)
{
	if (atlas == NULL)
		return;
	while (atlas->book->latest != NULL)
		drop(atlas->book, atlas->book->latest);
	vs_free(atlas->book);
	vs_free(atlas);
}

void vs_atlas_seed(struct vs_atlas *atlas, const struct vs_hash_seed *seed)
{
	atlas->seed = *seed;
}

void vs_atlas_set_fresh(struct vs_atlas *atlas, int64_t fresh_ms)
{
	atlas->fresh_ms = fresh_ms < FRESH_MIN_MS ? FRESH_MIN_MS : fresh_ms;
	atlas->changes++;
}

int64_t vs_atlas_fresh(const struct vs_atlas *atlas)
{
	return atlas->fresh_ms;
}

void vs_atlas_watch(struct vs_atlas *atlas, void (*dropped)(void *arg, const struct vs_addr *addr), void *arg)
{
	atlas->dropped = dropped;
	atlas->arg = arg;
}

static unsigned hash_of(const struct vs_atlas *atlas, const struct vs_addr *addr)
{
	return (unsigned)vs_hash(&atlas->seed, addr, sizeof(*addr));
}

static struct entry *find(const struct vs_atlas *atlas, const struct vs_addr *addr)
{
	struct entry *entry;

	HASH_FIND_BYHASHVALUE(hh, atlas->book->by_addr, addr, sizeof(*addr), hash_of(atlas, addr), entry);
	return entry;
}

static size_t bounded(const char *text)
{
	return strnlen(text, VS_PLACE_TEXT_MAX);
}

/* Copies a text behind the entry and moves on. */
static const char *keep(char **at, const char *text)
{
	char *start = *at;
	size_t len = bounded(text);

	memcpy(start, text, len);
	start[len] = '\0';
	*at += len + 1;
	return start;
}

static struct entry *make(const struct vs_addr *addr, const struct vs_place *place)
{
	size_t size = bounded(place->org) + bounded(place->city) + bounded(place->region) +
		      bounded(place->timezone) + bounded(place->sources) + bounded(place->disagreement) + 6;
	struct entry *entry = vs_zalloc(sizeof(*entry) + size);
	char *at = entry->text;

	entry->addr = *addr;
	entry->place = *place;
	entry->place.stale = false;
	entry->place.org = keep(&at, place->org);
	entry->place.city = keep(&at, place->city);
	entry->place.region = keep(&at, place->region);
	entry->place.timezone = keep(&at, place->timezone);
	entry->place.sources = keep(&at, place->sources);
	entry->place.disagreement = keep(&at, place->disagreement);
	return entry;
}

static void make_room(struct vs_atlas *atlas)
{
	struct entry *oldest;

	if (HASH_COUNT(atlas->book->by_addr) < atlas->max)
		return;
	oldest = atlas->book->latest->prev; /* of the first: the last */
	if (atlas->dropped != NULL)
		atlas->dropped(atlas->arg, &oldest->addr);
	drop(atlas->book, oldest);
}

void vs_atlas_put(struct vs_atlas *atlas, const struct vs_addr *addr, const struct vs_place *place)
{
	struct entry *entry, *old;

	if (addr->family == 0)
		return;
	entry = make(addr, place);
	old = find(atlas, addr);
	if (old != NULL) {
		atlas->changes++; /* also when it says the same: it may have been stale */
		drop(atlas->book, old);
	} else {
		make_room(atlas);
	}
	HASH_ADD_BYHASHVALUE(
		hh, atlas->book->by_addr, addr, sizeof(entry->addr), hash_of(atlas, addr), entry);
	DL_PREPEND(atlas->book->latest, entry);
}

static int64_t step_of(const struct vs_atlas *atlas)
{
	return atlas->fresh_ms / STEPS > 0 ? atlas->fresh_ms / STEPS : 1;
}

const struct vs_place *vs_atlas_find(const struct vs_atlas *atlas, const struct vs_addr *addr, int64_t now)
{
	int64_t moment = now - now % step_of(atlas);
	struct entry *entry = find(atlas, addr);

	if (entry == NULL)
		return NULL;
	entry->place.stale = moment - entry->place.at >= atlas->fresh_ms;
	if (entry != atlas->book->latest) {
		DL_DELETE(atlas->book->latest, entry);
		DL_PREPEND(atlas->book->latest, entry);
	}
	return &entry->place;
}

uint64_t vs_atlas_edition(const struct vs_atlas *atlas, int64_t now)
{
	if (atlas == NULL)
		return 0;
	/* Both only grow but when the clock is set back, and then changes has grown with the step. */
	return atlas->changes * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(now / step_of(atlas));
}

size_t vs_atlas_count(const struct vs_atlas *atlas)
{
	return HASH_COUNT(atlas->book->by_addr);
}

void vs_atlas_step(struct vs_atlas *atlas, const struct vs_step *step)
{
	struct entry *entry;

	atlas->changes++;
	DL_FOREACH (atlas->book->latest, entry) {
		vs_step_time(step, &entry->place.at);
	}
}

void vs_atlas_each(const struct vs_atlas *atlas,
	void (*each)(void *arg, const struct vs_addr *addr, const struct vs_place *place), void *arg)
{
	const struct entry *entry;

	DL_FOREACH (atlas->book->latest, entry) {
		each(arg, &entry->addr, &entry->place);
	}
}
