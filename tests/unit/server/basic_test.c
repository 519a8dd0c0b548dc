/* Passwords of HTTP Basic. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "server/basic.h"

static int read(const char *value, char password[16])
{
	memset(password, 'x', 16);
	return vs_basic_password(vs_view_of(value), password, 16);
}

static void the_password_is_what_follows_the_first_colon(void **state)
{
	char password[16];

	(void)state;
	assert_int_equal(read("Basic dXNlcjpwYXNz", password), 0); /* user:pass */
	assert_string_equal(password, "pass");
	assert_int_equal(read("basic  OmE6Yg==", password), 0); /* :a:b */
	assert_string_equal(password, "a:b");
	assert_int_equal(read("Basic dXNlcjo=", password), 0); /* user: */
	assert_string_equal(password, "");
}

static void anything_else_is_refused_and_leaves_nothing(void **state)
{
	static const char *const values[] = {
		"",
		"Basic",
		"Basic ",
		"Bearer dXNlcjpwYXNz",
		"Basic dXNlcg==" /* user */,
		"Basic dXNlcjpwYXN",
		"Basic dXNlcjpwYXNz!",
		"Basic dXNl cjpwYXNz",
		"Basic ====",
		"Basic dXNlcjpw=YXN",
		"Basic OgA=" /* :NUL */,
		"Basic Ogo=" /* :newline */,
		"dXNlcjpwYXNz",
	};
	char password[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(read(values[i], password), VS_ERR_INVALID);
		assert_string_equal(password, "");
	}
}

static void a_password_that_does_not_fit_is_refused(void **state)
{
	char huge[2000] = "Basic ";
	char password[16];

	(void)state;
	assert_int_equal(read("Basic OjEyMzQ1Njc4OTAxMjM0NQ==", password), 0); /* 15 characters */
	assert_int_equal(read("Basic OjEyMzQ1Njc4OTAxMjM0NTY=", password), VS_ERR_TOO_BIG); /* 16 */
	assert_string_equal(password, "");
	memset(huge + 6, 'A', 1600);
	assert_int_equal(read(huge, password), VS_ERR_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_is_what_follows_the_first_colon),
		cmocka_unit_test(anything_else_is_refused_and_leaves_nothing),
		cmocka_unit_test(a_password_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
