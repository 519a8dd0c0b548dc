#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "dies.h"

static void a_fresh_buffer_reads_as_an_empty_text(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	assert_string_equal(vs_buf_text(&buf), "");
	assert_int_equal(vs_buf_view(&buf).len, 0);
	vs_buf_add(&buf, NULL, 0);
	vs_buf_clear(&buf);
	vs_buf_drop_front(&buf, 0);
	assert_null(buf.ptr);
	vs_buf_fini(&buf);
	vs_buf_fini(&buf);
}

static void what_is_added_is_kept_in_order_and_terminated(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	vs_buf_add(&buf, "ab\0", 3);
	vs_buf_add_text(&buf, "cd");
	vs_buf_add_text(&buf, "");
	vs_buf_add_char(&buf, 'e');
	vs_buf_printf(&buf, "%d-%s", 42, "x");
	assert_int_equal(buf.len, 10);
	assert_memory_equal(buf.ptr, "ab\0cde42-x", 11);
	vs_buf_fini(&buf);
}

static void it_grows_through_every_size(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	for (size_t i = 0; i < 5000; i++) {
		vs_buf_add_char(&buf, (char)('a' + i % 26));
		assert_int_equal(buf.len, i + 1);
		assert_true(buf.cap > buf.len);
		assert_int_equal(buf.ptr[buf.len], '\0');
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(buf.ptr[i], 'a' + (int)(i % 26));
	vs_buf_fini(&buf);
}

static void printing_fits_at_every_distance_from_the_end(void **state)
{
	(void)state;
	for (size_t before = 0; before < 140; before++) {
		struct vs_buf buf;

		vs_buf_init(&buf);
		for (size_t i = 0; i < before; i++)
			vs_buf_add_char(&buf, '.');
		vs_buf_printf(&buf, "%s/%05d", "0123456789", 7);
		assert_int_equal(buf.len, before + 16);
		assert_string_equal(buf.ptr + before, "0123456789/00007");
		vs_buf_fini(&buf);
	}
}

static void printing_nothing_gives_an_empty_text(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	vs_buf_printf(&buf, "%s", "");
	assert_int_equal(buf.len, 0);
	assert_string_equal(vs_buf_text(&buf), "");
	vs_buf_fini(&buf);
}

static void clearing_keeps_the_memory(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	vs_buf_reserve(&buf, 1000);
	assert_true(buf.cap > 1000);
	assert_string_equal(vs_buf_text(&buf), "");
	vs_buf_add_text(&buf, "old");
	const char *memory = buf.ptr;
	vs_buf_clear(&buf);
	assert_string_equal(vs_buf_text(&buf), "");
	vs_buf_add_text(&buf, "new");
	assert_ptr_equal(buf.ptr, memory);
	vs_buf_fini(&buf);
}

static void the_front_can_be_dropped(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	vs_buf_add_text(&buf, "abcdef");
	vs_buf_drop_front(&buf, 0);
	vs_buf_drop_front(&buf, 2);
	assert_string_equal(vs_buf_text(&buf), "cdef");
	vs_buf_drop_front(&buf, 4);
	assert_string_equal(vs_buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
	vs_buf_fini(&buf);
}

static void taking_moves_the_text_out(void **state)
{
	struct vs_buf buf;
	(void)state;

	vs_buf_init(&buf);
	char *nothing = vs_buf_take(&buf);
	assert_string_equal(nothing, "");
	vs_buf_add_text(&buf, "verdict");
	char *text = vs_buf_take(&buf);
	assert_string_equal(text, "verdict");
	assert_string_equal(vs_buf_text(&buf), "");
	vs_buf_add_text(&buf, "next");
	assert_string_equal(text, "verdict");
	vs_free(nothing);
	vs_free(text);
	vs_buf_fini(&buf);
}

static void drop_too_much(void)
{
	struct vs_buf buf;

	vs_buf_init(&buf);
	vs_buf_drop_front(&buf, 1);
}

static void reserve_too_much(void)
{
	struct vs_buf buf;

	vs_buf_init(&buf);
	vs_buf_reserve(&buf, SIZE_MAX);
}

static void asking_for_the_impossible_is_a_broken_promise(void **state)
{
	char said[256];
	(void)state;

	assert_true(dies(drop_too_much, said, sizeof(said)));
	assert_non_null(strstr(said, "buf.c"));
	assert_true(dies(reserve_too_much, said, sizeof(said)));
	assert_non_null(strstr(said, "buf.c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_buffer_reads_as_an_empty_text),
		cmocka_unit_test(what_is_added_is_kept_in_order_and_terminated),
		cmocka_unit_test(it_grows_through_every_size),
		cmocka_unit_test(printing_fits_at_every_distance_from_the_end),
		cmocka_unit_test(printing_nothing_gives_an_empty_text),
		cmocka_unit_test(clearing_keeps_the_memory),
		cmocka_unit_test(the_front_can_be_dropped),
		cmocka_unit_test(taking_moves_the_text_out),
		cmocka_unit_test(asking_for_the_impossible_is_a_broken_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
