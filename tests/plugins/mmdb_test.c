/* Probe mmdb: what databases say, and files that are missing, damaged, old or replaced. */
#include "kit_test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURES VPNS_TEST_SOURCE "/tests/plugins/fixtures/mmdb/"

static char folder[64];

static int setup(void **state)
{
	strcpy(folder, "/tmp/mmdb_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "mmdb"));
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"a.mmdb", "b.mmdb"};
	char path[128];
	size_t i;

	vpnt_destroy(*state);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *bytes = malloc(65536);

	assert_non_null(file);
	assert_non_null(bytes);
	*len = fread(bytes, 1, 65536, file);
	fclose(file);
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* The path of a file of the test's own; the last one counts. */
static const char *own(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Puts a fixture, cut to its first len bytes (0: whole), where name is, by renaming. */
static void place_file(const char *fixture, const char *name, size_t cut)
{
	char from[256];
	char to[128];
	size_t len;
	char *bytes;

	snprintf(from, sizeof(from), FIXTURES "%s", fixture);
	bytes = read_file(from, &len);
	snprintf(to, sizeof(to), "%s/b.mmdb", folder);
	write_file(to, bytes, cut > 0 ? cut : len);
	free(bytes);
	assert_int_equal(rename(to, own(name)), 0);
}

static vpns_op locate(struct vpnt *kit, const char *address)
{
	return vpnt_locate(kit, address, 1000);
}

static void two_databases_tell_the_place_and_the_network(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("city", FIXTURES "city.mmdb", "asn", FIXTURES "asn.mmdb"));
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_null(vpnt_probe_result(kit, op)->reason);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 7);
	assert_fact(kit, op, "exit.ip", "198.51.100.7");
	assert_fact(kit, op, "exit.city", "Bucure\xc8\x99ti");
	assert_fact(kit, op, "exit.region", "Bucure\xc8\x99ti");
	assert_fact(kit, op, "exit.country", "RO");
	assert_fact(kit, op, "exit.timezone", "Europe/Bucharest");
	assert_fact(kit, op, "exit.asn", "AS9009");
	assert_fact(kit, op, "exit.org", "M247 Europe SRL");
}

static void an_address_of_ipv6_is_known_too(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("city", FIXTURES "city.mmdb", "asn", FIXTURES "asn.mmdb"));
	op = locate(kit, "2001:DB8:9::7");
	assert_fact(kit, op, "exit.ip", "2001:db8:9::7");
	assert_fact(kit, op, "exit.country", "CH");
	assert_fact(kit, op, "exit.asn", "AS4294967295");
	op = locate(kit, "::ffff:198.51.100.7");
	assert_fact(kit, op, "exit.ip", "198.51.100.7");
	assert_fact(kit, op, "exit.country", "RO");
}

static void what_nobody_knows_is_unknown(void **state)
{
	static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("city", FIXTURES "city.mmdb", "country", FIXTURES "country4.mmdb"));
	for (i = 0; i < 2; i++) {
		op = locate(kit, addresses[i]);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, addresses[i]);
	}
}

static void the_city_counts_before_the_country(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("city", FIXTURES "city.mmdb", "country", FIXTURES "country4.mmdb"));
	op = locate(kit, "198.51.100.7"); /* the two disagree */
	assert_fact(kit, op, "exit.country", "RO");
	op = locate(kit, "203.0.113.20");
	assert_fact(kit, op, "exit.country", "PL");
	assert_fact(kit, op, "exit.city", NULL);
}

static void databases_with_flat_names_are_read(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("asn", FIXTURES "flat.mmdb"));
	op = locate(kit, "198.51.100.7");
	assert_fact(kit, op, "exit.country", "RO");
	assert_fact(kit, op, "exit.asn", "AS9009");
	assert_fact(kit, op, "exit.org", "M247");
	assert_fact(kit, op, "exit.hosting", "true");
}

static void values_that_make_no_sense_are_left_out(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("asn", FIXTURES "flat.mmdb"));
	op = locate(kit, "198.51.100.200");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
	op = locate(kit, "203.0.113.20"); /* an AS number that is too large, an empty name */
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_missing_file_is_told_and_used_once_it_is_there(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("city", own("a.mmdb"), "asn", FIXTURES "asn.mmdb"));
	assert_contains(vpnt_log(kit), "option city");
	assert_contains(vpnt_log(kit), "No such file");
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "city: No such file");
	assert_fact(kit, op, "exit.asn", "AS9009");
	place_file("city.mmdb", "a.mmdb", 0);
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.country", "RO");
}

