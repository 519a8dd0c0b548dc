#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/addr.h"
#include "net/http_peers.h"

static struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

static void each_address_has_a_limit_of_its_own(void **state)
{
	struct vs_http_peers *peers = vs_http_peers_create();
	struct vs_addr a = addr_of("192.0.2.1");
	struct vs_addr b = addr_of("192.0.2.2");

	(void)state;
	assert_true(vs_http_peers_add(peers, &a, 2));
	assert_true(vs_http_peers_add(peers, &a, 2));
	assert_false(vs_http_peers_add(peers, &a, 2));
	assert_true(vs_http_peers_add(peers, &b, 2));
	vs_http_peers_remove(peers, &a);
	assert_true(vs_http_peers_add(peers, &a, 2));
	vs_http_peers_destroy(peers);
}

static void ipv6_addresses_of_one_64_share_their_limit(void **state)
{
	struct vs_http_peers *peers = vs_http_peers_create();
	struct vs_addr a = addr_of("2001:db8:0:1::1");
	struct vs_addr b = addr_of("2001:db8:0:1:ffff::2");
	struct vs_addr c = addr_of("2001:db8:0:2::1");

	(void)state;
	assert_true(vs_http_peers_add(peers, &a, 1));
	assert_false(vs_http_peers_add(peers, &b, 1));
	assert_true(vs_http_peers_add(peers, &c, 1));
	vs_http_peers_remove(peers, &a);
	assert_true(vs_http_peers_add(peers, &b, 1));
	vs_http_peers_destroy(peers);
}

static void unix_sockets_are_not_counted(void **state)
{
	struct vs_http_peers *peers = vs_http_peers_create();
	struct vs_addr none = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_true(vs_http_peers_add(peers, &none, 1));
	vs_http_peers_remove(peers, &none);
	vs_http_peers_destroy(peers);
	vs_http_peers_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_has_a_limit_of_its_own),
		cmocka_unit_test(ipv6_addresses_of_one_64_share_their_limit),
		cmocka_unit_test(unix_sockets_are_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
