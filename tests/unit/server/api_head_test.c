/* Who may come in is decided by the head of a request, before its body is read. */
#include "api_world.h"

#define POST(headers) "POST " KEEPALIVE " HTTP/1.1\r\nHost: a\r\n" headers

static const struct vpns_auth_result reporter = {.status = VPNS_AUTH_ALLOW, .roles = VPNS_AUTH_ROLE_REPORT};

static int setup(void **state)
{
	*state = world_create("/api/v1", 100, 10);
	return 0;
}

static bool said(struct wire *wire, const char *text)
{
	wire_receive(wire, SIZE_MAX);
	return strstr(vs_buf_text(&wire->got), text) != NULL;
}

#define UNTIL(world, condition)                                                                              \
	do {                                                                                                 \
		uint64_t until_end_ = vs_mono_ms() + PATIENCE_MS;                                            \
		while (!(condition) && vs_mono_ms() < until_end_)                                            \
			vs_loop_run_for((world)->loop, 1);                                                   \
		assert_true(condition);                                                                      \
	} while (0)

/* Sends a part of a request on a connection of its own and waits for what comes back. */
static void expect(struct world *world, const char *part, const char *first, const char *more)
{
	struct wire wire;

	wire_open(&wire, world, "all");
	wire_send(&wire, part);
	UNTIL(world, said(&wire, "\r\n\r\n"));
	assert_memory_equal(vs_buf_text(&wire.got), first, strlen(first));
	assert_non_null(strstr(vs_buf_text(&wire.got), more));
	wire_close(&wire);
	UNTIL(world, vs_http_server_connections(world->http) == 0);
	assert_int_equal(vs_api_pending(world->api), 0);
}

static void a_stranger_is_refused_before_the_body(void **state)
{
	struct world *world = *state;

	expect(world, POST("Content-Length: 60000\r\n\r\n"), "HTTP/1.1 401 ", "no_credentials");
	expect(world, POST("Content-Length: 60000\r\nX-API-Key: wrong\r\n\r\n"), "HTTP/1.1 401 ",
		"bad_credentials");
	expect(world, POST("Transfer-Encoding: chunked\r\n\r\n"), "HTTP/1.1 401 ", "Connection: close\r\n");
	expect(world, POST("Content-Length: 9999999999\r\n\r\n"), "HTTP/1.1 401 ", "Connection: close\r\n");
}

static void who_asks_before_sending_the_body_hears_continue_only_with_a_good_key(void **state)
{
	struct world *world = *state;

	expect(world, POST("Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"), "HTTP/1.1 401 ",
		"no_credentials");
	expect(world, POST(READER "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"), "HTTP/1.1 403 ",
		"forbidden");
	expect(world, POST(REPORTER "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n"),
		"HTTP/1.1 100 Continue\r\n\r\n", "");
	expect(world, POST(REPORTER "Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n"), "HTTP/1.1 413 ",
		"body_too_large");
}

static void what_is_not_there_is_told_before_the_body(void **state)
{
	struct world *world = *state;

	expect(world, "POST /nothing HTTP/1.1\r\nHost: a\r\n" READER "Content-Length: 9\r\n\r\n",
		"HTTP/1.1 404 ", "not_found");
	expect(world, "POST " STATUS " HTTP/1.1\r\nHost: a\r\n" READER "Content-Length: 9\r\n\r\n",
		"HTTP/1.1 405 ", "Allow: GET, HEAD, OPTIONS\r\n");
	expect(world, "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "HTTP/1.1 405 ",
		"Allow: GET, HEAD, OPTIONS\r\n");
	world->parts.ready = false;
	expect(world, POST(REPORTER "Content-Length: 9\r\n\r\n"), "HTTP/1.1 503 ", "Retry-After: 1\r\n");
	world->parts.ready = true;
}

static void a_refused_report_whose_body_is_here_costs_the_connection_nothing(void **state)
{
	struct world *world = *state;
	struct wire wire;

	wire_open(&wire, world, "all");
	wire_send(&wire, POST("Content-Length: 9\r\n\r\n") "GET /heal" POST(
				 REPORTER "Content-Length: 2\r\n\r\n") "{}");
	UNTIL(world, said(&wire, "bad_report"));
	assert_memory_equal(vs_buf_text(&wire.got), "HTTP/1.1 401 ", 13);
	wire_close(&wire);
}

