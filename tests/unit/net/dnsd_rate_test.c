#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/addr.h"
#include "net/dnsd_rate.h"

#define START 5000000

static struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

/* How many of count queries pass; how many are told to come over TCP. */
static unsigned send(
	struct vs_dnsd_rate *rate, const char *peer, unsigned count, uint64_t now, unsigned *slips)
{
	struct vs_addr addr = addr_of(peer);
	unsigned passed = 0;

	*slips = 0;
	while (count-- > 0) {
		enum vs_dnsd_pass pass = vs_dnsd_rate_take(rate, &addr, now);

		passed += pass == VS_DNSD_PASS;
		*slips += pass == VS_DNSD_SLIP;
	}
	return passed;
}

static void a_network_gets_its_share_and_every_other_of_the_rest_a_word(void **state)
{
	struct vs_dnsd_rate *rate = vs_dnsd_rate_create(10);
	unsigned slips;

	(void)state;
	assert_int_equal(send(rate, "192.0.2.1", 30, START, &slips), 10);
	assert_int_equal(slips, 10);
	assert_int_equal(send(rate, "192.0.2.200", 4, START, &slips), 0); /* the same /24 */
	assert_int_equal(send(rate, "192.0.3.1", 4, START, &slips), 4);
	vs_dnsd_rate_destroy(rate);
}

static void ipv6_counts_by_56_bits(void **state)
{
	struct vs_dnsd_rate *rate = vs_dnsd_rate_create(2);
	unsigned slips;

	(void)state;
	assert_int_equal(send(rate, "2001:db8:1:200::1", 2, START, &slips), 2);
	assert_int_equal(send(rate, "2001:db8:1:2ff::1", 2, START, &slips), 0);
	assert_int_equal(send(rate, "2001:db8:1:300::1", 2, START, &slips), 2);
	vs_dnsd_rate_destroy(rate);
}

static void it_fills_again_evenly_and_no_further_than_a_second(void **state)
{
	struct vs_dnsd_rate *rate = vs_dnsd_rate_create(10);
	unsigned slips;

	(void)state;
	assert_int_equal(send(rate, "192.0.2.1", 10, START, &slips), 10);
	assert_int_equal(send(rate, "192.0.2.1", 10, START + 250, &slips), 2);
	assert_int_equal(send(rate, "192.0.2.1", 10, START + 300, &slips), 1);
	assert_int_equal(send(rate, "192.0.2.1", 99, START + 3600000, &slips), 10);
	vs_dnsd_rate_destroy(rate);
}

static void another_limit_counts_at_once_and_none_lets_all_pass(void **state)
{
	struct vs_dnsd_rate *rate = vs_dnsd_rate_create(100);
	unsigned slips;

	(void)state;
	assert_int_equal(send(rate, "192.0.2.1", 10, START, &slips), 10);
	vs_dnsd_rate_set(rate, 5);
	assert_int_equal(send(rate, "192.0.2.1", 50, START, &slips), 5);
	vs_dnsd_rate_set(rate, 0);
	assert_int_equal(send(rate, "192.0.2.1", 1000, START, &slips), 1000);
	vs_dnsd_rate_destroy(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_gets_its_share_and_every_other_of_the_rest_a_word),
		cmocka_unit_test(ipv6_counts_by_56_bits),
		cmocka_unit_test(it_fills_again_evenly_and_no_further_than_a_second),
		cmocka_unit_test(another_limit_counts_at_once_and_none_lets_all_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
