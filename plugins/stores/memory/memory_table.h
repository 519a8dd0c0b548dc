/*
 * An ordered table of records: libc's balanced tree (tsearch) finds a key, and a list threaded
 * through its records walks them in order. Both are O(log n) or better for a million keys,
 * which a sorted array would not be, and the tree alone cannot begin a walk in its middle.
 */
#ifndef MEMORY_TABLE_H
#define MEMORY_TABLE_H

#include "vpn_sentinel/plugin.h"

struct memory_record {
	struct memory_record *prev; /* of the first: NULL */
	struct memory_record *next;
	void *value; /* NULL when value_len is 0 */
	uint64_t value_len;
	uint64_t key_len;
	int dead; /* not there for anybody who reads */
	unsigned char key[]; /* ordered by memcmp, a prefix before what it begins */
};

/* All zero is an empty table. */
struct memory_table {
	void *tree;
	struct memory_record *first;
	struct memory_record *last;
};

struct memory_record *memory_table_get(const struct memory_table *table, struct vpns_bytes key); /* or NULL */

/* The record of key; a new one is dead and without a value. NULL: out of memory, nothing changed. */
struct memory_record *memory_table_make(struct memory_table *table, struct vpns_bytes key);

/* Takes record out and frees it with its value. */
void memory_table_drop(struct memory_table *table, struct memory_record *record);

/* The first record whose key is not below key, or NULL. */
struct memory_record *memory_table_at(const struct memory_table *table, struct vpns_bytes key);

int memory_key_compare(struct vpns_bytes a, struct vpns_bytes b); /* <0, 0, >0 */

/* Frees all records. */
void memory_table_fini(struct memory_table *table);

#endif
