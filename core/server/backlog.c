#include "server/backlog.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "store/batch.h"

struct bundle;

struct waiting {
	struct vs_record record;
	uint64_t seq; /* of its write: the higher, the newer the value */
	bool sent; /* its value is in the batch under way */
	struct bundle *bundle;
	struct waiting *prev;
	struct waiting *next;
	UT_hash_handle hh;
};

struct bundle {
	struct waiting *items;
	size_t count;
	struct bundle *prev;
	struct bundle *next;
};

struct vs_backlog {
	struct waiting *routine; /* of the table of clients */
	struct waiting *vital; /* of all others */
	struct bundle *bundles; /* the oldest first */
	size_t limit;
	struct vs_hash_seed seed; /* client ids are among the keys */
};

struct vs_backlog *vs_backlog_create(size_t limit)
{
	struct vs_backlog *backlog = vs_zalloc(sizeof(*backlog));

	backlog->limit = limit;
	vs_hash_seed_init(&backlog->seed);
	return backlog;
}

static unsigned hash_of(const struct vs_backlog *backlog, const struct vs_record *record)
{
	return (unsigned)vs_hash(&backlog->seed, record->key, record->key_len);
}

static struct waiting **side_of(struct vs_backlog *backlog, const struct vs_record *record)
{
	return record->key[0] == VS_TABLE_CLIENTS ? &backlog->routine : &backlog->vital;
}

/* --- bundles --------------------------------------------------------------------------- */

static struct bundle *add_bundle(struct vs_backlog *backlog)
{
	struct bundle *bundle = vs_zalloc(sizeof(*bundle));

	DL_APPEND(backlog->bundles, bundle);
	return bundle;
}

static void drop_bundle(struct vs_backlog *backlog, struct bundle *bundle)
{
	DL_DELETE(backlog->bundles, bundle);
	vs_free(bundle);
}

/* Both as one, which is returned. The smaller one moves, so that a record seldom does. */
static struct bundle *join(struct vs_backlog *backlog, struct bundle *into, struct bundle *from)
{
	struct bundle *small = from;
	struct waiting *item;

	if (into == from)
		return into;
	if (into->count < from->count) {
		small = into;
		into = from;
	}
	DL_FOREACH (small->items, item) {
		item->bundle = into;
	}
	DL_CONCAT(into->items, small->items);
	into->count += small->count;
	drop_bundle(backlog, small);
	return into;
}

static void drop(struct vs_backlog *backlog, struct waiting *item)
{
	struct waiting **side = side_of(backlog, &item->record);
	struct bundle *bundle = item->bundle;

	HASH_DEL(*side, item);
	DL_DELETE(bundle->items, item);
	if (--bundle->count == 0)
		drop_bundle(backlog, bundle);
	vs_record_fini(&item->record);
	vs_free(item);
}

void vs_backlog_destroy(struct vs_backlog *backlog)
{
	if (backlog == NULL)
		return;
	while (backlog->bundles != NULL)
		drop(backlog, backlog->bundles->items);
	vs_free(backlog);
}

size_t vs_backlog_count(const struct vs_backlog *backlog)
{
	return HASH_COUNT(backlog->routine) + HASH_COUNT(backlog->vital);
}

/* --- in -------------------------------------------------------------------------------- */

/*
 * Room for one more vital record costs the oldest routine one; a routine one finds room or
 * goes, since its client will be written again. A deletion will not, so it counts as vital.
 */
static bool make_room(struct vs_backlog *backlog, struct waiting *const *side, const struct vs_record *record)
{
	bool is_routine = side == &backlog->routine && record->value != NULL;

	if (vs_backlog_count(backlog) < backlog->limit)
		return true;
	if (is_routine || backlog->routine == NULL)
		return false;
	drop(backlog, backlog->routine);
	return true;
}

static void replace(struct waiting *item, struct vs_record *record, uint64_t seq)
{
	if (item->seq > seq)
		return; /* what waits already is newer */
	vs_free(item->record.value);
	item->record.value = record->value;
	item->record.value_len = record->value_len;
	item->seq = seq;
	item->sent = false;
	record->value = NULL;
}

/* A new one; NULL: there is no room. */
static struct waiting *add(struct vs_backlog *backlog, struct vs_record *record, uint64_t seq)
{
	struct waiting **side = side_of(backlog, record);
	struct waiting *item;
	unsigned hash;

	if (!make_room(backlog, side, record))
		return NULL;
	item = vs_zalloc(sizeof(*item));
	item->record = *record;
	item->seq = seq;
	memset(record, 0, sizeof(*record));
	hash = hash_of(backlog, &item->record);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, *side, item->record.key, item->record.key_len, hash, item);
	item->bundle = add_bundle(backlog);
	DL_APPEND(item->bundle->items, item);
	item->bundle->count = 1;
	return item;
}

static struct waiting *find(struct vs_backlog *backlog, const struct vs_record *record)
{
	struct waiting **side = side_of(backlog, record);
	struct waiting *item;

	HASH_FIND_BYHASHVALUE(hh, *side, record->key, record->key_len, hash_of(backlog, record), item);
	return item;
}

