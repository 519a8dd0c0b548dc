#include "rig.h"

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_BIG "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"

static void a_request_may_be_answered_later(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE GET_OK);
	RIG_UNTIL(rig, rig->late_count == 1);
	assert_int_equal(rig->requests, 1); /* the second one waits for the answer to the first */
	assert_false(vs_http_exchange_gone(rig->late[0]));
	vs_http_exchange_set_data(rig->late[0], &wire);
	assert_ptr_equal(vs_http_exchange_data(rig->late[0]), &wire);
	rig_answer(rig->late[0], 404, "later");
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "404,200") == 0));
	wire_close(&wire);
	rig_destroy(rig);
}

static void an_answer_after_the_peer_has_gone_is_harmless(void **state)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	WIRE_OPEN_LATE(&wire, rig);
	assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	wire_close(&wire);
	RIG_UNTIL(rig, vs_http_exchange_gone(rig->late[0]));
	assert_int_equal(rig->last_status, VS_HTTP_GONE);
	assert_string_equal(vs_http_exchange_message(rig->late[0])->path.ptr, "/late");
	rig_answer(rig->late[0], 200, "too late");
	assert_int_equal(rig->answered, 1);
	rig_destroy(rig);
}

static void an_answer_after_the_server_has_gone_is_harmless(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	WIRE_OPEN_LATE(&wire, rig);
	vs_http_server_destroy(rig->server);
	assert_true(vs_http_exchange_gone(rig->late[0]));
	assert_string_equal(vs_http_exchange_message(rig->late[0])->tag, "");
	assert_int_equal(rig->answered, 0);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	rig_answer(rig->late[0], 200, "too late");
	wire_close(&wire);
	vs_loop_destroy(rig->loop);
	free(rig);
}

