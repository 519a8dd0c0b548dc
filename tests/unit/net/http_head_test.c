/* Requests that are decided on by their head: let on, held, refused before their body. */
#include "rig.h"

#define HELD(more) "POST /held HTTP/1.1\r\nHost: a\r\n" more "\r\n"
#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

static struct rig *hold(struct wire *wire, const struct vs_http_limits *limits, const char *request)
{
	struct rig *rig = rig_create(limits);

	wire_open(wire, rig);
	wire_send(wire, request);
	RIG_UNTIL(rig, rig->held != NULL);
	return rig;
}

static void finish(struct rig *rig, struct wire *wire)
{
	wire_close(wire);
	rig_destroy(rig);
}

static void a_held_request_is_read_on_when_it_may(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD("Content-Length: 3\r\n") "abc" GET_OK);

	(void)state;
	assert_int_equal(rig->requests, 0);
	vs_http_exchange_go_on(rig->held);
	assert_int_equal(rig->requests, 0); /* not from inside the call */
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "200,200") == 0));
	assert_int_equal(rig->requests, 2);
	assert_int_equal(rig->dropped, 0);
	finish(rig, &wire);
}

static void a_held_request_without_a_body_goes_on_too(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD(""));

	(void)state;
	vs_http_exchange_go_on(rig->held);
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "200") == 0));
	assert_string_equal(rig->seen, "POST /held? ");
	finish(rig, &wire);
}

static void a_body_that_comes_after_the_decision_is_taken(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD("Content-Length: 5\r\n") "ab");

	(void)state;
	vs_http_exchange_go_on(rig->held);
	(void)vs_loop_run_for(rig->loop, 20);
	assert_int_equal(rig->requests, 0);
	wire_send(&wire, "cde");
	RIG_UNTIL(rig, rig->requests == 1);
	assert_string_equal(rig->seen, "POST /held? abcde");
	finish(rig, &wire);
}

static void while_a_request_is_held_nothing_more_is_read(void **state)
{
	static char body[8 << 20];
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD("Content-Length: 60000\r\n"));
	size_t sent = 0;
	ssize_t now;

	(void)state;
	while ((now = send(wire.fd, body, sizeof(body), MSG_NOSIGNAL)) > 0) {
		sent += (size_t)now;
		(void)vs_loop_run_for(rig->loop, 20);
	}
	assert_true(sent < sizeof(body)); /* what the kernel holds */
	rig_answer(rig->held, 401, "no");
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 401 "));
	assert_true(wire_has(&wire, "Connection: close\r\n"));
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_false(wire.reset);
	assert_int_equal(rig->requests, 0);
	finish(rig, &wire);
}

static void a_held_request_without_a_body_may_be_refused_and_the_connection_goes_on(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD(""));

	(void)state;
	rig_answer(rig->held, 401, "no");
	wire_send(&wire, GET_OK);
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "401,200") == 0));
	finish(rig, &wire);
}

static void an_expected_continue_waits_for_the_decision(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD("Expect: 100-continue\r\nContent-Length: 2\r\n"));

	(void)state;
	(void)vs_loop_run_for(rig->loop, 20);
	wire_receive(&wire);
	assert_int_equal(wire.got.len, 0);
	vs_http_exchange_go_on(rig->held);
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 100 Continue\r\n\r\n"));
	wire_send(&wire, "ab");
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "100,200") == 0));
	finish(rig, &wire);
}

static void who_is_refused_by_the_head_is_not_asked_for_the_body(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire,
		"POST /forbidden HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "401") == 0));
	finish(rig, &wire);
}

static void the_deadline_runs_on_while_a_request_is_held(void **state)
{
	const struct vs_http_limits limits = {.request_ms = 80, .linger_ms = 50};
	struct wire wire;
	struct rig *rig = hold(&wire, &limits, HELD("Content-Length: 3\r\n"));

	(void)state;
	(void)vs_loop_run_for(rig->loop, 120);
	wire_receive(&wire);
	assert_int_equal(wire.got.len, 0); /* whoever holds it answers it */
	vs_http_exchange_go_on(rig->held);
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 408 "));
	finish(rig, &wire);
}

static void a_late_decision_costs_a_whole_request_nothing(void **state)
{
	const struct vs_http_limits limits = {.request_ms = 80};
	struct wire wire;
	struct rig *rig = hold(&wire, &limits, HELD("Content-Length: 3\r\n") "abc");

	(void)state;
	(void)vs_loop_run_for(rig->loop, 120);
	vs_http_exchange_go_on(rig->held);
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "200") == 0));
	finish(rig, &wire);
}

static void a_held_request_may_be_answered_after_the_server_has_gone(void **state)
{
	struct wire wire;
	struct rig *rig = hold(&wire, NULL, HELD("Content-Length: 3\r\n"));

	(void)state;
	vs_http_server_destroy(rig->server);
	assert_true(vs_http_exchange_gone(rig->held));
	rig_answer(rig->held, 503, "nobody hears it");
	assert_int_equal(rig->dropped, 0);
	wire_close(&wire);
	vs_loop_destroy(rig->loop);
	free(rig);
}

static void a_request_whose_rest_never_comes_is_dropped_once(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
	RIG_UNTIL(rig, rig->heads == 1);
	wire_close(&wire);
	RIG_UNTIL(rig, rig->dropped == 1);
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Le");
	wire_close(&wire);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 0);
	assert_int_equal(rig->dropped, 1); /* nobody had seen the second one */
	rig_destroy(rig);
}

static void a_destroyed_server_drops_what_it_was_reading(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
	RIG_UNTIL(rig, rig->heads == 1);
	vs_http_server_destroy(rig->server);
	assert_int_equal(rig->dropped, 1);
	wire_close(&wire);
	vs_loop_destroy(rig->loop);
	free(rig);
}

static void other_limits_hold_from_the_next_request_on(void **state)
{
	const struct vs_http_limits smaller = {.body = 4, .idle_ms = 60};
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(
		&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n");
	RIG_UNTIL(rig, rig->heads == 1);
	vs_http_server_set_limits(rig->server, &smaller);
	wire_send(&wire, "1\r\ng\r\n0\r\n\r\n"); /* lowered under a body that has begun */
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 413 "));
	wire_close(&wire);
	wire_open(&wire, rig);
	wire_send(&wire, GET_OK);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_string_equal(wire_statuses(&wire, false), "200");
	finish(rig, &wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_request_is_read_on_when_it_may),
		cmocka_unit_test(a_held_request_without_a_body_goes_on_too),
		cmocka_unit_test(a_body_that_comes_after_the_decision_is_taken),
		cmocka_unit_test(while_a_request_is_held_nothing_more_is_read),
		cmocka_unit_test(a_held_request_without_a_body_may_be_refused_and_the_connection_goes_on),
		cmocka_unit_test(an_expected_continue_waits_for_the_decision),
		cmocka_unit_test(who_is_refused_by_the_head_is_not_asked_for_the_body),
		cmocka_unit_test(the_deadline_runs_on_while_a_request_is_held),
		cmocka_unit_test(a_late_decision_costs_a_whole_request_nothing),
		cmocka_unit_test(a_held_request_may_be_answered_after_the_server_has_gone),
		cmocka_unit_test(a_request_whose_rest_never_comes_is_dropped_once),
		cmocka_unit_test(a_destroyed_server_drops_what_it_was_reading),
		cmocka_unit_test(other_limits_hold_from_the_next_request_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
