/* What is kept of a service's reply, and what never is. */
#include "caught.h"

#include "vpn_sentinel/probe.h"

#include "base/buf.h"
#include "base/file.h"
#include "cli/capture.h"
#include "net/http_client.h"

static const struct vpns_fact facts[] = {{"exit.ip", "93.184.216.34"}};

static const struct vpns_probe_result passed = {
	.status = VPNS_PROBE_PASS,
	.fact_count = 1,
	.facts = facts,
	.reason = "",
};

static void see(struct vs_captures *captures, uint64_t order, const char *url, const char *body)
{
	const struct vs_http_header headers[] = {{"content-type", "text/plain"},
		{"Set-Cookie", "id=s3cret-cookie"}, {"X-Rl", "0"},
		{"Location", "https://a.example/next?token=s3cret-query"}};
	const struct vs_http_reply reply = {.status = 200,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = body,
		.body_len = strlen(body),
		.error_text = ""};

	vs_captures_seen(captures, order, url, &reply);
}

/* The file, whose text lives until the next call. */
static const char *kept(struct place *place, const char *name)
{
	static char text[8192];
	struct vs_buf buf;
	struct vs_err err;

	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, place_path(place, name), sizeof(text) - 1, &err), 0);
	snprintf(text, sizeof(text), "%s", vs_buf_text(&buf));
	vs_buf_fini(&buf);
	return text;
}

static struct vs_captures *make(struct place *place, bool mask)
{
	struct vs_captures *captures;
	struct vs_err err;

	captures = vs_captures_create(place_path(place, "captures"), mask, &err);
	assert_non_null(captures);
	return captures;
}

static void a_probe_is_kept_with_its_replies_in_the_order_of_the_questions(void **state)
{
	const struct vs_capture_about about = {"home", "ipify", NULL};
	struct vs_captures *captures = make(*state, false);
	const char *text;
	struct vs_err err;

	see(captures, 7, "http://b.example/", "second");
	see(captures, 3, "http://a.example/", "first");
	assert_int_equal(vs_captures_end(captures, &about, &passed, &err), 0);
	text = kept(*state, "captures/home-probe.json");
	assert_has(text, "\"format\":\"vpn-sentinel capture 1\"");
	assert_has(text, "\"plugin\":\"ipify\",\"verb\":\"probe\"");
	assert_has(text, "\"status\":\"pass\",\"reason\":\"\",\"facts\":{\"exit.ip\":\"93.184.216.34\"}");
	assert_has(text, "\"X-Rl\":\"0\"");
	assert_true(strstr(text, "first") < strstr(text, "second"));
	vs_captures_destroy(captures);
}

static void secrets_cookies_queries_and_names_of_users_are_not_kept(void **state)
{
	const struct vs_capture_about about = {"own", "ipinfo", "8.8.8.8"};
	struct vs_captures *captures = make(*state, false);
	const char *text;
	struct vs_err err;

	vs_log_secret("s3cret-token");
	see(captures, 1, "https://anna:s3cret-user@a.example:8443/json?token=s3cret-query#s3cret-end",
		"{\"you said\":\"s3cret-token\"}");
	assert_int_equal(vs_captures_end(captures, &about, &passed, &err), 0);
	text = kept(*state, "captures/own-locate.json");
	assert_has(text, "\"url\":\"https://a.example:8443/json\"");
	assert_has(text, "\"Location\":\"https://a.example/next\"");
	assert_has(text, "\"about\":\"8.8.8.8\"");
	assert_has(text, "***");
	assert_has_not(text, "s3cret");
	assert_has_not(text, "anna");
	vs_log_forget_secrets();
	vs_captures_destroy(captures);
}

static void a_masked_capture_holds_no_address_of_before(void **state)
{
	const struct vs_capture_about about = {"own", "ipinfo", "93.184.216.34"};
	struct vs_captures *captures = make(*state, true);
	const char *text;
	struct vs_err err;

	see(captures, 1, "https://93.184.216.34/json", "93.184.216.34");
	assert_int_equal(vs_captures_end(captures, &about, &passed, &err), 0);
	text = kept(*state, "captures/own-locate.json");
	assert_has_not(text, "93.184");
	assert_has(text, "\"about\":\"198.51.100.1\"");
	assert_has(text, "\"exit.ip\":\"198.51.100.1\"");
	assert_has(text, "\"body\":\"198.51.100.1\"");
	vs_captures_destroy(captures);
}

static void bytes_that_are_no_text_are_left_out(void **state)
{
	const struct vs_capture_about about = {"own", "ipinfo", NULL};
	struct vs_captures *captures = make(*state, false);
	struct vs_err err;

	see(captures, 1, "https://a.example/", "\xff\xfe");
	assert_int_equal(vs_captures_end(captures, &about, &passed, &err), 0);
	assert_has_not(kept(*state, "captures/own-probe.json"), "\"body\"");
	vs_captures_destroy(captures);
}

static void without_a_reply_there_is_no_file_and_nothing_is_carried_over(void **state)
{
	const struct vs_capture_about one = {"one", "ipinfo", NULL};
	const struct vs_capture_about two = {"two", "ipinfo", NULL};
	struct vs_captures *captures = make(*state, false);
	struct vs_err err;

	see(captures, 1, "https://a.example/", "x");
	assert_int_equal(vs_captures_end(captures, &one, &passed, &err), 0);
	assert_int_equal(vs_captures_end(captures, &two, &passed, &err), 0);
	assert_int_equal(access(place_path(*state, "captures/one-probe.json"), F_OK), 0);
	assert_int_not_equal(access(place_path(*state, "captures/two-probe.json"), F_OK), 0);
	see(captures, 2, "https://a.example/", "x"); /* and never ended */
	vs_captures_destroy(captures);
	vs_captures_seen(NULL, 1, "", NULL);
	assert_int_equal(vs_captures_end(NULL, &one, &passed, &err), 0);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
	char path[256];
	struct vs_err err;

	snprintf(path, sizeof(path), "%s/below", place_write(*state, "file", ""));
	assert_null(vs_captures_create(path, false, &err));
	assert_has(err.text, "file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_probe_is_kept_with_its_replies_in_the_order_of_the_questions),
		TEST(secrets_cookies_queries_and_names_of_users_are_not_kept),
		TEST(a_masked_capture_holds_no_address_of_before),
		TEST(bytes_that_are_no_text_are_left_out),
		TEST(without_a_reply_there_is_no_file_and_nothing_is_carried_over),
		TEST(a_folder_that_cannot_be_made_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
