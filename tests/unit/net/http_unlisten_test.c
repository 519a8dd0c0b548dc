/* Listeners that go while the server runs. */
#include "rig.h"

#define GET_OK "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

static void an_idle_connection_is_closed_and_one_being_answered_when_it_was(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire idle;
	struct wire busy;

	(void)state;
	wire_open(&idle, rig);
	wire_send(&idle, GET_OK);
	RIG_UNTIL(rig, (wire_receive(&idle), strcmp(wire_statuses(&idle, false), "200") == 0));
	WIRE_OPEN_LATE(&busy, rig);
	assert_int_equal(vs_http_server_connections_of(rig->server, "test"), 2);
	vs_http_server_unlisten(rig->server, "test");
	RIG_UNTIL(rig, wire_is_closed(&idle));
	assert_int_equal(vs_http_server_connections_of(rig->server, "test"), 1);
	assert_string_equal(vs_http_exchange_message(rig->late[0])->tag, "test");
	rig_answer(rig->late[0], 200, "late");
	RIG_UNTIL(rig, wire_is_closed(&busy));
	assert_string_equal(wire_statuses(&busy, false), "200");
	assert_true(wire_has(&busy, "Connection: close"));
	wire_close(&idle);
	wire_close(&busy);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 0);
	rig_destroy(rig);
}

static void whoever_has_just_come_is_still_answered(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire fresh;
	struct wire half;

	(void)state;
	wire_open(&fresh, rig);
	wire_open(&half, rig);
	wire_send(&half, "GET /ok HTTP/1.1\r\nHo");
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 2);
	rig_step(rig);
	vs_http_server_unlisten(rig->server, "test");
	wire_send(&fresh, GET_OK);
	wire_send(&half, "st: a\r\n\r\n");
	RIG_UNTIL(rig, wire_is_closed(&fresh) && wire_is_closed(&half));
	assert_string_equal(wire_statuses(&fresh, false), "200");
	assert_string_equal(wire_statuses(&half, false), "200");
	wire_close(&fresh);
	wire_close(&half);
	rig_destroy(rig);
}

static void its_address_and_its_tag_can_be_used_again_at_once(void **state)
{
	struct rig *rig = rig_create(NULL);
	char address[32];
	struct wire old;
	struct wire wire;
	struct vs_err err;
	unsigned i;

	(void)state;
	snprintf(address, sizeof(address), "127.0.0.1:%u", rig->port);
	WIRE_OPEN_LATE(&old, rig);
	for (i = 0; i < 50; i++) {
		vs_http_server_unlisten(rig->server, "test");
		assert_int_equal(vs_http_server_port(rig->server, "test"), 0);
		assert_int_equal(vs_http_server_listen(rig->server, address, "test", &err), 0);
		rig_step(rig);
	}
	wire_open(&wire, rig);
	wire_send(&wire, GET_OK);
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "200") == 0));
	assert_false(wire_is_closed(&wire));
	rig_answer(rig->late[0], 200, "late");
	RIG_UNTIL(rig, wire_is_closed(&old));
	wire_close(&old);
	wire_close(&wire);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_is_closed_and_one_being_answered_when_it_was),
		cmocka_unit_test(whoever_has_just_come_is_still_answered),
		cmocka_unit_test(its_address_and_its_tag_can_be_used_again_at_once),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
