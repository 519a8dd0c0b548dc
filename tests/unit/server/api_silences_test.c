#include "api_world.h"

#include "model/incident.h"

static int setup(void **state)
{
	*state = world_create("/api/v1", 1000, 100);
	return 0;
}

/* A client whose traffic leaves through the home network: its open incident's id. */
static void leak(struct world *world, const char *client, char id[VS_ULID_TEXT])
{
	struct reply reply;
	const char *found;
	char body[400];

	snprintf(body, sizeof(body),
		"{\"client_id\":\"%s\",\"v\":2,\"seq\":1,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"observations\":[{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":{\"exit.ip\":"
		"\"203.0.113.7\"}}]}",
		client);
	assert_int_equal(report(world, "/api/v1/keepalive", REPORTER, body), 200);
	ask(world, &reply, "GET", "/api/v1/incidents", READER, NULL);
	found = strstr(reply.body, "{\"id\":\"");
	assert_non_null(found);
	memcpy(id, found + 7, VS_ULID_TEXT - 1);
	id[VS_ULID_TEXT - 1] = '\0';
	reply_fini(&reply);
}

static int post(
	struct world *world, const char *path, const char *headers, const char *body, const char *part)
{
	struct reply reply;

	ask(world, &reply, "POST", path, headers, body);
	if (part != NULL && !reply_has(&reply, part))
		fail_msg("no %s in %s", part, vs_buf_text(&reply.text));
	reply_fini(&reply);
	return reply.status;
}

static bool shows(struct world *world, const char *path, const char *part)
{
	struct reply reply;
	bool has;

	ask(world, &reply, "GET", path, READER, NULL);
	assert_int_equal(reply.status, 200);
	has = reply_has(&reply, part);
	reply_fini(&reply);
	return has;
}

#define SILENCE "{\"client\":\"lab-*\",\"for\":\"1h\",\"comment\":\"new kernel\"}"

static void a_silence_is_made_listed_and_ended(void **state)
{
	struct world *world = *state;
	struct reply reply;
	char path[64];

	assert_true(shows(world, "/api/v1/silences", "[]"));
	ask(world, &reply, "POST", "/api/v1/silences", ADMIN, SILENCE);
	assert_int_equal(reply.status, 201);
	assert_true(reply_has(&reply, "\"durable\":true"));
	snprintf(path, sizeof(path), "/api/v1/silences/%.26s", strstr(reply.body, "\"id\":\"") + 6);
	reply_fini(&reply);
	assert_true(shows(world, "/api/v1/silences", "\"comment\":\"new kernel\""));
	assert_true(shows(world, "/api/v1/silences", "\"author\":\"admin\""));
	assert_true(shows(world, "/api/v1/silences", "\"active\":true"));
	assert_int_equal(status_of(world, "DELETE", path, ADMIN), 204);
	assert_int_equal(status_of(world, "DELETE", path, ADMIN), 404);
	assert_true(shows(world, "/api/v1/silences", "[]"));
}

static void only_an_admin_silences(void **state)
{
	struct world *world = *state;

	assert_int_equal(post(world, "/api/v1/silences", READER, SILENCE, "\"forbidden\""), 403);
	assert_int_equal(post(world, "/api/v1/silences", "", SILENCE, "\"no_credentials\""), 401);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/silences/x", READER), 403);
	assert_int_equal(status_of(world, "GET", "/api/v1/silences", REPORTER), 403);
	assert_int_equal(vs_silences_count(world->silences), 0);
}

#define OPERATOR "X-API-Key: operate\r\n"

static void who_operates_silences_and_acknowledges_and_does_not_delete(void **state)
{
	struct world *world = *state;

	assert_int_equal(post(world, "/api/v1/silences", OPERATOR, SILENCE, NULL), 201);
	assert_int_equal(vs_silences_count(world->silences), 1);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/silences/nonsense", OPERATOR), 404);
	assert_int_equal(
		post(world, "/api/v1/incidents/01ARYZ6S411000000000000000/ack", OPERATOR, "", "not_found"),
		404);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/office", OPERATOR), 403);
	assert_int_equal(status_of(world, "POST", "/api/v1/keepalive", OPERATOR), 403);
}

static void what_is_wrong_with_it_is_said(void **state)
{
	struct world *world = *state;

	assert_int_equal(post(world, "/api/v1/silences", ADMIN, "{", "\"bad_body\""), 400);
	assert_int_equal(
		post(world, "/api/v1/silences", ADMIN, "{\"client\":\"*\"}", "for: say how long"), 400);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/silences/nonsense", ADMIN), 404);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/silences", ADMIN), 405);
}

