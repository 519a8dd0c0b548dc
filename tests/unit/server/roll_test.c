/* Long lists: in pages, and as a stream that waits for its reader. */
#include "api_world.h"

#define STATUS "/api/v1/status"
#define CLIENTS 3000

static struct world *crowd(uint32_t count)
{
	struct world *world = world_create("/api/v1", 0, 10000);
	struct vs_err err;
	char id[32];
	uint32_t i;

	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "client-%05u", i);
		assert_non_null(vs_registry_add(world->registry, id, &err));
	}
	return world;
}

/* Joins the chunks of a complete body in place of text. */
static void join_chunks(struct vs_buf *text)
{
	struct vs_buf body;
	char *at = text->ptr;
	size_t len;

	vs_buf_init(&body);
	while ((len = strtoul(at, &at, 16)) > 0) {
		assert_true(at[0] == '\r' && at + 2 + len + 2 <= text->ptr + text->len);
		vs_buf_add(&body, at + 2, len);
		at += 2 + len + 2;
	}
	assert_string_equal(at, "\r\n\r\n");
	vs_buf_fini(text);
	*text = body;
}

static json_t *array_of(struct vs_buf *got)
{
	char *body = strstr(got->ptr, "\r\n\r\n") + 4;
	struct vs_buf chunks;
	struct vs_view rest;
	json_t *json = json_array();

	vs_buf_init(&chunks);
	vs_buf_add(&chunks, body, got->len - (size_t)(body - got->ptr));
	join_chunks(&chunks);
	/* Larger than what vs_json_parse takes: one object a line. */
	assert_true(
		chunks.len >= 3 && chunks.ptr[0] == '[' && strcmp(chunks.ptr + chunks.len - 2, "]\n") == 0);
	rest = (struct vs_view){chunks.ptr + 1, chunks.len - 3};
	while (rest.len > 0) {
		struct vs_view line;
		struct vs_err err;
		json_t *object;

		assert_true(vs_view_split(&rest, '\n', &line));
		if (rest.ptr != NULL)
			line.len--; /* its comma */
		object = vs_json_parse(line, &err);
		assert_non_null(object);
		json_array_append_new(json, object);
	}
	vs_buf_fini(&chunks);
	return json;
}

static json_t *get_array(struct world *world, const char *path, struct reply *reply)
{
	ask(world, reply, "GET", path, READER, NULL);
	assert_int_equal(reply->status, 200);
	return array_of(&reply->text);
}

static const char *id_of(const json_t *array, size_t index)
{
	return vs_json_get_text(json_array_get(array, index), "client_id");
}

static void the_whole_list_comes_in_the_order_of_arrival(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct reply reply;
	char id[32];
	json_t *array;
	size_t i;

	(void)state;
	array = get_array(world, STATUS, &reply);
	assert_int_equal(json_array_size(array), CLIENTS);
	for (i = 0; i < CLIENTS; i++) {
		snprintf(id, sizeof(id), "client-%05u", (unsigned)i);
		assert_string_equal(id_of(array, i), id);
	}
	assert_false(reply_has(&reply, "Link:"));
	json_decref(array);
	reply_fini(&reply);
	world_destroy(world);
}

static void nobody_is_an_empty_list(void **state)
{
	struct world *world = crowd(0);
	struct reply reply;
	json_t *array;

	(void)state;
	array = get_array(world, STATUS, &reply);
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
	reply_fini(&reply);
	world_destroy(world);
}

/* The path of the next page, or "". */
static void next_of(const struct reply *reply, char path[256])
{
	const char *link = strstr(vs_buf_text(&reply->text), "\r\nLink: <");

	path[0] = '\0';
	if (link != NULL)
		assert_int_equal(sscanf(link, "\r\nLink: <%255[^>]>; rel=\"next\"\r\n", path), 1);
}

static void pages_lead_to_each_client_once(void **state)
{
	struct world *world = crowd(10);
	char path[256] = STATUS "?limit=4";
	struct reply reply;
	unsigned pages = 0;
	size_t seen = 0;
	json_t *array;
	char id[32];
	size_t i;

	(void)state;
	while (path[0] != '\0') {
		array = get_array(world, path, &reply);
		for (i = 0; i < json_array_size(array); i++) {
			snprintf(id, sizeof(id), "client-%05u", (unsigned)seen++);
			assert_string_equal(id_of(array, i), id);
		}
		next_of(&reply, path);
		pages++;
		json_decref(array);
		reply_fini(&reply);
	}
	assert_int_equal(seen, 10);
	assert_int_equal(pages, 3);
	world_destroy(world);
}

static void a_page_that_ends_with_the_last_client_leads_nowhere(void **state)
{
	struct world *world = crowd(8);
	char path[256];
	struct reply reply;
	json_t *array;

	(void)state;
	array = get_array(world, STATUS "?limit=4&after=client-00003", &reply);
	assert_int_equal(json_array_size(array), 4);
	next_of(&reply, path);
	assert_string_equal(path, "");
	json_decref(array);
	reply_fini(&reply);
	array = get_array(world, STATUS "?limit=4&after=client-00007", &reply);
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
	reply_fini(&reply);
	world_destroy(world);
}

