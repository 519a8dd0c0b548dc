#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "cli/x509.h"

static void names_and_addresses_of_servers_are_taken(void **state)
{
	static const char *const names[] = {
		"localhost",
		"vpn.example.net",
		"a-b_c.example",
		"xn--bcher-kva.example",
		"*.example.net",
		"*.lan.example.net",
		"203.0.113.7",
		"2001:db8::1",
		"1password.example",
		"7.example",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(vs_x509_check_name(names[i], NULL), 0);
}

static void what_is_none_is_refused_with_what_it_is_instead(void **state)
{
	static const struct {
		const char *name;
		const char *says;
	} cases[] = {
		{"", "it is empty"},
		{"https://vpn.example.net", "without scheme and path"},
		{"vpn.example.net/api", "without scheme and path"},
		{"vpn.example.net:5000", "without a port"},
		{"[::1]", "without brackets"},
		{"[::1]:5000", "without brackets"},
		{"b\xc3\xbc"
		 "cher.example",
			"as DNS has it"},
		{"vpn.example.net.", "leave the dot at its end out"},
		{"vpn..example", "between dots"},
		{".example", "between dots"},
		{"-a.example", "between dots"},
		{"a-.example", "between dots"},
		{"a b.example", "between dots"},
		{"a\nb.example", "between dots"},
		{"*", "whole top-level domain"},
		{"*.net", "whole top-level domain"},
		{"v*.example.net", "the whole first label"},
		{"a.*.net", "the whole first label"},
		{"203.0.113.700", "looks like an address"},
		{"203.0.113", "looks like an address"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "between dots"},
	};
	char longest[300];
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(vs_x509_check_name(cases[i].name, &err), VS_ERR_INVALID);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].name, err.text);
	}
	for (i = 0; i + 1 < sizeof(longest); i++)
		longest[i] = i % 10 == 9 ? '.' : 'a';
	longest[255] = '\0';
	assert_int_equal(vs_x509_check_name(longest, &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "at most 253"));
	longest[253] = '\0';
	assert_int_equal(vs_x509_check_name(longest, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_addresses_of_servers_are_taken),
		cmocka_unit_test(what_is_none_is_refused_with_what_it_is_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
