#include "rig.h"

#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "net/http_client.h"
#include "peer.h"

/* What the last reply was, copied out of it. */
struct outcome {
	struct vs_loop *loop;
	struct vs_http_client *client;
	unsigned dones;
	unsigned expected; /* the last of them stops the loop */
	enum vs_http_error error;
	uint32_t status;
	char body[256];
	size_t body_len;
	char text[768];
	char remote[64];
	char header[128]; /* X-Test */
	uint64_t elapsed_ms;
	uint64_t retry_after_ms;
	uint64_t cancel_in_done;
};

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct outcome *outcome = arg;
	const char *header = vs_http_reply_header(reply, "x-tESt");

	outcome->error = reply->error;
	outcome->status = reply->status;
	outcome->body_len = reply->body_len;
	assert_int_equal(reply->body[reply->body_len], '\0');
	(void)snprintf(outcome->body, sizeof(outcome->body), "%s", reply->body);
	(void)snprintf(outcome->text, sizeof(outcome->text), "%s", reply->error_text);
	(void)snprintf(outcome->remote, sizeof(outcome->remote), "%s", reply->remote_address);
	(void)snprintf(outcome->header, sizeof(outcome->header), "%s", header != NULL ? header : "-");
	outcome->elapsed_ms = reply->elapsed_ms;
	outcome->retry_after_ms = reply->retry_after_ms;
	vs_http_cancel(outcome->client, outcome->cancel_in_done);
	if (++outcome->dones == outcome->expected)
		vs_loop_stop(outcome->loop);
}

static void outcome_open(struct outcome *outcome)
{
	static const struct vs_http_settings settings = {.version = "1.2.3", .max_running = 100};

	*outcome = (struct outcome){.loop = vs_loop_create(), .expected = 1};
	outcome->client = vs_http_client_create(outcome->loop, &settings);
}

static void outcome_close(struct outcome *outcome)
{
	vs_http_client_destroy(outcome->client);
	vs_loop_destroy(outcome->loop);
}

/* Sends one request and waits for its end. */
static void exchange(struct outcome *outcome, const struct vs_http_request *request)
{
	outcome_open(outcome);
	assert_int_not_equal(vs_http_send(outcome->client, request, on_reply, outcome), 0);
	assert_int_equal(outcome->dones, 0);
	assert_true(vs_loop_run_for(outcome->loop, 20000));
	assert_int_equal(outcome->dones, 1);
	outcome_close(outcome);
}

/* The outcome of asking a peer that says these bytes. */
static struct outcome ask(struct peer *peer, struct vs_http_request request)
{
	struct outcome outcome;

	peer_start(peer);
	request.url = peer->url;
	exchange(&outcome, &request);
	peer_stop(peer);
	assert_null(strstr(outcome.text, "secret-token"));
	if (outcome.error != VS_HTTP_E_OK)
		assert_true(strlen(outcome.text) > 10);
	return outcome;
}

static struct outcome ask_plainly(const char *says)
{
	struct peer peer = {.says = says};

	return ask(&peer, (struct vs_http_request){0});
}

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

static uint16_t closed_port(void)
{
	struct peer peer = {0};

	peer_listen(&peer);
	assert_int_equal(close(peer.listener), 0);
	return peer.port;
}

static void a_refused_connection_is_a_connect_error(void **state)
{
	struct outcome outcome;
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/secret-token", closed_port());
	exchange(&outcome, &(struct vs_http_request){.url = url});
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(outcome.text, "127.0.0.1"));
	assert_non_null(strstr(outcome.text, "refused"));
	assert_null(strstr(outcome.text, "secret-token"));
}

static void a_name_that_does_not_exist_is_a_resolve_error(void **state)
{
	struct outcome outcome;

	(void)state;
	exchange(&outcome, &(struct vs_http_request){.url = "http://nonexistent.invalid/secret-token"});
	assert_int_equal(outcome.error, VS_HTTP_E_RESOLVE);
	assert_non_null(strstr(outcome.text, "nonexistent.invalid"));
	assert_null(strstr(outcome.text, "secret-token"));
}

static void a_url_that_cannot_be_used_is_a_url_error_and_not_repeated(void **state)
{
	static const char *const bad[] = {"", "secret-token", "ftp://a/secret-token",
		"file:///etc/secret-token", "http:///secret-token", "http://a:0/secret-token",
		"http://a b/secret-token"};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		exchange(&outcome, &(struct vs_http_request){.url = bad[i]});
		assert_int_equal(outcome.error, VS_HTTP_E_URL);
		assert_true(strlen(outcome.text) > 10);
		assert_null(strstr(outcome.text, "secret-token"));
	}
}

