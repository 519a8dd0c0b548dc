#include "server_test.h"

#define VPNS_DRAFT
#include "vpn_sentinel/plugin.h"

#include "model/client.h"
#include "model/names.h"
#include "server/unit.h"
#include "store/batch.h"

static void assert_write(const struct vpns_store_batch *view, uint32_t index, uint32_t verb, uint32_t table,
	struct vs_view key, const char *value)
{
	const struct vpns_store_write *write = &view->writes[index];

	assert_true(index < view->count);
	assert_int_equal(write->verb, verb);
	assert_int_equal(write->table, table);
	assert_int_equal(write->key.len, key.len);
	assert_memory_equal(write->key.ptr, key.ptr, key.len);
	assert_int_equal(write->value.len, strlen(value));
	assert_memory_equal(write->value.ptr, value, strlen(value));
}

static void a_unit_becomes_one_batch_in_the_order_written(void **state)
{
	struct vs_unit *unit = vs_unit_create();
	struct vpns_store_batch view;
	struct vs_batch *batch;
	char key[] = "k1";

	(void)state;
	vs_unit_put(unit, VS_TABLE_OUTBOX, key, NULL, vs_view_of("v1"));
	key[0] = 'x'; /* it was copied */
	vs_unit_put(unit, VS_TABLE_TRANSITIONS, "client", "ulid", vs_view_of("v2"));
	vs_unit_delete(unit, VS_TABLE_TOLD, "channel", "incident");
	vs_unit_delete_key(unit, VS_TABLE_STATE, (struct vs_view){"a\0b", 3});
	vs_unit_put(unit, VS_TABLE_INCIDENTS, "empty", NULL, (struct vs_view){NULL, 0});
	vs_unit_put(unit, VS_TABLE_STATE, "bytes", NULL, (struct vs_view){"a\0b", 3});
	batch = vs_unit_batch(unit);
	vs_unit_destroy(unit);
	vs_batch_view(batch, &view);
	assert_int_equal(view.count, 6);
	assert_write(&view, 0, VPNS_WRITE_PUT, VS_TABLE_OUTBOX, vs_view_of("k1"), "v1");
	assert_write(
		&view, 1, VPNS_WRITE_PUT, VS_TABLE_TRANSITIONS, (struct vs_view){"client\0ulid", 11}, "v2");
	assert_write(
		&view, 2, VPNS_WRITE_DELETE, VS_TABLE_TOLD, (struct vs_view){"channel\0incident", 16}, "");
	assert_write(&view, 3, VPNS_WRITE_DELETE, VS_TABLE_STATE, (struct vs_view){"a\0b", 3}, "");
	assert_write(&view, 4, VPNS_WRITE_PUT, VS_TABLE_INCIDENTS, vs_view_of("empty"), "");
	assert_int_equal(view.writes[5].value.len, 3);
	assert_memory_equal(view.writes[5].value.ptr, "a\0b", 3);
	vs_batch_destroy(batch);
	vs_unit_destroy(NULL);
}

static void a_client_is_stored_as_a_record_that_restores_it(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_unit *unit = vs_unit_create();
	struct vs_client client;
	struct vs_client again;

	(void)state;
	vs_client_init(&client, "office");
	client.first_seen = NOON;
	vs_unit_put_client(unit, &client, names);
	assert_int_equal(unit->count, 1);
	assert_int_equal(unit->records[0].key[0], VS_TABLE_CLIENTS);
	assert_memory_equal(unit->records[0].key + 1, "office", 6);
	assert_int_equal(vs_client_decode(&again, names,
				 (struct vs_view){unit->records[0].value, unit->records[0].value_len}, NULL),
		0);
	assert_int_equal(again.first_seen, NOON);
	vs_client_fini(&again, names);
	vs_client_fini(&client, names);
	vs_unit_destroy(unit);
	vs_names_destroy(names);
}

static void a_unit_holds_any_number_of_records(void **state)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_batch *batch;
	char key[16];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		vs_unit_put(unit, VS_TABLE_STATE, key, NULL, vs_view_of(key));
	}
	batch = vs_unit_batch(unit);
	assert_int_equal(vs_batch_count(batch), 1000);
	vs_batch_destroy(batch);
	vs_unit_destroy(unit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_becomes_one_batch_in_the_order_written),
		cmocka_unit_test(a_client_is_stored_as_a_record_that_restores_it),
		cmocka_unit_test(a_unit_holds_any_number_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
