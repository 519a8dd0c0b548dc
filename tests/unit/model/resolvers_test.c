#include "model_test.h"

#include "model/resolvers.h"

static void addresses_of_both_facts_stand_once(void **state)
{
	struct vs_resolvers read;
	struct vs_addr first = addr("198.51.100.53"), six = addr("2001:db8::53");

	(void)state;
	vs_resolvers_read(&read, vs_view_of("198.51.100.53 192.0.2.1 2001:db8::53"),
		vs_view_of("2001:db8::53 198.51.100.54"));
	assert_int_equal(read.count, 4);
	assert_true(vs_addr_equal(&read.items[0].addr, &first));
	assert_false(read.items[0].by_zone);
	assert_true(vs_addr_equal(&read.items[2].addr, &six));
	assert_true(read.items[2].by_zone);
	assert_true(read.items[3].by_zone);
}

static void what_is_no_address_is_passed_over(void **state)
{
	struct vs_resolvers read;

	(void)state;
	vs_resolvers_read(&read, vs_view_of("  x 192.0.2.1  192.0.2.0/24 300.1.1.1 "), vs_view_of(""));
	assert_int_equal(read.count, 1);
	vs_resolvers_read(&read, (struct vs_view){NULL, 0}, (struct vs_view){NULL, 0});
	assert_int_equal(read.count, 0);
}

static void more_than_there_is_room_for_are_left_out(void **state)
{
	char text[4000] = "";
	struct vs_resolvers read;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "192.0.2.%d ", i);
	vs_resolvers_read(&read, vs_view_of(text), vs_view_of(text));
	assert_int_equal(read.count, VS_RESOLVERS_MAX);
}

static void client_subnets_are_read_with_and_without_their_scope(void **state)
{
	struct vs_view rest =
		vs_view_of("198.51.100.0/24 x 2001:db8:1::/56/48 198.51.100.1/24 192.0.2.7  10.0.0.0/8/");
	static const char *const wanted[] = {
		"198.51.100.0/24", "2001:db8:1::/56", "192.0.2.7/32", "10.0.0.0/8"};
	struct vs_prefix subnet;
	char text[VS_PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct vs_prefix expected;

		assert_true(vs_subnet_next(&rest, &subnet));
		assert_int_equal(vs_prefix_parse(&expected, vs_view_of(wanted[i])), 0);
		vs_prefix_format(&subnet, text);
		assert_memory_equal(&subnet.addr, &expected.addr, sizeof(subnet.addr));
		assert_int_equal(subnet.bits, expected.bits);
	}
	assert_false(vs_subnet_next(&rest, &subnet));
	assert_false(vs_subnet_next(&rest, &subnet));
}

static void words_are_counted_and_found(void **state)
{
	(void)state;
	assert_int_equal(vs_items_count(vs_view_of("")), 0);
	assert_int_equal(vs_items_count(vs_view_of("akamai")), 1);
	assert_int_equal(vs_items_count(vs_view_of("akamai  zone")), 2);
	assert_true(vs_items_contain(vs_view_of("akamai zone"), "zone"));
	assert_false(vs_items_contain(vs_view_of("akamai zones"), "zone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_both_facts_stand_once),
		cmocka_unit_test(what_is_no_address_is_passed_over),
		cmocka_unit_test(more_than_there_is_room_for_are_left_out),
		cmocka_unit_test(client_subnets_are_read_with_and_without_their_scope),
		cmocka_unit_test(words_are_counted_and_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
