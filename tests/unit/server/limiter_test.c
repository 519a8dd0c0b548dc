/* Token buckets on a clock that the test turns. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "server/limiter.h"

static struct vs_limiter *five_a_minute(void)
{
	const struct vs_limiter_conf conf = {.requests = 5, .per_ms = 60000, .burst = 5, .max_keys = 100};

	return vs_limiter_create(&conf);
}

static struct vs_limit take(struct vs_limiter *limiter, const char *key, uint64_t now)
{
	struct vs_limit limit;

	vs_limiter_take(limiter, vs_view_of(key), now, &limit);
	return limit;
}

static struct vs_view key_of(const char *text, char key[VS_LIMITER_ADDR_KEY])
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return vs_limiter_addr_key(&addr, key);
}

static void a_burst_passes_and_the_next_one_does_not(void **state)
{
	struct vs_limiter *limiter = five_a_minute();
	struct vs_limit limit;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		limit = take(limiter, "a", 1000);
		assert_true(limit.allowed);
		assert_int_equal(limit.limit, 5);
		assert_int_equal(limit.remaining, 4 - i);
		assert_int_equal(limit.reset_s, 12 * (i + 1));
	}
	assert_int_equal(limit.retry_s, 12);
	limit = take(limiter, "a", 1000);
	assert_false(limit.allowed);
	assert_int_equal(limit.remaining, 0);
	assert_int_equal(limit.retry_s, 12);
	assert_int_equal(limit.reset_s, 60);
	vs_limiter_destroy(limiter);
}

static void whoever_waits_as_long_as_told_is_let_in(void **state)
{
	struct vs_limiter *limiter = five_a_minute();
	struct vs_limit limit;
	uint64_t now = 5;
	int i;

	(void)state;
	while (take(limiter, "a", now).allowed)
		;
	for (i = 0; i < 50; i++) {
		limit = take(limiter, "a", now + 11999);
		assert_false(limit.allowed);
		assert_int_equal(limit.retry_s, 1);
		now += 12000;
		assert_true(take(limiter, "a", now).allowed);
	}
	vs_limiter_destroy(limiter);
}

static void many_small_steps_fill_as_much_as_one_long_one(void **state)
{
	const struct vs_limiter_conf conf = {.requests = 7, .per_ms = 60000, .burst = 1, .max_keys = 1};
	struct vs_limiter *limiter = vs_limiter_create(&conf);
	uint64_t now;
	unsigned passed = 0;

	(void)state;
	for (now = 0; now < 600000; now++)
		passed += take(limiter, "a", now).allowed;
	assert_in_range(passed, 69, 70);
	vs_limiter_destroy(limiter);
}

static void a_full_bucket_does_not_grow_further(void **state)
{
	struct vs_limiter *limiter = five_a_minute();
	int i;

	(void)state;
	take(limiter, "a", 0);
	for (i = 0; i < 5; i++)
		assert_true(take(limiter, "a", 86400000).allowed);
	assert_false(take(limiter, "a", 86400000).allowed);
	vs_limiter_destroy(limiter);
}

static void keys_do_not_share_a_bucket(void **state)
{
	struct vs_limiter *limiter = five_a_minute();

	(void)state;
	while (take(limiter, "a", 0).allowed)
		;
	assert_true(take(limiter, "b", 0).allowed);
	assert_false(take(limiter, "a", 0).allowed);
	vs_limiter_destroy(limiter);
}

static void what_was_given_back_can_be_taken_again(void **state)
{
	struct vs_limiter *limiter = five_a_minute();
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_true(take(limiter, "a", 0).allowed);
		vs_limiter_give_back(limiter, vs_view_of("a"), 0);
	}
	assert_int_equal(take(limiter, "a", 0).remaining, 4);
	vs_limiter_give_back(limiter, vs_view_of("nobody"), 0);
	vs_limiter_destroy(limiter);
}

static void a_million_addresses_do_not_take_more_room_than_the_limit(void **state)
{
	const struct vs_limiter_conf conf = {.requests = 30, .per_ms = 60000, .burst = 30, .max_keys = 1000};
	struct vs_limiter *limiter = vs_limiter_create(&conf);
	char key[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		snprintf(key, sizeof(key), "%u", i);
		take(limiter, key, 1);
		if (i % 100000 == 0)
			assert_true(vs_limiter_count(limiter) <= 1000);
	}
	assert_int_equal(vs_limiter_count(limiter), 1000);
	vs_limiter_destroy(limiter);
}

static void the_one_longest_not_heard_of_is_forgotten_first(void **state)
{
	const struct vs_limiter_conf conf = {.requests = 1, .per_ms = 60000, .burst = 1, .max_keys = 2};
	struct vs_limiter *limiter = vs_limiter_create(&conf);

	(void)state;
	assert_true(take(limiter, "old", 0).allowed);
	assert_true(take(limiter, "busy", 0).allowed);
	assert_false(take(limiter, "old", 1).allowed);
	assert_true(take(limiter, "new", 2).allowed); /* busy makes room */
	assert_false(take(limiter, "old", 3).allowed);
	assert_true(take(limiter, "busy", 4).allowed);
	vs_limiter_destroy(limiter);
}

