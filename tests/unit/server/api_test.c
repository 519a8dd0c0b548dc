/* The API over sockets: routes, keys, roles, headers. */
#include "api_world.h"

static int setup(void **state)
{
	*state = world_create("/api/v1", 100000, 1000);
	return 0;
}

static void a_key_is_wanted_before_a_path_is_told(void **state)
{
	static const char *const paths[] = {STATUS, KEEPALIVE, "/status", "/", "/metrics", "/nothing",
		"/api/v1/clients/x", "/api/v1/health", "/api/v2/status"};
	struct world *world = *state;
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		refused(world, "GET", paths[i], "", 401, "no_credentials");
		refused(world, "GET", paths[i], "X-API-Key: wrong\r\n", 401, "bad_credentials");
	}
	refused(world, "GET", "/nothing", READER, 404, "not_found");
	ask(world, &reply, "GET", STATUS, "", NULL);
	assert_true(reply_has(&reply, "WWW-Authenticate: Bearer realm=\"vpn-sentinel\"\r\n"));
	reply_fini(&reply);
	ask(world, &reply, "GET", "/", "", NULL);
	assert_true(reply_has(&reply, "WWW-Authenticate: Basic realm=\"vpn-sentinel\""));
	reply_fini(&reply);
}

static void health_stands_before_the_gate_and_says_one_word(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask(world, &reply, "GET", "/health", "", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "{\"status\":\"healthy\"}\n");
	assert_false(reply_has(&reply, "X-RateLimit"));
	reply_fini(&reply);
	world->parts.stopping = true;
	ask(world, &reply, "GET", "/health", "", NULL);
	assert_int_equal(reply.status, 503);
	assert_false(reply_has(&reply, "healthy"));
	reply_fini(&reply);
	world->parts.stopping = false;
}

static void a_server_that_is_not_ready_takes_no_reports(void **state)
{
	struct world *world = *state;
	struct reply reply;

	world->parts.ready = false;
	refused(world, "GET", STATUS, READER, 503, "not_ready");
	ask(world, &reply, "POST", KEEPALIVE, REPORTER, FLAT);
	assert_int_equal(reply.status, 503);
	assert_true(reply_has(&reply, "Retry-After: 1\r\n"));
	reply_fini(&reply);
	ask(world, &reply, "GET", "/health", "", NULL);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.body, "{\"status\":\"starting\"}\n");
	reply_fini(&reply);
	world->parts.ready = true;
}

/* Not even a key is looked at. */
static void without_a_gate_nobody_comes_in(void **state)
{
	struct world *world = *state;

	vs_api_admit(world->api, NULL);
	refused(world, "GET", STATUS, READER, 503, "not_ready");
	refused(world, "GET", STATUS, "X-API-Key: wrong\r\n", 503, "not_ready");
	assert_int_equal(status_of(world, "POST", KEEPALIVE, REPORTER "Content-Length: 9999999\r\n"), 503);
	assert_int_equal(status_of(world, "GET", STATUS, READER "Host: b\r\n"), 400);
	assert_int_equal(status_of(world, "GET", "/health", ""), 200);
	vs_api_admit(world->api, world->gate);
	assert_int_equal(status_of(world, "GET", STATUS, READER), 200);
}

static void each_route_wants_its_role(void **state)
{
	struct world *world = *state;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	assert_int_equal(report(world, KEEPALIVE, READER, FLAT), 403);
	refused(world, "GET", STATUS, REPORTER, 403, "forbidden");
	refused(world, "GET", "/", REPORTER, 403, "forbidden");
	refused(world, "GET", "/metrics", REPORTER, 403, "forbidden");
	refused(world, "DELETE", "/api/v1/clients/office-1", READER, 403, "forbidden");
	assert_int_equal(status_of(world, "GET", STATUS, READER), 200);
	assert_int_equal(status_of(world, "DELETE", "/api/v1/clients/office-1", ADMIN), 204);
}

static void a_wrong_method_is_told_with_the_right_ones(void **state)
{
	struct world *world = *state;
	struct reply reply;

	refused(world, "GET", KEEPALIVE, READER, 405, "method_not_allowed");
	ask(world, &reply, "DELETE", STATUS, READER, NULL);
	assert_int_equal(reply.status, 405);
	assert_true(reply_has(&reply, "Allow: GET, HEAD, OPTIONS\r\n"));
	reply_fini(&reply);
	ask(world, &reply, "OPTIONS", "/api/v1/clients/x", READER, NULL);
	assert_int_equal(reply.status, 204);
	assert_true(reply_has(&reply, "Allow: GET, HEAD, DELETE, OPTIONS\r\n"));
	reply_fini(&reply);
	ask(world, &reply, "OPTIONS", "*", READER, NULL);
	assert_int_equal(reply.status, 204);
	assert_true(reply_has(&reply, "Allow: "));
	reply_fini(&reply);
	assert_int_equal(status_of(world, "POST", "/health", ""), 405);
}

