/* Order, atomic batches, ranges, and a naive model that every store must agree with. */
#include "store_contract.h"

#include <stdio.h>
#include <time.h>

enum { MODEL_KEYS = 400 };

struct vpns_bytes text_bytes(const char *text)
{
	struct vpns_bytes out = {text, text != NULL ? strlen(text) : 0};

	return out;
}

struct vpns_store_write put(uint32_t table, const char *key, const char *value)
{
	struct vpns_store_write write = {VPNS_WRITE_PUT, table, text_bytes(key), text_bytes(value)};

	return write;
}

struct vpns_store_write cut(uint32_t table, const char *key)
{
	struct vpns_store_write write = {VPNS_WRITE_DELETE, table, text_bytes(key), {NULL, 0}};

	return write;
}

const struct vpns_store_result *commit(
	struct vpnt *kit, const struct vpns_store_write *writes, uint32_t count)
{
	struct vpns_store_batch batch = {sizeof(batch), count, writes};

	return vpnt_store_result(kit, vpnt_commit(kit, &batch));
}

void must_commit(struct vpnt *kit, const struct vpns_store_write *writes, uint32_t count)
{
	assert_int_equal(commit(kit, writes, count)->status, VPNS_STORE_DONE);
}

static int32_t note(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	struct seen *seen = arg;
	int len = snprintf(seen->text + seen->len, sizeof(seen->text) - seen->len, "%.*s=%.*s ", (int)key.len,
		(const char *)key.ptr, (int)value.len, value.len > 0 ? (const char *)value.ptr : "");

	seen->len += (size_t)len;
	assert_true(seen->len < sizeof(seen->text));
	return ++seen->count == seen->stop_after;
}

const char *scan_of(struct vpnt *kit, struct seen *seen, uint32_t table, const char *from, const char *to,
	uint64_t limit, int reverse)
{
	struct vpns_store_scan scan = {sizeof(scan), table, text_bytes(from), text_bytes(to), limit,
		(uint32_t)reverse, 0, note, seen};
	uint32_t stop_after = seen->stop_after;

	memset(seen, 0, sizeof(*seen));
	seen->stop_after = stop_after;
	assert_int_equal(vpnt_store_result(kit, vpnt_scan(kit, &scan))->status, VPNS_STORE_DONE);
	return seen->text;
}

const struct vpns_store_result *try_scan(struct vpnt *kit, struct seen *seen, uint32_t table)
{
	struct vpns_store_scan scan = {sizeof(scan), table, {NULL, 0}, {NULL, 0}, 0, 0, 0, note, seen};

	memset(seen, 0, sizeof(*seen));
	return vpnt_store_result(kit, vpnt_scan(kit, &scan));
}

void must_hold(struct vpnt *kit, uint32_t table, const char *text)
{
	struct seen seen = {0};

	assert_string_equal(scan_of(kit, &seen, table, NULL, NULL, 0, 0), text);
}

void records_come_in_the_order_of_their_bytes(void **state)
{
	const struct vpns_store_write writes[] = {put(0, "b", "2"), put(0, "a", "1"), put(0, "\xff", "5"),
		put(0, "ab", "1b"), put(0, "c", ""), put(0, "a", "one")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, writes, 6);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "a=one ab=1b b=2 c= \xff=5 ");
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 1), "\xff=5 c= b=2 ab=1b a=one ");
}

void a_scan_begins_with_from_and_ends_before_to(void **state)
{
	const struct vpns_store_write writes[] = {put(3, "b", "2"), put(3, "d", "4"), put(3, "f", "6")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, writes, 3);
	assert_string_equal(scan_of(kit, &seen, 3, "b", "d", 0, 0), "b=2 ");
	assert_string_equal(scan_of(kit, &seen, 3, "a", "e", 0, 0), "b=2 d=4 ");
	assert_string_equal(scan_of(kit, &seen, 3, "b0", NULL, 0, 0), "d=4 f=6 ");
	assert_string_equal(scan_of(kit, &seen, 3, NULL, "d0", 0, 1), "d=4 b=2 ");
	assert_string_equal(scan_of(kit, &seen, 3, "d", NULL, 0, 1), "f=6 d=4 ");
	assert_string_equal(scan_of(kit, &seen, 3, "b0", "c", 0, 0), "");
	assert_string_equal(scan_of(kit, &seen, 3, "b0", "c", 0, 1), "");
	assert_string_equal(scan_of(kit, &seen, 3, "g", NULL, 0, 0), "");
	assert_string_equal(scan_of(kit, &seen, 3, "g", NULL, 0, 1), "");
	assert_string_equal(scan_of(kit, &seen, 3, NULL, "a", 0, 1), "");
	assert_string_equal(scan_of(kit, &seen, 3, "d", "d", 0, 0), "");
	assert_string_equal(scan_of(kit, &seen, 3, "f", "b", 0, 1), "");
	assert_string_equal(scan_of(kit, &seen, 2, NULL, NULL, 0, 0), "");
	assert_string_equal(scan_of(kit, &seen, 2, NULL, NULL, 0, 1), "");
}