static void a_query_that_makes_no_sense_is_refused(void **state)
{
	static const char *const queries[] = {"limit=0", "limit=-1", "limit=x", "limit=", "limit=10001",
		"limit=99999999999999999999", "limit=1%", "after=nobody", "after=%zz",
		"after=", "after=a%00b"};
	struct world *world = crowd(3);
	struct reply reply;
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		snprintf(path, sizeof(path), STATUS "?%s", queries[i]);
		ask(world, &reply, "GET", path, READER, NULL);
		assert_int_equal(reply.status, 400);
		assert_true(reply_has(&reply, "\"error\":\"bad_query\""));
		reply_fini(&reply);
	}
	assert_int_equal(status_of(world, "GET", STATUS "?other=1", READER), 200);
	world_destroy(world);
}

/* A connection whose peer takes next to nothing, in the middle of the list. */
static void begin_slowly(struct world *world, struct wire *wire)
{
	uint64_t end = vs_mono_ms() + PATIENCE_MS;
	int i;

	wire_open(wire, world, "socket"); /* TCP may let minutes pass before it goes on */
	wire_send(wire, "GET " STATUS " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	while (wire->got.len == 0 && vs_mono_ms() < end) {
		vs_loop_run_for(world->loop, 1);
		wire_receive(wire, 256);
	}
	assert_true(wire->got.len > 0);
	for (i = 0; i < 200; i++)
		vs_loop_run_for(world->loop, 1);
}

static void forget_all(struct world *world)
{
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(world->registry, NULL);
	const struct vs_client *client;

	while ((client = vs_registry_cursor_next(cursor)) != NULL)
		vs_registry_remove(world->registry, vs_registry_find(world->registry, client->id));
	vs_registry_cursor_close(cursor);
}

static void finish(struct wire *wire)
{
	uint64_t end = vs_mono_ms() + PATIENCE_MS;

	while (!wire->closed && vs_mono_ms() < end) {
		wire_receive(wire, 65536);
		vs_loop_run_for(wire->world->loop, 1);
	}
	assert_true(wire->closed);
}

static void a_slow_reader_gets_everything_in_the_end(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct wire wire;
	json_t *array;

	(void)state;
	begin_slowly(world, &wire);
	finish(&wire);
	array = array_of(&wire.got);
	assert_int_equal(json_array_size(array), CLIENTS);
	json_decref(array);
	wire_close(&wire);
	world_destroy(world);
}

static void a_slow_reader_holds_up_nobody(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct wire wires[8];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		begin_slowly(world, &wires[i]);
	assert_int_equal(report(world, "/api/v1/keepalive", REPORTER, "{\"client_id\":\"busy\"}"), 200);
	for (i = 0; i < 8; i++)
		wire_close(&wires[i]);
	world_destroy(world);
}

static void what_is_not_read_is_not_written_in_advance(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct wire wire;
	json_t *array;

	(void)state;
	begin_slowly(world, &wire);
	forget_all(world);
	finish(&wire);
	array = array_of(&wire.got);
	/* What the sockets of both sides hold, and not the rest. */
	assert_true(json_array_size(array) > 0);
	assert_true(json_array_size(array) < CLIENTS);
	json_decref(array);
	wire_close(&wire);
	world_destroy(world);
}

static void clients_may_come_while_the_list_is_read(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct vs_err err;
	struct wire wire;
	json_t *array;

	(void)state;
	begin_slowly(world, &wire);
	assert_non_null(vs_registry_add(world->registry, "newcomer", &err));
	finish(&wire);
	array = array_of(&wire.got);
	assert_int_equal(json_array_size(array), CLIENTS + 1);
	assert_string_equal(id_of(array, CLIENTS), "newcomer");
	json_decref(array);
	wire_close(&wire);
	world_destroy(world);
}

static void a_reader_that_leaves_leaves_nothing_behind(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct wire wire;
	uint64_t end = vs_mono_ms() + PATIENCE_MS;

	(void)state;
	begin_slowly(world, &wire);
	wire_close(&wire);
	while (vs_http_server_connections(world->http) > 0 && vs_mono_ms() < end)
		vs_loop_run_for(world->loop, 1);
	assert_int_equal(vs_http_server_connections(world->http), 0);
	world_destroy(world); /* the registry would complain about an open cursor */
}

static void a_server_that_ends_in_the_middle_leaves_nothing_behind(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct wire wire;

	(void)state;
	begin_slowly(world, &wire);
	world_destroy(world);
	wire_close(&wire);
}