static void head_has_the_headers_of_get_and_no_body(void **state)
{
	static const char *const paths[] = {STATUS, "/", "/health", "/metrics", "/api/v1/health"};
	struct world *world = *state;
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		ask(world, &reply, "HEAD", paths[i], READER, NULL);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body, "");
		reply_fini(&reply);
	}
}

static void a_report_gets_its_verdict(void **state)
{
	struct world *world = *state;
	struct reply reply;
	struct vs_err err;
	json_t *json;

	ask(world, &reply, "POST", KEEPALIVE, REPORTER "Content-Type: Application/JSON; charset=UTF-8\r\n",
		FLAT);
	assert_int_equal(reply.status, 200);
	json = vs_json_parse(vs_view_of(reply.body), &err);
	assert_non_null(json);
	assert_string_equal(vs_json_get_text(json, "status"), "ok");
	assert_string_equal(vs_json_get_text(json, "verdict"), "secure");
	assert_int_equal(vs_json_get_int(json, "interval_seconds"), 300);
	assert_true(vs_json_get_bool(json, "durable"));
	assert_true(vs_json_get_time(json, "server_time") > 1500000000000);
	assert_int_equal(json_array_size(json_object_get(json, "requests")), 0);
	assert_true(json_is_array(json_object_get(json, "requests")));
	assert_true(json_is_object(json_object_get(json_object_get(json, "verdicts"), "tunnel")));
	assert_true(strlen(vs_json_get_text(json, "message")) > 0);
	json_decref(json);
	reply_fini(&reply);
	assert_int_equal(world->store.commits, 1);
}

static void an_interval_of_its_own_is_told_back(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask(world, &reply, "POST", KEEPALIVE, REPORTER,
		"{\"client_id\":\"a\",\"v\":2,\"interval_seconds\":1.5}");
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "\"interval_seconds\":1.500,"));
	reply_fini(&reply);
}

static void what_the_store_refuses_is_answered_as_not_durable(void **state)
{
	struct world *world = *state;
	struct reply reply;

	world->store.mode = FAKE_REFUSE;
	ask(world, &reply, "POST", KEEPALIVE, REPORTER, FLAT);
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "\"durable\":false"));
	reply_fini(&reply);
	ask(world, &reply, "GET", "/health", "", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "{\"status\":\"degraded\"}\n");
	reply_fini(&reply);
	ask(world, &reply, "GET", "/api/v1/health", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "\"state\":\"failing\",\"last_error\":\"the disk is full\""));
	assert_false(reply_has(&reply, "healthy"));
	reply_fini(&reply);
	world->store.mode = FAKE_ACCEPT;
}

static void a_bad_report_is_refused_by_member(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask(world, &reply, "POST", KEEPALIVE, REPORTER, "{\"client_id\":\"a/b\"}");
	assert_int_equal(reply.status, 400);
	assert_true(reply_has(&reply, "\"error\":\"bad_report\",\"detail\":\"client_id: "));
	reply_fini(&reply);
	assert_int_equal(report(world, KEEPALIVE, REPORTER, ""), 400);
	assert_int_equal(report(world, KEEPALIVE, REPORTER "Content-Type: text/plain\r\n", FLAT), 415);
	assert_int_equal(report(world, KEEPALIVE, REPORTER "Content-Type: application/jsonx\r\n", FLAT), 415);
	assert_int_equal(report(world, KEEPALIVE, REPORTER "Content-Type:\r\n", FLAT), 415);
	assert_int_equal(world->stats.count[VS_STAT_KEEPALIVES_REFUSED], 5);
	assert_int_equal(vs_registry_count(world->registry), 0);
}

static void a_key_speaks_only_for_the_clients_it_is_for(void **state)
{
	struct world *world = *state;
	struct reply reply;

	assert_int_equal(report(world, KEEPALIVE, "X-API-Key: office\r\n", FLAT), 200);
	ask(world, &reply, "POST", KEEPALIVE, "X-API-Key: office\r\n", "{\"client_id\":\"home-1\"}");
	assert_int_equal(reply.status, 403);
	assert_true(reply_has(&reply, "client_forbidden"));
	reply_fini(&reply);
	assert_int_equal(vs_registry_count(world->registry), 1);
}

