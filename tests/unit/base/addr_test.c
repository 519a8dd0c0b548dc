#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/addr.h"
#include "base/err.h"
#include "dies.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

static struct vs_prefix prefix_of(const char *text)
{
	struct vs_prefix prefix;

	assert_int_equal(vs_prefix_parse(&prefix, vs_view_of(text)), 0);
	return prefix;
}

static void addresses_are_read_and_written_in_their_short_form(void **state)
{
	static const struct {
		const char *text;
		uint8_t family;
		const char *back;
	} rows[] = {
		{"0.0.0.0", 4, "0.0.0.0"},
		{"198.51.100.7", 4, "198.51.100.7"},
		{"255.255.255.255", 4, "255.255.255.255"},
		{"::", 6, "::"},
		{"::1", 6, "::1"},
		{"2001:DB8:0:0:0:0:0:1", 6, "2001:db8::1"},
		{"::ffff:198.51.100.7", 4, "198.51.100.7"},
		{"::FFFF:c633:6407", 4, "198.51.100.7"},
		{"64:ff9b::192.0.2.1", 6, "64:ff9b::c000:201"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 6,
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_addr addr = addr_of(rows[i].text);
		char text[VS_ADDR_TEXT];

		assert_int_equal(addr.family, rows[i].family);
		vs_addr_format(&addr, text);
		assert_string_equal(text, rows[i].back);
	}
}

static void every_byte_of_an_address_is_written_as_the_system_writes_it(void **state)
{
	(void)state;

	for (unsigned value = 0; value < 256; value++) {
		for (size_t at = 0; at < 4; at++) {
			struct vs_addr addr = {.family = 4, .bytes = {203, 0, 113, 9}};
			char expected[INET_ADDRSTRLEN];
			char text[VS_ADDR_TEXT];

			addr.bytes[at] = (uint8_t)value;
			vs_addr_format(&addr, text);
			assert_non_null(inet_ntop(AF_INET, addr.bytes, expected, sizeof(expected)));
			assert_string_equal(text, expected);
		}
	}
}

static void what_is_no_address_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"1.2.3", 5},
		{"1.2.3.4.5", 9},
		{"1.2.3.256", 9},
		{"01.2.3.4", 8},
		{"0x7f.0.0.1", 10},
		{"127.1", 5},
		{" 1.2.3.4", 8},
		{"1.2.3.4 ", 8},
		{"1.2.3.4\0", 8},
		{"1.2.3.4:80", 10},
		{"[::1]", 5},
		{"fe80::1%eth0", 12},
		{"1::2::3", 7},
		{":1", 2},
		{"12345::", 7},
		{"localhost", 9},
		{"0000:0000:0000:0000:0000:0000:0000:0000:0000:00", 47},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_addr addr = {.family = 42};

		assert_int_equal(vs_addr_parse(&addr, rows[i]), VS_ERR_INVALID);
		assert_int_equal(addr.family, 42);
	}
}

static void no_address_is_written_as_nothing(void **state)
{
	const struct vs_addr none = {0};
	const struct vs_prefix nothing = {0};
	char text[VS_PREFIX_TEXT] = "x";
	(void)state;

	vs_addr_format(&none, text);
	assert_string_equal(text, "");
	text[0] = 'x';
	vs_prefix_format(&nothing, text);
	assert_string_equal(text, "");
}

static void addresses_are_equal_by_value_not_by_spelling(void **state)
{
	struct vs_addr a = addr_of("::ffff:10.0.0.1");
	struct vs_addr b = addr_of("10.0.0.1");
	struct vs_addr c = addr_of("10.0.0.2");
	struct vs_addr d = addr_of("a00:1::");
	(void)state;

	assert_true(vs_addr_equal(&a, &b));
	assert_false(vs_addr_equal(&a, &c));
	assert_false(vs_addr_equal(&b, &d));
}