static void a_header_or_method_that_would_become_another_is_refused(void **state)
{
	struct vs_http_header bad[] = {{"X-A", "b\r\nX-C: d"}, {"X A", "b"}, {"X-A:", "b"}, {"", "b"}};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		exchange(&outcome,
			&(struct vs_http_request){
				.url = "http://127.0.0.1:1/", .headers = &bad[i], .header_count = 1});
		assert_int_equal(outcome.error, VS_HTTP_E_OTHER);
	}
	exchange(&outcome,
		&(struct vs_http_request){.url = "http://127.0.0.1:1/", .method = "GET / HTTP/1.1\r\nX: y"});
	assert_int_equal(outcome.error, VS_HTTP_E_OTHER);
}

/* What a caller may conclude from it: no byte of the request has left. */
static void a_handshake_that_does_not_end_is_a_connection_that_was_not_made(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome;
	char url[80];

	(void)state;
	peer_start(&peer);
	(void)snprintf(url, sizeof(url), "https%s", peer.url + strlen("http"));
	exchange(&outcome, &(struct vs_http_request){.url = url, .timeout_ms = 100});
	peer_stop(&peer);
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_non_null(strstr(outcome.text, "waited 100 ms"));
}

static void a_peer_that_says_nothing_is_a_timeout(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.timeout_ms = 100});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_TIMEOUT);
	assert_in_range(outcome.elapsed_ms, 99, 5000);
	assert_non_null(strstr(outcome.text, "100 ms"));
}

static void a_peer_that_stops_in_the_middle_is_a_timeout(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", .holds = true};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.timeout_ms = 100});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_TIMEOUT);
	assert_int_equal(outcome.status, 0);
	assert_int_equal(outcome.body_len, 0);
}

static void a_body_cut_short_is_truncated(void **state)
{
	struct peer reset = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", .resets = true};

	(void)state;
	assert_int_equal(
		ask_plainly("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc").error, VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask_plainly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc").error,
		VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask_plainly("").error, VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask(&reset, (struct vs_http_request){0}).error, VS_HTTP_E_TRUNCATED);
}

static void a_body_larger_than_asked_for_is_too_large_to_the_byte(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.max_reply = 10});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.body_len, 10);
	outcome = ask(&peer, (struct vs_http_request){.max_reply = 9});
	assert_int_equal(outcome.error, VS_HTTP_E_TOO_LARGE);
	assert_int_equal(outcome.body_len, 0);
}

static void headers_without_end_are_too_large(void **state)
{
	struct vs_buf says = {0};
	struct peer peer = {0};
	struct outcome outcome;
	unsigned i;

	(void)state;
	vs_buf_add_text(&says, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 7000; i++)
		vs_buf_printf(&says, "X-%05u: y\r\n", i);
	vs_buf_add_text(&says, "Content-Length: 0\r\n\r\n");
	peer.says = says.ptr;
	outcome = ask(&peer, (struct vs_http_request){0});
	assert_int_equal(outcome.error, VS_HTTP_E_TOO_LARGE);
	vs_buf_fini(&says);
}