static void one_client_more_than_the_limit_is_refused_and_the_others_go_on(void **state)
{
	struct world *world = world_create("/api/v1", 0, 1);
	struct reply reply;

	(void)state;
	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	ask(world, &reply, "POST", KEEPALIVE, REPORTER, "{\"client_id\":\"another\"}");
	assert_int_equal(reply.status, 503);
	assert_true(reply_has(&reply, "too_many_clients"));
	assert_true(reply_has(&reply, "max_clients"));
	reply_fini(&reply);
	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	world_destroy(world);
}

/* A keepalive that is refused before there is a body. */
static void announce(struct world *world, const char *headers, struct reply *reply)
{
	struct vs_buf request;

	vs_buf_init(&request);
	vs_buf_printf(
		&request, "POST " KEEPALIVE " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", headers);
	talk(world, "all", vs_buf_text(&request), &reply->text);
	vs_buf_fini(&request);
	assert_int_equal(sscanf(vs_buf_text(&reply->text), "HTTP/1.1 %d ", &reply->status), 1);
}

static void what_http_itself_refuses_counts_at_its_address_and_tells_the_limit(void **state)
{
	struct world *world = *state;
	struct reply reply;

	announce(world, REPORTER "Content-Length: 65537\r\n", &reply);
	assert_int_equal(reply.status, 413);
	assert_true(reply_has(&reply, "\"error\":\"body_too_large\""));
	assert_true(reply_has(&reply, "Content-Type: application/problem+json\r\n"));
	assert_true(reply_has(&reply, "Cache-Control: no-store\r\n"));
	assert_true(reply_has(&reply, "X-RateLimit-Limit: 100000\r\n"));
	assert_true(reply_has(&reply, "X-RateLimit-Remaining: 99999\r\n"));
	reply_fini(&reply);
	announce(world, "Host: b\r\n", &reply);
	assert_int_equal(reply.status, 400);
	assert_true(reply_has(&reply, "X-RateLimit-Limit: 100000\r\n"));
	reply_fini(&reply);
}

static void health_in_detail_counts_who_was_refused(void **state)
{
	struct world *world = *state;
	struct reply reply;

	refused(world, "GET", STATUS, "X-API-Key: wrong\r\n", 401, "bad_credentials");
	refused(world, "GET", STATUS, REPORTER, 403, "forbidden");
	ask(world, &reply, "GET", "/api/v1/health", READER, NULL);
	assert_non_null(strstr(reply.body, "\"requests_denied\":2,\"requests_limited\":0"));
	reply_fini(&reply);
}

static void over_the_socket_no_key_is_needed(void **state)
{
	struct world *world = *state;
	struct reply reply;

	ask_at(world, "socket", &reply, "GET", STATUS, "", NULL);
	assert_int_equal(reply.status, 200);
	assert_false(reply_has(&reply, "X-RateLimit"));
	reply_fini(&reply);
	ask_at(world, "socket", &reply, "POST", KEEPALIVE, "", FLAT);
	assert_int_equal(reply.status, 200);
	reply_fini(&reply);
	ask_at(world, "socket", &reply, "DELETE", "/api/v1/clients/office-1", "", NULL);
	assert_int_equal(reply.status, 204);
	reply_fini(&reply);
}

static int status_at(struct world *world, const char *tag, const char *path)
{
	struct reply reply;

	ask_at(world, tag, &reply, "GET", path, READER, NULL);
	reply_fini(&reply);
	return reply.status;
}

static void a_listener_offers_only_what_it_is_told_to(void **state)
{
	struct world *world = *state;

	assert_int_equal(status_at(world, "health", "/health"), 200);
	assert_int_equal(status_at(world, "health", STATUS), 404);
	assert_int_equal(status_at(world, "health", "/"), 404);
	assert_int_equal(status_at(world, "health", "/metrics"), 404);
	assert_int_equal(status_at(world, "metrics", "/metrics"), 200);
	assert_int_equal(status_at(world, "metrics", "/health"), 404);
}

static void the_api_may_begin_anywhere(void **state)
{
	struct world *world = world_create("", 0, 10);

	(void)state;
	assert_int_equal(report(world, "/keepalive", REPORTER, FLAT), 200);
	assert_int_equal(status_of(world, "GET", "/status", READER), 200);
	assert_int_equal(status_of(world, "GET", "/clients/office-1", READER), 200);
	assert_int_equal(status_of(world, "GET", "/health", ""), 200);
	world_destroy(world);
	world = world_create("/a/b", 0, 10);
	assert_int_equal(report(world, "/a/b/keepalive", REPORTER, FLAT), 200);
	assert_int_equal(status_of(world, "GET", "/status", READER), 200);
	assert_int_equal(status_of(world, "GET", STATUS, READER), 404);
	world_destroy(world);
}

