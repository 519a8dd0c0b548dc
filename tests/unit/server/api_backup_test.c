/* POST /backup: who may ask, for what, and how it is answered. */
#include "api_world.h"

#include <sys/stat.h>

#define BACKUP "/api/v1/backup"

static int setup(void **state)
{
	*state = world_create("/api/v1", 0, 100);
	return 0;
}

static void body_for(const struct world *world, char body[128], char file[64])
{
	snprintf(file, 64, "%s/copy", world->folder);
	snprintf(body, 128, "{\"file\":\"%s\"}", file);
}

static void the_own_user_gets_a_copy_and_its_size(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char body[128];
	char file[64];
	char expected[256];

	body_for(world, body, file);
	ask_at(world, "socket", &reply, "POST", BACKUP, "", body);
	snprintf(expected, sizeof(expected), "{\"file\":\"%s\",\"bytes\":6,\"missing\":0}\n", file);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, expected);
	assert_int_equal(unlink(file), 0);
	reply_fini(&reply);
}

static void a_key_does_not_help_not_even_that_of_an_admin(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char body[128];
	char file[64];

	body_for(world, body, file);
	assert_int_equal(report(world, BACKUP, "", body), 401);
	assert_int_equal(report(world, BACKUP, READER, body), 403);
	ask(world, &reply, "POST", BACKUP, ADMIN, body);
	assert_int_equal(reply.status, 403);
	assert_true(reply_has(&reply, "over its Unix socket"));
	reply_fini(&reply);
	assert_int_not_equal(access(file, F_OK), 0);
}

static void a_body_that_names_no_absolute_path_is_refused(void **state)
{
	static const char *const bodies[] = {"", "x", "[]", "{}", "{\"file\":\"\"}", "{\"file\":7}",
		"{\"file\":\"copy\"}", "{\"file\":\"/tmp/a\\u0000b\"}"};
	struct world *world = *state;
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ask_at(world, "socket", &reply, "POST", BACKUP, "", bodies[i]);
		assert_int_equal(reply.status, 400);
		assert_true(reply_has(&reply, "\"error\":\"bad_body\""));
		reply_fini(&reply);
	}
}

static void what_the_store_says_is_told(void **state)
{
	static const struct {
		enum vs_store_status status;
		int answer;
		const char *code;
	} rows[] = {
		{VS_STORE_FAILED, 409, "backup_refused"},
		{VS_STORE_RETRY, 503, "backup_failed"},
		{VS_STORE_CORRUPT, 503, "backup_failed"},
	};
	struct world *world = *state;
	struct reply reply;
	char body[128];
	char file[64];
	size_t i;

	body_for(world, body, file);
	world->store.mode = FAKE_REFUSE;
	world->store.reason = "the tide is out";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world->store.refusal = rows[i].status;
		ask_at(world, "socket", &reply, "POST", BACKUP, "", body);
		assert_int_equal(reply.status, rows[i].answer);
		assert_true(reply_has(&reply, rows[i].code));
		assert_true(reply_has(&reply, "the tide is out"));
		reply_fini(&reply);
	}
	world->store.mode = FAKE_ACCEPT;
}

static void a_full_queue_is_told(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char body[128];
	char file[64];

	body_for(world, body, file);
	world->store.mode = FAKE_FULL;
	ask_at(world, "socket", &reply, "POST", BACKUP, "", body);
	assert_int_equal(reply.status, 503);
	assert_true(reply_has(&reply, "queue is full"));
	reply_fini(&reply);
	world->store.mode = FAKE_ACCEPT;
}

static void records_that_the_store_refused_before_are_counted_as_missing(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char body[128];
	char file[64];

	body_for(world, body, file);
	ask(world, &reply, "POST", "/api/v1/keepalive", REPORTER, "{\"client_id\":\"office-1\"}");
	assert_true(reply_has(&reply, "\"durable\":true")); /* all that the start asks of the store is done */
	reply_fini(&reply);
	world->store.fail_next = 1;
	ask(world, &reply, "POST", "/api/v1/keepalive", REPORTER, "{\"client_id\":\"office-2\"}");
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "\"durable\":false"));
	reply_fini(&reply);
	ask_at(world, "socket", &reply, "POST", BACKUP, "", body);
	assert_int_equal(reply.status, 200);
	assert_false(reply_has(&reply, "\"missing\":0"));
	assert_true(reply_has(&reply, "\"missing\":"));
	reply_fini(&reply);
	assert_int_equal(unlink(file), 0);
}

static void a_copy_that_is_ready_after_the_peer_left_harms_nobody(void **state)
{
	struct world *world = *state;
	struct wire wire;
	char request[300];
	char body[128];
	char file[64];

	body_for(world, body, file);
	snprintf(request, sizeof(request),
		"POST " BACKUP " HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	world->store.hold = true;
	wire_open(&wire, world, "socket");
	wire_send(&wire, request);
	while (world->store.waiting == 0)
		vs_loop_run_for(world->loop, 1);
	wire_close(&wire);
	vs_loop_run_for(world->loop, 20);
	fake_store_let_all(&world->store);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(vs_api_pending(world->api), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_own_user_gets_a_copy_and_its_size, setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_key_does_not_help_not_even_that_of_an_admin, setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_body_that_names_no_absolute_path_is_refused, setup, world_teardown),
		cmocka_unit_test_setup_teardown(what_the_store_says_is_told, setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_full_queue_is_told, setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			records_that_the_store_refused_before_are_counted_as_missing, setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_copy_that_is_ready_after_the_peer_left_harms_nobody, setup, world_teardown),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
