/* One GET, against a server in another thread. */
#include "answerer.h"
#include "caught.h"

#include "cli/fetch.h"

static struct vs_fetch fetch_of(const char *url, const char *path)
{
	return (struct vs_fetch){.url = url, .path = path, .timeout_ms = 10000};
}

static void expect_no_reply(const struct vs_fetch *fetch, const char *sentence)
{
	struct vs_fetched fetched;
	struct vs_err err = {0};

	vs_fetched_init(&fetched);
	assert_true(vs_fetch(&fetched, fetch, &err) < 0);
	assert_has(err.text, sentence);
	assert_has_not(err.text, "hunter2");
	assert_int_equal(fetched.status, 0);
	vs_fetched_fini(&fetched);
}

static void a_reply_of_any_status_is_a_reply(void **state)
{
	static const int statuses[] = {200, 401, 404, 503};
	struct answerer answerer;
	struct vs_fetched fetched;
	struct vs_fetch fetch;
	struct vs_err err;
	size_t i;

	(void)state;
	vs_fetched_init(&fetched);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		answerer_start(&answerer, NULL, (struct answer){statuses[i], "the body", false});
		fetch = fetch_of(answerer.url, "/api/v1/status");
		assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
		answerer_end(&answerer);
		assert_int_equal(fetched.status, statuses[i]);
		assert_string_equal(vs_buf_text(&fetched.body), "the body");
		assert_string_equal(answerer.path, "/api/v1/status");
		assert_string_equal(answerer.key, "");
	}
	vs_fetched_fini(&fetched);
	vs_fetched_fini(&fetched);
}

static void the_key_goes_along_and_slashes_meet_once(void **state)
{
	struct answerer answerer;
	struct vs_fetched fetched;
	struct vs_fetch fetch;
	struct vs_err err;
	char url[80];

	(void)state;
	vs_fetched_init(&fetched);
	answerer_start(&answerer, NULL, (struct answer){200, "[]", false});
	snprintf(url, sizeof(url), "%s/behind/proxy//", answerer.url);
	fetch = fetch_of(url, "/health");
	fetch.key = "hunter2hunter2";
	assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
	answerer_end(&answerer);
	assert_string_equal(answerer.path, "/behind/proxy/health");
	assert_string_equal(answerer.key, "hunter2hunter2");
	vs_fetched_fini(&fetched);
}

static void a_unix_socket_is_asked_without_a_url(void **state)
{
	struct place *place = *state;
	struct answerer answerer;
	struct vs_fetched fetched;
	struct vs_fetch fetch = fetch_of(NULL, "/health");
	struct vs_err err;

	vs_fetched_init(&fetched);
	fetch.unix_socket = place_path(place, "server.sock");
	answerer_start(&answerer, fetch.unix_socket, (struct answer){200, "over the socket", false});
	assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
	answerer_end(&answerer);
	assert_string_equal(vs_buf_text(&fetched.body), "over the socket");
	vs_fetched_fini(&fetched);
}

static void a_url_wins_over_the_socket(void **state)
{
	struct place *place = *state;
	struct answerer answerer;
	struct vs_fetched fetched;
	struct vs_fetch fetch;
	struct vs_err err;

	vs_fetched_init(&fetched);
	answerer_start(&answerer, NULL, (struct answer){200, "over the wire", false});
	fetch = fetch_of(answerer.url, "/health");
	fetch.unix_socket = place_path(place, "nobody.sock");
	assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
	answerer_end(&answerer);
	assert_string_equal(vs_buf_text(&fetched.body), "over the wire");
	vs_fetched_fini(&fetched);
}

static void the_reply_before_is_forgotten(void **state)
{
	struct answerer answerer;
	struct vs_fetched fetched;
	struct vs_fetch fetch;
	struct vs_err err;
	char url[64];

	(void)state;
	vs_fetched_init(&fetched);
	answerer_start(&answerer, NULL, (struct answer){200, "once", false});
	snprintf(url, sizeof(url), "%s", answerer.url);
	fetch = fetch_of(url, "/");
	assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
	assert_int_equal(vs_fetch(&fetched, &fetch, &err), 0);
	assert_string_equal(vs_buf_text(&fetched.body), "once");
	answerer_end(&answerer);
	assert_true(vs_fetch(&fetched, &fetch, &err) < 0);
	assert_int_equal(fetched.status, 0);
	assert_int_equal(fetched.body.len, 0);
	vs_fetched_fini(&fetched);
}

static void nobody_at_the_port_is_a_refused_connection(void **state)
{
	struct answerer answerer;
	struct vs_fetch fetch;
	char url[64];

	(void)state;
	answerer_start(&answerer, NULL, (struct answer){200, "", false});
	snprintf(url, sizeof(url), "%s", answerer.url);
	answerer_end(&answerer);
	fetch = fetch_of(url, "/health");
	expect_no_reply(&fetch, "Connection refused");
}

static void user_and_password_of_a_url_are_not_repeated(void **state)
{
	struct vs_fetch fetch = fetch_of("http://user:hunter2@127.0.0.1:1", "/health");

	(void)state;
	expect_no_reply(&fetch, "127.0.0.1 port 1");
	fetch.url = "http://user:hunter2@127.0.0.1:99999";
	expect_no_reply(&fetch, "the URL is not usable");
}

static void a_missing_or_stale_socket_is_named(void **state)
{
	struct place *place = *state;
	struct vs_fetch fetch = fetch_of(NULL, "/health");

	fetch.unix_socket = place_path(place, "server.sock");
	expect_no_reply(&fetch, fetch.unix_socket);
	leave_stale_socket(fetch.unix_socket);
	expect_no_reply(&fetch, fetch.unix_socket);
	expect_no_reply(&fetch, "Connection refused");
}

static void a_reply_that_breaks_off_is_none(void **state)
{
	struct answerer answerer;
	struct vs_fetch fetch;

	(void)state;
	answerer_start(&answerer, NULL, (struct answer){200, "[{\"client_id\":", true});
	fetch = fetch_of(answerer.url, "/api/v1/status");
	expect_no_reply(&fetch, "before the reply was complete");
	answerer_end(&answerer);
}

static void what_is_no_url_is_refused_with_the_reason(void **state)
{
	struct vs_fetch fetch = fetch_of("127.0.0.1:5000", "/health");

	(void)state;
	expect_no_reply(&fetch, "it must begin with http:// or https://");
	fetch.url = "";
	expect_no_reply(&fetch, "the URL is not usable");
	fetch.url = "http://127.0.0.1/?key=hunter2";
	expect_no_reply(&fetch, "must end before any '?'");
	fetch.url = "http://127.0.0.1/#x";
	expect_no_reply(&fetch, "must end before any '?'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(a_reply_of_any_status_is_a_reply),
		place_test(the_key_goes_along_and_slashes_meet_once),
		place_test(a_unix_socket_is_asked_without_a_url),
		place_test(a_url_wins_over_the_socket),
		place_test(the_reply_before_is_forgotten),
		place_test(nobody_at_the_port_is_a_refused_connection),
		place_test(user_and_password_of_a_url_are_not_repeated),
		place_test(a_missing_or_stale_socket_is_named),
		place_test(a_reply_that_breaks_off_is_none),
		place_test(what_is_no_url_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
