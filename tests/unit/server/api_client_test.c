/* The API about one client: what is known of it, its history and incidents, deleting it. */
#include "api_world.h"

#include <sys/mman.h>

#include "base/log.h"

static int setup(void **state)
{
	*state = world_create("/api/v1", 100000, 1000);
	return 0;
}

static void a_client_can_be_read_alone_with_its_history_and_incidents(void **state)
{
	struct world *world = *state;
	struct reply reply;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	ask(world, &reply, "GET", "/api/v1/clients/office-1", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(strncmp(reply.body, "{\"client_id\":\"office-1\",", 24), 0);
	reply_fini(&reply);
	ask(world, &reply, "GET", "/api/v1/clients/office-1/history?limit=5", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body, "\"kind\":\"connected\""));
	assert_int_equal(reply.body[0], '[');
	reply_fini(&reply);
	ask(world, &reply, "GET", "/api/v1/clients/office-1/incidents", READER, NULL);
	assert_string_equal(reply.body, "[]\n");
	reply_fini(&reply);
}

static void what_is_no_client_is_not_found(void **state)
{
	struct world *world = *state;

	refused(world, "GET", "/api/v1/clients/nobody", READER, 404, "client_not_found");
	refused(world, "GET", "/api/v1/clients/a%2Fb", READER, 404, "not_found");
	refused(world, "GET", "/api/v1/clients/a%20b", READER, 404, "client_not_found");
	refused(world, "GET", "/api/v1/clients/nobody/history", READER, 404, "client_not_found");
	refused(world, "GET", "/api/v1/clients/nobody/incidents", READER, 404, "client_not_found");
	refused(world, "DELETE", "/api/v1/clients/nobody", ADMIN, 404, "client_not_found");
	refused(world, "GET", "/api/v1/clients/", READER, 404, "not_found");
	refused(world, "GET", "/api/v1/clients/nobody/else", READER, 404, "not_found");
	refused(world, "GET", "/api/v1", READER, 404, "not_found");
	refused(world, "GET", "/api/v1status", READER, 404, "not_found");
}

static void a_history_that_cannot_be_read_is_503(void **state)
{
	struct world *world = *state;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	world->store.mode = FAKE_REFUSE;
	refused(world, "GET", "/api/v1/clients/office-1/history", READER, 503, "store_failed");
	world->store.mode = FAKE_ACCEPT;
	refused(world, "GET", "/api/v1/clients/office-1/history?limit=1001", READER, 400, "bad_query");
}

static void open_incidents_are_listed(void **state)
{
	struct world *world = *state;
	struct reply reply;

	/* The exit is the server's own: the tunnel is bypassed. */
	assert_int_equal(
		report(world, KEEPALIVE, REPORTER, "{\"client_id\":\"leaky\",\"public_ip\":\"203.0.113.7\"}"),
		200);
	ask(world, &reply, "GET", "/api/v1/incidents", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body, "\"kind\":\"bypass\""));
	reply_fini(&reply);
	ask(world, &reply, "GET", "/api/v1/clients/leaky/incidents", READER, NULL);
	assert_non_null(strstr(reply.body, "\"kind\":\"bypass\""));
	assert_non_null(strstr(reply.body, "\"deliveries\":[]}"));
	reply_fini(&reply);
	world->store.mode = FAKE_REFUSE; /* what is not known of the messages keeps nobody from the rest */
	ask(world, &reply, "GET", "/api/v1/incidents", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body, "\"kind\":\"bypass\""));
	reply_fini(&reply);
	world->store.mode = FAKE_ACCEPT;
}

static void a_deleted_client_is_gone_with_its_history(void **state)
{
	struct world *world = *state;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/office-1", ADMIN), 204);
	assert_int_equal(status_of(world, "GET", "/api/v1/clients/office-1", READER), 404);
	assert_int_equal(vs_registry_count(world->registry), 0);
}

static void a_deletion_waits_for_a_store_that_has_much_to_do(void **state)
{
	struct world *world = *state;
	struct reply reply;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	world->store.busy = true;
	ask(world, &reply, "DELETE", "/api/v1/clients/office-1", ADMIN, NULL);
	assert_int_equal(reply.status, 503);
	assert_true(reply_has(&reply, "store_busy"));
	assert_true(reply_has(&reply, "Retry-After: 1\r\n"));
	reply_fini(&reply);
	assert_int_equal(vs_registry_count(world->registry), 1);
	world->store.busy = false;
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/office-1", ADMIN), 204);
}

static void deleting_a_client_with_open_incidents_is_logged_with_their_kinds(void **state)
{
	struct world *world = *state;
	int log = memfd_create("log", MFD_CLOEXEC);
	char text[4096] = "";

	assert_true(log >= 0);
	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	assert_int_equal(
		report(world, KEEPALIVE, REPORTER, "{\"client_id\":\"leaky\",\"public_ip\":\"203.0.113.7\"}"),
		200);
	vs_log_setup(VS_LOG_WARN, VS_LOG_HUMAN, log);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/office-1", ADMIN), 204);
	assert_int_equal(pread(log, text, sizeof(text) - 1, 0), 0);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/leaky", ADMIN), 204);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	assert_true(pread(log, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "admin deletes the client leaky with open incidents: bypass\n"));
	close(log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_can_be_read_alone_with_its_history_and_incidents),
		TEST(what_is_no_client_is_not_found),
		TEST(a_history_that_cannot_be_read_is_503),
		TEST(open_incidents_are_listed),
		TEST(a_deleted_client_is_gone_with_its_history),
		TEST(a_deletion_waits_for_a_store_that_has_much_to_do),
		TEST(deleting_a_client_with_open_incidents_is_logged_with_their_kinds),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