void a_scan_stops_at_its_limit_or_when_told_to(void **state)
{
	const struct vpns_store_write writes[] = {put(0, "a", "1"), put(0, "b", "2"), put(0, "c", "3")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, writes, 3);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 2, 0), "a=1 b=2 ");
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 2, 1), "c=3 b=2 ");
	seen.stop_after = 1;
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "a=1 ");
}

void tables_do_not_see_each_other(void **state)
{
	const struct vpns_store_write writes[] = {put(0, "k", "zero"), put(63, "k", "last"), cut(0, "k")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, writes, 3);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "");
	assert_string_equal(scan_of(kit, &seen, 63, NULL, NULL, 0, 0), "k=last ");
}

void the_writes_of_a_batch_happen_in_their_order(void **state)
{
	const struct vpns_store_write first[] = {put(0, "x", "1"), cut(0, "x"), put(0, "x", "2"),
		put(0, "y", "1"), cut(0, "y"), cut(0, "y"), cut(0, "never")};
	const struct vpns_store_write second[] = {cut(0, "x"), put(0, "x", "3"), put(0, "x", "4")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, first, 7);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "x=2 ");
	must_commit(kit, second, 3);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "x=4 ");
	must_commit(kit, NULL, 0);
}

void a_batch_that_makes_no_sense_changes_nothing(void **state)
{
	struct vpns_store_write writes[] = {put(0, "a", "1"), put(64, "b", "2")};
	struct vpnt *kit = *state;
	struct seen seen = {0};
	struct vpns_store_scan scan = {sizeof(scan), 64, {NULL, 0}, {NULL, 0}, 0, 0, 0, note, &seen};

	assert_int_equal(commit(kit, writes, 2)->status, VPNS_STORE_FAILED);
	writes[1].table = 0;
	writes[1].verb = 7;
	assert_int_equal(commit(kit, writes, 2)->status, VPNS_STORE_FAILED);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "");
	assert_int_equal(vpnt_store_result(kit, vpnt_scan(kit, &scan))->status, VPNS_STORE_FAILED);
}

