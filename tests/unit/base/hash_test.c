#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/hash.h"

/* Python hashes bytes with it, by a seed of zeros when PYTHONHASHSEED is 0. */
static void it_is_siphash_with_one_and_three_rounds(void **state)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} rows[] = {
		{"a", 0x407448d2b89b1813},
		{"12345678", 0x3489982430560a87},
		{"office-router-17", 0x682639fc324fd31f},
	};
	const struct vs_hash_seed seed = {{0, 0}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(vs_hash(&seed, rows[i].text, strlen(rows[i].text)) == rows[i].hash);
}

static void no_two_seeds_are_the_same(void **state)
{
	struct vs_hash_seed one;
	struct vs_hash_seed other;

	(void)state;
	vs_hash_seed_init(&one);
	vs_hash_seed_init(&other);
	assert_memory_not_equal(&one, &other, sizeof(one));
	assert_true(vs_hash(&one, "a", 1) != vs_hash(&other, "a", 1));
	assert_true(vs_hash(&one, "a", 1) == vs_hash(&one, "a", 1));
}

static void a_key_and_one_that_ends_in_zeros_differ(void **state)
{
	const struct vs_hash_seed seed = {{1, 2}};

	(void)state;
	assert_true(vs_hash(&seed, "a\0", 2) != vs_hash(&seed, "a", 1));
	assert_true(vs_hash(&seed, NULL, 0) != vs_hash(&seed, "\0", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_siphash_with_one_and_three_rounds),
		cmocka_unit_test(no_two_seeds_are_the_same),
		cmocka_unit_test(a_key_and_one_that_ends_in_zeros_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
