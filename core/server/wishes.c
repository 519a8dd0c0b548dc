#include "server/wishes.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"

struct wish {
	char *client;
	uint64_t ends_ms;
	UT_hash_handle hh; /* in the order of their ends */
};

struct vs_wishes {
	struct wish *items;
};

struct vs_wishes *vs_wishes_create(void)
{
	return vs_zalloc(sizeof(struct vs_wishes));
}

static void drop(struct vs_wishes *wishes, struct wish *wish)
{
	HASH_DEL(wishes->items, wish);
	vs_free(wish->client);
	vs_free(wish);
}

void vs_wishes_destroy(struct vs_wishes *wishes)
{
	struct wish *wish;
	struct wish *next;

	if (wishes == NULL)
		return;
	HASH_ITER (hh, wishes->items, wish, next)
		drop(wishes, wish);
	vs_free(wishes);
}

static struct wish *find(const struct vs_wishes *wishes, const char *client_id)
{
	struct wish *wish;

	HASH_FIND_STR(wishes->items, client_id, wish);
	return wish;
}

static void forget_old(struct vs_wishes *wishes, uint64_t now_ms)
{
	while (wishes->items != NULL && wishes->items->ends_ms <= now_ms)
		drop(wishes, wishes->items);
}

bool vs_wishes_add_probe(struct vs_wishes *wishes, const char *client_id, uint64_t now_ms)
{
	struct wish *wish;

	forget_old(wishes, now_ms);
	wish = find(wishes, client_id);
	if (wish != NULL)
		drop(wishes, wish); /* the order is that of the ends */
	if (HASH_COUNT(wishes->items) >= VS_WISHES_MAX)
		return false;
	wish = vs_zalloc(sizeof(*wish));
	wish->client = vs_strdup(client_id);
	wish->ends_ms = now_ms + VS_WISH_MS;
	HASH_ADD_KEYPTR(hh, wishes->items, wish->client, strlen(wish->client), wish);
	return true;
}

bool vs_wishes_take_probe(struct vs_wishes *wishes, const char *client_id, uint64_t now_ms)
{
	struct wish *wish;
	bool wanted;

	if (wishes == NULL || wishes->items == NULL)
		return false;
	wish = find(wishes, client_id);
	if (wish == NULL)
		return false;
	wanted = wish->ends_ms > now_ms;
	drop(wishes, wish);
	return wanted;
}

size_t vs_wishes_count(const struct vs_wishes *wishes)
{
	return HASH_COUNT(wishes->items);
}