static void a_file_that_is_replaced_counts_from_the_next_question_on(void **state)
{
	struct vpnt *kit = *state;

	place_file("city.mmdb", "a.mmdb", 0);
	vpnt_start(kit, VPNT_OPTIONS("country", own("a.mmdb")));
	assert_fact(kit, locate(kit, "198.51.100.7"), "exit.country", "RO");
	place_file("country4.mmdb", "a.mmdb", 0);
	assert_fact(kit, locate(kit, "198.51.100.7"), "exit.country", "DE");
}

static void a_damaged_new_file_does_not_end_the_use_of_the_old_one(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	place_file("city.mmdb", "a.mmdb", 0);
	vpnt_start(kit, VPNT_OPTIONS("city", own("a.mmdb")));
	place_file("city.mmdb", "a.mmdb", 100);
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "city: ");
	assert_fact(kit, op, "exit.country", "RO");
	unlink(own("a.mmdb"));
	op = locate(kit, "198.51.100.7");
	assert_fact(kit, op, "exit.country", "RO");
	assert_contains(vpnt_probe_result(kit, op)->reason, "No such file");
}

static void a_file_that_was_written_over_in_place_is_let_go(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	place_file("city.mmdb", "a.mmdb", 0);
	vpnt_start(kit, VPNT_OPTIONS("city", own("a.mmdb")));
	assert_int_equal(truncate(own("a.mmdb"), 10), 0); /* a look at its pages would be a SIGBUS */
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "city: ");
}

static void a_file_cut_at_any_byte_does_no_harm(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_probe_result *result;
	struct stat whole;
	off_t len;

	assert_int_equal(stat(FIXTURES "country4.mmdb", &whole), 0);
	place_file("country4.mmdb", "a.mmdb", 1);
	vpnt_start(kit, VPNT_OPTIONS("country", own("a.mmdb")));
	for (len = 1; len < whole.st_size; len += 3) {
		place_file("country4.mmdb", "a.mmdb", (size_t)len);
		result = vpnt_probe_result(kit, locate(kit, "198.51.100.7"));
		assert_in_range(result->status, VPNS_PROBE_PASS, VPNS_PROBE_UNKNOWN);
	}
}

static void a_folder_is_no_database(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("city", folder));
	assert_contains(vpnt_log(kit), "not a file");
}

static void a_database_of_long_ago_is_told(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("asn", FIXTURES "asn.mmdb"));
	vpnt_advance(kit, UINT64_C(88) * 86400000);
	assert_int_equal(vpnt_probe_result(kit, locate(kit, "198.51.100.7"))->status, VPNS_PROBE_PASS);
	vpnt_advance(kit, UINT64_C(30) * 86400000);
	op = locate(kit, "198.51.100.7");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "built 119 days ago");
	assert_fact(kit, op, "exit.asn", "AS9009");
}

static void an_ordinary_probe_of_it_is_unknown_and_says_where_it_belongs(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("asn", FIXTURES "asn.mmdb"));
	op = vpnt_probe(kit, 1000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "under locate");
}

static void without_any_file_it_is_refused(void **state)
{
	assert_contains(vpnt_start_refused(*state, VPNT_DEFAULTS), "at least one");
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "mmdb"),
		VPNS_TEST_SOURCE "/plugins/probes/mmdb/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_databases_tell_the_place_and_the_network),
		TEST(an_address_of_ipv6_is_known_too),
		TEST(what_nobody_knows_is_unknown),
		TEST(the_city_counts_before_the_country),
		TEST(databases_with_flat_names_are_read),
		TEST(values_that_make_no_sense_are_left_out),
		TEST(a_missing_file_is_told_and_used_once_it_is_there),
		TEST(a_file_that_is_replaced_counts_from_the_next_question_on),
		TEST(a_damaged_new_file_does_not_end_the_use_of_the_old_one),
		TEST(a_file_that_was_written_over_in_place_is_let_go),
		TEST(a_file_cut_at_any_byte_does_no_harm),
		TEST(a_folder_is_no_database),
		TEST(a_database_of_long_ago_is_told),
		TEST(an_ordinary_probe_of_it_is_unknown_and_says_where_it_belongs),
		TEST(without_any_file_it_is_refused),
		TEST(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
