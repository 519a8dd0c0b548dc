#include "model_test.h"

static void equal_texts_are_one_name(void **state)
{
	struct vs_names *names = vs_names_create();
	uint32_t a = vs_names_hold(names, vs_view_of("exit.ip"));
	uint32_t b = vs_names_hold(names, vs_view_of("exit.ip"));

	(void)state;
	assert_int_equal(a, b);
	assert_int_equal(vs_names_count(names), 1);
	assert_string_equal(vs_names_text(names, a), "exit.ip");
	vs_names_destroy(names);
}

static void the_empty_text_is_zero_and_needs_no_holder(void **state)
{
	struct vs_names *names = vs_names_create();

	(void)state;
	assert_int_equal(vs_names_hold(names, vs_view_of("")), 0);
	assert_string_equal(vs_names_text(names, 0), "");
	vs_names_drop(names, 0);
	vs_names_destroy(names);
	vs_names_destroy(NULL);
}

static void a_text_goes_with_its_last_holder_and_its_number_is_used_again(void **state)
{
	struct vs_names *names = vs_names_create();
	uint32_t a = vs_names_hold(names, vs_view_of("a"));

	(void)state;
	vs_names_hold(names, vs_view_of("a"));
	vs_names_drop(names, a);
	assert_string_equal(vs_names_text(names, a), "a");
	vs_names_drop(names, a);
	assert_int_equal(vs_names_count(names), 0);
	assert_int_equal(vs_names_hold(names, vs_view_of("b")), a);
	vs_names_destroy(names);
}

static void a_thousand_texts_keep_apart(void **state)
{
	struct vs_names *names = vs_names_create();
	uint32_t ids[1000];
	char text[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "name.%d", i);
		ids[i] = vs_names_hold(names, vs_view_of(text));
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "name.%d", i);
		assert_string_equal(vs_names_text(names, ids[i]), text);
		vs_names_drop(names, ids[i]);
	}
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

static void replacing_tells_whether_the_text_changed(void **state)
{
	struct vs_names *names = vs_names_create();
	uint32_t id = 0;

	(void)state;
	assert_true(vs_names_replace(names, &id, vs_view_of("1.0")));
	assert_false(vs_names_replace(names, &id, vs_view_of("1.0")));
	assert_true(vs_names_replace(names, &id, vs_view_of("1.1")));
	assert_string_equal(vs_names_text(names, id), "1.1");
	assert_true(vs_names_replace(names, &id, vs_view_of("")));
	assert_int_equal(id, 0);
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_are_one_name),
		cmocka_unit_test(the_empty_text_is_zero_and_needs_no_holder),
		cmocka_unit_test(a_text_goes_with_its_last_holder_and_its_number_is_used_again),
		cmocka_unit_test(a_thousand_texts_keep_apart),
		cmocka_unit_test(replacing_tells_whether_the_text_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
