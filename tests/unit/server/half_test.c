/* The mark of a store that holds a half. */
#include "server_test.h"

#include "server/half.h"

static void what_is_written_is_read(void **state)
{
	struct vs_view said;
	struct vs_buf text;
	int64_t at;

	(void)state;
	vs_buf_init(&text);
	vs_half_encode(&text, 1790000000123, vs_view_of("set aside as x y"));
	vs_half_decode(vs_buf_view(&text), &at, &said);
	assert_int_equal(at, 1790000000123);
	assert_true(vs_view_equal_text(said, "set aside as x y"));
	vs_buf_fini(&text);
}

static void foreign_text_is_of_no_time(void **state)
{
	static const char *const texts[] = {
		"", " ", "x", "12", "x 12", "-1 back", "99999999999999999999 late"};
	struct vs_view said;
	int64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		at = 7;
		vs_half_decode(vs_view_of(texts[i]), &at, &said);
		assert_int_equal(at, 0);
		assert_true(vs_view_equal_text(said, texts[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(foreign_text_is_of_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
