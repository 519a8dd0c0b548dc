#include "rig.h"

#include <sys/stat.h>
#include <sys/un.h>

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_LATE "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"
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
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
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
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
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
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
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

static void on_stopped(void *arg)
{
	struct rig *rig = arg;

	assert_false(rig->stopped);
	rig->stopped = true;
}

static void a_stop_closes_idle_connections_and_lets_the_others_finish(void **state)
{
	struct rig *rig = rig_create(NULL);
	uint64_t before = vs_mono_ms();
	struct wire idle;
	struct wire busy;
	struct wire late_comer;

	(void)state;
	wire_open(&idle, rig);
	wire_open(&busy, rig);
	wire_send(&busy, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
	vs_http_server_stop(rig->server, on_stopped, rig);
	assert_false(rig->stopped);
	RIG_UNTIL(rig, wire_is_closed(&idle));
	assert_false(rig->stopped);
	late_comer.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(late_comer.fd,
				 (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET,
					 .sin_port = htons(rig->port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
				 sizeof(struct sockaddr_in)),
		-1);
	assert_int_equal(close(late_comer.fd), 0);
	rig_answer(rig->late[0], 200, "finished");
	RIG_UNTIL(rig, rig->stopped);
	RIG_UNTIL(rig, wire_is_closed(&busy));
	assert_true(wire_has(&busy, "Connection: close\r\n"));
	assert_true(wire_has(&busy, "finished"));
	assert_in_range(vs_mono_ms() - before, 0, 4000);
	wire_close(&idle);
	wire_close(&busy);
	rig_destroy(rig);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
	struct vs_http_limits limits = {.stop_ms = 100};
	struct rig *rig = rig_create(&limits);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
	vs_http_server_stop(rig->server, on_stopped, rig);
	RIG_UNTIL(rig, rig->stopped);
	assert_true(vs_http_exchange_gone(rig->late[0]));
	rig_answer(rig->late[0], 200, "too late");
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_stop_without_connections_is_told_later_all_the_same(void **state)
{
	struct rig *rig = rig_create(NULL);

	(void)state;
	vs_http_server_stop(rig->server, on_stopped, rig);
	assert_false(rig->stopped);
	RIG_UNTIL(rig, rig->stopped);
	rig_destroy(rig);
}

static void a_destroy_after_a_stop_tells_nothing(void **state)
{
	struct rig *rig = rig_create(NULL);

	(void)state;
	vs_http_server_stop(rig->server, on_stopped, rig);
	vs_http_server_destroy(rig->server);
	vs_loop_destroy(rig->loop);
	assert_false(rig->stopped);
	free(rig);
}

static void unix_path(char *path, size_t size)
{
	(void)snprintf(path, size, "unix:/tmp/vs-net-test-%ld.sock", (long)getpid());
	(void)unlink(path + 5);
}

static void open_unix(struct wire *wire, struct rig *rig, const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	wire_prepare(wire, rig, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(connect(wire->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(wire->fd, F_SETFL, O_NONBLOCK), 0);
}

static void a_unix_socket_serves_and_says_who_asks(void **state)
{
	struct rig *rig = rig_create(NULL);
	const struct vs_http_message *message;
	struct stat info;
	struct wire wire;
	struct vs_err err;
	char path[64];

	(void)state;
	unix_path(path, sizeof(path));
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	assert_int_equal(stat(path + 5, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	open_unix(&wire, rig, path + 5);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
	message = vs_http_exchange_message(rig->late[0]);
	assert_true(message->is_unix);
	assert_int_equal(message->peer_uid, getuid());
	assert_int_equal(message->peer.family, 0);
	assert_string_equal(message->tag, "local");
	rig_answer(rig->late[0], 200, "hello");
	RIG_UNTIL(rig, wire_has(&wire, "hello"));
	wire_close(&wire);
	rig_destroy(rig);
	assert_int_equal(stat(path + 5, &info), -1);
}

static void a_live_unix_socket_is_not_taken_over_and_a_stale_one_is(void **state)
{
	struct rig *first = rig_create(NULL);
	struct rig *second = rig_create(NULL);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct vs_err err;
	char path[64];
	int stale;

	(void)state;
	unix_path(path, sizeof(path));
	assert_int_equal(vs_http_server_listen(first->server, path, "local", &err), 0);
	assert_int_equal(vs_http_server_listen(second->server, path, "local", &err), VS_ERR_BUSY);
	assert_non_null(strstr(err.text, "another process"));
	rig_destroy(first);

	stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path + 5);
	assert_int_equal(bind(stale, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(close(stale), 0);
	assert_int_equal(vs_http_server_listen(second->server, path, "local", &err), 0);
	rig_destroy(second);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct vs_err err;
	char path[64];
	int fd;

	(void)state;
	unix_path(path, sizeof(path));
	fd = open(path + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), VS_ERR_BUSY);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path + 5), 0);
	rig_destroy(rig);
}

static void addresses_that_cannot_be_listened_on_are_refused_with_a_sentence(void **state)
{
	static const char *const bad[] = {"", "5000", "localhost:5000", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:5000", "[127.0.0.1]:5000", "[::1]",
		"[::1]5000", "unix:", "[]:1"};
	struct rig *rig = rig_create(NULL);
	struct vs_err err;
	char taken[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		if (vs_http_server_listen(rig->server, bad[i], "x", &err) != VS_ERR_INVALID)
			fail_msg("\"%s\" was not refused", bad[i]);
		assert_true(strlen(err.text) > 10);
	}
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", rig->port);
	assert_int_equal(vs_http_server_listen(rig->server, taken, "x", &err), VS_ERR_BUSY);
	assert_int_equal(vs_http_server_port(rig->server, "x"), 0);
	rig_destroy(rig);
}

static void ipv6_is_listened_on_beside_ipv4(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct wire wire;
	struct vs_err err;
	char address[64];

	(void)state;
	(void)snprintf(address, sizeof(address), "[::]:%u", rig->port);
	if (vs_http_server_listen(rig->server, address, "six", &err) != 0) {
		print_message("skipped: %s\n", err.text);
		rig_destroy(rig);
		skip();
	}
	to.sin6_port = htons(rig->port);
	wire_prepare(&wire, rig, socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (connect(wire.fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
		assert_int_equal(fcntl(wire.fd, F_SETFL, O_NONBLOCK), 0);
		wire_send(&wire, GET_LATE);
		RIG_UNTIL(rig, rig->late_count == 1);
		assert_int_equal(vs_http_exchange_message(rig->late[0])->peer.family, 6);
		assert_string_equal(vs_http_exchange_message(rig->late[0])->tag, "six");
		rig_answer(rig->late[0], 200, "six");
		RIG_UNTIL(rig, wire_has(&wire, "six"));
	}
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_header_value_cannot_break_out_of_its_line(void **state)
{
	struct vs_http_header header = {"X-Name", "a\r\nSet-Cookie: b\x7f"};
	struct vs_http_answer answer = {.status = 200, .headers = &header, .header_count = 1};
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_LATE);
	RIG_UNTIL(rig, rig->late_count == 1);
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

static void destroying_no_server_is_fine(void **state)
{
	(void)state;
	vs_http_server_destroy(NULL);
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
		cmocka_unit_test(a_stop_closes_idle_connections_and_lets_the_others_finish),
		cmocka_unit_test(a_stop_does_not_wait_for_ever),
		cmocka_unit_test(a_stop_without_connections_is_told_later_all_the_same),
		cmocka_unit_test(a_destroy_after_a_stop_tells_nothing),
		cmocka_unit_test(a_unix_socket_serves_and_says_who_asks),
		cmocka_unit_test(a_live_unix_socket_is_not_taken_over_and_a_stale_one_is),
		cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
		cmocka_unit_test(addresses_that_cannot_be_listened_on_are_refused_with_a_sentence),
		cmocka_unit_test(ipv6_is_listened_on_beside_ipv4),
		cmocka_unit_test(a_header_value_cannot_break_out_of_its_line),
		cmocka_unit_test(what_a_message_holds_can_be_looked_up),
		cmocka_unit_test(destroying_no_server_is_fine),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
