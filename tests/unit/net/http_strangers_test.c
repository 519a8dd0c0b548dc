/* What those may take whom nobody has let in. */
#include "net/http_conn.h"
#include "rig.h"

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_BIG "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_OPEN_BIG "GET /open/big HTTP/1.1\r\nHost: a\r\n\r\n"
#define OPEN_WITHOUT_BODY "POST /open HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
#define FLOOD (256 * 1024)

static struct wire open_wire(struct rig *rig, const char *begun)
{
	size_t before = vs_http_server_connections(rig->server);
	struct wire wire;

	wire_open(&wire, rig);
	if (begun[0] != '\0')
		wire_send(&wire, begun);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == before + 1);
	return wire;
}

static bool comes_in(struct rig *rig)
{
	struct wire wire;
	bool in;

	wire_open(&wire, rig);
	wire_send(&wire, GET_OK);
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 200 ") || wire_is_closed(&wire));
	in = wire_has(&wire, "HTTP/1.1 200 ");
	wire_close(&wire);
	return in;
}

static void finish(struct rig *rig, struct wire *wires, size_t count)
{
	while (count > 0)
		wire_close(&wires[--count]);
	rig_destroy(rig);
}

static void whoever_asks_for_what_is_open_and_sends_no_body_makes_room(void **state)
{
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		wires[i] = open_wire(rig, OPEN_WITHOUT_BODY);
	RIG_UNTIL(rig, rig->heads == 3);
	assert_true(comes_in(rig));
	assert_true(wire_is_closed(&wires[0]));
	assert_int_equal(rig->dropped, 1);
	assert_false(wire_is_closed(&wires[1]));
	assert_false(wire_is_closed(&wires[2]));
	finish(rig, wires, 3);
}

static void a_crowd_that_does_not_read_its_answers_makes_room(void **state)
{
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		wires[i] = open_wire(rig, GET_OPEN_BIG);
	RIG_UNTIL(rig, rig->requests == 3);
	assert_true(comes_in(rig));
	assert_int_equal(rig->requests, 4);
	finish(rig, wires, 3);
}

static void a_stranger_that_does_not_read_goes_before_an_idle_connection(void **state)
{
	const struct vs_http_limits limits = {.connections = 3};
	struct rig *rig = rig_create(&limits);
	struct wire wires[3];

	(void)state;
	wires[0] = open_wire(rig, GET_OK);
	wires[1] = open_wire(rig, "");
	wires[2] = open_wire(rig, GET_OPEN_BIG);
	RIG_UNTIL(rig, rig->requests == 2);
	(void)vs_loop_run_for(rig->loop, 600);
	assert_true(comes_in(rig));
	assert_false(wire_is_closed(&wires[0]));
	assert_false(wire_is_closed(&wires[1]));
	finish(rig, wires, 3);
}

static void who_was_let_in_and_does_not_read_yet_is_left_alone(void **state)
{
	const struct vs_http_limits limits = {.connections = 2};
	struct rig *rig = rig_create(&limits);
	struct wire wires[2];

	(void)state;
	wires[0] = open_wire(rig, GET_BIG);
	wires[1] = open_wire(rig, GET_BIG);
	RIG_UNTIL(rig, rig->requests == 2);
	(void)vs_loop_run_for(rig->loop, 600);
	assert_false(comes_in(rig));
	assert_int_equal(vs_http_server_connections(rig->server), 2);
	finish(rig, wires, 2);
}

/* The most that waits in memory while somebody with that request in front sends a lot and reads nothing. */
static size_t most_pending(const char *first)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire = open_wire(rig, first);
	static char more[4096];
	size_t most = 0;
	size_t sent;

	memset(more, 'G', sizeof(more));
	RIG_UNTIL(rig, rig->requests == 1);
	for (sent = 0; sent < FLOOD; sent += sizeof(more)) {
		if (send(wire.fd, more, sizeof(more), MSG_NOSIGNAL) < 0)
			break;
		(void)vs_loop_run_for(rig->loop, 1);
		if (rig->server->conns->pending.len > most)
			most = rig->server->conns->pending.len;
	}
	finish(rig, &wire, 1);
	return most;
}

static void of_what_a_stranger_pipelines_without_reading_little_is_kept(void **state)
{
	(void)state;
	assert_in_range(most_pending(GET_OPEN_BIG), 1, 4096);
}

static void of_what_somebody_known_pipelines_more_is_kept(void **state)
{
	(void)state;
	assert_in_range(most_pending(GET_BIG), 65536, 2 * 65536);
}

static void a_stranger_is_read_in_small_pieces_until_it_is_let_in(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;
	static char text[32 * 1024];
	size_t len = 0;

	(void)state;
	wire = open_wire(rig, "");
	while (len + sizeof("GET /open HTTP/1.1\r\nHost: a\r\n\r\n") < sizeof(text))
		len += (size_t)sprintf(text + len, "GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(send(wire.fd, text, len, MSG_NOSIGNAL) == (ssize_t)len);
	RIG_UNTIL(rig, rig->requests > 0);
	assert_in_range(rig->server->conns->pending.len, 0, 4096);
	RIG_UNTIL(rig, rig->requests == len / strlen("GET /open HTTP/1.1\r\nHost: a\r\n\r\n"));
	finish(rig, &wire, 1);
}

/* Like one that reads for the connection's sake. Returns whether it was cut within the time. */
static bool is_cut(struct rig *rig, struct wire *wire, size_t a_second, uint64_t within_ms)
{
	uint64_t begun = vs_mono_ms();
	char bytes[4096];

	assert_true(a_second / 10 <= sizeof(bytes));
	while (vs_http_server_connections(rig->server) == 1 && vs_mono_ms() - begun < within_ms) {
		(void)recv(wire->fd, bytes, a_second / 10, 0);
		(void)vs_loop_run_for(rig->loop, 100);
	}
	return vs_http_server_connections(rig->server) == 0;
}

static void a_reader_slower_than_a_kibibyte_a_second_is_cut(void **state)
{
	const struct vs_http_limits limits = {.write_ms = 4000};
	struct rig *rig = rig_create(&limits);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(rig->port)};
	struct wire wire;
	int room = 2048;

	(void)state;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	wire_prepare(&wire, rig, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
	assert_int_equal(connect(wire.fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(wire.fd, F_SETFL, O_NONBLOCK), 0);
	wire_send(&wire, GET_BIG);
	RIG_UNTIL(rig, rig->requests == 1);
	assert_true(is_cut(rig, &wire, 600, 7000));
	finish(rig, &wire, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_asks_for_what_is_open_and_sends_no_body_makes_room),
		cmocka_unit_test(a_crowd_that_does_not_read_its_answers_makes_room),
		cmocka_unit_test(a_stranger_that_does_not_read_goes_before_an_idle_connection),
		cmocka_unit_test(who_was_let_in_and_does_not_read_yet_is_left_alone),
		cmocka_unit_test(of_what_a_stranger_pipelines_without_reading_little_is_kept),
		cmocka_unit_test(of_what_somebody_known_pipelines_more_is_kept),
		cmocka_unit_test(a_stranger_is_read_in_small_pieces_until_it_is_let_in),
		cmocka_unit_test(a_reader_slower_than_a_kibibyte_a_second_is_cut),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
