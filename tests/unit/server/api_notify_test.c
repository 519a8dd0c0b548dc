/* POST /notify: who may try channels, with what, and how it is answered. */
#include "api_world.h"

#define NOTIFY "/api/v1/notify"

static int setup(void **state)
{
	*state = world_create("/api/v1", 0, 100);
	return 0;
}

static void only_an_admin_may(void **state)
{
	struct world *world = *state;

	assert_int_equal(report(world, NOTIFY, "", "{\"text\":\"x\"}"), 401);
	assert_int_equal(report(world, NOTIFY, READER, "{\"text\":\"x\"}"), 403);
	assert_int_equal(report(world, NOTIFY, REPORTER, "{\"text\":\"x\"}"), 403);
	assert_int_equal(report(world, NOTIFY, ADMIN, "{\"text\":\"x\"}"), 200);
}

static void a_body_without_a_text_is_refused(void **state)
{
	static const char *const bodies[] = {"", "x", "[]", "{}", "{\"text\":7}", "{\"text\":\"\"}",
		"{\"text\":\" \\n \"}", "{\"text\":\"x\",\"channel\":7}"};
	struct world *world = *state;
	struct reply reply;
	char body[1100] = "{\"text\":\"";

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ask_at(world, "all", &reply, "POST", NOTIFY, ADMIN, bodies[i]);
		assert_int_equal(reply.status, 400);
		assert_true(reply_has(&reply, "\"error\":\"bad_body\""));
		reply_fini(&reply);
	}
	memset(body + 9, 'x', 1001);
	strcpy(body + 1010, "\"}");
	assert_int_equal(report(world, NOTIFY, ADMIN, body), 400);
}

static void a_channel_that_is_not_there_is_named_as_such(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask_at(world, "all", &reply, "POST", NOTIFY, ADMIN, "{\"text\":\"x\",\"channel\":\"fax\"}");
	assert_int_equal(reply.status, 404);
	assert_true(reply_has(&reply, "\"error\":\"channel_not_found\""));
	reply_fini(&reply);
}

static void a_server_without_channels_says_so(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask_at(world, "all", &reply, "POST", NOTIFY, ADMIN, "{\"text\":\"x\"}");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "{\"channels\":[]}\n");
	reply_fini(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_an_admin_may, setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_body_without_a_text_is_refused, setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			a_channel_that_is_not_there_is_named_as_such, setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_server_without_channels_says_so, setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
