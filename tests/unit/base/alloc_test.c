#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "dies.h"

static void nothing_at_all_can_be_allocated_and_freed(void **state)
{
	(void)state;
	void *ptr = vs_alloc(0);

	assert_non_null(ptr);
	vs_free(ptr);
	ptr = vs_calloc(0, 0);
	assert_non_null(ptr);
	vs_free(vs_realloc(ptr, 0));
	vs_free(NULL);
}

static void zeroed_memory_is_zero(void **state)
{
	static const char zeroes[256];
	(void)state;
	char *one = vs_zalloc(sizeof(zeroes));
	char *many = vs_calloc(16, 16);

	assert_memory_equal(one, zeroes, sizeof(zeroes));
	assert_memory_equal(many, zeroes, sizeof(zeroes));
	vs_free(one);
	vs_free(many);
}

static void a_grown_block_keeps_its_content(void **state)
{
	(void)state;
	char *text = vs_realloc(vs_strdup("tunnel"), 4096);

	assert_string_equal(text, "tunnel");
	vs_free(text);
}

static void texts_are_copied_whole_or_up_to_a_length(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *copy;
	} rows[] = {
		{"exit", 4, "exit"},
		{"exit", 2, "ex"},
		{"exit", 99, "exit"},
		{"exit", 0, ""},
		{"ex\0it", 5, "ex"},
		{NULL, 0, ""},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *copy = vs_strndup(rows[i].text, rows[i].len);

		assert_string_equal(copy, rows[i].copy);
		vs_free(copy);
	}
}

static void a_missing_text_stays_missing(void **state)
{
	(void)state;
	char *copy = vs_strdup_or_null("");

	assert_null(vs_strdup_or_null(NULL));
	assert_string_equal(copy, "");
	vs_free(copy);
}

static void ask_for_too_many(void)
{
	vs_free(vs_calloc(SIZE_MAX / 2, 3));
}

static void a_product_that_overflows_ends_the_process_with_one_line(void **state)
{
	char said[256];
	(void)state;

	assert_true(dies(ask_for_too_many, said, sizeof(said)));
	assert_non_null(strstr(said, "out of memory"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_at_all_can_be_allocated_and_freed),
		cmocka_unit_test(zeroed_memory_is_zero),
		cmocka_unit_test(a_grown_block_keeps_its_content),
		cmocka_unit_test(texts_are_copied_whole_or_up_to_a_length),
		cmocka_unit_test(a_missing_text_stays_missing),
		cmocka_unit_test(a_product_that_overflows_ends_the_process_with_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
