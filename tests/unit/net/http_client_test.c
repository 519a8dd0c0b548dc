/* Replies as they come, and requests that end before theirs. */
#include "outcome.h"

static void a_reply_comes_whole_with_headers_and_where_it_came_from(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 201 Created\r\nX-Test:  yes \r\nX-Empty:\r\nContent-Length: "
				    "5\r\n\r\nhello"};
	struct vs_http_header headers[] = {{"X-Mine", "1"}, {"X-None", ""}};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.headers = headers, .header_count = 2});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.status, 201);
	assert_string_equal(outcome.body, "hello");
	assert_string_equal(outcome.header, "yes");
	assert_string_equal(outcome.remote, "127.0.0.1");
	assert_string_equal(outcome.text, "");
	assert_int_equal(outcome.retry_after_ms, 0);
	assert_non_null(strstr(peer.heard, "GET /secret-token HTTP/1.1\r\n"));
	assert_non_null(strstr(peer.heard, "\r\nUser-Agent: vpn-sentinel/1.2.3\r\n"));
	assert_non_null(strstr(peer.heard, "\r\nX-Mine: 1\r\n"));
	assert_non_null(strstr(peer.heard, "\r\nX-None:\r\n"));
	assert_null(strstr(peer.heard, "Content-Type"));
}

static void a_body_is_posted_with_its_own_type_and_no_expectation(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 204 No Content\r\n\r\n"};
	struct vs_http_header type = {"Content-Type", "application/json"};
	struct outcome outcome = ask(&peer,
		(struct vs_http_request){.body = "{}", .body_len = 2, .headers = &type, .header_count = 1});

	(void)state;
	assert_int_equal(outcome.status, 204);
	assert_int_equal(outcome.body_len, 0);
	assert_non_null(strstr(peer.heard, "POST /secret-token HTTP/1.1\r\n"));
	assert_non_null(strstr(peer.heard, "\r\nContent-Length: 2\r\n"));
	assert_non_null(strstr(peer.heard, "\r\nContent-Type: application/json\r\n"));
	assert_null(strstr(peer.heard, "Expect"));
	assert_null(strstr(peer.heard, "form-urlencoded"));
}

static void other_methods_are_sent_as_given(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.method = "DELETE"});

	(void)state;
	assert_int_equal(outcome.status, 200);
	assert_non_null(strstr(peer.heard, "DELETE /secret-token HTTP/1.1\r\n"));
	outcome = ask(&peer, (struct vs_http_request){.method = "PUT", .body = "x", .body_len = 1});
	assert_int_equal(outcome.status, 200);
	assert_non_null(strstr(peer.heard, "PUT /secret-token HTTP/1.1\r\n"));
	outcome = ask(&peer, (struct vs_http_request){.method = "POST"});
	assert_int_equal(outcome.status, 200);
	assert_non_null(strstr(peer.heard, "\r\nContent-Length: 0\r\n"));
}

static void the_reply_to_head_has_no_body_to_wait_for(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", .holds = true};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.method = "HEAD", .timeout_ms = 5000});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.body_len, 0);
}

static void redirects_are_not_followed(void **state)
{
	struct outcome outcome = ask_plainly(
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.status, 302);
}

static void an_interim_reply_is_not_the_reply(void **state)
{
	struct outcome outcome = ask_plainly("HTTP/1.1 103 Early Hints\r\nX-Test: early\r\n\r\n"
					     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

	(void)state;
	assert_int_equal(outcome.status, 200);
	assert_string_equal(outcome.header, "-");
	assert_string_equal(outcome.body, "ok");
}

static void an_error_status_is_a_reply(void **state)
{
	struct outcome outcome = ask_plainly("HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy");

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.status, 503);
	assert_string_equal(outcome.body, "busy");
}

