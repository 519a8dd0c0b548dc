/* Store memory: everything in memory, nothing after the end. */
#include "vpn_sentinel/plugin.h"

#include "memory_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES = 64, RECORD_COST = 128 /* about what a record takes beside its bytes */ };

struct config {
	int64_t max_size;
};

static const struct vpns_option options[] = {
	{"max_size", VPNS_SIZE(struct config, max_size), 0, "256MiB", 0, INT64_MAX, 0, NULL,
		"refuse to grow beyond this; 0: no limit"},
};

struct memory {
	const struct vpns_host *host;
	const struct config *config;
	uint64_t used; /* bytes of keys and values, and RECORD_COST each */
	struct memory_table tables[TABLES];
};

/* A write that only has to be put in place. */
struct step {
	struct memory_record *record; /* of PUT */
	void *value;
};

static void finish(const struct memory *self, vpns_op op, uint32_t status, const char *reason)
{
	struct vpns_store_result result = {0};

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_STORE;
	result.status = status;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

static struct memory_table *table_of(struct memory *self, const struct vpns_store_write *write)
{
	return &self->tables[write->table];
}

static uint64_t cost(const struct memory_record *record)
{
	return RECORD_COST + record->key_len + record->value_len;
}

/* The most that the batch can add, with nothing yet given back for what it replaces. */
static int batch_fits(const struct memory *self, const struct vpns_store_batch *batch)
{
	uint64_t limit = (uint64_t)self->config->max_size;
	uint64_t sum = self->used;
	uint32_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->writes[i].verb != VPNS_WRITE_PUT)
			continue;
		if (batch->writes[i].key.len > limit || batch->writes[i].value.len > limit)
			return limit == 0;
		sum += RECORD_COST + batch->writes[i].key.len + batch->writes[i].value.len;
	}
	return limit == 0 || sum == self->used || sum <= limit;
}

static const char *batch_fault(const struct vpns_store_batch *batch)
{
	uint32_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->writes[i].table >= TABLES)
			return "a write names a table above 63";
		if (batch->writes[i].verb != VPNS_WRITE_PUT && batch->writes[i].verb != VPNS_WRITE_DELETE)
			return "a write has a verb this store does not know";
	}
	return NULL;
}

/* Allocates all that one write needs. Readers notice nothing: a new record is dead. */
static int prepare(struct memory *self, const struct vpns_store_write *write, struct step *step)
{
	if (write->verb != VPNS_WRITE_PUT)
		return 0;
	if (write->value.len > 0) {
		step->value = malloc(write->value.len);
		if (step->value == NULL)
			return -1;
		memcpy(step->value, write->value.ptr, write->value.len);
	}
	step->record = memory_table_make(table_of(self, write), write->key);
	return step->record != NULL ? 0 : -1;
}

/* Takes out the records of the batch that are dead, be they new or deleted. */
static void bury(struct memory *self, const struct vpns_store_batch *batch)
{
	struct memory_record *record;
	uint32_t i;

	for (i = 0; i < batch->count; i++) {
		record = memory_table_get(table_of(self, &batch->writes[i]), batch->writes[i].key);
		if (record != NULL && record->dead)
			memory_table_drop(table_of(self, &batch->writes[i]), record);
	}
}

static void apply_put(struct memory *self, struct step *step, uint64_t value_len)
{
	struct memory_record *record = step->record;

	if (!record->dead)
		self->used -= cost(record);
	free(record->value);
	record->value = step->value;
	record->value_len = value_len;
	record->dead = 0;
	self->used += cost(record);
	step->value = NULL;
}

static void apply_delete(struct memory *self, const struct vpns_store_write *write)
{
	struct memory_record *record = memory_table_get(table_of(self, write), write->key);

	if (record == NULL || record->dead)
		return;
	self->used -= cost(record);
	record->dead = 1;
}

/* Prepares everything, then does everything: only the first half can fail, and it is invisible. */
static int commit_steps(struct memory *self, const struct vpns_store_batch *batch, struct step *steps)
{
	int rc = 0;
	uint32_t i;

	for (i = 0; i < batch->count && rc == 0; i++)
		rc = prepare(self, &batch->writes[i], &steps[i]);
	for (i = 0; i < batch->count && rc == 0; i++) {
		if (batch->writes[i].verb == VPNS_WRITE_PUT)
			apply_put(self, &steps[i], batch->writes[i].value.len);
		else
			apply_delete(self, &batch->writes[i]);
	}
	for (i = 0; i < batch->count; i++)
		free(steps[i].value);
	bury(self, batch);
	return rc;
}

static int32_t commit(void *state, vpns_op op, const struct vpns_store_batch *batch)
{
	struct memory *self = state;
	const char *fault = batch_fault(batch);
	struct step *steps;
	int rc;

	if (fault != NULL) {
		finish(self, op, VPNS_STORE_FAILED, fault);
		return VPNS_OK;
	}
	if (!batch_fits(self, batch)) {
		finish(self, op, VPNS_STORE_RETRY, "the memory store is full: raise its option max_size");
		return VPNS_OK;
	}
	steps = calloc(batch->count > 0 ? batch->count : 1, sizeof(*steps));
	if (steps == NULL)
		return VPNS_E_NO_MEMORY;
	rc = commit_steps(self, batch, steps);
	free(steps);
	if (rc == 0)
		finish(self, op, VPNS_STORE_DONE, NULL);
	else
		finish(self, op, VPNS_STORE_RETRY, "out of memory");
	return VPNS_OK;
}

static void walk(const struct memory_table *table, const struct vpns_store_scan *scan)
{
	const struct memory_record *from =
		scan->from.len > 0 ? memory_table_at(table, scan->from) : table->first;
	const struct memory_record *to = scan->to.len > 0 ? memory_table_at(table, scan->to) : NULL;
	const struct memory_record *last = to != NULL ? to->prev : table->last;
	const struct memory_record *at = scan->reverse ? last : from;
	const struct memory_record *stop = scan->reverse ? (from != NULL ? from->prev : table->last) : to;
	struct vpns_bytes key;
	struct vpns_bytes value;
	uint64_t left = scan->limit > 0 ? scan->limit : UINT64_MAX;

	for (; at != stop && at != NULL && left > 0; left--) {
		key.ptr = at->key;
		key.len = at->key_len;
		value.ptr = at->value;
		value.len = at->value_len;
		if (scan->each(scan->arg, key, value) != 0)
			return;
		at = scan->reverse ? at->prev : at->next;
	}
}

static int32_t scan(void *state, vpns_op op, const struct vpns_store_scan *scan)
{
	struct memory *self = state;

	if (scan->table >= TABLES) {
		finish(self, op, VPNS_STORE_FAILED, "the scan names a table above 63");
		return VPNS_OK;
	}
	if (scan->from.len == 0 || scan->to.len == 0 || memory_key_compare(scan->from, scan->to) < 0)
		walk(&self->tables[scan->table], scan);
	finish(self, op, VPNS_STORE_DONE, NULL);
	return VPNS_OK;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct memory *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	return self;
}

static void destroy(void *state)
{
	struct memory *self = state;
	int i;

	for (i = 0; i < TABLES; i++)
		memory_table_fini(&self->tables[i]);
	free(self);
}

/* No backup(): there is nothing that outlives the program. */
static const struct vpns_store_ops ops = {
	sizeof(ops),
	0,
	create,
	commit,
	scan,
	NULL,
	destroy,
};

VPNS_STORE_PLUGIN("memory", "1.0.0", "keeps everything in memory and nothing after the end", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
