#include "memory_table.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is looked for. tsearch() and tfind() hand it to the comparison first, on every node from
 * the root down; so the last node it was greater than is the neighbour before it, and the last
 * it was less than the neighbour behind.
 */
struct probe {
	struct vpns_bytes key;
	struct memory_record *below;
	struct memory_record *above;
};

static struct vpns_bytes key_of(const struct memory_record *record)
{
	struct vpns_bytes key = {record->key, record->key_len};

	return key;
}

int memory_key_compare(struct vpns_bytes a, struct vpns_bytes b)
{
	uint64_t common = a.len < b.len ? a.len : b.len;
	int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare(const void *left, const void *right)
{
	struct probe *probe = (struct probe *)(uintptr_t)left;
	struct memory_record *node = (struct memory_record *)(uintptr_t)right;
	int order = memory_key_compare(probe->key, key_of(node));

	if (order > 0)
		probe->below = node;
	else if (order < 0)
		probe->above = node;
	return order;
}

struct memory_record *memory_table_get(const struct memory_table *table, struct vpns_bytes key)
{
	struct probe probe = {key, NULL, NULL};
	struct memory_record *const *slot = tfind(&probe, &table->tree, compare);

	return slot != NULL ? *slot : NULL;
}

struct memory_record *memory_table_at(const struct memory_table *table, struct vpns_bytes key)
{
	struct probe probe = {key, NULL, NULL};
	struct memory_record *const *slot = tfind(&probe, &table->tree, compare);

	return slot != NULL ? *slot : probe.above;
}

static void link_between(struct memory_table *table, struct memory_record *record, struct probe *probe)
{
	record->prev = probe->below;
	record->next = probe->above;
	if (record->prev != NULL)
		record->prev->next = record;
	else
		table->first = record;
	if (record->next != NULL)
		record->next->prev = record;
	else
		table->last = record;
}

struct memory_record *memory_table_make(struct memory_table *table, struct vpns_bytes key)
{
	struct memory_record *record = memory_table_get(table, key);
	struct probe probe = {key, NULL, NULL};
	void **slot;

	if (record != NULL)
		return record;
	record = calloc(1, sizeof(*record) + key.len);
	if (record == NULL)
		return NULL;
	record->key_len = key.len;
	record->dead = 1;
	if (key.len > 0)
		memcpy(record->key, key.ptr, key.len);
	/* The tree stores the probe's address; the record takes its place before anybody looks. */
	slot = tsearch(&probe, &table->tree, compare);
	if (slot == NULL) {
		free(record);
		return NULL;
	}
	*slot = record;
	link_between(table, record, &probe);
	return record;
}

void memory_table_drop(struct memory_table *table, struct memory_record *record)
{
	struct probe probe = {key_of(record), NULL, NULL};

	tdelete(&probe, &table->tree, compare);
	if (record->prev != NULL)
		record->prev->next = record->next;
	else
		table->first = record->next;
	if (record->next != NULL)
		record->next->prev = record->prev;
	else
		table->last = record->prev;
	free(record->value);
	free(record);
}

static void free_record(void *node)
{
	struct memory_record *record = node;

	free(record->value);
	free(record);
}

void memory_table_fini(struct memory_table *table)
{
	tdestroy(table->tree, free_record);
	memset(table, 0, sizeof(*table));
}
