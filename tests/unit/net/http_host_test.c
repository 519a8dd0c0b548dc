#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/http_host.h"

/* From memory that ends where the text does, so that no look beyond it goes unseen. */
static bool is_valid(const char *text)
{
	size_t len = strlen(text);
	char *bytes = malloc(len + (len == 0));
	bool valid;

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	valid = vs_http_host_is_valid((struct vs_view){bytes, len});
	free(bytes);
	return valid;
}

static void names_and_addresses_are_taken_with_a_port_or_without(void **state)
{
	static const char *const good[] = {"", "a", "vpn.example.org", "a:80", "a:65535", "a:", "10.0.0.1",
		"10.0.0.1:5000", "[::1]", "[2001:db8::1]:5000", "[::1]:", "my_host", "xn--bcher-kva.example"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!is_valid(good[i]))
			fail_msg("\"%s\" is refused", good[i]);
}

static void what_no_host_is_written_like_is_refused(void **state)
{
	static const char *const bad[] = {"a:b:c", "a:b", "a:80:", "a:65536", "a:999999", "a:-1", "a:+1",
		"a: 80", "[::1", "[", "[]", "[::1]80", "[::1]:b", "[10.0.0.1]", "[a]", "[::1]]", "::1", "a]",
		"a[b", "a b", "a/b", "u@a", "a,b", "a\tb", "a\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (is_valid(bad[i]))
			fail_msg("\"%s\" is taken", bad[i]);
}

static void a_nul_is_part_of_no_host(void **state)
{
	(void)state;
	assert_false(vs_http_host_is_valid((struct vs_view){"a\0b", 3}));
	assert_false(vs_http_host_is_valid((struct vs_view){"a:\0", 3}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_addresses_are_taken_with_a_port_or_without),
		cmocka_unit_test(what_no_host_is_written_like_is_refused),
		cmocka_unit_test(a_nul_is_part_of_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