static void every_answer_of_the_api_tells_the_limit_and_429_when_to_come_back(void **state)
{
	struct world *world = world_create("/api/v1", 2, 10);
	struct reply reply;

	(void)state;
	ask(world, &reply, "GET", STATUS, READER, NULL);
	assert_true(reply_has(&reply, "X-RateLimit-Limit: 2\r\n"));
	assert_true(reply_has(&reply, "X-RateLimit-Remaining: 1\r\n"));
	assert_true(reply_has(&reply, "X-RateLimit-Reset: 30\r\n"));
	assert_false(reply_has(&reply, "Retry-After"));
	reply_fini(&reply);
	assert_int_equal(status_of(world, "GET", "/nothing", READER), 404);
	ask(world, &reply, "GET", STATUS, READER, NULL);
	assert_int_equal(reply.status, 429);
	assert_true(reply_has(&reply, "X-RateLimit-Remaining: 0\r\n"));
	assert_true(reply_has(&reply, "Retry-After: 30\r\n") || reply_has(&reply, "Retry-After: 29\r\n"));
	assert_true(reply_has(&reply, "\"error\":\"rate_limited\""));
	reply_fini(&reply);
	assert_int_equal(status_of(world, "GET", "/health", ""), 200);
	assert_int_equal(world->stats.count[VS_STAT_REQUESTS_LIMITED], 1);
	world_destroy(world);
}

static void metrics_are_lines_of_names_and_numbers(void **state)
{
	struct world *world = *state;
	struct reply reply;
	struct vs_view rest;
	struct vs_view line;
	unsigned samples = 0;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	ask(world, &reply, "GET", "/metrics", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_true(reply_has(&reply, "\nvpn_sentinel_clients 1\n"));
	assert_true(reply_has(&reply, "\nvpn_sentinel_keepalives_total 1\n"));
	rest = vs_view_of(reply.body);
	while (vs_view_split(&rest, '\n', &line) && rest.len > 0) {
		char name[128];
		double value;

		if (line.ptr[0] == '#')
			continue;
		assert_int_equal(sscanf(line.ptr, "vpn_sentinel_%127[a-z_]%lf", name, &value) >= 1, 1);
		samples++;
	}
	assert_true(samples > 20);
	reply_fini(&reply);
}

static void the_page_comes_without_script_and_with_a_policy(void **state)
{
	struct world *world = *state;
	struct reply reply;

	assert_int_equal(report(world, KEEPALIVE, REPORTER, FLAT), 200);
	ask(world, &reply, "GET", "/", READER, NULL);
	assert_int_equal(reply.status, 200);
	assert_true(reply_has(&reply, "Content-Type: text/html; charset=utf-8\r\n"));
	assert_true(reply_has(&reply, "Content-Security-Policy: default-src 'none'"));
	assert_true(reply_has(&reply, ">office-1<"));
	assert_false(reply_has(&reply, "<script"));
	reply_fini(&reply);
	ask(world, &reply, "GET", "/", "Authorization: Basic eDpyZWFk\r\n", NULL); /* x:read */
	assert_int_equal(reply.status, 200);
	reply_fini(&reply);
	assert_int_equal(status_of(world, "GET", STATUS, "Authorization: Basic eDpyZWFk\r\n"), 401);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_wanted_before_a_path_is_told),
		TEST(health_stands_before_the_gate_and_says_one_word),
		TEST(a_server_that_is_not_ready_takes_no_reports),
		TEST(without_a_gate_nobody_comes_in),
		TEST(each_route_wants_its_role),
		TEST(a_wrong_method_is_told_with_the_right_ones),
		TEST(head_has_the_headers_of_get_and_no_body),
		TEST(a_report_gets_its_verdict),
		TEST(an_interval_of_its_own_is_told_back),
		TEST(what_the_store_refuses_is_answered_as_not_durable),
		TEST(a_bad_report_is_refused_by_member),
		TEST(a_key_speaks_only_for_the_clients_it_is_for),
		cmocka_unit_test(one_client_more_than_the_limit_is_refused_and_the_others_go_on),
		TEST(what_http_itself_refuses_counts_at_its_address_and_tells_the_limit),
		TEST(health_in_detail_counts_who_was_refused),
		TEST(over_the_socket_no_key_is_needed),
		TEST(a_listener_offers_only_what_it_is_told_to),
		cmocka_unit_test(the_api_may_begin_anywhere),
		cmocka_unit_test(every_answer_of_the_api_tells_the_limit_and_429_when_to_come_back),
		TEST(metrics_are_lines_of_names_and_numbers),
		TEST(the_page_comes_without_script_and_with_a_policy),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
