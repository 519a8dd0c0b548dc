/* Who makes room when there are as many connections as there may be. */
#include <uv.h>

#include "rig.h"

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
#define TOO_LARGE "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
#define HALF_HEAD "GET /ok HTTP/1.1\r\nHo"
#define HALF_BODY "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"

static bool comes_in(struct rig *rig)
{
	struct wire wire;
	bool in;

	wire_open(&wire, rig);
	wire_send(&wire, GET_OK);
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 200 ") || wire_is_closed(&wire));
	in = wire_has(&wire, "HTTP/1.1 200 ");
	wire_close(&wire);
	RIG_UNTIL(rig, !in || vs_http_server_connections(rig->server) < 3);
	return in;
}

static void fill(struct rig *rig, struct wire wires[3], const char *const begun[3])
{
	size_t i;

	for (i = 0; i < 3; i++) {
		wire_open(&wires[i], rig);
		if (begun[i][0] != '\0')
			wire_send(&wires[i], begun[i]);
		RIG_UNTIL(rig, vs_http_server_connections(rig->server) == i + 1);
	}
	(void)vs_loop_run_for(rig->loop, 20); /* what was sent is read */
}

static void finish(struct rig *rig, struct wire wires[3])
{
	size_t i;

	for (i = 0; i < 3; i++)
		wire_close(&wires[i]);
	rig_destroy(rig);
}

static void a_crowd_that_dribbles_makes_room_the_oldest_first(void **state)
{
	static const char *const begun[] = {HALF_HEAD, HALF_HEAD, HALF_HEAD};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	assert_true(comes_in(rig));
	assert_true(wire_is_closed(&wires[0]));
	assert_false(wire_is_closed(&wires[1]));
	assert_false(wire_is_closed(&wires[2]));
	finish(rig, wires);
}

static void who_was_let_in_is_left_alone(void **state)
{
	static const char *const begun[] = {HALF_BODY, HALF_BODY, HALF_HEAD};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];
	struct wire last;

	(void)state;
	fill(rig, wires, begun);
	assert_true(comes_in(rig));
	assert_true(wire_is_closed(&wires[2]));
	wire_open(&last, rig);
	wire_send(&last, HALF_BODY);
	RIG_UNTIL(rig, rig->heads == 4);
	assert_false(comes_in(rig)); /* all are busy with what they may */
	assert_false(wire_is_closed(&wires[0]));
	wire_send(&wires[1], "cdefghi");
	RIG_UNTIL(rig, wire_has(&wires[1], "abcdefghi"));
	wire_close(&last);
	finish(rig, wires);
}

static void an_idle_connection_goes_before_a_request_that_has_just_begun(void **state)
{
	static const char *const begun[] = {HALF_HEAD, "", HALF_HEAD};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	assert_true(comes_in(rig));
	assert_true(wire_is_closed(&wires[1]));
	assert_false(wire_is_closed(&wires[0]));
	finish(rig, wires);
}

static void a_request_that_does_not_get_on_goes_before_an_idle_connection(void **state)
{
	static const char *const begun[] = {HALF_HEAD, "", ""};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	(void)vs_loop_run_for(rig->loop, 3100);
	assert_true(comes_in(rig));
	assert_true(wire_is_closed(&wires[0]));
	assert_false(wire_is_closed(&wires[1]));
	finish(rig, wires);
}

static void a_request_that_gets_on_slowly_is_no_reason_to_cut_it(void **state)
{
	static const char *const begun[] = {HALF_HEAD, "", ""};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	(void)vs_loop_run_for(rig->loop, 1500);
	assert_true(comes_in(rig));
	assert_false(wire_is_closed(&wires[0]));
	assert_true(wire_is_closed(&wires[1]));
	finish(rig, wires);
}

static void who_was_refused_and_does_not_leave_goes_before_an_idle_connection(void **state)
{
	static const char *const begun[] = {"", "", TOO_LARGE};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	(void)vs_loop_run_for(rig->loop, 600);
	assert_int_equal(vs_http_server_connections(rig->server), 3);
	assert_true(comes_in(rig));
	assert_false(wire_is_closed(&wires[0]));
	assert_false(wire_is_closed(&wires[1]));
	finish(rig, wires);
}

static void a_crowd_that_does_not_leave_locks_nobody_out(void **state)
{
	static const char *const begun[] = {TOO_LARGE, TOO_LARGE, TOO_LARGE};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	assert_int_equal(vs_http_server_connections(rig->server), 3);
	assert_true(comes_in(rig));
	finish(rig, wires);
}

static void a_held_request_is_never_cut_for_another(void **state)
{
	static const char *const begun[] = {"GET /held HTTP/1.1\r\nHost: a\r\n\r\n", HALF_BODY, HALF_BODY};
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	fill(rig, wires, begun);
	assert_non_null(rig->held);
	assert_false(comes_in(rig));
	vs_http_exchange_go_on(rig->held);
	RIG_UNTIL(rig, wire_has(&wires[0], "HTTP/1.1 200 "));
	finish(rig, wires);
}

/* Who comes must not keep the server from reading what others say. */
static void a_crowd_that_comes_at_once_is_let_in_over_several_turns(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wires[200];
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++)
		wire_open(&wires[i], rig);
	while (vs_http_server_connections(rig->server) == 0)
		(void)uv_run(vs_loop_uv(rig->loop), UV_RUN_NOWAIT);
	assert_true(vs_http_server_connections(rig->server) < 100);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 200);
	for (i = 0; i < 200; i++)
		wire_close(&wires[i]);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_that_dribbles_makes_room_the_oldest_first),
		cmocka_unit_test(who_was_let_in_is_left_alone),
		cmocka_unit_test(an_idle_connection_goes_before_a_request_that_has_just_begun),
		cmocka_unit_test(a_request_that_does_not_get_on_goes_before_an_idle_connection),
		cmocka_unit_test(a_request_that_gets_on_slowly_is_no_reason_to_cut_it),
		cmocka_unit_test(who_was_refused_and_does_not_leave_goes_before_an_idle_connection),
		cmocka_unit_test(a_crowd_that_does_not_leave_locks_nobody_out),
		cmocka_unit_test(a_crowd_that_comes_at_once_is_let_in_over_several_turns),
		cmocka_unit_test(a_held_request_is_never_cut_for_another),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