static void only_addresses_of_the_open_internet_are_public(void **state)
{
	static const struct {
		const char *text;
		bool private;
	} rows[] = {
		{"0.0.0.0", true},
		{"9.255.255.255", false},
		{"10.0.0.0", true},
		{"10.255.255.255", true},
		{"11.0.0.0", false},
		{"100.63.255.255", false},
		{"100.64.0.0", true},
		{"100.127.255.255", true},
		{"100.128.0.0", false},
		{"127.0.0.1", true},
		{"128.0.0.0", false},
		{"169.253.255.255", false},
		{"169.254.10.1", true},
		{"169.255.0.0", false},
		{"172.15.255.255", false},
		{"172.16.0.0", true},
		{"172.31.255.255", true},
		{"172.32.0.0", false},
		{"192.167.255.255", false},
		{"192.168.1.1", true},
		{"192.169.0.0", false},
		{"8.8.8.8", false},
		{"::", true},
		{"::1", true},
		{"::2", false},
		{"fbff::1", false},
		{"fc00::1", true},
		{"fdff:ffff::1", true},
		{"fe00::1", false},
		{"fe7f:ffff::1", false},
		{"fe80::1", true},
		{"febf:ffff::1", true},
		{"fec0::1", false},
		{"2001:4860:4860::8888", false},
		{"::ffff:192.168.1.1", true},
		{"::ffff:8.8.8.8", false},
		{"a00::1", false},
	};
	const struct vs_addr none = {0};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_addr addr = addr_of(rows[i].text);

		if (vs_addr_is_private(&addr) != rows[i].private)
			fail_msg("%s is taken for the opposite", rows[i].text);
	}
	assert_true(vs_addr_is_private(&none));
}

static void socket_addresses_lose_port_and_mapping(void **state)
{
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(5000)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(5000)};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct vs_addr expected = addr_of("198.51.100.7");
	struct vs_addr addr;
	(void)state;

	inet_pton(AF_INET, "198.51.100.7", &in4.sin_addr);
	vs_addr_from_sockaddr(&addr, (const struct sockaddr *)&in4);
	assert_true(vs_addr_equal(&addr, &expected));
	inet_pton(AF_INET6, "::ffff:198.51.100.7", &in6.sin6_addr);
	vs_addr_from_sockaddr(&addr, (const struct sockaddr *)&in6);
	assert_true(vs_addr_equal(&addr, &expected));
	inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr);
	vs_addr_from_sockaddr(&addr, (const struct sockaddr *)&in6);
	expected = addr_of("2001:db8::7");
	assert_true(vs_addr_equal(&addr, &expected));
	vs_addr_from_sockaddr(&addr, (const struct sockaddr *)&local);
	assert_int_equal(addr.family, 0);
}

static void an_address_with_a_port_is_what_sockets_take(void **state)
{
	static const char *const texts[] = {"198.51.100.7", "2001:db8::7"};
	struct sockaddr_storage name;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	struct vs_addr before;
	struct vs_addr addr;
	size_t i;
	(void)state;

	for (i = 0; i < 2; i++) {
		before = addr_of(texts[i]);
		memset(&name, 0xff, sizeof(name));
		assert_int_equal(
			vs_addr_to_sockaddr(&before, 5300, &name), i == 0 ? sizeof(in4) : sizeof(in6));
		vs_addr_from_sockaddr(&addr, (const struct sockaddr *)&name);
		assert_true(vs_addr_equal(&addr, &before));
		memcpy(&in4, &name, sizeof(in4));
		memcpy(&in6, &name, sizeof(in6));
		assert_int_equal(ntohs(i == 0 ? in4.sin_port : in6.sin6_port), 5300);
		if (i == 1)
			assert_int_equal(in6.sin6_scope_id | in6.sin6_flowinfo, 0);
	}
}

static void prefixes_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		const char *back;
	} rows[] = {
		{"10.0.0.0/8", "10.0.0.0/8"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"198.51.100.7", "198.51.100.7/32"},
		{"198.51.100.6/31", "198.51.100.6/31"},
		{"198.51.100.7/032", "198.51.100.7/32"},
		{"172.16.0.0/12", "172.16.0.0/12"},
		{"::/0", "::/0"},
		{"fc00::/7", "fc00::/7"},
		{"2001:db8::1", "2001:db8::1/128"},
		{"2001:db8::/33", "2001:db8::/33"},
		{"::ffff:10.0.0.0/104", "10.0.0.0/8"},
		{"::ffff:10.0.0.1", "10.0.0.1/32"},
		{"::ffff:0.0.0.0/96", "0.0.0.0/0"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_prefix prefix = prefix_of(rows[i].text);
		char text[VS_PREFIX_TEXT];

		vs_prefix_format(&prefix, text);
		assert_string_equal(text, rows[i].back);
	}
}

