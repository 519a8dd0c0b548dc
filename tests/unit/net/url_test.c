#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/url.h"

static void a_url_comes_apart_into_its_pieces(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		uint16_t port;
		bool https;
		bool has_user;
		const char *target;
	} rows[] = {
		{"http://a", "a", 80, false, false, ""},
		{"https://a/", "a", 443, true, false, "/"},
		{"HTTPS://a.b-c_d:8443/x?y#z", "a.b-c_d", 8443, true, false, "/x?y#z"},
		{"http://a?q", "a", 80, false, false, "?q"},
		{"http://1.2.3.4:1", "1.2.3.4", 1, false, false, ""},
		{"http://[::1]/", "::1", 80, false, false, "/"},
		{"http://[2001:db8::1]:65535", "2001:db8::1", 65535, false, false, ""},
		{"http://u:p@a/@b", "a", 80, false, true, "/@b"},
		{"http://u@v@a/", "a", 80, false, true, "/"},
		{"http://m\xc3\xbcnchen/", "m\xc3\xbcnchen", 80, false, false, "/"},
	};
	struct vs_url url;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (vs_url_parse(&url, vs_view_of(rows[i].text), NULL) != 0)
			fail_msg("%s was refused", rows[i].text);
		assert_true(vs_view_equal_text(url.host, rows[i].host));
		assert_int_equal(url.port, rows[i].port);
		assert_int_equal(url.https, rows[i].https);
		assert_int_equal(url.has_user, rows[i].has_user);
		assert_true(vs_view_equal_text(url.target, rows[i].target));
	}
}

static void what_is_no_url_is_refused_without_being_repeated(void **state)
{
	static const char *const bad[] = {"", "zebra", "zebra.example/", "//zebra/", "ftp://zebra/",
		"http:/zebra", "http://", "http:///zebra", "http://?zebra", "http://:80/zebra",
		"http://zebra:/", "http://zebra:0/", "http://zebra:65536/", "http://zebra:8o/",
		"http://zebra: 80/", "http://zebra /", "http://zebra\n/", "http://zebra,b/",
		"http://zebra\\b/", "http://[::1/zebra", "http://[zebra]/", "http://[1.2.3.4]/zebra",
		"http://[::1]zebra", "http://[]/zebra", "http://zebra@/", "http://zebra%41/",
		"javascript:zebra"};
	struct vs_url url;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (vs_url_parse(&url, vs_view_of(bad[i]), &err) != VS_ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_null(strstr(err.text, "zebra"));
	}
}

static void a_url_is_at_most_8_kib(void **state)
{
	static char text[VS_URL_MAX + 2];
	struct vs_url url;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "http://a/", 9);
	assert_int_equal(vs_url_parse(&url, (struct vs_view){text, VS_URL_MAX}, NULL), 0);
	assert_int_equal(vs_url_parse(&url, (struct vs_view){text, VS_URL_MAX + 1}, NULL), VS_ERR_INVALID);
}

static void a_nul_inside_is_refused(void **state)
{
	struct vs_url url;

	(void)state;
	assert_int_equal(vs_url_parse(&url, (struct vs_view){"http://a\0b/", 11}, NULL), VS_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_comes_apart_into_its_pieces),
		cmocka_unit_test(what_is_no_url_is_refused_without_being_repeated),
		cmocka_unit_test(a_url_is_at_most_8_kib),
		cmocka_unit_test(a_nul_inside_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
