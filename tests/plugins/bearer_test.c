/* Auth bearer: keys in both headers, lists and files of keys, and what is shown of them (nothing). */
#include "kit_test.h"

#include "auth/bearer/bearer_header.h"
#include "auth/bearer/bearer_keys.h"

#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "alpha-0123456789abcdef"
#define KEY_B "bravo-0123456789abcdef"
#define NAME_A "key-484bf040" /* of its SHA-256 */
#define NAME_B "key-090a1b90"

struct request {
	struct vpns_auth_request base;
	const char *authorization;
	const char *x_api_key;
};

static const char *header(const struct vpns_auth_request *request, const char *name)
{
	const struct request *self = (const struct request *)(const void *)request;

	if (strcasecmp(name, "authorization") == 0)
		return self->authorization;
	return strcasecmp(name, "x-api-key") == 0 ? self->x_api_key : NULL;
}

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/auth", "bearer"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static const struct vpns_auth_result *check(
	struct vpnt *kit, const char *authorization, const char *x_api_key)
{
	struct request request = {
		{sizeof(request.base), 0, "GET", "/api/v1/status", "192.0.2.1", NULL, header}, authorization,
		x_api_key};

	return vpnt_auth_result(kit, vpnt_check(kit, &request.base));
}

static void assert_allowed(
	struct vpnt *kit, const char *authorization, const char *x_api_key, const char *who)
{
	const struct vpns_auth_result *result = check(kit, authorization, x_api_key);

	assert_int_equal(result->status, VPNS_AUTH_ALLOW);
	assert_string_equal(result->principal, who);
}

static void assert_denied(struct vpnt *kit, const char *authorization, const char *x_api_key, uint32_t kind)
{
	const struct vpns_auth_result *result = check(kit, authorization, x_api_key);

	assert_int_equal(result->status, VPNS_AUTH_DENY);
	assert_int_equal(result->deny, kind);
	assert_non_null(result->reason);
}

static void a_known_key_comes_in_by_either_header(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_A ", home=" KEY_B));
	assert_allowed(kit, "Bearer " KEY_A, NULL, NAME_A);
	assert_allowed(kit, NULL, KEY_A, NAME_A);
	assert_allowed(kit, "bearer \t " KEY_B " ", NULL, "home");
	assert_allowed(kit, "BEARER " KEY_B, KEY_B, "home");
	assert_int_equal(check(kit, NULL, KEY_A)->roles,
		VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ); /* deleting is not for every client */
	assert_string_equal(vpnt_log(kit), "");
}

static void no_key_is_told_from_a_wrong_one(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_A ",home=" KEY_B));
	assert_denied(kit, NULL, NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "", "", VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "Bearer", NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "Bearer   ", NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "Basic " KEY_A, NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, KEY_A, NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "Bearer" KEY_A, NULL, VPNS_DENY_NO_CREDENTIALS);
	assert_denied(kit, "Bearer " KEY_A "x", NULL, VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, "Bearer " KEY_A " " KEY_B, NULL, VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, NULL, "alpha-0123456789abcde", VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, NULL, "home=" KEY_B, VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, NULL, "home", VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, NULL, NAME_A, VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, NULL, "Alpha-0123456789abcdef", VPNS_DENY_BAD_CREDENTIALS);
}

static void two_different_keys_are_refused_even_if_both_are_good(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_A "," KEY_B));
	assert_denied(kit, "Bearer " KEY_A, KEY_B, VPNS_DENY_BAD_CREDENTIALS);
	assert_denied(kit, "Bearer " KEY_A, "x", VPNS_DENY_BAD_CREDENTIALS);
}

static void roles_can_be_limited(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_A, "roles", "report"));
	assert_int_equal(check(kit, NULL, KEY_A)->roles, VPNS_AUTH_ROLE_REPORT);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("keys", KEY_A, "roles", "read,operate,admin")), 0);
	assert_int_equal(check(kit, NULL, KEY_A)->roles,
		VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_OPERATE | VPNS_AUTH_ROLE_ADMIN);
}

static void keys_can_be_bound_to_clients(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", "office=" KEY_A ", " KEY_B));
	assert_null(check(kit, NULL, KEY_A)->client_pattern);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("keys", KEY_A, "clients", "office-*")), 0);
	assert_string_equal(check(kit, NULL, KEY_A)->client_pattern, "office-*");
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("keys", "office=" KEY_A ", " KEY_B, "clients",
						       "a-{name}-[0-9]")),
		0);
	assert_string_equal(check(kit, NULL, KEY_A)->client_pattern, "a-office-[0-9]");
	assert_string_equal(check(kit, NULL, KEY_B)->client_pattern, "a-" NAME_B "-[0-9]");
}

static void a_pattern_of_clients_that_is_too_long_is_refused(void **state)
{
	struct vpnt *kit = *state;
	char longest[102];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys", KEY_A, "clients", longest)),
		"clients has more than 100");
	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_A, "clients", longest + 1));
	assert_string_equal(check(kit, NULL, KEY_A)->client_pattern, longest + 1);
}