void bytes_of_any_value_are_kept(void **state)
{
	static const char key[] = {0, 'k', 0};
	static const char value[] = {0, 0, 1};
	struct vpns_store_write write = {VPNS_WRITE_PUT, 0, {key, sizeof(key)}, {value, sizeof(value)}};
	struct vpns_store_write nameless = put(0, "", "empty key");
	struct vpnt *kit = *state;
	struct seen seen = {0};

	must_commit(kit, &write, 1);
	must_commit(kit, &nameless, 1);
	scan_of(kit, &seen, 0, NULL, NULL, 0, 0);
	assert_int_equal(seen.count, 2);
	assert_memory_equal(seen.text, "=empty key ", 11);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static int32_t keep_one(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	struct seen *seen = arg;

	(void)value;
	assert_true(seen->len + key.len + 1 < sizeof(seen->text));
	memcpy(seen->text + seen->len, key.ptr, key.len);
	seen->len += key.len;
	seen->text[seen->len++] = '|';
	seen->count++;
	return 0;
}

void keys_of_any_bytes_bound_a_scan(void **state)
{
	static const char keys[5][3] = {
		{0, 0, 0}, {0, 1, 0}, {'k', 0, 'a'}, {'k', 0, '\xff'}, {'\xff', '\xff', 0}};
	static const char want[] = {0, 1, 0, '|', 'k', 0, 'a', '|'};
	struct vpns_store_write writes[5];
	struct vpnt *kit = *state;
	struct seen seen = {0};
	struct vpns_store_scan scan = {sizeof(scan), 2, {keys[1], 3}, {keys[3], 3}, 0, 0, 0, keep_one, &seen};
	int i;

	for (i = 0; i < 5; i++)
		writes[4 - i] = (struct vpns_store_write){
			VPNS_WRITE_PUT, 2, {keys[i], 3}, {keys[i], (uint64_t)i % 4}};
	must_commit(kit, writes, 5);
	assert_int_equal(vpnt_store_result(kit, vpnt_scan(kit, &scan))->status, VPNS_STORE_DONE);
	assert_int_equal(seen.count, 2);
	assert_memory_equal(seen.text, want, sizeof(want));
	memset(&seen, 0, sizeof(seen));
	scan.to = (struct vpns_bytes){keys[3], 2}; /* a prefix is below what it begins */
	assert_int_equal(vpnt_store_result(kit, vpnt_scan(kit, &scan))->status, VPNS_STORE_DONE);
	assert_int_equal(seen.count, 1);
}

void an_empty_value_is_a_record_all_the_same(void **state)
{
	const struct vpns_store_write writes[] = {put(0, "a", NULL), put(0, "b", "")};
	const struct vpns_store_write more[] = {put(0, "a", "1"), cut(0, "b")};
	struct vpnt *kit = *state;

	must_commit(kit, writes, 2);
	must_hold(kit, 0, "a= b= ");
	must_commit(kit, more, 2);
	must_hold(kit, 0, "a=1 ");
}

static int32_t compare_large(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	const struct vpns_bytes *want = arg;

	assert_int_equal(key.len, 5);
	assert_int_equal(value.len, want->len);
	assert_memory_equal(value.ptr, want->ptr, want->len);
	return 0;
}

void a_large_value_is_kept(void **state)
{
	enum { LARGE = 3 * 1024 * 1024 + 1 };
	unsigned char *large = malloc(LARGE);
	struct vpns_bytes want = {large, LARGE};
	struct vpns_store_write write = {VPNS_WRITE_PUT, 9, {"large", 5}, want};
	struct vpns_store_scan scan = {sizeof(scan), 9, {NULL, 0}, {NULL, 0}, 0, 0, 0, compare_large, &want};
	uint32_t seed = 3;
	int i;

	assert_non_null(large);
	for (i = 0; i < LARGE; i++)
		large[i] = (unsigned char)next_random(&seed);
	must_commit(*state, &write, 1);
	assert_int_equal(vpnt_store_result(*state, vpnt_scan(*state, &scan))->status, VPNS_STORE_DONE);
	free(large);
}

/* The model: one slot for each possible key, in order. */
struct model {
	int value[MODEL_KEYS]; /* 0: not there */
};

static void check_against(
	struct vpnt *kit, const struct model *model, uint32_t from, uint32_t to, int reverse)
{
	static struct seen seen;
	char want[sizeof(seen.text)] = "";
	char from_key[8];
	char to_key[8];
	size_t len = 0;
	uint32_t i;
	uint32_t key;

	snprintf(from_key, sizeof(from_key), "%03u", from);
	snprintf(to_key, sizeof(to_key), "%03u", to);
	for (i = from; i < to; i++) {
		key = reverse ? to - 1 - (i - from) : i;
		if (model->value[key] != 0)
			len += (size_t)snprintf(
				want + len, sizeof(want) - len, "%03u=%d ", key, model->value[key]);
	}
	assert_string_equal(scan_of(kit, &seen, 1, from_key, to_key, 0, reverse), want);
}

void it_agrees_with_a_naive_model_over_many_random_batches(void **state)
{
	struct vpns_store_write writes[16];
	static char keys[16][8];
	static char values[16][16];
	struct vpnt *kit = *state;
	struct model model = {{0}};
	uint32_t seed = 7;
	uint32_t round;
	uint32_t count;
	uint32_t i;
	uint32_t key;

	for (round = 0; round < 3000; round++) {
		count = next_random(&seed) % 16 + 1;
		for (i = 0; i < count; i++) {
			key = next_random(&seed) % MODEL_KEYS;
			snprintf(keys[i], sizeof(keys[i]), "%03u", key);
			model.value[key] =
				next_random(&seed) % 5 < 2 ? 0 : (int)(next_random(&seed) % 99999) + 1;
			snprintf(values[i], sizeof(values[i]), "%d", model.value[key]);
			writes[i] = model.value[key] == 0 ? cut(1, keys[i]) : put(1, keys[i], values[i]);
		}
		must_commit(kit, writes, count);
		key = next_random(&seed) % MODEL_KEYS;
		check_against(
			kit, &model, key, key + next_random(&seed) % (MODEL_KEYS - key), (int)(round & 1));
		if (round % 100 == 0)
			check_against(kit, &model, 0, MODEL_KEYS, (int)(round / 100 & 1));
	}
}

static int32_t in_order(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	uint64_t *before = arg;
	uint64_t now = 0;
	uint32_t i;

	(void)value;
	assert_int_equal(key.len, 8);
	for (i = 0; i < 8; i++)
		now = now << 8 | ((const unsigned char *)key.ptr)[i];
	assert_true(now > *before);
	*before = now;
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void two_hundred_thousand_scattered_keys_stay_in_order(void **state)
{
	enum { KEYS = 200000, BATCH = 1000 };
	static unsigned char keys[BATCH][8];
	static struct vpns_store_write writes[BATCH];
	struct vpnt *kit = *state;
	uint64_t before = 0;
	struct vpns_store_scan scan = {sizeof(scan), 5, {NULL, 0}, {NULL, 0}, 0, 0, 0, in_order, &before};
	double began = seconds();
	double written;
	uint64_t mixed;
	uint32_t i;
	int byte;

	for (i = 0; i < KEYS; i++) {
		mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		for (byte = 0; byte < 8; byte++)
			keys[i % BATCH][byte] = (unsigned char)(mixed >> (56 - 8 * byte));
		writes[i % BATCH].verb = VPNS_WRITE_PUT;
		writes[i % BATCH].table = 5;
		writes[i % BATCH].key = (struct vpns_bytes){keys[i % BATCH], 8};
		if (i % BATCH == BATCH - 1)
			must_commit(kit, writes, BATCH);
	}
	written = seconds();
	assert_int_equal(vpnt_store_result(kit, vpnt_scan(kit, &scan))->status, VPNS_STORE_DONE);
	assert_true(before > UINT64_C(0xfff0000000000000));
	print_message("%d records: written in %.2f s, scanned in %.2f s\n", KEYS, written - began,
		seconds() - written);
}
