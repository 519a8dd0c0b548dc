/* Lists of addresses and prefixes. */
#include "config_support.h"

#include "config/arena.h"
#include "config/prefixes.h"

static int parse_items(struct vs_prefixes *prefixes, struct vs_arena *arena, struct vs_err *err,
	const char *const *items, uint32_t count)
{
	const struct vpns_list list = {.items = items, .count = count};

	return vs_prefixes_parse(prefixes, &list, arena, err);
}

static void an_address_is_a_prefix_of_all_its_bits(void **state)
{
	const char *const items[] = {"192.0.2.1", "2001:db8::1", "10.0.0.0/8", "::ffff:10.0.0.0/104"};
	struct vs_arena arena = {0};
	struct vs_prefixes prefixes;
	struct vs_err err;

	(void)state;
	assert_int_equal(parse_items(&prefixes, &arena, &err, items, 4), 0);
	assert_int_equal(prefixes.count, 4);
	assert_int_equal(prefixes.items[0].bits, 32);
	assert_int_equal(prefixes.items[1].bits, 128);
	assert_int_equal(prefixes.items[2].bits, 8);
	assert_int_equal(prefixes.items[3].bits, 8);
	assert_false(vs_prefixes_hold_all(&prefixes));
	vs_arena_fini(&arena);
}

static void a_prefix_of_no_bits_holds_everybody(void **state)
{
	const char *const items[] = {"192.0.2.1", "0.0.0.0/0"};
	struct vs_arena arena = {0};
	struct vs_prefixes prefixes;
	struct vs_err err;

	(void)state;
	assert_int_equal(parse_items(&prefixes, &arena, &err, items, 2), 0);
	assert_true(vs_prefixes_hold_all(&prefixes));
	vs_arena_fini(&arena);
}

static void host_bits_are_told_with_what_may_be_meant(void **state)
{
	const char *const items[] = {"10.1.2.3/16"};
	struct vs_arena arena = {0};
	struct vs_prefixes prefixes;
	struct vs_err err;

	(void)state;
	assert_true(parse_items(&prefixes, &arena, &err, items, 1) < 0);
	assert_string_equal(err.text, "'10.1.2.3/16' goes beyond its prefix: write 10.1.0.0/16 or 10.1.2.3");
	vs_arena_fini(&arena);
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "/8",
		"10.0/8", "10.0.0.0/8/8", "10.0.0.0/8x", "2001:db8::/129", "RO"};
	struct vs_arena arena = {0};
	struct vs_prefixes prefixes;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(parse_items(&prefixes, &arena, &err, &bad[i], 1) < 0);
		assert_non_null(strstr(err.text, "is no address and no prefix such as 10.0.0.0/8"));
	}
	vs_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_a_prefix_of_all_its_bits),
		cmocka_unit_test(a_prefix_of_no_bits_holds_everybody),
		cmocka_unit_test(host_bits_are_told_with_what_may_be_meant),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