static void a_request_is_charged_once_though_its_body_is_refused(void **state)
{
	struct world *world = *state;

	expect(world, POST(REPORTER "Content-Length: 65537\r\n\r\n"), "HTTP/1.1 413 ",
		"X-RateLimit-Remaining: 99\r\n");
	expect(world, POST(REPORTER "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), "HTTP/1.1 400 ",
		"X-RateLimit-Remaining: 98\r\n");
	expect(world, POST(REPORTER "Content-Length: 2\r\n\r\n{}"), "HTTP/1.1 400 ",
		"X-RateLimit-Remaining: 97\r\n");
}

static void the_name_of_a_client_survives_a_body(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char body[30001];

	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	ask(world, &reply, "DELETE", "/api/v1/clients/office-1", ADMIN, body);
	assert_int_equal(reply.status, 204);
	reply_fini(&reply);
}

static void begin_slow(struct world *world, struct wire *wire, const char *request)
{
	world->asked = NULL;
	wire_open(wire, world, "all");
	wire_send(wire, request);
	UNTIL(world, world->asked != NULL);
	assert_int_equal(vs_api_pending(world->api), 1);
}

static void a_check_that_takes_its_time_is_waited_for_and_then_the_body(void **state)
{
	struct world *world = *state;
	struct wire wire;

	begin_slow(
		world, &wire, POST("X-API-Key: slow\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
	vs_loop_run_for(world->loop, 20);
	assert_false(said(&wire, "HTTP"));
	world->asked(world->asked_arg, &reporter);
	UNTIL(world, said(&wire, "HTTP/1.1 100 Continue\r\n\r\n"));
	wire_send(&wire, "{}");
	UNTIL(world, said(&wire, "bad_report"));
	assert_int_equal(vs_api_pending(world->api), 0);
	wire_close(&wire);
}

static void a_check_that_takes_its_time_may_refuse(void **state)
{
	static const struct vpns_auth_result deny = {
		.status = VPNS_AUTH_DENY, .deny = VPNS_DENY_BAD_CREDENTIALS};
	struct world *world = *state;
	struct wire wire;

	begin_slow(world, &wire, POST("X-API-Key: slow\r\nContent-Length: 2\r\n\r\n{}"));
	world->asked(world->asked_arg, &deny);
	UNTIL(world, said(&wire, "HTTP/1.1 401 "));
	assert_int_equal(vs_api_pending(world->api), 0);
	wire_close(&wire);
}

static void a_check_that_is_answered_after_the_peer_left_harms_nobody(void **state)
{
	const struct linger reset = {.l_onoff = 1};
	struct world *world = *state;
	struct wire wire;

	begin_slow(world, &wire, POST("X-API-Key: slow\r\nContent-Length: 2\r\n\r\n"));
	assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	wire_close(&wire);
	world->asked(world->asked_arg, &reporter);
	UNTIL(world, vs_http_server_connections(world->http) == 0);
	assert_int_equal(vs_api_pending(world->api), 0);
}

static void a_check_that_is_answered_after_the_listeners_closed_harms_nobody(void **state)
{
	struct world *world = *state;
	struct vs_http_server *http = world->http;
	struct wire wire;

	begin_slow(world, &wire, POST("X-API-Key: slow\r\nContent-Length: 2\r\n\r\n{}"));
	vs_http_server_destroy(http);
	world->http = NULL;
	world->asked(world->asked_arg, &reporter);
	assert_int_equal(vs_api_pending(world->api), 0);
	wire_close(&wire);
}

static void a_peer_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind(void **state)
{
	struct world *world = *state;
	struct wire wire;

	wire_open(&wire, world, "all");
	wire_send(&wire, POST(REPORTER "Content-Length: 200\r\n\r\n{\"client_id\":"));
	UNTIL(world, vs_api_pending(world->api) == 1);
	wire_close(&wire);
	UNTIL(world, vs_api_pending(world->api) == 0);
	assert_int_equal(world->stats.count[VS_STAT_KEEPALIVES_REFUSED], 0);
}

static void a_report_that_is_complete_only_when_the_server_stops_is_not_taken(void **state)
{
	struct world *world = *state;
	struct wire wire;

	wire_open(&wire, world, "all");
	wire_send(&wire, POST(REPORTER "Content-Length: 2\r\n\r\n{"));
	UNTIL(world, vs_api_pending(world->api) == 1);
	world->parts.ready = false;
	wire_send(&wire, "}");
	UNTIL(world, said(&wire, "HTTP/1.1 503 "));
	world->parts.ready = true;
	wire_close(&wire);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stranger_is_refused_before_the_body),
		TEST(who_asks_before_sending_the_body_hears_continue_only_with_a_good_key),
		TEST(what_is_not_there_is_told_before_the_body),
		TEST(a_refused_report_whose_body_is_here_costs_the_connection_nothing),
		TEST(a_request_is_charged_once_though_its_body_is_refused),
		TEST(the_name_of_a_client_survives_a_body),
		TEST(a_check_that_takes_its_time_is_waited_for_and_then_the_body),
		TEST(a_check_that_takes_its_time_may_refuse),
		TEST(a_check_that_is_answered_after_the_peer_left_harms_nobody),
		TEST(a_check_that_is_answered_after_the_listeners_closed_harms_nobody),
		TEST(a_peer_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind),
		TEST(a_report_that_is_complete_only_when_the_server_stops_is_not_taken),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