static void too_many_are_a_conflict(void **state)
{
	struct world *world = *state;
	char id[VS_ULID_TEXT];
	int i;

	for (i = 0; i < VS_SILENCES_MAX; i++)
		assert_int_equal(
			vs_silences_add_client(world->silences, "x", 3600000, "ana", "", id, NULL), 0);
	assert_int_equal(post(world, "/api/v1/silences", ADMIN, SILENCE, "\"too_many_silences\""), 409);
}

static void incidents_name_their_silence(void **state)
{
	struct world *world = *state;
	char id[VS_ULID_TEXT];

	leak(world, "lab-1", id);
	assert_false(shows(world, "/api/v1/incidents", "silenced_by"));
	assert_int_equal(post(world, "/api/v1/silences", ADMIN, SILENCE, NULL), 201);
	assert_true(shows(world, "/api/v1/incidents", "\"silenced_by\":\""));
	assert_true(shows(world, "/api/v1/clients/lab-1/incidents", "\"silenced_by\":\""));
}

static void an_incident_is_acknowledged_once(void **state)
{
	struct world *world = *state;
	char id[VS_ULID_TEXT];
	char path[80];

	leak(world, "office", id);
	snprintf(path, sizeof(path), "/api/v1/incidents/%s/ack", id);
	assert_int_equal(post(world, path, READER, "", "\"forbidden\""), 403);
	assert_int_equal(
		post(world, path, ADMIN, "{\"note\":\"on it\"}", "\"acknowledged_by\":\"admin\""), 200);
	assert_true(shows(world, "/api/v1/incidents", "\"acknowledged\":true"));
	assert_true(shows(world, "/api/v1/incidents", "\"acknowledged_by\":\"admin\""));
	assert_true(shows(world, "/api/v1/incidents", "\"note\":\"on it\""));
	assert_int_equal(post(world, path, ADMIN, "", "already, by admin"), 409);
}

static void an_acknowledgment_needs_no_body(void **state)
{
	struct world *world = *state;
	char id[VS_ULID_TEXT];
	char path[80];

	leak(world, "office", id);
	snprintf(path, sizeof(path), "/api/v1/incidents/%s/ack", id);
	assert_int_equal(post(world, path, ADMIN, "[]", "note: expected"), 400);
	assert_int_equal(post(world, path, ADMIN, "{\"note\":7}", "note: expected"), 400);
	assert_int_equal(post(world, path, ADMIN, "{", "\"bad_body\""), 400);
	assert_int_equal(post(world, path, ADMIN, NULL, "\"durable\":true"), 200);
}

static void what_is_not_open_is_not_found(void **state)
{
	struct world *world = *state;

	assert_int_equal(post(world, "/api/v1/incidents/01JDB9K3Z7Q4T2W8X5Y6V0R1S2/ack", ADMIN, "{}",
				 "\"incident_not_found\""),
		404);
	assert_int_equal(post(world, "/api/v1/incidents/x/ack", ADMIN, "{}", "\"incident_not_found\""), 404);
}

static void a_store_that_refuses_is_said(void **state)
{
	struct world *world = *state;

	world->store.mode = FAKE_REFUSE;
	assert_int_equal(post(world, "/api/v1/silences", ADMIN, SILENCE, "\"durable\":false"), 201);
	world->store.mode = FAKE_ACCEPT;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_silence_is_made_listed_and_ended),
		TEST(only_an_admin_silences),
		TEST(who_operates_silences_and_acknowledges_and_does_not_delete),
		TEST(what_is_wrong_with_it_is_said),
		TEST(too_many_are_a_conflict),
		TEST(incidents_name_their_silence),
		TEST(an_incident_is_acknowledged_once),
		TEST(an_acknowledgment_needs_no_body),
		TEST(what_is_not_open_is_not_found),
		TEST(a_store_that_refuses_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
