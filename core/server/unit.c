#include "server/unit.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/client.h"
#include "store/batch.h"

struct vs_unit *vs_unit_create(void)
{
	return vs_zalloc(sizeof(struct vs_unit));
}

void vs_record_fini(struct vs_record *record)
{
	vs_free(record->key);
	vs_free(record->value);
	memset(record, 0, sizeof(*record));
}

void vs_unit_destroy(struct vs_unit *unit)
{
	size_t i;

	if (unit == NULL)
		return;
	for (i = 0; i < unit->count; i++)
		vs_record_fini(&unit->records[i]);
	vs_free(unit->records);
	vs_free(unit);
}

static char *copy_bytes(const char *bytes, size_t len)
{
	char *copy = vs_alloc(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

struct vs_unit *vs_unit_copy(const struct vs_unit *unit)
{
	struct vs_unit *copy = vs_unit_create();
	size_t i;

	copy->records = vs_calloc(unit->count + 1, sizeof(*copy->records));
	copy->capacity = unit->count + 1;
	copy->count = unit->count;
	for (i = 0; i < unit->count; i++) {
		copy->records[i] = unit->records[i];
		copy->records[i].key = copy_bytes(unit->records[i].key, unit->records[i].key_len);
		if (unit->records[i].value != NULL)
			copy->records[i].value =
				copy_bytes(unit->records[i].value, unit->records[i].value_len);
	}
	return copy;
}

static struct vs_record *push(struct vs_unit *unit, enum vs_table table, struct vs_view key, const char *key2)
{
	struct vs_record *record;
	size_t len2 = key2 != NULL ? strlen(key2) + 1 : 0;

	if (unit->count == unit->capacity) {
		unit->capacity = unit->capacity == 0 ? 8 : unit->capacity * 2;
		unit->records = vs_realloc(unit->records, unit->capacity * sizeof(*unit->records));
	}
	record = &unit->records[unit->count++];
	memset(record, 0, sizeof(*record));
	record->key_len = 1 + key.len + len2;
	record->key = vs_alloc(record->key_len);
	record->key[0] = (char)table;
	memcpy(record->key + 1, key.ptr, key.len);
	if (key2 != NULL) {
		record->key[1 + key.len] = '\0';
		memcpy(record->key + 1 + key.len + 1, key2, len2 - 1);
	}
	return record;
}

static void set_value(struct vs_record *record, struct vs_view value)
{
	record->value = vs_alloc(value.len + 1); /* never NULL, which would delete */
	if (value.len > 0)
		memcpy(record->value, value.ptr, value.len);
	record->value[value.len] = '\0';
	record->value_len = value.len;
}

void vs_unit_put(
	struct vs_unit *unit, enum vs_table table, const char *key, const char *key2, struct vs_view value)
{
	set_value(push(unit, table, vs_view_of(key), key2), value);
}

void vs_unit_put_key(struct vs_unit *unit, enum vs_table table, struct vs_view key, struct vs_view value)
{
	set_value(push(unit, table, key, NULL), value);
}

void vs_unit_delete(struct vs_unit *unit, enum vs_table table, const char *key, const char *key2)
{
	push(unit, table, vs_view_of(key), key2);
}

void vs_unit_delete_key(struct vs_unit *unit, enum vs_table table, struct vs_view key)
{
	push(unit, table, key, NULL);
}

void vs_unit_put_client(struct vs_unit *unit, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_record *record = push(unit, VS_TABLE_CLIENTS, vs_view_of(client->id), NULL);
	struct vs_buf bytes;

	vs_buf_init(&bytes);
	vs_client_encode(client, names, &bytes);
	record->value_len = bytes.len;
	record->value = vs_buf_take(&bytes);
}

void vs_record_add_to(const struct vs_record *record, struct vs_batch *batch)
{
	struct vs_view key = {record->key + 1, record->key_len - 1};
	struct vs_view value = {record->value, record->value_len};

	if (record->value != NULL)
		vs_batch_put(batch, (uint8_t)record->key[0], key, value);
	else
		vs_batch_delete(batch, (uint8_t)record->key[0], key);
}

struct vs_batch *vs_unit_batch(const struct vs_unit *unit)
{
	struct vs_batch *batch = vs_batch_create();
	size_t i;

	for (i = 0; i < unit->count; i++)
		vs_record_add_to(&unit->records[i], batch);
	return batch;
}
