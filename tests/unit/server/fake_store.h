/*
 * A store for tests: records in memory, every job answered in order by the test's own loop.
 * It takes the place of store/store.o when the program is linked, so include it in one file.
 */
#ifndef VS_TESTS_FAKE_STORE_H
#define VS_TESTS_FAKE_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#define VPNS_DRAFT
#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "loop/loop.h"
#include "store/batch.h"
#include "store/store.h"

#define FAKE_TABLES 16

enum fake_mode {
	FAKE_ACCEPT,
	FAKE_REFUSE, /* every job fails with refusal and reason */
	FAKE_FULL, /* the queue takes nothing */
};

struct fake_record {
	char *key;
	size_t key_len;
	char *value;
	size_t value_len;
};

struct fake_table {
	struct fake_record *records; /* in order of keys */
	struct fake_record *memory; /* where they begin, or others did that are gone */
	size_t count;
	size_t capacity; /* from records on */
};

struct fake_job {
	struct vs_store *store;
	struct vs_batch *batch; /* NULL: a scan, or a backup */
	char *path; /* of a backup */
	bool reopens;
	struct vs_store_range range;
	char *bounds[2];
	bool (*each)(void *arg, struct vs_view key, struct vs_view value);
	vs_store_done *done;
	void *arg;
	struct fake_job *prev;
	struct fake_job *next;
};

struct vs_store {
	struct vs_loop *loop;
	enum fake_mode mode;
	enum vs_store_status refusal;
	const char *reason;
	bool hold; /* jobs wait for fake_store_let */
	bool busy;
	unsigned fail_next; /* so many jobs fail, then mode counts again */
	/* Damage: every job is answered with CORRUPT until it is opened anew. */
	bool damaged;
	bool rots; /* every commit damages it */
	unsigned damaged_after; /* so many more commits; 0: it comes by hand */
	unsigned will_not_open; /* so many reopenings fail */
	bool loses; /* a reopening begins empty */
	const char *said; /* of it; NULL: nothing */
	const char *never; /* a batch with this in a value fails for good; NULL: none does */
	struct fake_table tables[FAKE_TABLES];
	struct fake_job *jobs;
	size_t waiting;
	/* What it saw. */
	unsigned commits; /* batches taken into the queue */
	unsigned scans;
	unsigned reopenings; /* that worked */
	size_t largest; /* writes of one batch */
	size_t writes; /* that were done */
};

static inline void fake_store_init(struct vs_store *store, struct vs_loop *loop)
{
	*store = (struct vs_store){.loop = loop, .refusal = VS_STORE_RETRY, .reason = "the disk is full"};
}

static inline int fake_compare(const struct fake_record *record, struct vs_view key)
{
	size_t len = record->key_len < key.len ? record->key_len : key.len;
	int order = memcmp(record->key, key.ptr, len);

	if (order != 0)
		return order;
	return record->key_len < key.len ? -1 : record->key_len > key.len;
}

