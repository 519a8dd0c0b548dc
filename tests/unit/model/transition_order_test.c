#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/kind.h"
#include "model/transition.h"

#define MOMENT INT64_C(1795435200000)

static void push(struct vs_transitions *list, int64_t at)
{
	vs_transition_init_notice(vs_transitions_push(list), VS_KIND_CONNECTED, "office", at);
}

static void transitions_of_one_moment_get_ascending_ids_in_their_order(void **state)
{
	struct vs_transitions list = {0};
	size_t i;

	(void)state;
	for (i = 0; i < 50; i++)
		push(&list, MOMENT);
	vs_transitions_order(&list);
	for (i = 1; i < list.count; i++) {
		assert_true(vs_ulid_valid(list.items[i].id));
		assert_true(strcmp(list.items[i - 1].id, list.items[i].id) < 0);
		assert_memory_equal(list.items[i].id, list.items[0].id, 10); /* the same moment */
	}
	vs_transitions_fini(&list);
}

static void ids_of_other_moments_stay_as_they_are(void **state)
{
	struct vs_transitions list = {0};
	char ids[3][VS_ULID_TEXT];
	size_t i;

	(void)state;
	push(&list, MOMENT);
	push(&list, MOMENT - 1000); /* what a late report brought about */
	push(&list, MOMENT + 1);
	for (i = 0; i < list.count; i++)
		memcpy(ids[i], list.items[i].id, VS_ULID_TEXT);
	vs_transitions_order(&list);
	for (i = 0; i < list.count; i++)
		assert_string_equal(list.items[i].id, ids[i]);
	vs_transitions_fini(&list);
}

static void an_empty_list_has_no_order(void **state)
{
	struct vs_transitions list = {0};

	(void)state;
	vs_transitions_order(&list);
	assert_int_equal(list.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transitions_of_one_moment_get_ascending_ids_in_their_order),
		cmocka_unit_test(ids_of_other_moments_stay_as_they_are),
		cmocka_unit_test(an_empty_list_has_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
