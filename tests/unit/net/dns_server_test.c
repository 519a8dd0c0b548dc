#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "net/dns_server.h"

static void an_address_with_and_without_a_port_reads_and_is_written_the_same(void **state)
{
	static const struct {
		const char *text;
		const char *written;
		uint16_t port;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1", 53},
		{"192.0.2.1:5353", "192.0.2.1:5353", 5353},
		{"192.0.2.1:53", "192.0.2.1", 53},
		{"2001:DB8::1", "2001:db8::1", 53},
		{"[2001:db8::1]", "2001:db8::1", 53},
		{"[2001:db8::1]:5353", "[2001:db8::1]:5353", 5353},
		{"::", "::", 53},
	};
	struct vs_dns_server server;
	char text[VS_DNS_SERVER_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vs_dns_server_parse(&server, vs_view_of(rows[i].text)), 0);
		assert_int_equal(server.port, rows[i].port);
		vs_dns_server_format(&server, text);
		assert_string_equal(text, rows[i].written);
	}
}

static void what_is_no_address_of_a_name_server_is_refused(void **state)
{
	static const char *const rows[] = {"", ":", "[", "[]", "[]:53", ":53", "192.0.2.1:", "192.0.2.1:0",
		"192.0.2.1:65536", "192.0.2.1:x", "[192.0.2.1]:53", "[2001:db8::1]53",
		"[2001:db8::1]:", "2001:db8::1]:53", "fe80::1%eth0", "dns.example.net", "192.0.2",
		"192.0.2.1:-53"};
	struct vs_dns_server server;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (vs_dns_server_parse(&server, vs_view_of(rows[i])) == 0)
			fail_msg("\"%s\" was taken", rows[i]);
}

static void nameserver_lines_are_read_in_order_and_all_else_is_passed_over(void **state)
{
	static const char text[] =
		"# nameserver 192.0.2.9\nsearch example.org\n\tnameserver\t192.0.2.1 # ours\r\n"
		"nameserver fe80::1%eth0\nnameserver\nnameservers 192.0.2.8\n"
		"nameserver 2001:db8::1";
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	char first[VS_DNS_SERVER_TEXT];
	char second[VS_DNS_SERVER_TEXT];

	(void)state;
	assert_int_equal(vs_dns_servers_parse(servers, vs_view_of(text)), 2);
	vs_dns_server_format(&servers[0], first);
	vs_dns_server_format(&servers[1], second);
	assert_string_equal(first, "192.0.2.1");
	assert_string_equal(second, "2001:db8::1");
	assert_int_equal(vs_dns_servers_parse(servers, vs_view_of("")), 0);
}

static void no_more_servers_are_read_than_there_is_room_for(void **state)
{
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	char text[1024] = "";
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		strcat(text, "nameserver 192.0.2.1\n");
	assert_int_equal(vs_dns_servers_parse(servers, vs_view_of(text)), VS_DNS_SERVERS_MAX);
}

static void without_a_file_this_machine_itself_is_assumed(void **state)
{
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	char text[VS_DNS_SERVER_TEXT];

	(void)state;
	assert_int_equal(vs_dns_servers_read(servers, "/nonexistent/resolv.conf"), 1);
	vs_dns_server_format(&servers[0], text);
	assert_string_equal(text, "127.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_with_and_without_a_port_reads_and_is_written_the_same),
		cmocka_unit_test(what_is_no_address_of_a_name_server_is_refused),
		cmocka_unit_test(nameserver_lines_are_read_in_order_and_all_else_is_passed_over),
		cmocka_unit_test(no_more_servers_are_read_than_there_is_room_for),
		cmocka_unit_test(without_a_file_this_machine_itself_is_assumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
