#include "config_support.h"

#include "config/arena.h"

static void memory_is_zeroed_and_aligned_for_any_type(void **state)
{
	struct vs_arena arena;
	size_t size;

	(void)state;
	vs_arena_init(&arena);
	for (size = 1; size < 300; size++) {
		unsigned char *bytes = vs_arena_alloc(&arena, size);
		size_t i;

		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	vs_arena_fini(&arena);
}

static void large_and_small_things_keep_their_content(void **state)
{
	struct vs_arena arena = {0};
	char *large[20];
	char *small[20];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		large[i] = vs_arena_alloc(&arena, 5000 + (size_t)i * 997);
		memset(large[i], 'a' + i, 5000);
		small[i] = vs_arena_alloc(&arena, 7);
		memset(small[i], 'A' + i, 7);
	}
	for (i = 0; i < 20; i++) {
		assert_int_equal(large[i][0], 'a' + i);
		assert_int_equal(large[i][4999], 'a' + i);
		assert_int_equal(small[i][6], 'A' + i);
	}
	vs_arena_fini(&arena);
}

static void a_text_is_copied_and_ends_in_a_nul(void **state)
{
	struct vs_arena arena = {0};
	struct vs_view empty = {NULL, 0};
	struct vs_view part = {"abcdef", 3};

	(void)state;
	assert_string_equal(vs_arena_text(&arena, part), "abc");
	assert_string_equal(vs_arena_text(&arena, empty), "");
	vs_arena_fini(&arena);
	vs_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
		cmocka_unit_test(large_and_small_things_keep_their_content),
		cmocka_unit_test(a_text_is_copied_and_ends_in_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