/* Those of unit that are states of clients, or all others. anchor: what they are bundled with, NULL: nothing
 * yet. */
static size_t take(
	struct vs_backlog *backlog, struct vs_unit *unit, uint64_t seq, bool clients, struct waiting **anchor)
{
	struct waiting *item;
	size_t refused = 0;
	size_t i;

	for (i = 0; i < unit->count; i++) {
		struct vs_record *record = &unit->records[i];

		if (record->key == NULL || (record->key[0] == VS_TABLE_CLIENTS) != clients)
			continue;
		item = find(backlog, record);
		if (item != NULL)
			replace(item, record, seq);
		else
			item = add(backlog, record, seq);
		vs_record_fini(record);
		if (item == NULL)
			refused++;
		else if (*anchor != NULL)
			join(backlog, (*anchor)->bundle, item->bundle);
		else if (!clients)
			*anchor = item;
	}
	return refused;
}

/*
 * States of clients come last: they may make room for each other, never for what they hang on. With
 * nothing to hang on they are routine, and need not be written together.
 */
size_t vs_backlog_take(struct vs_backlog *backlog, struct vs_unit *unit, uint64_t seq)
{
	struct waiting *anchor = NULL;
	size_t refused = take(backlog, unit, seq, false, &anchor);

	refused += take(backlog, unit, seq, true, &anchor);
	unit->count = 0;
	return refused;
}

void vs_backlog_supersede(struct vs_backlog *backlog, const struct vs_unit *unit, uint64_t seq)
{
	struct waiting *item;
	size_t i;

	for (i = 0; i < unit->count && vs_backlog_count(backlog) > 0; i++) {
		item = find(backlog, &unit->records[i]);
		if (item != NULL && item->seq <= seq)
			drop(backlog, item);
	}
}

/* --- out ------------------------------------------------------------------------------- */

static void send(struct waiting *item, struct vs_batch *batch)
{
	vs_record_add_to(&item->record, batch);
	item->sent = true;
}

struct vs_batch *vs_backlog_batch(struct vs_backlog *backlog, size_t most)
{
	struct vs_batch *batch = vs_batch_create();
	struct bundle *bundle;
	struct waiting *item;

	DL_FOREACH (backlog->bundles, bundle) {
		if (vs_batch_count(batch) > 0 && vs_batch_count(batch) + bundle->count > most)
			break;
		DL_FOREACH (bundle->items, item) {
			send(item, batch);
		}
	}
	return batch;
}

/* What was told must be known before its message is, a message before the state that brought it about. */
static int rank_of(const struct waiting *item)
{
	if (item->record.value == NULL)
		return 4;
	switch ((enum vs_table)item->record.key[0]) {
	case VS_TABLE_TOLD:
		return 0;
	case VS_TABLE_OUTBOX:
		return 1;
	case VS_TABLE_CLIENTS:
		return 3;
	default:
		return 2;
	}
}

struct vs_batch *vs_backlog_slice(struct vs_backlog *backlog, size_t most)
{
	struct vs_batch *batch = vs_batch_create();
	struct bundle *bundle;
	struct waiting *item;
	int rank;

	DL_FOREACH (backlog->bundles, bundle) {
		for (rank = 0; rank <= 4; rank++) {
			DL_FOREACH (bundle->items, item) {
				if (vs_batch_count(batch) == most)
					return batch;
				if (rank_of(item) == rank)
					send(item, batch);
			}
		}
	}
	return batch;
}

static void end(struct vs_backlog *backlog, bool written)
{
	struct bundle *bundle;
	struct bundle *next_bundle;
	struct waiting *item;
	struct waiting *next;

	DL_FOREACH_SAFE(backlog->bundles, bundle, next_bundle)
	{
		DL_FOREACH_SAFE(bundle->items, item, next)
		{
			if (item->sent && written)
				drop(backlog, item);
			else
				item->sent = false;
		}
	}
}

void vs_backlog_done(struct vs_backlog *backlog)
{
	end(backlog, true);
}

void vs_backlog_undone(struct vs_backlog *backlog)
{
	end(backlog, false);
}

/* "table TRANSITIONS, office": the part of the key before a NUL is for humans. */
static void add_name(const struct vs_record *record, struct vs_buf *name)
{
	static const char *const tables[] = {
#define TABLE_NAME(name, code) [code] = #name,
		VS_TABLE_ROWS(TABLE_NAME)
#undef TABLE_NAME
	};
	const char *key = record->key + 1;
	size_t len = strnlen(key, record->key_len - 1);

	vs_buf_printf(name, "table %s, %.*s", tables[(unsigned char)record->key[0]], (int)len, key);
}

bool vs_backlog_give_up(struct vs_backlog *backlog, struct vs_buf *name)
{
	struct bundle *bundle;
	struct waiting *item;

	DL_FOREACH (backlog->bundles, bundle) {
		DL_FOREACH (bundle->items, item) {
			if (!item->sent)
				continue;
			add_name(&item->record, name);
			drop(backlog, item);
			return true;
		}
	}
	return false;
}