static void a_peer_that_closes_only_its_sending_side_gets_all_its_answers(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE GET_OK GET_LATE);
	assert_int_equal(shutdown(wire.fd, SHUT_WR), 0);
	RIG_UNTIL(rig, rig->late_count == 1);
	rig_step(rig);
	assert_false(vs_http_exchange_gone(rig->late[0]));
	rig_answer(rig->late[0], 200, "1");
	RIG_UNTIL(rig, rig->late_count == 2);
	rig_answer(rig->late[1], 202, "3");
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "200,200,202") == 0));
	RIG_UNTIL(rig, wire_is_closed(&wire));
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_request_cut_in_the_middle_reaches_nobody(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
	assert_int_equal(shutdown(wire.fd, SHUT_WR), 0);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_int_equal(wire.got.len, 0);
	assert_int_equal(rig->heads, 1);
	assert_int_equal(rig->requests, 0);
	assert_int_equal(vs_http_server_connections(rig->server), 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_slow_sender_is_cut_by_one_deadline_that_its_bytes_do_not_extend(void **state)
{
	struct vs_http_limits limits = {.request_ms = 200, .linger_ms = 100};
	struct rig *rig = rig_create(&limits);
	uint64_t before = vs_mono_ms();
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "GET /ok HTTP/1.1\r\nHost: a\r\nX: ");
	while (!wire_has(&wire, "HTTP/1.1 408 ") && vs_mono_ms() - before < RIG_PATIENCE_MS) {
		(void)send(wire.fd, "x", 1, MSG_NOSIGNAL);
		(void)vs_loop_run_for(rig->loop, 10);
	}
	assert_in_range(vs_mono_ms() - before, 199, 5000);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_body_that_does_not_come_in_time_is_408(void **state)
{
	struct vs_http_limits limits = {.request_ms = 150, .linger_ms = 100};
	struct rig *rig = rig_create(&limits);
	uint64_t before = vs_mono_ms();
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n");
	while (!wire_has(&wire, "HTTP/1.1 408 ") && vs_mono_ms() - before < RIG_PATIENCE_MS) {
		(void)send(wire.fd, "x", 1, MSG_NOSIGNAL);
		(void)vs_loop_run_for(rig->loop, 10);
	}
	assert_in_range(vs_mono_ms() - before, 149, 5000);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_int_equal(rig->last_status, 408);
	wire_close(&wire);
	rig_destroy(rig);
}

static void an_idle_connection_is_closed_after_its_time(void **state)
{
	struct vs_http_limits limits = {.idle_ms = 100};
	struct rig *rig = rig_create(&limits);
	uint64_t before = vs_mono_ms();
	struct wire silent;
	struct wire used;

	(void)state;
	wire_open(&silent, rig);
	wire_open(&used, rig);
	wire_send(&used, GET_OK);
	RIG_UNTIL(rig, wire_is_closed(&silent) && wire_is_closed(&used));
	assert_in_range(vs_mono_ms() - before, 99, 5000);
	assert_int_equal(silent.got.len, 0);
	assert_string_equal(wire_statuses(&used, false), "200");
	wire_close(&silent);
	wire_close(&used);
	rig_destroy(rig);
}

static void a_request_while_its_handler_thinks_has_no_deadline(void **state)
{
	struct vs_http_limits limits = {.request_ms = 50, .idle_ms = 50, .write_ms = 50};
	struct rig *rig = rig_create(&limits);
	struct wire wire;

	(void)state;
	WIRE_OPEN_LATE(&wire, rig);
	assert_false(vs_loop_run_for(rig->loop, 150));
	assert_false(vs_http_exchange_gone(rig->late[0]));
	rig_answer(rig->late[0], 200, "thought");
	RIG_UNTIL(rig, wire_has(&wire, "thought"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_reader_that_takes_nothing_is_cut(void **state)
{
	struct vs_http_limits limits = {.write_ms = 100};
	struct rig *rig = rig_create(&limits);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_BIG);
	RIG_UNTIL(rig, rig->requests == 1);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_slow_reader_that_takes_something_gets_all(void **state)
{
	struct vs_http_limits limits = {.write_ms = 120};
	struct rig *rig = rig_create(&limits);
	uint64_t before = vs_mono_ms();
	static char bytes[1 << 18];
	struct wire wire;
	size_t total = 0;
	ssize_t got;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_BIG);
	while (total < 8 << 20 && vs_mono_ms() - before < RIG_PATIENCE_MS) {
		got = recv(wire.fd, bytes, sizeof(bytes), 0);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		total += got > 0 ? (size_t)got : 0;
		(void)vs_loop_run_for(rig->loop, 15);
	}
	assert_true(total > 8 << 20);
	assert_true(vs_mono_ms() - before > 240); /* more than one write deadline went by */
	wire_close(&wire);
	rig_destroy(rig);
}

static void an_early_answer_is_not_lost_while_the_body_still_comes(void **state)
{
	static const char head[] = "POST /forbidden HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n";
	static char body[60000];
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, head);
	assert_true(wire_send_bytes(&wire, body, sizeof(body)));
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 401 "));
	assert_true(wire_has(&wire, "Connection: close\r\n"));
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_false(wire.reset);
	assert_int_equal(rig->requests, 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_413_is_not_lost_while_a_large_body_still_comes(void **state)
{
	static char body[4 << 20];
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n");
	assert_true(wire_send_bytes(&wire, body, sizeof(body)));
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 413 "));
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_false(wire.reset);
	wire_close(&wire);
	rig_destroy(rig);
}

static void lingering_after_an_early_answer_is_bounded(void **state)
{
	struct vs_http_limits limits = {.linger_ms = 100};
	struct rig *rig = rig_create(&limits);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n");
	RIG_UNTIL(rig, wire_is_closed(&wire)); /* half: the server has said all it will */
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void beyond_the_limit_the_longest_idle_connection_makes_room(void **state)
{
	struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[5];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		wire_open(&wires[i], rig);
		wire_send(&wires[i], GET_OK);
		RIG_UNTIL(rig, wire_has(&wires[i], "200 OK"));
	}
	RIG_UNTIL(rig, wire_is_closed(&wires[0]));
	assert_false(wire_is_closed(&wires[1]));
	assert_int_equal(vs_http_server_connections(rig->server), 3);
	for (i = 0; i < 4; i++)
		wire_close(&wires[i]);
	rig_destroy(rig);
}

static void when_all_connections_are_busy_a_new_one_is_closed(void **state)
{
	struct vs_http_limits limits = {.connections = 2};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		wire_open(&wires[i], rig);
		wire_send(&wires[i], GET_LATE);
	}
	RIG_UNTIL(rig, rig->late_count == 2);
	wire_open(&wires[2], rig);
	RIG_UNTIL(rig, wire_is_closed(&wires[2]));
	for (i = 0; i < 2; i++) {
		rig_answer(rig->late[i], 200, "done");
		RIG_UNTIL(rig, wire_has(&wires[i], "done"));
	}
	for (i = 0; i < 3; i++)
		wire_close(&wires[i]);
	rig_destroy(rig);
}

static void one_address_cannot_have_more_than_its_share(void **state)
{
	struct vs_http_limits limits = {.per_address = 2};
	struct rig *rig = rig_create(&limits);
	struct wire wires[4];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		wire_open(&wires[i], rig);
	RIG_UNTIL(rig, wire_is_closed(&wires[2]));
	assert_false(wire_is_closed(&wires[0]));
	wire_close(&wires[0]);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 1);
	wire_open(&wires[3], rig);
	wire_send(&wires[3], GET_OK);
	RIG_UNTIL(rig, wire_has(&wires[3], "200 OK"));
	for (i = 1; i < 4; i++)
		wire_close(&wires[i]);
	rig_destroy(rig);
}

static void a_header_value_cannot_break_out_of_its_line(void **state)
{
	struct vs_http_header header = {"X-Name", "a\r\nSet-Cookie: b\x7f"};
	struct vs_http_answer answer = {.status = 200, .headers = &header, .header_count = 1};
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	WIRE_OPEN_LATE(&wire, rig);
	vs_http_answer(rig->late[0], &answer, vs_view_of(""));
	RIG_UNTIL(rig, wire_has(&wire, "X-Name: a  Set-Cookie: b \r\n"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void what_a_message_holds_can_be_looked_up(void **state)
{
	struct rig *rig = rig_create(NULL);
	const struct vs_http_message *message;
	struct vs_view name;
	struct vs_view value;
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "GET /late?x HTTP/1.1\r\nHost: a\r\nX-Two:  one \r\nx-two: \r\nLast:z\r\n\r\n");
	RIG_UNTIL(rig, rig->late_count == 1);
	message = vs_http_exchange_message(rig->late[0]);
	value = vs_http_message_header(message, "X-TWO");
	assert_string_equal(value.ptr, "one");
	assert_int_equal(value.len, 3);
	assert_int_equal(vs_http_message_header_count(message, "x-two"), 2);
	assert_null(vs_http_message_header(message, "absent").ptr);
	assert_true(vs_http_message_field(message, 2, &name, &value));
	assert_string_equal(name.ptr, "x-two");
	assert_string_equal(value.ptr, "");
	assert_true(vs_http_message_field(message, 3, &name, &value));
	assert_string_equal(value.ptr, "z");
	assert_false(vs_http_message_field(message, 4, &name, &value));
	assert_string_equal(message->query.ptr, "x");
	assert_int_equal(message->peer.family, 4);
	assert_int_not_equal(message->peer_port, 0);
	assert_string_equal(message->tag, "test");
	rig_answer(rig->late[0], 200, "");
	wire_close(&wire);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_may_be_answered_later),
		cmocka_unit_test(an_answer_after_the_peer_has_gone_is_harmless),
		cmocka_unit_test(an_answer_after_the_server_has_gone_is_harmless),
		cmocka_unit_test(a_peer_that_closes_only_its_sending_side_gets_all_its_answers),
		cmocka_unit_test(a_request_cut_in_the_middle_reaches_nobody),
		cmocka_unit_test(a_slow_sender_is_cut_by_one_deadline_that_its_bytes_do_not_extend),
		cmocka_unit_test(a_body_that_does_not_come_in_time_is_408),
		cmocka_unit_test(an_idle_connection_is_closed_after_its_time),
		cmocka_unit_test(a_request_while_its_handler_thinks_has_no_deadline),
		cmocka_unit_test(a_reader_that_takes_nothing_is_cut),
		cmocka_unit_test(a_slow_reader_that_takes_something_gets_all),
		cmocka_unit_test(an_early_answer_is_not_lost_while_the_body_still_comes),
		cmocka_unit_test(a_413_is_not_lost_while_a_large_body_still_comes),
		cmocka_unit_test(lingering_after_an_early_answer_is_bounded),
		cmocka_unit_test(beyond_the_limit_the_longest_idle_connection_makes_room),
		cmocka_unit_test(when_all_connections_are_busy_a_new_one_is_closed),
		cmocka_unit_test(one_address_cannot_have_more_than_its_share),
		cmocka_unit_test(a_header_value_cannot_break_out_of_its_line),
		cmocka_unit_test(what_a_message_holds_can_be_looked_up),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
