#include "server/told.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/id.h"

struct item {
	char incident[VS_ULID_TEXT];
	char *ref;
	UT_hash_handle hh;
};

/* How many incidents a bunch tells. */
struct tally {
	char *ref;
	size_t count;
	UT_hash_handle hh;
};

struct vs_told {
	struct item *items;
	struct tally *tallies;
};

bool vs_told_is_bunch(const char *ref)
{
	return ref != NULL && strncmp(ref, VS_TOLD_BUNCH, sizeof(VS_TOLD_BUNCH) - 1) == 0;
}

static void count_in(struct vs_told *told, const char *ref)
{
	struct tally *tally;

	if (!vs_told_is_bunch(ref))
		return;
	HASH_FIND_STR(told->tallies, ref, tally);
	if (tally == NULL) {
		tally = vs_zalloc(sizeof(*tally));
		tally->ref = vs_strdup(ref);
		HASH_ADD_KEYPTR(hh, told->tallies, tally->ref, strlen(tally->ref), tally);
	}
	tally->count++;
}

static void count_out(struct vs_told *told, const char *ref)
{
	struct tally *tally;

	if (!vs_told_is_bunch(ref))
		return;
	HASH_FIND_STR(told->tallies, ref, tally);
	if (tally == NULL || --tally->count > 0)
		return;
	HASH_DEL(told->tallies, tally);
	vs_free(tally->ref);
	vs_free(tally);
}

size_t vs_told_in_bunch(const struct vs_told *told, const char *ref)
{
	const struct tally *tally;

	HASH_FIND_STR(told->tallies, ref, tally);
	return tally != NULL ? tally->count : 0;
}

struct vs_told *vs_told_create(void)
{
	return vs_zalloc(sizeof(struct vs_told));
}

static void drop(struct vs_told *told, struct item *item)
{
	HASH_DEL(told->items, item);
	count_out(told, item->ref);
	vs_free(item->ref);
	vs_free(item);
}

void vs_told_destroy(struct vs_told *told)
{
	struct item *item;
	struct item *next;

	if (told == NULL)
		return;
	HASH_ITER (hh, told->items, item, next) {
		drop(told, item);
	}
	vs_free(told);
}

static struct item *find(const struct vs_told *told, const char *incident)
{
	struct item *item;

	HASH_FIND_STR(told->items, incident, item);
	return item;
}

size_t vs_told_count(const struct vs_told *told)
{
	return HASH_COUNT(told->items);
}

void vs_told_each(
	const struct vs_told *told, void (*each)(void *arg, const char *incident, const char *ref), void *arg)
{
	const struct item *item;

	for (item = told->items; item != NULL; item = item->hh.next)
		each(arg, item->incident, item->ref);
}

void vs_told_put(struct vs_told *told, const char *incident, const char *ref)
{
	struct item *item = find(told, incident);

	if (item == NULL) {
		if (strlen(incident) >= sizeof(item->incident))
			return; /* a stored key that is none of ours */
		item = vs_zalloc(sizeof(*item));
		memcpy(item->incident, incident, strlen(incident) + 1);
		HASH_ADD_STR(told->items, incident, item);
	}
	count_out(told, item->ref);
	vs_free(item->ref);
	item->ref = vs_strdup(ref);
	count_in(told, ref);
}

const char *vs_told_ref(const struct vs_told *told, const char *incident)
{
	const struct item *item = find(told, incident);

	return item != NULL ? item->ref : NULL;
}

bool vs_told_forget(struct vs_told *told, const char *incident)
{
	struct item *item = find(told, incident);

	if (item == NULL)
		return false;
	drop(told, item);
	return true;
}
