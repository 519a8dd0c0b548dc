/* Store memory: what every store must do, and its limit. */
#include "store_contract.h"

static int setup(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "memory"));

	vpnt_start(kit, VPNT_DEFAULTS);
	*state = kit;
	return 0;
}

static int setup_bare(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "memory"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static void a_full_store_refuses_to_grow_but_lets_go(void **state)
{
	const struct vpns_store_write two[] = {put(0, "a", "1"), put(0, "b", "2")};
	const struct vpns_store_write third[] = {cut(0, "a"), put(0, "c", "3")};
	const struct vpns_store_write less[] = {cut(0, "a")};
	const struct vpns_store_write again[] = {put(0, "c", "3")};
	struct vpnt *kit = *state;
	struct seen seen = {0};

	vpnt_start(kit, VPNT_OPTIONS("max_size", "270"));
	must_commit(kit, two, 2);
	assert_int_equal(commit(kit, third, 2)->status, VPNS_STORE_RETRY);
	assert_contains(commit(kit, third, 2)->reason, "max_size");
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "a=1 b=2 ");
	must_commit(kit, less, 1);
	must_commit(kit, again, 1);
	assert_string_equal(scan_of(kit, &seen, 0, NULL, NULL, 0, 0), "b=2 c=3 ");
}

static void no_size_is_no_limit_and_huge_sizes_do_not_wrap(void **state)
{
	const struct vpns_store_write one[] = {put(0, "a", "1")};
	struct vpns_store_write huge[] = {put(0, "a", "1"), put(0, "b", "1")};
	struct vpnt *kit = *state;

	huge[0].value.len = UINT64_MAX - 10;
	vpnt_start(kit, VPNT_OPTIONS("max_size", "0"));
	must_commit(kit, one, 1);
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_OPTIONS("max_size", "1KiB"));
	assert_int_equal(commit(kit, huge, 2)->status, VPNS_STORE_RETRY);
}

static void there_is_no_backup(void **state)
{
	(void)state;
	assert_null(vpnt_load(VPNS_TEST_PLUGINS "/stores", "memory")->store->backup);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/stores", "memory"),
		VPNS_TEST_SOURCE "/plugins/stores/memory/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown),
#define TEST_BARE(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown),

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT(TEST)
		TEST_BARE(a_full_store_refuses_to_grow_but_lets_go)
		TEST_BARE(no_size_is_no_limit_and_huge_sizes_do_not_wrap)
		cmocka_unit_test(there_is_no_backup),
		cmocka_unit_test(the_readme_names_the_options),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