static void what_is_not_http_is_a_protocol_error(void **state)
{
	(void)state;
	assert_int_equal(ask_plainly("SSH-2.0-OpenSSH_9.2\r\n").error, VS_HTTP_E_PROTOCOL);
	assert_int_equal(ask_plainly("<html>hello</html>").error, VS_HTTP_E_PROTOCOL);
	assert_int_equal(ask_plainly("HTTP/1.1 abc\r\n\r\n").error, VS_HTTP_E_PROTOCOL);
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

/* A client on the loop of a rig's server. */
static void join(struct outcome *outcome, struct rig *rig)
{
	static const struct vs_http_settings settings = {.version = "1"};

	*outcome = (struct outcome){.loop = rig->loop, .client = vs_http_client_create(rig->loop, &settings)};
}

static void fifty_requests_at_once_all_end(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo", rig->port);
	for (i = 0; i < 50; i++)
		assert_int_not_equal(
			vs_http_send(outcome.client,
				&(struct vs_http_request){.url = url, .body = "ping", .body_len = 4},
				on_reply, &outcome),
			0);
	RIG_UNTIL(rig, outcome.dones == 50);
	assert_int_equal(rig->requests, 50);
	assert_string_equal(outcome.body, "ping");
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

/* Otherwise libcurl would repeat it unasked when the old connection dies under it. */
static void a_post_never_goes_over_a_connection_that_was_used_before(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .body = i > 0 ? "x" : NULL, .body_len = i > 0};

		assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
		RIG_UNTIL(rig, rig->late_count == i + 1);
		ports[i] = vs_http_exchange_message(rig->late[i])->peer_port;
		rig_answer(rig->late[i], 200, "ok");
		RIG_UNTIL(rig, outcome.dones == i + 1);
		assert_int_equal(outcome.error, VS_HTTP_E_OK);
	}
	assert_int_not_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[0], ports[2]);
	assert_int_not_equal(ports[1], ports[2]);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void connections_are_reused_unless_a_fresh_one_is_wanted(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .fresh = i == 2};

		assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
		RIG_UNTIL(rig, rig->late_count == i + 1);
		ports[i] = vs_http_exchange_message(rig->late[i])->peer_port;
		rig_answer(rig->late[i], 200, "ok");
		RIG_UNTIL(rig, outcome.dones == i + 1);
		assert_int_equal(outcome.error, VS_HTTP_E_OK);
	}
	assert_int_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[1], ports[2]);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 1); /* the fresh one was not kept */
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_connection_that_is_too_old_is_not_used_again(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .max_age_ms = i < 2 ? 300000 : 1000};

		if (i == 2) /* libcurl counts whole seconds */
			assert_false(vs_loop_run_for(rig->loop, 2100));
		assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
		RIG_UNTIL(rig, rig->late_count == i + 1);
		ports[i] = vs_http_exchange_message(rig->late[i])->peer_port;
		rig_answer(rig->late[i], 200, "ok");
		RIG_UNTIL(rig, outcome.dones == i + 1);
	}
	assert_int_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[1], ports[2]);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_device_is_left_by_or_the_request_fails(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_http_request request = {.device = "vs-none0"};
	char url[64];

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/ok", rig->port);
	request.url = url;
	assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_non_null(strstr(outcome.text, "vs-none0"));
	request.device = "lo";
	assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
	RIG_UNTIL(rig, outcome.dones == 2);
	if (outcome.error == VS_HTTP_E_CONNECT) /* Linux before 5.7 without the capability */
		assert_non_null(strstr(outcome.text, "not permitted"));
	else
		assert_int_equal(outcome.error, VS_HTTP_E_OK);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_unix_socket_is_reached_by_its_path(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_err err;
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "unix:/tmp/vs-client-test-%ld.sock", (long)getpid());
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	join(&outcome, rig);
	assert_int_not_equal(
		vs_http_send(outcome.client,
			&(struct vs_http_request){.url = "http://localhost/ok", .unix_socket = path + 5},
			on_reply, &outcome),
		0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_int_equal(outcome.status, 200);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_proxy_of_the_environment_is_used_but_not_for_unix_sockets(void **state)
{
	struct peer proxy = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"};
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_err err;
	char path[64];

	(void)state;
	peer_start(&proxy);
	assert_int_equal(setenv("http_proxy", proxy.url, 1), 0);
	exchange(&outcome, &(struct vs_http_request){.url = "http://somewhere.invalid/x"});
	assert_string_equal(outcome.body, "proxy");
	assert_non_null(strstr(proxy.heard, "GET http://somewhere.invalid/x HTTP/1.1\r\n"));

	(void)snprintf(path, sizeof(path), "unix:/tmp/vs-client-test-%ld.sock", (long)getpid());
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	join(&outcome, rig);
	assert_int_not_equal(vs_http_send(outcome.client,
				     &(struct vs_http_request){
					     .url = "http://somewhere.invalid/ok", .unix_socket = path + 5},
				     on_reply, &outcome),
		0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_string_equal(outcome.body, "ok");
	assert_int_equal(unsetenv("http_proxy"), 0);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
	peer_stop(&proxy);
}

static void a_family_that_the_peer_does_not_have_is_an_error(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.family = 4});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	outcome = ask(&peer, (struct vs_http_request){.family = 6});
	assert_int_not_equal(outcome.error, VS_HTTP_E_OK);
}

static sem_t resolver_may_return;
static sem_t resolver_returned;

static void wait_at_most(sem_t *sem, time_t seconds)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	while (sem_timedwait(sem, &until) < 0 && errno == EINTR) {
	}
}

