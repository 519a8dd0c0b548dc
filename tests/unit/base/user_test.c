#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/user.h"

static char path[] = "/tmp/vs-user-XXXXXX";

static void expect(const char *file, uid_t uid, const char *expected)
{
	char name[VS_USER_NAME];

	vs_user_name(name, uid, file);
	assert_string_equal(name, expected);
}

static void write_users(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(path, "/tmp/vs-user-XXXXXX");
	close(mkstemp(path));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void a_user_of_the_file_has_its_name(void **state)
{
	(void)state;
	write_users("admin:x:0:0::/root:/bin/sh\n# a comment\nana:x:1000:1000:Ana:/home/ana:/bin/sh\n"
		    "ben.o-x_2:x:1001:1001::/:/bin/sh\n");
	expect(path, 1000, "ana");
	expect(path, 1001, "ben.o-x_2");
}

static void root_is_root_whatever_the_file_says(void **state)
{
	(void)state;
	write_users("admin:x:0:0::/root:/bin/sh\n");
	expect(path, 0, "root");
}

static void who_is_not_in_it_has_a_number(void **state)
{
	(void)state;
	write_users("ana:x:1000:1000::/:/bin/sh\n");
	expect(path, 4711, "uid:4711");
	expect("/nonexistent/passwd", 1000, "uid:1000");
}

static void what_is_no_name_is_not_shown(void **state)
{
	char line[200];

	(void)state;
	write_users("a\x1b[2Jb:x:1000:1000::/:/bin/sh\nbroken\n:x:1001:1001::/:/bin/sh\n");
	expect(path, 1000, "uid:1000");
	expect(path, 1001, "uid:1001");
	memset(line, 'a', VS_USER_NAME);
	strcpy(line + VS_USER_NAME, ":x:1002:1002::/:/bin/sh\n");
	write_users(line);
	expect(path, 1002, "uid:1002");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_user_of_the_file_has_its_name),
		TEST(root_is_root_whatever_the_file_says),
		TEST(who_is_not_in_it_has_a_number),
		TEST(what_is_no_name_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