static void full_buckets_are_given_up_as_others_come(void **state)
{
	struct vs_limiter *limiter = five_a_minute();
	char key[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%u", i);
		take(limiter, key, 0);
	}
	assert_int_equal(vs_limiter_count(limiter), 100);
	for (i = 0; i < 60; i++)
		take(limiter, "a", 120000 + i);
	assert_int_equal(vs_limiter_count(limiter), 1);
	vs_limiter_destroy(limiter);
}

static void ipv6_addresses_of_one_network_share_a_key(void **state)
{
	char a[VS_LIMITER_ADDR_KEY];
	char b[VS_LIMITER_ADDR_KEY];

	(void)state;
	assert_true(vs_view_equal(key_of("2001:db8:0:1::1", a), key_of("2001:db8:0:1:ffff::2", b)));
	assert_false(vs_view_equal(key_of("2001:db8:0:1::1", a), key_of("2001:db8:0:2::1", b)));
	assert_false(vs_view_equal(key_of("192.0.2.1", a), key_of("192.0.2.2", b)));
	assert_true(vs_view_equal(key_of("192.0.2.1", a), key_of("::ffff:192.0.2.1", b)));
}

static void a_clock_that_stands_or_goes_back_gives_nothing(void **state)
{
	struct vs_limiter *limiter = five_a_minute();

	(void)state;
	while (take(limiter, "a", 100000).allowed)
		;
	assert_false(take(limiter, "a", 0).allowed);
	assert_false(take(limiter, "a", 100000).allowed);
	vs_limiter_destroy(limiter);
}

static void another_rate_leaves_each_bucket_as_full_as_it_was(void **state)
{
	const struct vs_limiter_conf wide = {.requests = 50, .per_ms = 60000, .burst = 50, .max_keys = 100};
	const struct vs_limiter_conf narrow = {.requests = 1, .per_ms = 60000, .burst = 2, .max_keys = 100};
	struct vs_limiter *limiter = five_a_minute();
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		take(limiter, "empty", 1000);
	take(limiter, "full", 1000);
	vs_limiter_change(limiter, &wide, 1000);
	assert_false(take(limiter, "empty", 1000).allowed);
	assert_int_equal(take(limiter, "full", 1000).remaining, 39);
	assert_true(take(limiter, "empty", 1000 + 1200).allowed);
	assert_int_equal(take(limiter, "new", 1000).limit, 50);
	vs_limiter_change(limiter, &narrow, 1000);
	assert_int_equal(take(limiter, "full", 1000).limit, 2);
	assert_false(take(limiter, "full", 1000).allowed);
	vs_limiter_destroy(limiter);
}

static void a_lower_bound_of_keys_forgets_those_longest_not_heard_of(void **state)
{
	const struct vs_limiter_conf few = {.requests = 5, .per_ms = 60000, .burst = 5, .max_keys = 1};
	struct vs_limiter *limiter = five_a_minute();

	(void)state;
	take(limiter, "early", 1000);
	take(limiter, "late", 1000);
	vs_limiter_change(limiter, &few, 1000);
	assert_int_equal(vs_limiter_count(limiter), 1);
	assert_int_equal(take(limiter, "late", 1000).remaining, 3);
	vs_limiter_destroy(limiter);
}

/* Otherwise whoever owns many addresses could choose those that meet in one place. */
static void two_limiters_put_the_same_keys_at_different_places(void **state)
{
	struct vs_limiter *one = five_a_minute();
	struct vs_limiter *other = five_a_minute();
	char text[16];
	unsigned same = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "key-%u", i);
		same += vs_limiter_place(one, vs_view_of(text), 1 << 20) ==
			vs_limiter_place(other, vs_view_of(text), 1 << 20);
	}
	assert_true(same < 10);
	vs_limiter_destroy(one);
	vs_limiter_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_and_the_next_one_does_not),
		cmocka_unit_test(whoever_waits_as_long_as_told_is_let_in),
		cmocka_unit_test(many_small_steps_fill_as_much_as_one_long_one),
		cmocka_unit_test(a_full_bucket_does_not_grow_further),
		cmocka_unit_test(keys_do_not_share_a_bucket),
		cmocka_unit_test(what_was_given_back_can_be_taken_again),
		cmocka_unit_test(a_million_addresses_do_not_take_more_room_than_the_limit),
		cmocka_unit_test(the_one_longest_not_heard_of_is_forgotten_first),
		cmocka_unit_test(full_buckets_are_given_up_as_others_come),
		cmocka_unit_test(ipv6_addresses_of_one_network_share_a_key),
		cmocka_unit_test(a_clock_that_stands_or_goes_back_gives_nothing),
		cmocka_unit_test(another_rate_leaves_each_bucket_as_full_as_it_was),
		cmocka_unit_test(a_lower_bound_of_keys_forgets_those_longest_not_heard_of),
		cmocka_unit_test(two_limiters_put_the_same_keys_at_different_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
