/* The end of an HTTP server. */
#include "rig.h"

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

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
	WIRE_OPEN_LATE(&busy, rig);
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
	WIRE_OPEN_LATE(&wire, rig);
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

static void destroying_no_server_is_fine(void **state)
{
	(void)state;
	vs_http_server_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stop_closes_idle_connections_and_lets_the_others_finish),
		cmocka_unit_test(a_stop_does_not_wait_for_ever),
		cmocka_unit_test(a_stop_without_connections_is_told_later_all_the_same),
		cmocka_unit_test(a_destroy_after_a_stop_tells_nothing),
		cmocka_unit_test(destroying_no_server_is_fine),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