static void an_unknown_role_is_refused_by_name(void **state)
{
	struct vpnt *kit = *state;

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("keys", KEY_A, "roles", "report, reed")), "\"reed\"");
}

static void without_a_key_it_does_not_start_and_says_how_to_make_one(void **state)
{
	struct vpnt *kit = *state;

	assert_contains(vpnt_start_refused(kit, VPNT_DEFAULTS), "vpn-sentinel key new");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys", " , ")), "vpn-sentinel key new");
}

static void a_key_with_a_blank_is_refused_by_its_number(void **state)
{
	struct vpnt *kit = *state;
	const char *sentence =
		vpnt_start_refused(kit, VPNT_OPTIONS("keys", KEY_A ",two words here and there"));

	assert_contains(sentence, "entry 2");
	assert_lacks(sentence, "words");
}

static void short_keys_work_with_one_warning(void **state)
{
	struct vpnt *kit = *state;
	const char *first;

	vpnt_start(kit, VPNT_OPTIONS("keys", "shortkey," KEY_A ",123456789012345"));
	assert_contains(vpnt_log(kit), "WARN 2 of 3 API keys");
	assert_allowed(kit, NULL, "shortkey", "key-f479f0c2");
	first = strstr(vpnt_log(kit), "WARN");
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("keys", "shortkey")), 0);
	first = strstr(vpnt_log(kit), "WARN");
	assert_null(strstr(first + 1, "WARN"));
}

/* Writes text to a new file; path must have the size of the template. */
static void write_file(char *path, const char *text, size_t len)
{
	int fd;

	strcpy(path, "/tmp/bearer_test_XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void keys_come_from_a_file_too_and_a_change_is_read_again(void **state)
{
	static const char text[] =
		"# our keys\r\n\r\n  phone=" KEY_B "  \r\n" KEY_A "\n#" KEY_A "x\nlast-0123456789abcdef";
	struct vpnt *kit = *state;
	char path[32];
	FILE *file;

	write_file(path, text, sizeof(text) - 1);
	vpnt_start(kit, VPNT_OPTIONS("keys_file", path, "keys", "listed-0123456789abcdef"));
	assert_allowed(kit, NULL, "listed-0123456789abcdef", "key-3dceff78");
	assert_allowed(kit, NULL, KEY_B, "phone");
	assert_allowed(kit, NULL, KEY_A, NAME_A);
	assert_allowed(kit, NULL, "last-0123456789abcdef", "key-eb7daae8");
	assert_denied(kit, NULL, KEY_A "x", VPNS_DENY_BAD_CREDENTIALS);

	file = fopen(path, "w");
	fputs("fresh-0123456789abcdef\n", file);
	fclose(file);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("keys_file", path)), 0);
	assert_allowed(kit, NULL, "fresh-0123456789abcdef", "key-9ac96651");
	assert_denied(kit, NULL, KEY_A, VPNS_DENY_BAD_CREDENTIALS);

	unlink(path);
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("keys_file", path)) < 0);
	assert_contains(vpnt_log(kit), "cannot read");
	assert_allowed(kit, NULL, "fresh-0123456789abcdef", "key-9ac96651");
}

static void a_key_that_goes_renames_no_other_one(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, VPNT_OPTIONS("keys", KEY_B ", " KEY_A));
	assert_allowed(kit, NULL, KEY_A, NAME_A);
	assert_allowed(kit, NULL, KEY_B, NAME_B);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("keys", "x=another-0123456789abcdef, " KEY_A)), 0);
	assert_allowed(kit, NULL, KEY_A, NAME_A);
}

static void a_pipe_instead_of_a_file_is_refused_and_holds_up_nobody(void **state)
{
	struct vpnt *kit = *state;
	char path[] = "/tmp/vs-bearer-XXXXXX";

	close(mkstemp(path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", path)), "it is no regular file");
	unlink(path);
}

static void a_bad_file_is_refused_with_file_and_line(void **state)
{
	struct vpnt *kit = *state;
	const char *sentence;
	char path[32];
	char *large;

	write_file(path, "# x\n" KEY_A "\nsome body\n", 4 + sizeof(KEY_A) + 10);
	sentence = vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", path));
	assert_contains(sentence, path);
	assert_contains(sentence, "line 3");
	assert_lacks(sentence, "some body");
	unlink(path);
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", path)), "No such file");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", "/tmp")), "cannot read /tmp");
	write_file(path, "# nothing\n", 10);
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", path)), "no API key");
	unlink(path);
	large = malloc(1048576);
	assert_non_null(large);
	memset(large, '\n', 1048576);
	write_file(path, large, 1048576);
	free(large);
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("keys_file", path)), "1 MiB");
	unlink(path);
}

