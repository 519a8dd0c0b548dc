/* How a plugin tests itself: a fake host, one instance, one result. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include <vpn_sentinel_testkit/testkit.h>

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void the_first_number_is_the_uptime(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(PLUGINS, "uptime"));
	vpns_op op;

	(void)state;
	write_file(FILES "/uptime", "1234.56 99.00\n");
	vpnt_start(kit, VPNT_OPTIONS("path", FILES "/uptime"));
	op = vpnt_probe(kit, 1000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_string_equal(vpnt_fact(kit, op, "machine.uptime"), "1234s");
	vpnt_destroy(kit);
}

static void a_missing_or_odd_file_is_unknown_with_a_reason(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(PLUGINS, "uptime"));

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("path", FILES "/nothing-here"));
	assert_int_equal(vpnt_probe_result(kit, vpnt_probe(kit, 1000))->status, VPNS_PROBE_UNKNOWN);
	vpnt_stop(kit);
	write_file(FILES "/uptime", "soon\n");
	vpnt_start(kit, VPNT_OPTIONS("path", FILES "/uptime"));
	assert_int_equal(vpnt_probe_result(kit, vpnt_probe(kit, 1000))->status, VPNS_PROBE_UNKNOWN);
	vpnt_destroy(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_number_is_the_uptime),
		cmocka_unit_test(a_missing_or_odd_file_is_unknown_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