/* The text of the whole list, to be freed; rendered is without any memory of earlier ones. */
static char *list_text(struct world *world, bool rendered)
{
	struct reply reply;
	char *text;

	world->parts.sheets = rendered ? NULL : world->sheets;
	ask(world, &reply, "GET", STATUS, READER, NULL);
	world->parts.sheets = world->sheets;
	assert_int_equal(reply.status, 200);
	text = strstr(reply.text.ptr, "\r\n\r\n") + 4;
	vs_buf_drop_front(&reply.text, (size_t)(text - reply.text.ptr));
	join_chunks(&reply.text);
	text = vs_buf_take(&reply.text);
	reply_fini(&reply);
	return text;
}

static void assert_list_is_right(struct world *world)
{
	char *anew;
	char *kept;

	/* Spoils nothing: one with other memory is compared with one without. */
	vs_free(list_text(world, false));
	kept = list_text(world, false);
	/* Rendering keeps no sheets, but would take what stands there: all are gone first. */
	vs_sheets_destroy(world->sheets);
	world->sheets = vs_sheets_create(world->loop);
	anew = list_text(world, true);
	assert_string_equal(kept, anew);
	vs_free(kept);
	vs_free(anew);
}

static void a_list_asked_for_again_shows_whatever_changed(void **state)
{
	struct world *world = crowd(CLIENTS);
	char body[96];
	char id[32];
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		uint32_t which = (uint32_t)i * 700;

		vs_free(list_text(world, false));
		snprintf(body, sizeof(body), "{\"client_id\":\"client-%05u\",\"public_ip\":\"203.0.113.%d\"}",
			which, i + 1);
		assert_int_equal(report(world, "/api/v1/keepalive", REPORTER, body), 200);
		snprintf(id, sizeof(id), "client-%05u", which + 1);
		vs_registry_remove(world->registry, vs_registry_find(world->registry, id));
		snprintf(body, sizeof(body), "{\"client_id\":\"newcomer-%d\"}", i);
		assert_int_equal(report(world, "/api/v1/keepalive", REPORTER, body), 200);
		assert_list_is_right(world);
	}
	world_destroy(world);
}

static void a_page_of_what_was_listed_before_is_still_as_long_as_asked_for(void **state)
{
	struct world *world = crowd(CLIENTS);
	struct reply reply;
	json_t *array;

	(void)state;
	vs_free(list_text(world, false));
	array = get_array(world, STATUS "?limit=7", &reply);
	assert_int_equal(json_array_size(array), 7);
	json_decref(array);
	reply_fini(&reply);
	array = get_array(world, STATUS "?limit=2500", &reply);
	assert_int_equal(json_array_size(array), 2500);
	assert_string_equal(id_of(array, 2499), "client-02499");
	json_decref(array);
	reply_fini(&reply);
	world_destroy(world);
}

static void a_list_that_is_known_already_is_not_sent_again(void **state)
{
	struct world *world = crowd(3);
	char known[128];
	struct reply reply;
	char tag[64];

	(void)state;
	ask(world, &reply, "GET", STATUS, READER, NULL);
	assert_int_equal(sscanf(strstr(reply.text.ptr, "\r\nETag: "), "\r\nETag: %63[^\r]", tag), 1);
	reply_fini(&reply);
	snprintf(known, sizeof(known), READER "If-None-Match: \"other\", %s\r\n", tag);
	ask(world, &reply, "GET", STATUS, known, NULL);
	assert_int_equal(reply.status, 304);
	assert_true(reply_has(&reply, tag));
	assert_false(reply_has(&reply, "client-"));
	reply_fini(&reply);
	assert_int_equal(
		report(world, "/api/v1/keepalive", REPORTER, "{\"client_id\":\"client-00001\"}"), 200);
	ask(world, &reply, "GET", STATUS, known, NULL);
	assert_int_equal(reply.status, 200);
	assert_false(reply_has(&reply, tag));
	reply_fini(&reply);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_list_comes_in_the_order_of_arrival),
		cmocka_unit_test(nobody_is_an_empty_list),
		cmocka_unit_test(pages_lead_to_each_client_once),
		cmocka_unit_test(a_page_that_ends_with_the_last_client_leads_nowhere),
		cmocka_unit_test(a_query_that_makes_no_sense_is_refused),
		cmocka_unit_test(a_slow_reader_gets_everything_in_the_end),
		cmocka_unit_test(a_slow_reader_holds_up_nobody),
		cmocka_unit_test(what_is_not_read_is_not_written_in_advance),
		cmocka_unit_test(clients_may_come_while_the_list_is_read),
		cmocka_unit_test(a_list_asked_for_again_shows_whatever_changed),
		cmocka_unit_test(a_page_of_what_was_listed_before_is_still_as_long_as_asked_for),
		cmocka_unit_test(a_list_that_is_known_already_is_not_sent_again),
		cmocka_unit_test(a_reader_that_leaves_leaves_nothing_behind),
		cmocka_unit_test(a_server_that_ends_in_the_middle_leaves_nothing_behind),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
