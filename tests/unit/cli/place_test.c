/* Where local commands find their role, by options and environment. */
#include "caught.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/place.h"

static void expect_state_file(const char *name, const char *expected)
{
	struct vs_buf out = {0};
	struct vs_err err;

	assert_int_equal(vs_place_state_file(&out, name, &err), 0);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void expect_api_path(const char *expected)
{
	struct vs_buf out = {0};
	struct vs_err err;

	assert_int_equal(vs_place_api_path(&out, &err), 0);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void expect_key(const char *key, const char *key_file, const char *expected)
{
	struct vs_buf out = {0};
	struct vs_err err;

	assert_int_equal(vs_place_key(&out, key, key_file, &err), 0);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void expect_no_key(const char *key, const char *key_file, const char *sentence)
{
	struct vs_buf out = {0};
	struct vs_err err = {0};

	assert_true(vs_place_key(&out, key, key_file, &err) < 0);
	assert_has(err.text, sentence);
	assert_int_equal(out.len, 0);
	vs_buf_fini(&out);
}

static void the_state_directory_is_the_environments_or_the_usual_one(void **state)
{
	struct place *place = *state;

	setenv("VPN_SENTINEL_STATE_DIR", "/srv/sentinel", 1);
	expect_state_file("server.sock", "/srv/sentinel/server.sock");
	unsetenv("VPN_SENTINEL_STATE_DIR");
	expect_state_file("client.sock", "/var/lib/vpn-sentinel/client.sock");
	setenv("VPN_SENTINEL_STATE_DIR_FILE", place_write(place, "dir", "/srv/other\n"), 1);
	expect_state_file("client.sock", "/srv/other/client.sock");
}

static void a_variable_and_its_file_together_are_refused(void **state)
{
	struct place *place = *state;
	struct vs_buf out = {0};
	struct vs_err err = {0};

	setenv("VPN_SENTINEL_STATE_DIR_FILE", place_write(place, "dir", "/srv/other\n"), 1);
	assert_true(vs_place_state_file(&out, "server.sock", &err) < 0);
	assert_has(err.text, "VPN_SENTINEL_STATE_DIR_FILE");
	setenv("VPN_SENTINEL_API_PATH", "/x", 1);
	setenv("VPN_SENTINEL_API_PATH_FILE", place_path(place, "dir"), 1);
	assert_true(vs_place_api_path(&out, &err) < 0);
	assert_has(err.text, "VPN_SENTINEL_API_PATH_FILE");
	vs_buf_fini(&out);
}

static void the_api_path_has_one_slash_before_it_and_none_behind(void **state)
{
	(void)state;
	expect_api_path("/api/v1");
	setenv("VPN_SENTINEL_API_PATH", "//sentinel/v2//", 1);
	expect_api_path("/sentinel/v2");
	setenv("VPN_SENTINEL_API_PATH", "v3", 1);
	expect_api_path("/v3");
	setenv("VPN_SENTINEL_API_PATH", "/", 1);
	expect_api_path("");
}

static void the_key_given_wins_then_its_file_then_the_environment(void **state)
{
	struct place *place = *state;

	expect_key(NULL, NULL, "");
	setenv("VPN_SENTINEL_API_KEY", "from-the-environment", 1);
	expect_key(NULL, NULL, "from-the-environment");
	expect_key(NULL, place_write(place, "key", "from-the-file\r\n"), "from-the-file");
	expect_key("from-the-line", NULL, "from-the-line");
	unsetenv("VPN_SENTINEL_API_KEY");
	setenv("VPN_SENTINEL_API_KEY_FILE", place_path(place, "key"), 1);
	expect_key(NULL, NULL, "from-the-file");
}

static void the_key_is_a_secret_of_the_log_from_then_on(void **state)
{
	char text[] = "X-API-Key: hunter2hunter2";

	(void)state;
	expect_key(" hunter2hunter2 ", NULL, "hunter2hunter2");
	vs_log_mask(text);
	assert_has_not(text, "hunter2");
}

static void a_key_file_that_holds_no_key_is_refused(void **state)
{
	struct place *place = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s", place_path(place, "missing"));
	expect_no_key(NULL, path, path);
	snprintf(path, sizeof(path), "%s", place_write(place, "empty", "\n"));
	expect_no_key(NULL, path, "is empty");
	snprintf(path, sizeof(path), "%s", place_write(place, "two", "hunter2-one\nhunter2-two\n"));
	expect_no_key(NULL, path, "several lines");
	expect_no_key(NULL, place->folder, place->folder);
}

static void a_key_that_would_be_another_header_is_refused_and_not_repeated(void **state)
{
	struct vs_buf out = {0};
	struct vs_err err = {0};

	(void)state;
	assert_true(vs_place_key(&out, "hunter2\r\nX-Evil: 1", NULL, &err) < 0);
	assert_has(err.text, "control characters");
	assert_has_not(err.text, "hunter2");
	setenv("VPN_SENTINEL_API_KEY", "hunter2\nhunter3", 1);
	assert_true(vs_place_key(&out, NULL, NULL, &err) < 0);
	assert_has_not(err.text, "hunter");
	vs_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(the_state_directory_is_the_environments_or_the_usual_one),
		place_test(a_variable_and_its_file_together_are_refused),
		place_test(the_api_path_has_one_slash_before_it_and_none_behind),
		place_test(the_key_given_wins_then_its_file_then_the_environment),
		place_test(the_key_is_a_secret_of_the_log_from_then_on),
		place_test(a_key_file_that_holds_no_key_is_refused),
		place_test(a_key_that_would_be_another_header_is_refused_and_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