static void what_is_no_prefix_is_refused_and_changes_nothing(void **state)
{
	static const struct vs_view rows[] = {
		{NULL, 0},
		{"", 0},
		{"/8", 2},
		{"10.0.0.0/", 9},
		{"10.0.0.0/33", 11},
		{"10.0.0.0/-1", 11},
		{"10.0.0.0/+8", 11},
		{"0.0.0.0/-0", 10},
		{"10.0.0.0/8/8", 12},
		{"10.0.0.0/ 8", 11},
		{"10.0.0.0/8 ", 11},
		{"10.0.0.0/8\0", 11},
		{"10.0.0.0/0008", 13},
		{"10.0.0.0/256", 12},
		{"10.0.0.0/264", 12},
		{"10.0.0.0/255.0.0.0", 18},
		{"10/8", 4},
		{"10.0.0.1/8", 10},
		{"10.0.0.1/31", 11},
		{"10.128.0.0/8", 12},
		{"2001:db8::1/64", 14},
		{"2001:db9::/31", 13},
		{"::/129", 6},
		{"::1/127", 7},
		{"::ffff:10.0.0.0/95", 18},
		{"::ffff:10.0.0.0/8", 17},
		{"::ffff:10.0.0.1/104", 19},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_prefix prefix = {.bits = 42};

		assert_int_equal(vs_prefix_parse(&prefix, rows[i]), VS_ERR_INVALID);
		assert_int_equal(prefix.bits, 42);
	}
}

static void a_prefix_contains_its_first_and_last_address_and_no_neighbour(void **state)
{
	static const struct {
		const char *prefix;
		const char *address;
		bool inside;
	} rows[] = {
		{"172.16.0.0/12", "172.16.0.0", true},
		{"172.16.0.0/12", "172.31.255.255", true},
		{"172.16.0.0/12", "172.32.0.0", false},
		{"172.16.0.0/12", "172.15.255.255", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "::", false},
		{"::/0", "1.2.3.4", false},
		{"::/0", "ffff::", true},
		{"1.2.3.4/32", "1.2.3.4", true},
		{"1.2.3.4/32", "1.2.3.5", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
	};
	const struct vs_addr none = {0};
	const struct vs_prefix nothing = {0};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vs_prefix prefix = prefix_of(rows[i].prefix);
		struct vs_addr addr = addr_of(rows[i].address);

		if (vs_prefix_contains(&prefix, &addr) != rows[i].inside)
			fail_msg("%s in %s is answered wrongly", rows[i].address, rows[i].prefix);
	}
	assert_false(vs_prefix_contains(&nothing, &none));
}

static void the_prefix_of_an_address_has_no_host_bits(void **state)
{
	struct vs_addr ip4 = addr_of("203.0.113.255");
	struct vs_addr ip6 = addr_of("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
	(void)state;

	for (unsigned bits = 0; bits <= 128; bits++) {
		const struct vs_addr *addr = bits <= 32 ? &ip4 : &ip6;
		struct vs_prefix prefix;
		char text[VS_PREFIX_TEXT];

		vs_prefix_of(&prefix, addr, (uint8_t)bits);
		vs_prefix_format(&prefix, text);
		struct vs_prefix back = prefix_of(text);
		assert_memory_equal(&back, &prefix, sizeof(back));
		assert_true(vs_prefix_contains(&prefix, addr));
	}
}

static void ask_for_too_many_bits(void)
{
	struct vs_prefix prefix;

	vs_prefix_of(&prefix, &(struct vs_addr){.family = 4}, 33);
}

static void more_bits_than_the_family_has_are_a_broken_promise(void **state)
{
	char said[256];
	(void)state;

	assert_true(dies(ask_for_too_many_bits, said, sizeof(said)));
	assert_non_null(strstr(said, "addr.c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written_in_their_short_form),
		cmocka_unit_test(every_byte_of_an_address_is_written_as_the_system_writes_it),
		cmocka_unit_test(what_is_no_address_is_refused_and_changes_nothing),
		cmocka_unit_test(no_address_is_written_as_nothing),
		cmocka_unit_test(addresses_are_equal_by_value_not_by_spelling),
		cmocka_unit_test(only_addresses_of_the_open_internet_are_public),
		cmocka_unit_test(socket_addresses_lose_port_and_mapping),
		cmocka_unit_test(an_address_with_a_port_is_what_sockets_take),
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(what_is_no_prefix_is_refused_and_changes_nothing),
		cmocka_unit_test(a_prefix_contains_its_first_and_last_address_and_no_neighbour),
		cmocka_unit_test(the_prefix_of_an_address_has_no_host_bits),
		cmocka_unit_test(more_bits_than_the_family_has_are_a_broken_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