/* Where key stands, or would stand. */
static inline size_t fake_place(const struct fake_table *table, struct vs_view key, bool *found)
{
	size_t low = 0;
	size_t high = table->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = fake_compare(&table->records[middle], key);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline char *fake_copy(struct vs_view bytes)
{
	char *copy = vs_alloc(bytes.len + 1);

	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	copy[bytes.len] = '\0';
	return copy;
}

static inline void fake_grow(struct fake_table *table)
{
	struct fake_record *memory;

	table->capacity = table->count * 2 + 16;
	memory = vs_calloc(table->capacity, sizeof(*memory));
	if (table->count > 0)
		memcpy(memory, table->records, table->count * sizeof(*memory));
	vs_free(table->memory);
	table->memory = memory;
	table->records = memory;
}

static inline void fake_store_put(
	struct vs_store *store, unsigned number, struct vs_view key, struct vs_view value)
{
	struct fake_table *table = &store->tables[number];
	struct fake_record *record;
	bool found;
	size_t at = fake_place(table, key, &found);

	if (found) {
		vs_free(table->records[at].value);
	} else {
		if (table->count == table->capacity)
			fake_grow(table);
		memmove(&table->records[at + 1], &table->records[at],
			(table->count - at) * sizeof(*table->records));
		table->count++;
		table->records[at] = (struct fake_record){.key = fake_copy(key), .key_len = key.len};
	}
	record = &table->records[at];
	record->value = fake_copy(value);
	record->value_len = value.len;
}

static inline void fake_store_delete(struct vs_store *store, unsigned number, struct vs_view key)
{
	struct fake_table *table = &store->tables[number];
	bool found;
	size_t at = fake_place(table, key, &found);

	if (!found)
		return;
	vs_free(table->records[at].key);
	vs_free(table->records[at].value);
	table->count--;
	if (at == 0) { /* the oldest, mostly */
		table->records++;
		table->capacity--;
		return;
	}
	memmove(&table->records[at], &table->records[at + 1], (table->count - at) * sizeof(*table->records));
}

/* The value, followed by a NUL; NULL: there is no such record. */
static inline const char *fake_store_get(const struct vs_store *store, unsigned number, struct vs_view key)
{
	bool found;
	size_t at = fake_place(&store->tables[number], key, &found);

	return found ? store->tables[number].records[at].value : NULL;
}

/* The same with its length; ptr NULL: there is no such record. */
static inline struct vs_view fake_store_view(
	const struct vs_store *store, unsigned number, struct vs_view key)
{
	bool found;
	size_t at = fake_place(&store->tables[number], key, &found);
	const struct fake_record *record = found ? &store->tables[number].records[at] : NULL;

	return found ? (struct vs_view){record->value, record->value_len} : (struct vs_view){NULL, 0};
}

static inline const char *fake_store_text(const struct vs_store *store, unsigned number, const char *key)
{
	return fake_store_get(store, number, vs_view_of(key));
}

static inline size_t fake_store_count(const struct vs_store *store, unsigned number)
{
	return store->tables[number].count;
}

static inline void fake_do_batch(struct vs_store *store, struct vs_batch *batch)
{
	struct vpns_store_batch view;
	uint32_t i;

	vs_batch_view(batch, &view);
	for (i = 0; i < view.count; i++) {
		const struct vpns_store_write *write = &view.writes[i];
		struct vs_view key = {write->key.ptr, write->key.len};
		struct vs_view value = {write->value.ptr, write->value.len};

		store->writes++;
		if (write->verb == VPNS_WRITE_PUT)
			fake_store_put(store, write->table, key, value);
		else
			fake_store_delete(store, write->table, key);
	}
}

static inline void fake_do_scan(struct vs_store *store, struct fake_job *job)
{
	const struct fake_table *table = &store->tables[job->range.table];
	bool found;
	size_t from = job->range.from.len > 0 ? fake_place(table, job->range.from, &found) : 0;
	size_t to = job->range.to.len > 0 ? fake_place(table, job->range.to, &found) : table->count;
	uint64_t left = job->range.limit > 0 ? job->range.limit : UINT64_MAX;

	for (; from < to && left > 0; left--) {
		const struct fake_record *record = &table->records[job->range.reverse ? --to : from++];

		if (!job->each(job->arg, (struct vs_view){record->key, record->key_len},
			    (struct vs_view){record->value, record->value_len}))
			return;
	}
}

static inline void fake_do_backup(struct fake_job *job)
{
	FILE *file = fopen(job->path, "wx");

	if (file != NULL) {
		fputs("a copy", file);
		fclose(file);
	}
}

static inline void fake_empty(struct vs_store *store)
{
	size_t i;

	for (i = 0; i < FAKE_TABLES; i++) {
		while (store->tables[i].count > 0) {
			struct fake_record *last = &store->tables[i].records[store->tables[i].count - 1];

			fake_store_delete(store, (unsigned)i, (struct vs_view){last->key, last->key_len});
		}
	}
}

static inline void fake_reopen(struct vs_store *store, struct fake_job *job)
{
	if (store->will_not_open > 0 || store->mode != FAKE_ACCEPT) {
		store->will_not_open -= store->will_not_open > 0;
		job->done(job->arg, VS_STORE_RETRY, "the disk is away");
		return;
	}
	store->reopenings++;
	store->damaged = false;
	if (store->loses)
		fake_empty(store);
	job->done(job->arg, VS_STORE_DONE, store->loses && store->said != NULL ? store->said : "");
}

static inline bool fake_has_never(const struct vs_store *store, struct vs_batch *batch)
{
	struct vpns_store_batch view;
	uint32_t i;

	vs_batch_view(batch, &view);
	for (i = 0; i < view.count && store->never != NULL; i++) {
		if (view.writes[i].value.len > 0 && memmem(view.writes[i].value.ptr, view.writes[i].value.len,
							    store->never, strlen(store->never)) != NULL)
			return true;
	}
	return false;
}

static inline void fake_free_job(struct fake_job *job)
{
	vs_free(job->path);
	vs_batch_destroy(job->batch);
	vs_free(job->bounds[0]);
	vs_free(job->bounds[1]);
	vs_free(job);
}

static inline void fake_run_first(struct vs_store *store)
{
	struct fake_job *job = store->jobs;
	bool fails = store->mode != FAKE_ACCEPT || store->fail_next > 0;
	enum vs_store_status refusal = store->refusal;

	DL_DELETE(store->jobs, job);
	store->waiting--;
	if (job->reopens) {
		fake_reopen(store, job);
		fake_free_job(job);
		return;
	}
	if (job->batch != NULL && store->damaged_after > 0 && --store->damaged_after == 0)
		store->damaged = true;
	if (job->batch != NULL && store->rots)
		store->damaged = true;
	if (store->fail_next > 0)
		store->fail_next--;
	if (store->damaged || (job->batch != NULL && fake_has_never(store, job->batch))) {
		fails = true;
		refusal = store->damaged ? VS_STORE_CORRUPT : VS_STORE_FAILED;
	}
	if (!fails && job->batch != NULL)
		fake_do_batch(store, job->batch);
	else if (!fails && job->path != NULL)
		fake_do_backup(job);
	else if (!fails)
		fake_do_scan(store, job);
	if (job->done != NULL)
		job->done(job->arg, fails ? refusal : VS_STORE_DONE, fails ? store->reason : "");
	fake_free_job(job);
}

static inline void fake_turn(void *arg)
{
	struct vs_store *store = arg;

	if (!store->hold && store->jobs != NULL)
		fake_run_first(store);
}

/* Answers the oldest count jobs now, by the mode of now. */
static inline void fake_store_let(struct vs_store *store, size_t count)
{
	for (; count > 0 && store->jobs != NULL; count--)
		fake_run_first(store);
}

static inline void fake_store_let_all(struct vs_store *store)
{
	store->hold = false;
	while (store->jobs != NULL)
		fake_run_first(store);
}

static inline struct fake_job *fake_enqueue(struct vs_store *store, vs_store_done *done, void *arg)
{
	struct fake_job *job = vs_zalloc(sizeof(*job));

	job->store = store;
	job->done = done;
	job->arg = arg;
	DL_APPEND(store->jobs, job);
	store->waiting++;
	vs_post(store->loop, fake_turn, store);
	return job;
}

static inline void fake_store_fini(struct vs_store *store)
{
	size_t i;

	while (store->jobs != NULL) {
		struct fake_job *job = store->jobs;

		DL_DELETE(store->jobs, job);
		fake_free_job(job);
	}
	fake_empty(store);
	for (i = 0; i < FAKE_TABLES; i++)
		vs_free(store->tables[i].memory);
	store->waiting = 0;
}

/* --- what the ledger calls ------------------------------------------------------------- */

int vs_store_commit(struct vs_store *store, struct vs_batch *batch, vs_store_done *done, void *arg)
{
	if (store->mode == FAKE_FULL)
		return VS_ERR_BUSY;
	if (vs_batch_count(batch) > store->largest)
		store->largest = vs_batch_count(batch);
	store->commits++;
	fake_enqueue(store, done, arg)->batch = batch;
	return 0;
}

int vs_store_scan(struct vs_store *store, const struct vs_store_range *range,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value), vs_store_done *done, void *arg)
{
	struct fake_job *job;

	if (store->mode == FAKE_FULL)
		return VS_ERR_BUSY;
	store->scans++;
	job = fake_enqueue(store, done, arg);
	job->range = *range;
	job->each = each;
	job->bounds[0] = fake_copy(range->from);
	job->bounds[1] = fake_copy(range->to);
	job->range.from.ptr = job->bounds[0];
	job->range.to.ptr = job->bounds[1];
	return 0;
}

int vs_store_backup(struct vs_store *store, const char *path, vs_store_done *done, void *arg)
{
	if (store->mode == FAKE_FULL)
		return VS_ERR_BUSY;
	fake_enqueue(store, done, arg)->path = vs_strdup(path);
	return 0;
}

int vs_store_reopen(struct vs_store *store, vs_store_done *done, void *arg)
{
	if (store->mode == FAKE_FULL)
		return VS_ERR_BUSY;
	fake_enqueue(store, done, arg)->reopens = true;
	return 0;
}

bool vs_store_busy(struct vs_store *store)
{
	return store->busy;
}

#endif
