#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>

#include "base/err.h"
#include "client/identity.h"
#include "place.h"

static struct place place;

static int setup(void **state)
{
	(void)state;
	place_init(&place);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	place_fini(&place);
	return 0;
}

static struct vs_identity find(const char *configured, const char *state_dir, const char *host)
{
	struct vs_identity identity;

	assert_int_equal(vs_identity_find(&identity, configured, state_dir, host, NULL), 0);
	return identity;
}

/* The part before the dash and six hex digits. */
static void assert_made(const char *id, const char *expected)
{
	size_t len = strlen(expected);

	assert_int_equal(strlen(id), len + 7);
	assert_memory_equal(id, expected, len);
	assert_int_equal(id[len], '-');
	for (size_t i = len + 1; i < len + 7; i++)
		assert_true(isxdigit((unsigned char)id[i]));
}

static void the_configured_id_wins_and_is_not_written(void **state)
{
	struct vs_identity identity;

	(void)state;
	place_write(&place, "client_id", "kept-1\n");
	identity = find("office-vpn", place.folder, "host");
	assert_string_equal(identity.id, "office-vpn");
	assert_int_equal(identity.source, VS_IDENTITY_CONFIGURED);
	assert_string_equal(find(NULL, place.folder, "host").id, "kept-1");
}

static void a_configured_id_with_foreign_characters_is_refused(void **state)
{
	struct vs_identity identity;
	struct vs_err err;
	char longest[VS_IDENTITY_SIZE + 1];

	(void)state;
	assert_int_equal(vs_identity_find(&identity, "my vpn", place.folder, "h", &err), VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "\"my vpn\" is not a client id"));
	memset(longest, 'a', sizeof(longest));
	longest[VS_IDENTITY_SIZE] = '\0';
	assert_int_equal(vs_identity_find(&identity, longest, place.folder, "h", &err), VS_ERR_INVALID);
	longest[VS_IDENTITY_SIZE - 1] = '\0';
	assert_string_equal(find(longest, place.folder, "h").id, longest);
}

static void without_an_id_one_is_made_of_the_host_name_and_kept(void **state)
{
	struct vs_identity first = find(NULL, place.folder, "pi4");
	struct vs_identity second;

	(void)state;
	assert_made(first.id, "pi4");
	assert_int_equal(first.source, VS_IDENTITY_MADE);
	second = find("", place.folder, "renamed");
	assert_string_equal(second.id, first.id);
	assert_int_equal(second.source, VS_IDENTITY_KEPT);
	assert_string_equal(place_log(&place), "");
}

static void a_host_name_is_cleaned(void **state)
{
	static const struct {
		const char *host;
		const char *expected;
	} cases[] = {
		{"pi4.lan", "pi4.lan"},
		{"My Host!", "My-Host"},
		{"caf\xc3\xa9-1", "caf-1"},
		{"--x--", "x"},
		{"???", "client"},
		{"", "client"},
		{NULL, "client"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_made(find(NULL, place.folder, cases[i].host).id, cases[i].expected);
		unlink(place_path(&place, "client_id"));
	}
}

static void the_longest_host_name_still_gives_an_id(void **state)
{
	char host[256];
	struct vs_identity identity;

	(void)state;
	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	identity = find(NULL, place.folder, host);
	assert_int_equal(strlen(identity.id), VS_IDENTITY_SIZE - 1);
	assert_string_equal(find(NULL, place.folder, host).id, identity.id);
}

static void a_state_directory_that_is_missing_is_made(void **state)
{
	char folder[128];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/a/b", place.folder);
	assert_int_equal(find(NULL, folder, "host").source, VS_IDENTITY_MADE);
	assert_int_equal(find(NULL, folder, "host").source, VS_IDENTITY_KEPT);
}

static void a_state_directory_that_cannot_be_written_is_warned_about(void **state)
{
	char folder[128];
	struct vs_identity identity;
	const char *log;

	(void)state;
	place_write(&place, "file", "");
	snprintf(folder, sizeof(folder), "%s/file/state", place.folder);
	identity = find(NULL, folder, "host");
	assert_made(identity.id, "host");
	assert_int_equal(identity.source, VS_IDENTITY_LOOSE);
	log = place_log(&place);
	assert_non_null(strstr(log, "cannot be kept"));
	assert_non_null(strstr(log, "VPN_SENTINEL_CLIENT_ID"));
}

static void a_kept_id_that_is_none_is_replaced_with_a_warning(void **state)
{
	static const char *const contents[] = {"", "\n", "two words\n", "a\nb\n", "\xff\xfe"};

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		struct vs_identity identity;

		place_write(&place, "client_id", contents[i]);
		identity = find(NULL, place.folder, "host");
		assert_int_equal(identity.source, VS_IDENTITY_MADE);
		assert_non_null(strstr(place_log(&place), "does not hold a client id"));
		assert_string_equal(find(NULL, place.folder, "host").id, identity.id);
	}
}

static void a_kept_id_that_is_a_folder_is_warned_about(void **state)
{
	(void)state;
	assert_int_equal(mkdir(place_path(&place, "client_id"), 0700), 0);
	assert_int_equal(find(NULL, place.folder, "host").source, VS_IDENTITY_LOOSE);
	assert_non_null(strstr(place_log(&place), "cannot be read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_configured_id_wins_and_is_not_written),
		TEST(a_configured_id_with_foreign_characters_is_refused),
		TEST(without_an_id_one_is_made_of_the_host_name_and_kept),
		TEST(a_host_name_is_cleaned),
		TEST(the_longest_host_name_still_gives_an_id),
		TEST(a_state_directory_that_is_missing_is_made),
		TEST(a_state_directory_that_cannot_be_written_is_warned_about),
		TEST(a_kept_id_that_is_none_is_replaced_with_a_warning),
		TEST(a_kept_id_that_is_a_folder_is_warned_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
