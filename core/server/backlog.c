#include "server/backlog.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "store/batch.h"

struct waiting {
	struct vs_record record;
	uint64_t seq; /* of its write: the higher, the newer the value */
	uint64_t taken; /* when it came here, which may be in another order */
	UT_hash_handle hh;
};

struct vs_backlog {
	struct waiting *routine; /* of the table of clients */
	struct waiting *vital; /* of all others */
	size_t limit;
	uint64_t taken;
};

struct vs_backlog *vs_backlog_create(size_t limit)
{
	struct vs_backlog *backlog = vs_zalloc(sizeof(*backlog));

	backlog->limit = limit;
	return backlog;
}

static struct waiting **side_of(struct vs_backlog *backlog, const struct vs_record *record)
{
	return record->key[0] == VS_TABLE_CLIENTS ? &backlog->routine : &backlog->vital;
}

static void drop(struct waiting **side, struct waiting *item)
{
	HASH_DEL(*side, item);
	vs_record_fini(&item->record);
	vs_free(item);
}

static void drop_until(struct waiting **side, uint64_t taken)
{
	struct waiting *item;
	struct waiting *next;

	HASH_ITER (hh, *side, item, next) {
		if (item->taken <= taken)
			drop(side, item);
	}
}

void vs_backlog_destroy(struct vs_backlog *backlog)
{
	if (backlog == NULL)
		return;
	drop_until(&backlog->routine, UINT64_MAX);
	drop_until(&backlog->vital, UINT64_MAX);
	vs_free(backlog);
}

size_t vs_backlog_count(const struct vs_backlog *backlog)
{
	return HASH_COUNT(backlog->routine) + HASH_COUNT(backlog->vital);
}

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
	drop(&backlog->routine, backlog->routine);
	return true;
}

static bool take(struct vs_backlog *backlog, struct vs_record *record, uint64_t seq)
{
	struct waiting **side = side_of(backlog, record);
	struct waiting *item;

	HASH_FIND(hh, *side, record->key, record->key_len, item);
	if (item != NULL) {
		if (item->seq > seq)
			return true; /* what waits already is newer */
		vs_free(item->record.value);
		item->record.value = record->value;
		item->record.value_len = record->value_len;
		item->seq = seq;
		item->taken = ++backlog->taken;
		record->value = NULL;
		return true;
	}
	if (!make_room(backlog, side, record))
		return false;
	item = vs_zalloc(sizeof(*item));
	item->record = *record;
	item->seq = seq;
	item->taken = ++backlog->taken;
	memset(record, 0, sizeof(*record));
	HASH_ADD_KEYPTR(hh, *side, item->record.key, item->record.key_len, item);
	return true;
}

size_t vs_backlog_take(struct vs_backlog *backlog, struct vs_unit *unit, uint64_t seq)
{
	size_t refused = 0;
	size_t i;

	for (i = 0; i < unit->count; i++) {
		if (!take(backlog, &unit->records[i], seq))
			refused++;
		vs_record_fini(&unit->records[i]);
	}
	unit->count = 0;
	return refused;
}

void vs_backlog_supersede(struct vs_backlog *backlog, const struct vs_unit *unit, uint64_t seq)
{
	struct waiting **side;
	struct waiting *item;
	size_t i;

	for (i = 0; i < unit->count && vs_backlog_count(backlog) > 0; i++) {
		side = side_of(backlog, &unit->records[i]);
		HASH_FIND(hh, *side, unit->records[i].key, unit->records[i].key_len, item);
		if (item != NULL && item->seq < seq)
			drop(side, item);
	}
}

struct vs_batch *vs_backlog_batch(const struct vs_backlog *backlog, uint64_t *mark)
{
	struct vs_batch *batch = vs_batch_create();
	const struct waiting *item;

	*mark = backlog->taken;
	for (item = backlog->vital; item != NULL; item = item->hh.next)
		vs_record_add_to(&item->record, batch);
	for (item = backlog->routine; item != NULL; item = item->hh.next)
		vs_record_add_to(&item->record, batch);
	return batch;
}

void vs_backlog_done(struct vs_backlog *backlog, uint64_t mark)
{
	drop_until(&backlog->routine, mark);
	drop_until(&backlog->vital, mark);
}