static void retry_after_comes_in_seconds_and_as_a_date(void **state)
{
	struct outcome outcome =
		ask_plainly("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");

	(void)state;
	assert_int_equal(outcome.status, 429);
	assert_int_equal(outcome.retry_after_ms, 7000);
	outcome = ask_plainly("HTTP/1.1 503 No\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			      "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(outcome.retry_after_ms, 30000);
	outcome = ask_plainly("HTTP/1.1 503 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(outcome.retry_after_ms, 0);
}

static void a_compressed_body_comes_decoded_and_a_broken_one_is_a_protocol_error(void **state)
{
	static const char packed[] =
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n"
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86"
		"\xa6\x10\x36\x05\x00\x00\x00";
	struct peer peer = {.says = packed, .len = sizeof(packed) - 1};
	struct outcome outcome = ask(&peer, (struct vs_http_request){0});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_string_equal(outcome.body, "hello");
	outcome = ask_plainly("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain");
	assert_int_equal(outcome.error, VS_HTTP_E_PROTOCOL);
}

static void a_cancelled_request_is_never_heard_of_again(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome;
	uint64_t handle;

	(void)state;
	peer_start(&peer);
	outcome_open(&outcome);
	handle = vs_http_send(outcome.client, &(struct vs_http_request){.url = peer.url, .timeout_ms = 60},
		on_reply, &outcome);
	assert_false(vs_loop_run_for(outcome.loop, 20));
	vs_http_cancel(outcome.client, handle);
	assert_false(vs_loop_run_for(outcome.loop, 100));
	assert_int_equal(outcome.dones, 0);
	vs_http_cancel(outcome.client, handle);
	vs_http_cancel(outcome.client, 0);
	handle = vs_http_send(
		outcome.client, &(struct vs_http_request){.url = "nonsense"}, on_reply, &outcome);
	vs_http_cancel(outcome.client, handle);
	assert_false(vs_loop_run_for(outcome.loop, 20));
	assert_int_equal(outcome.dones, 0);
	outcome_close(&outcome);
	peer_stop(&peer);
}

static void one_reply_may_cancel_another_request(void **state)
{
	struct outcome outcome;

	(void)state;
	outcome_open(&outcome);
	assert_int_not_equal(
		vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"}, on_reply, &outcome), 0);
	outcome.cancel_in_done =
		vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"}, on_reply, &outcome);
	assert_true(vs_loop_run_for(outcome.loop, 5000));
	assert_false(vs_loop_run_for(outcome.loop, 20));
	assert_int_equal(outcome.dones, 1);
	outcome_close(&outcome);
}

static void destroying_the_client_cancels_what_runs(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome;

	(void)state;
	peer_start(&peer);
	outcome_open(&outcome);
	(void)vs_http_send(outcome.client, &(struct vs_http_request){.url = peer.url}, on_reply, &outcome);
	(void)vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"}, on_reply, &outcome);
	outcome_close(&outcome);
	assert_int_equal(outcome.dones, 0);
	peer_stop(&peer);
	vs_http_client_destroy(NULL);
}

static void without_a_url_or_beyond_the_limit_nothing_is_taken(void **state)
{
	struct outcome outcome;
	unsigned i;

	(void)state;
	outcome_open(&outcome);
	outcome.expected = 100;
	assert_int_equal(vs_http_send(outcome.client, &(struct vs_http_request){0}, on_reply, &outcome), 0);
	for (i = 0; i < 100; i++)
		assert_int_not_equal(vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"},
					     on_reply, &outcome),
			0);
	assert_int_equal(
		vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"}, on_reply, &outcome), 0);
	assert_true(vs_loop_run_for(outcome.loop, 5000));
	assert_int_not_equal(
		vs_http_send(outcome.client, &(struct vs_http_request){.url = "bad"}, on_reply, &outcome), 0);
	outcome_close(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_comes_whole_with_headers_and_where_it_came_from),
		cmocka_unit_test(a_body_is_posted_with_its_own_type_and_no_expectation),
		cmocka_unit_test(other_methods_are_sent_as_given),
		cmocka_unit_test(the_reply_to_head_has_no_body_to_wait_for),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(an_interim_reply_is_not_the_reply),
		cmocka_unit_test(an_error_status_is_a_reply),
		cmocka_unit_test(retry_after_comes_in_seconds_and_as_a_date),
		cmocka_unit_test(a_compressed_body_comes_decoded_and_a_broken_one_is_a_protocol_error),
		cmocka_unit_test(a_cancelled_request_is_never_heard_of_again),
		cmocka_unit_test(one_reply_may_cancel_another_request),
		cmocka_unit_test(destroying_the_client_cancels_what_runs),
		cmocka_unit_test(without_a_url_or_beyond_the_limit_nothing_is_taken),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, without_proxies, NULL);
}
