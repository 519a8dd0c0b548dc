/*
 * What every store must do, whatever it is made of: tests that each store's own test runs, and the
 * helpers they are written with. *state is a kit whose instance is running and empty.
 */
#ifndef STORE_CONTRACT_H
#define STORE_CONTRACT_H

#include "kit_test.h"

#define STORE_CONTRACT(X)                                                                                    \
	X(records_come_in_the_order_of_their_bytes)                                                          \
	X(a_scan_begins_with_from_and_ends_before_to)                                                        \
	X(a_scan_stops_at_its_limit_or_when_told_to)                                                         \
	X(tables_do_not_see_each_other)                                                                      \
	X(the_writes_of_a_batch_happen_in_their_order)                                                       \
	X(a_batch_that_makes_no_sense_changes_nothing)                                                       \
	X(bytes_of_any_value_are_kept)                                                                       \
	X(keys_of_any_bytes_bound_a_scan)                                                                    \
	X(an_empty_value_is_a_record_all_the_same)                                                           \
	X(a_large_value_is_kept)                                                                             \
	X(it_agrees_with_a_naive_model_over_many_random_batches)                                             \
	X(two_hundred_thousand_scattered_keys_stay_in_order)

#define STORE_CONTRACT_DECLARE(name) void name(void **state);
STORE_CONTRACT(STORE_CONTRACT_DECLARE)
#undef STORE_CONTRACT_DECLARE

/* Writes of texts; the texts are borrowed. */
struct vpns_bytes text_bytes(const char *text); /* NULL: none */
struct vpns_store_write put(uint32_t table, const char *key, const char *value);
struct vpns_store_write cut(uint32_t table, const char *key);

const struct vpns_store_result *commit(
	struct vpnt *kit, const struct vpns_store_write *writes, uint32_t count);
void must_commit(struct vpnt *kit, const struct vpns_store_write *writes, uint32_t count);

/* What a scan showed, as "key=value " one after the other. */
struct seen {
	char text[16000];
	size_t len;
	uint32_t count;
	uint32_t stop_after; /* 0: never */
};

const struct vpns_store_result *try_scan(struct vpnt *kit, struct seen *seen, uint32_t table);
const char *scan_of(struct vpnt *kit, struct seen *seen, uint32_t table, const char *from, const char *to,
	uint64_t limit, int reverse);

/* All of one table, which must read so. */
void must_hold(struct vpnt *kit, uint32_t table, const char *text);

#endif