static void a_name_ends_at_an_equals_sign_but_base64_does_not(void **state)
{
	static const struct {
		const char *entry;
		const char *key;
		const char *principal;
	} rows[] = {
		{"anna=secret", "secret", "anna"},
		{"anna=se=cr=et", "se=cr=et", "anna"},
		{"a.b-c_1=secret", "secret", "a.b-c_1"},
		{"QUJDRA==", "QUJDRA==", "key-6a94721a"},
		{"QUJDRA=", "QUJDRA=", "key-0c219151"},
		{"an na", NULL, NULL},
		{"a+b=secret", "a+b=secret", "key-98a280f6"},
		{"=secret", "=secret", "key-3eb96dd2"},
		{"", NULL, NULL},
		{"anna=sec ret", NULL, NULL},
		{"s\xc3\xa9"
		 "cret",
			"s\xc3\xa9"
			"cret",
			"key-96592977"},
	};
	const struct bearer_key *row;
	struct bearer_keys keys;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&keys, 0, sizeof(keys));
		if (rows[i].key == NULL) {
			assert_non_null(bearer_keys_add(&keys, rows[i].entry, strlen(rows[i].entry)));
			assert_int_equal(keys.count, 0);
		} else {
			assert_null(bearer_keys_add(&keys, rows[i].entry, strlen(rows[i].entry)));
			row = bearer_keys_find(&keys, rows[i].key, strlen(rows[i].key));
			assert_non_null(row);
			assert_string_equal(row->principal, rows[i].principal);
		}
		bearer_keys_fini(&keys);
		bearer_keys_fini(&keys);
	}
}

static void the_same_key_twice_keeps_its_first_name(void **state)
{
	struct bearer_keys keys = {0};

	(void)state;
	assert_null(bearer_keys_add(&keys, "one=" KEY_A, strlen("one=" KEY_A)));
	assert_null(bearer_keys_add(&keys, "two=" KEY_A, strlen("two=" KEY_A)));
	assert_int_equal(keys.count, 1);
	assert_string_equal(bearer_keys_find(&keys, KEY_A, strlen(KEY_A))->principal, "one");
	bearer_keys_fini(&keys);
}

static void ten_thousand_keys_are_the_limit(void **state)
{
	struct bearer_keys keys = {0};
	char key[32];
	int i;

	(void)state;
	for (i = 0; i < BEARER_KEYS_MAX; i++) {
		snprintf(key, sizeof(key), "number-%d-0123456789", i);
		assert_null(bearer_keys_add(&keys, key, strlen(key)));
	}
	assert_string_equal(bearer_keys_find(&keys, key, strlen(key))->principal, "key-0f224437");
	assert_contains(bearer_keys_add(&keys, KEY_A, strlen(KEY_A)), "too many");
	bearer_keys_fini(&keys);
}

static void a_file_cut_at_any_byte_does_no_harm(void **state)
{
	static const char text[] = "# c\n\nname=" KEY_A "\r\n \t" KEY_B "\n=\n\0\nx=\n";
	struct bearer_keys keys;
	size_t line;
	size_t len;
	char *bytes;

	(void)state;
	for (len = 0; len < sizeof(text); len++) {
		memset(&keys, 0, sizeof(keys));
		bytes = exact_copy(text, len);
		bearer_keys_add_lines(&keys, bytes, len, &line);
		assert_true(keys.count <= 4);
		assert_true(line <= 8);
		bearer_keys_fini(&keys);
		free(bytes);
	}
}

static void the_key_in_a_header_is_found_by_its_scheme(void **state)
{
	size_t len = 0;

	(void)state;
	assert_null(bearer_header_key(NULL, &len));
	assert_null(bearer_header_key("Bearerx y", &len));
	assert_null(bearer_header_key("Bear", &len));
	assert_string_equal(bearer_header_key("  bEaReR\tabc", &len), "abc");
	assert_int_equal(len, 3);
	assert_null(bearer_header_trim(" \t ", &len));
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/auth", "bearer"),
		VPNS_TEST_SOURCE "/plugins/auth/bearer/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_known_key_comes_in_by_either_header),
		TEST(no_key_is_told_from_a_wrong_one),
		TEST(two_different_keys_are_refused_even_if_both_are_good),
		TEST(roles_can_be_limited),
		TEST(keys_can_be_bound_to_clients),
		TEST(a_pattern_of_clients_that_is_too_long_is_refused),
		TEST(an_unknown_role_is_refused_by_name),
		TEST(without_a_key_it_does_not_start_and_says_how_to_make_one),
		TEST(a_key_with_a_blank_is_refused_by_its_number),
		TEST(short_keys_work_with_one_warning),
		TEST(keys_come_from_a_file_too_and_a_change_is_read_again),
		TEST(a_key_that_goes_renames_no_other_one),
		TEST(a_pipe_instead_of_a_file_is_refused_and_holds_up_nobody),
		TEST(a_bad_file_is_refused_with_file_and_line),
		cmocka_unit_test(a_name_ends_at_an_equals_sign_but_base64_does_not),
		cmocka_unit_test(the_same_key_twice_keeps_its_first_name),
		cmocka_unit_test(ten_thousand_keys_are_the_limit),
		cmocka_unit_test(a_file_cut_at_any_byte_does_no_harm),
		cmocka_unit_test(the_key_in_a_header_is_found_by_its_scheme),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
