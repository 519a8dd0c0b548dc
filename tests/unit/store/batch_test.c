/* Batches copy what they are given and keep its order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "store/batch.h"
#include "vpn_sentinel/store.h"

static void writes_keep_their_order_and_bytes(void **state)
{
	struct vs_batch *batch = vs_batch_create();
	struct vpns_store_batch view;
	char key[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key%u", i);
		if (i % 3 == 0)
			vs_batch_delete(batch, 2, vs_view_of(key));
		else
			vs_batch_put(batch, 63, vs_view_of(key), (struct vs_view){"a\0b", i % 2 ? 3 : 0});
	}
	assert_int_equal(vs_batch_count(batch), 100);
	vs_batch_view(batch, &view);
	assert_int_equal(view.size, sizeof(view));
	assert_int_equal(view.count, 100);
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key%u", i);
		assert_int_equal(view.writes[i].verb, i % 3 == 0 ? VPNS_WRITE_DELETE : VPNS_WRITE_PUT);
		assert_int_equal(view.writes[i].table, i % 3 == 0 ? 2 : 63);
		assert_int_equal(view.writes[i].key.len, strlen(key));
		assert_memory_equal(view.writes[i].key.ptr, key, strlen(key));
		if (i % 3 != 0 && i % 2) {
			assert_int_equal(view.writes[i].value.len, 3);
			assert_memory_equal(view.writes[i].value.ptr, "a\0b", 3);
		} else {
			assert_int_equal(view.writes[i].value.len, 0);
		}
	}
	vs_batch_destroy(batch);
}

static void an_empty_batch_is_one_without_writes(void **state)
{
	struct vs_batch *batch = vs_batch_create();
	struct vpns_store_batch view;

	(void)state;
	assert_int_equal(vs_batch_bytes(batch), 0);
	vs_batch_view(batch, &view);
	assert_int_equal(view.count, 0);
	vs_batch_destroy(batch);
	vs_batch_destroy(NULL);
}

static void bytes_count_keys_and_values(void **state)
{
	struct vs_batch *batch = vs_batch_create();

	(void)state;
	vs_batch_put(batch, 0, vs_view_of("four"), vs_view_of("seven77"));
	vs_batch_delete(batch, 0, vs_view_of("key"));
	assert_int_equal(vs_batch_bytes(batch), 14);
	vs_batch_destroy(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_keep_their_order_and_bytes),
		cmocka_unit_test(an_empty_batch_is_one_without_writes),
		cmocka_unit_test(bytes_count_keys_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
