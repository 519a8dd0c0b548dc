/* What people want of clients waits for their next keepalive. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "server/wishes.h"

static void a_wish_is_fetched_once_by_whom_it_concerns(void **state)
{
	struct vs_wishes *wishes = vs_wishes_create();

	(void)state;
	assert_true(vs_wishes_add_probe(wishes, "anna", 1000));
	assert_true(vs_wishes_add_probe(wishes, "anna", 2000)); /* the same wish */
	assert_int_equal(vs_wishes_count(wishes), 1);
	assert_false(vs_wishes_take_probe(wishes, "berta", 3000));
	assert_true(vs_wishes_take_probe(wishes, "anna", 3000));
	assert_false(vs_wishes_take_probe(wishes, "anna", 3000));
	assert_int_equal(vs_wishes_count(wishes), 0);
	vs_wishes_destroy(wishes);
}

static void one_that_nobody_fetches_for_an_hour_is_forgotten(void **state)
{
	struct vs_wishes *wishes = vs_wishes_create();

	(void)state;
	vs_wishes_add_probe(wishes, "anna", 1000);
	vs_wishes_add_probe(wishes, "berta", 1000);
	assert_false(vs_wishes_take_probe(wishes, "anna", 1000 + VS_WISH_MS));
	assert_true(vs_wishes_take_probe(wishes, "berta", 999 + VS_WISH_MS));
	vs_wishes_destroy(wishes);
}

static void what_waits_is_bounded_and_room_comes_with_time(void **state)
{
	struct vs_wishes *wishes = vs_wishes_create();
	char id[16];
	int i;

	(void)state;
	for (i = 0; i < VS_WISHES_MAX; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		assert_true(vs_wishes_add_probe(wishes, id, 1000));
	}
	assert_false(vs_wishes_add_probe(wishes, "anna", 1000));
	assert_true(vs_wishes_add_probe(wishes, "c7", 1000)); /* which is no more than before */
	assert_true(vs_wishes_add_probe(wishes, "anna", 1000 + VS_WISH_MS));
	assert_int_equal(vs_wishes_count(wishes), 1);
	vs_wishes_destroy(wishes);
}

static void without_wishes_nobody_is_wanted(void **state)
{
	(void)state;
	assert_false(vs_wishes_take_probe(NULL, "anna", 0));
	vs_wishes_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wish_is_fetched_once_by_whom_it_concerns),
		cmocka_unit_test(one_that_nobody_fetches_for_an_hour_is_forgotten),
		cmocka_unit_test(what_waits_is_bounded_and_room_comes_with_time),
		cmocka_unit_test(without_wishes_nobody_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