/*
 * Takes the C library's place for one name, which it never finds: what a tunnel does to DNS when
 * it goes down. libcurl asks on a thread of its own.
 */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name,
	const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	struct sockaddr_in *address;

	if (strcmp(name, "hangs.invalid") == 0) {
		wait_at_most(&resolver_may_return, 3);
		(void)sem_post(&resolver_returned);
		return EAI_AGAIN;
	}
	if (strcmp(name, "127.0.0.1") != 0)
		return EAI_NONAME;
	*found = calloc(1, sizeof(**found) + sizeof(*address));
	address = (struct sockaddr_in *)(void *)(*found + 1);
	address->sin_family = AF_INET;
	address->sin_port = htons((uint16_t)(service != NULL ? atoi(service) : 0));
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(*found)->ai_family = AF_INET;
	(*found)->ai_socktype = hints != NULL ? hints->ai_socktype : SOCK_STREAM;
	(*found)->ai_addr = (struct sockaddr *)address;
	(*found)->ai_addrlen = sizeof(*address);
	return 0;
}

__attribute__((visibility("default"))) void freeaddrinfo(struct addrinfo *found)
{
	free(found);
}

static void a_resolver_that_hangs_holds_up_neither_the_loop_nor_the_end(void **state)
{
	struct outcome outcome;
	uint64_t before = vs_mono_ms();

	(void)state;
	assert_int_equal(sem_init(&resolver_may_return, 0, 0), 0);
	assert_int_equal(sem_init(&resolver_returned, 0, 0), 0);
	exchange(&outcome, &(struct vs_http_request){.url = "http://hangs.invalid/", .timeout_ms = 100});
	assert_int_equal(outcome.error, VS_HTTP_E_RESOLVE);
	assert_non_null(strstr(outcome.text, "waited 100 ms"));
	assert_in_range(vs_mono_ms() - before, 99, 2500);
	(void)sem_post(&resolver_may_return);
	wait_at_most(&resolver_returned, 10);
}

static int without_proxies(void **state)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unsetenv(names[i]);
	return 0;
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
		cmocka_unit_test(a_refused_connection_is_a_connect_error),
		cmocka_unit_test(a_name_that_does_not_exist_is_a_resolve_error),
		cmocka_unit_test(a_url_that_cannot_be_used_is_a_url_error_and_not_repeated),
		cmocka_unit_test(a_header_or_method_that_would_become_another_is_refused),
		cmocka_unit_test(a_peer_that_says_nothing_is_a_timeout),
		cmocka_unit_test(a_handshake_that_does_not_end_is_a_connection_that_was_not_made),
		cmocka_unit_test(a_peer_that_stops_in_the_middle_is_a_timeout),
		cmocka_unit_test(a_body_cut_short_is_truncated),
		cmocka_unit_test(a_body_larger_than_asked_for_is_too_large_to_the_byte),
		cmocka_unit_test(headers_without_end_are_too_large),
		cmocka_unit_test(what_is_not_http_is_a_protocol_error),
		cmocka_unit_test(a_cancelled_request_is_never_heard_of_again),
		cmocka_unit_test(one_reply_may_cancel_another_request),
		cmocka_unit_test(destroying_the_client_cancels_what_runs),
		cmocka_unit_test(without_a_url_or_beyond_the_limit_nothing_is_taken),
		cmocka_unit_test(fifty_requests_at_once_all_end),
		cmocka_unit_test(connections_are_reused_unless_a_fresh_one_is_wanted),
		cmocka_unit_test(a_connection_that_is_too_old_is_not_used_again),
		cmocka_unit_test(a_device_is_left_by_or_the_request_fails),
		cmocka_unit_test(a_post_never_goes_over_a_connection_that_was_used_before),
		cmocka_unit_test(a_unix_socket_is_reached_by_its_path),
		cmocka_unit_test(a_proxy_of_the_environment_is_used_but_not_for_unix_sockets),
		cmocka_unit_test(a_family_that_the_peer_does_not_have_is_an_error),
		cmocka_unit_test(a_resolver_that_hangs_holds_up_neither_the_loop_nor_the_end),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, without_proxies, NULL);
}
