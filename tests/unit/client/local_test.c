#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/err.h"
#include "client/local.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/http_client.h"
#include "place.h"

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct vs_local *local;
	char path[128];
	enum vs_local_health health;
	const char *reason;
	unsigned status;
	char body[512];
	char allow[32];
};

static enum vs_local_health on_health(void *arg, const char **reason)
{
	struct fixture *f = arg;

	*reason = f->reason;
	return f->health;
}

static void on_status(void *arg, struct vs_buf *json)
{
	(void)arg;
	vs_buf_add_text(json, "{\"client_id\":\"c\"}");
}

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct fixture *f = arg;
	const char *allow = vs_http_reply_header(reply, "allow");

	assert_int_equal(reply->error, VS_HTTP_E_OK);
	f->status = reply->status;
	snprintf(f->body, sizeof(f->body), "%s", reply->body);
	snprintf(f->allow, sizeof(f->allow), "%s", allow == NULL ? "" : allow);
	vs_loop_stop(f->loop);
}

static int setup(void **state)
{
	static const struct vs_http_settings settings = {.version = "test"};
	struct fixture *f = vs_zalloc(sizeof(*f));
	const struct vs_local_events events = {on_health, on_status, f};

	place_init(&f->place);
	snprintf(f->path, sizeof(f->path), "%s/client.sock", f->place.folder);
	f->loop = vs_loop_create();
	f->http = vs_http_client_create(f->loop, &settings);
	f->local = vs_local_create(f->loop, f->path, &events, NULL);
	assert_non_null(f->local);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_local_destroy(f->local);
	vs_http_client_destroy(f->http);
	vs_loop_destroy(f->loop);
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

static void ask(struct fixture *f, const char *method, const char *path)
{
	char url[64];
	const struct vs_http_request request = {.method = method, .url = url, .unix_socket = f->path};

	snprintf(url, sizeof(url), "http://localhost%s", path);
	f->status = 0;
	assert_int_not_equal(vs_http_send(f->http, &request, on_reply, f), 0);
	assert_true(vs_loop_run_for(f->loop, 5000));
}

static void health_has_a_status_for_machines_and_one_for_people(void **state)
{
	static const struct {
		enum vs_local_health health;
		unsigned status;
		const char *body;
	} cases[] = {
		{VS_LOCAL_STARTING, 503, "{\"status\":\"starting\"}"},
		{VS_LOCAL_HEALTHY, 200, "{\"status\":\"healthy\"}"},
		{VS_LOCAL_DEGRADED, 200, "{\"status\":\"degraded\"}"},
		{VS_LOCAL_FAILING, 503, "{\"status\":\"failing\"}"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f->health = cases[i].health;
		ask(f, "GET", "/health");
		assert_int_equal(f->status, cases[i].status);
		assert_string_equal(f->body, cases[i].body);
	}
}

static void a_reason_goes_with_the_status(void **state)
{
	struct fixture *f = *state;

	f->health = VS_LOCAL_FAILING;
	f->reason = "nothing \"works\"";
	ask(f, "GET", "/health");
	assert_string_equal(f->body, "{\"status\":\"failing\",\"reason\":\"nothing \\\"works\\\"\"}");
}

static void status_is_what_the_client_says_of_itself(void **state)
{
	struct fixture *f = *state;

	ask(f, "GET", "/status");
	assert_int_equal(f->status, 200);
	assert_string_equal(f->body, "{\"client_id\":\"c\"}");
	ask(f, "HEAD", "/status");
	assert_int_equal(f->status, 200);
	assert_string_equal(f->body, "");
}

static void anything_else_is_refused_with_a_problem(void **state)
{
	struct fixture *f = *state;

	ask(f, "GET", "/other");
	assert_int_equal(f->status, 404);
	assert_non_null(strstr(f->body, "\"error\":\"not_found\""));
	ask(f, "DELETE", "/status");
	assert_int_equal(f->status, 405);
	assert_string_equal(f->allow, "GET, HEAD");
}

static void the_socket_is_for_its_owner_only(void **state)
{
	struct fixture *f = *state;
	struct stat info;

	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

static void a_second_client_at_the_same_place_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct vs_local_events events = {on_health, on_status, f};
	struct vs_err err;

	assert_null(vs_local_create(f->loop, f->path, &events, &err));
	assert_int_equal(err.code, VS_ERR_BUSY);
	ask(f, "GET", "/status");
	assert_int_equal(f->status, 200);
}

static void a_path_that_is_too_long_for_a_socket_is_an_error(void **state)
{
	struct fixture *f = *state;
	const struct vs_local_events events = {on_health, on_status, f};
	char path[256];
	struct vs_err err;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_null(vs_local_create(f->loop, path, &events, &err));
	assert_int_not_equal(err.code, VS_ERR_BUSY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(health_has_a_status_for_machines_and_one_for_people),
		TEST(a_reason_goes_with_the_status),
		TEST(status_is_what_the_client_says_of_itself),
		TEST(anything_else_is_refused_with_a_problem),
		TEST(the_socket_is_for_its_owner_only),
		TEST(a_second_client_at_the_same_place_is_refused),
		TEST(a_path_that_is_too_long_for_a_socket_is_an_error),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
