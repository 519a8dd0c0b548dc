#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "client/attempt.h"
#include "client/reply.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/http_client.h"
#include "place.h"
#include "stub.h"

#define KEY "a-key-of-16-chars-or-more"

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct stub stub;
	struct vs_attempt *attempt;
	unsigned ended;
	struct vs_attempt_result result;
	struct vs_reply reply;
	char problem[1024];
};

static void on_end(void *arg, const struct vs_attempt_result *result)
{
	struct fixture *f = arg;

	f->ended++;
	f->result = *result;
	if (result->reply != NULL)
		f->reply = *result->reply;
	snprintf(f->problem, sizeof(f->problem), "%s", result->problem);
	assert_false(vs_attempt_is_running(f->attempt));
	vs_loop_stop(f->loop);
}

static void create(struct fixture *f, const char *url, const char *key)
{
	const struct vs_attempt_settings settings = {.url = url, .key = key, .timeout_ms = 300};

	f->attempt = vs_attempt_create(f->http, &settings, on_end, f);
}

static int setup(void **state)
{
	static const struct vs_http_settings settings = {.version = "test"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	place_init(&f->place);
	f->loop = vs_loop_create();
	f->http = vs_http_client_create(f->loop, &settings);
	stub_init(&f->stub, f->loop);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_attempt_destroy(f->attempt);
	stub_fini(&f->stub);
	vs_http_client_destroy(f->http);
	vs_loop_destroy(f->loop);
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

static void create_at_stub(struct fixture *f, const char *key)
{
	char url[96];

	snprintf(url, sizeof(url), "%s/api/v1/keepalive", f->stub.url);
	create(f, url, key);
}

static void run(struct fixture *f)
{
	unsigned before = f->ended;

	assert_true(vs_attempt_send(f->attempt, vs_view_of("{\"client_id\":\"c\"}"), true));
	assert_int_equal(f->ended, before);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, before + 1);
}

static void a_report_is_posted_with_the_key_in_both_forms(void **state)
{
	struct fixture *f = *state;
	const struct stub_request *request = &f->stub.requests[0];

	create_at_stub(f, KEY);
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_TAKEN);
	assert_int_equal(f->result.cause, 0);
	assert_string_equal(f->problem, "");
	assert_int_equal(f->reply.overall, VS_VERDICT_SECURE);
	assert_string_equal(request->method, "POST");
	assert_string_equal(request->path, "/api/v1/keepalive");
	assert_string_equal(request->type, "application/json");
	assert_string_equal(request->authorization, "Bearer " KEY);
	assert_string_equal(request->api_key, KEY);
	assert_string_equal(request->body, "{\"client_id\":\"c\"}");
}

static void without_a_key_no_credentials_are_sent(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, NULL);
	run(f);
	assert_string_equal(f->stub.requests[0].authorization, "");
	assert_string_equal(f->stub.requests[0].api_key, "");
}

static void each_status_means_one_thing(void **state)
{
	static const struct {
		int status;
		enum vs_attempt_outcome outcome;
		bool busy;
		const char *says;
	} cases[] = {
		{200, VS_ATTEMPT_TAKEN, false, ""},
		{201, VS_ATTEMPT_TAKEN, false, ""},
		{301, VS_ATTEMPT_BARRED, false, "not the final one"},
		{400, VS_ATTEMPT_REFUSED, false, "different versions"},
		{401, VS_ATTEMPT_BARRED, false, "VPN_SENTINEL_API_KEY"},
		{403, VS_ATTEMPT_BARRED, false, "may not report"},
		{404, VS_ATTEMPT_BARRED, false, "VPN_SENTINEL_API_PATH"},
		{408, VS_ATTEMPT_LATER, false, "slow"},
		{409, VS_ATTEMPT_BARRED, false, "check that the URL"},
		{413, VS_ATTEMPT_REFUSED, false, "too large"},
		{422, VS_ATTEMPT_REFUSED, false, "different versions"},
		{429, VS_ATTEMPT_LATER, true, "rate limit"},
		{500, VS_ATTEMPT_LATER, false, "server's log"},
		{502, VS_ATTEMPT_LATER, false, "server's log"},
		{503, VS_ATTEMPT_LATER, true, "not ready"},
	};
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct stub_reply reply = {STUB_ANSWER, cases[i].status,
			cases[i].status < 300 ? STUB_OK : "{\"detail\":\"so it is\"}", NULL};
		char number[8];

		f->stub.script = &reply;
		f->stub.script_left = 1;
		run(f);
		assert_int_equal(f->result.outcome, cases[i].outcome);
		assert_int_equal(f->result.busy, cases[i].busy);
		assert_non_null(strstr(f->problem, cases[i].says));
		snprintf(number, sizeof(number), "%d", cases[i].status);
		if (cases[i].outcome != VS_ATTEMPT_TAKEN) {
			assert_non_null(strstr(f->problem, number));
			assert_non_null(strstr(f->problem, "(so it is)"));
			assert_in_range(f->result.cause, 10, 31);
		}
	}
}

static void the_time_to_wait_is_handed_on(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 429, "{}", "7"});
	run(f);
	assert_int_equal(f->result.retry_after_ms, 7000);
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 503, "", "2"});
	run(f);
	assert_int_equal(f->result.retry_after_ms, 2000);
}

static void a_page_in_the_way_is_not_the_server(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, "<html>welcome to the hotel</html>", NULL});
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_LATER);
	assert_null(f->result.reply);
	assert_non_null(strstr(f->problem, "something else than a VPN Sentinel server"));
}

static void a_refused_connection_says_what_to_check(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	stub_close(&f->stub);
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_LATER);
	assert_int_equal(f->result.cause, VS_HTTP_E_CONNECT);
	assert_non_null(strstr(f->problem, "check that the server runs"));
}

static void https_to_a_server_without_tls_says_to_use_http(void **state)
{
	struct fixture *f = *state;
	struct vs_attempt_settings settings = {.key = KEY, .timeout_ms = 20000};
	char url[64];

	snprintf(url, sizeof(url), "https://%s/x", f->stub.url + strlen("http://"));
	settings.url = url;
	f->attempt = vs_attempt_create(f->http, &settings, on_end, f);
	run(f);
	assert_non_null(strstr(f->problem, "the peer does not speak TLS"));
	assert_non_null(strstr(f->problem, ": the server speaks plain HTTP there: use http://"));
	assert_null(strstr(f->problem, "VPN_SENTINEL_TLS_CERT_PATH"));
}

static void a_server_that_hangs_is_a_timeout(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL});
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_LATER);
	assert_int_equal(f->result.cause, VS_HTTP_E_TIMEOUT);
	assert_non_null(strstr(f->problem, "client.timeout"));
}

static void a_reply_cut_in_the_middle_is_no_success(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	STUB_SCRIPT(&f->stub, {STUB_CUT, 200, NULL, NULL});
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_LATER);
	assert_int_equal(f->result.cause, VS_HTTP_E_TRUNCATED);
}

static void a_name_that_does_not_exist_is_told(void **state)
{
	struct fixture *f = *state;

	create(f, "http://nonexistent.invalid/api/v1/keepalive", KEY);
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_LATER);
	assert_true(f->result.cause == VS_HTTP_E_RESOLVE || f->result.cause == VS_HTTP_E_TIMEOUT ||
		    f->result.cause == VS_HTTP_E_OTHER);
}

static void no_problem_shows_url_or_key(void **state)
{
	static const char *const urls[] = {
		"http://nonexistent.invalid/secret-path", "ftp://127.0.0.1/secret-path", "::secret-path"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		create(f, urls[i], KEY);
		run(f);
		assert_true(f->problem[0] != '\0');
		assert_null(strstr(f->problem, "secret-path"));
		assert_null(strstr(f->problem, KEY));
		vs_attempt_destroy(f->attempt);
	}
	f->attempt = NULL;
}

static void only_one_attempt_runs_at_a_time(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	assert_true(vs_attempt_send(f->attempt, vs_view_of("{}"), true));
	assert_true(vs_attempt_is_running(f->attempt));
	assert_false(vs_attempt_send(f->attempt, vs_view_of("{}"), true));
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->stub.count, 1);
}

static void a_cancelled_attempt_does_not_end(void **state)
{
	struct fixture *f = *state;

	create_at_stub(f, KEY);
	assert_true(vs_attempt_send(f->attempt, vs_view_of("{}"), true));
	vs_attempt_cancel(f->attempt);
	assert_false(vs_attempt_is_running(f->attempt));
	assert_false(vs_loop_run_for(f->loop, 50));
	assert_int_equal(f->ended, 0);
	vs_attempt_cancel(f->attempt);
	run(f);
}

/* The report is kept: it is the URL that is wrong. */
static void http_to_a_server_with_tls_says_to_use_https_and_costs_no_report(void **state)
{
	static const char *const bodies[] = {
		"The plain HTTP request was sent to HTTPS port",
		"Client sent an HTTP request to an HTTPS server.",
		"{\"error\":\"tls_required\",\"detail\":\"This port speaks TLS: use an https URL\"}",
	};
	struct fixture *f = *state;
	struct stub_reply script[] = {{STUB_ANSWER, 400, NULL, NULL}};
	size_t i;

	create_at_stub(f, KEY);
	f->stub.script = script;
	f->stub.script_left = 1;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		script[0].body = bodies[i];
		run(f);
		assert_int_equal(f->result.outcome, VS_ATTEMPT_BARRED);
		assert_non_null(strstr(f->problem, "use https://"));
	}
	script[0].body = "{\"error\":\"invalid_member\"}";
	run(f);
	assert_int_equal(f->result.outcome, VS_ATTEMPT_REFUSED);
}

static void another_target_counts_from_the_next_attempt_on(void **state)
{
	struct fixture *f = *state;
	struct vs_attempt_settings settings = {.url = "http://127.0.0.1:1/", .timeout_ms = 20000};

	create_at_stub(f, KEY);
	assert_true(vs_attempt_send(f->attempt, vs_view_of("{}"), true));
	vs_attempt_retarget(f->attempt, &settings);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->result.outcome, VS_ATTEMPT_TAKEN);
	assert_string_equal(f->stub.requests[0].api_key, KEY);
	run(f);
	assert_int_equal(f->result.cause, VS_HTTP_E_CONNECT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_is_posted_with_the_key_in_both_forms),
		TEST(without_a_key_no_credentials_are_sent),
		TEST(each_status_means_one_thing),
		TEST(the_time_to_wait_is_handed_on),
		TEST(a_page_in_the_way_is_not_the_server),
		TEST(a_refused_connection_says_what_to_check),
		TEST(https_to_a_server_without_tls_says_to_use_http),
		TEST(a_server_that_hangs_is_a_timeout),
		TEST(a_reply_cut_in_the_middle_is_no_success),
		TEST(a_name_that_does_not_exist_is_told),
		TEST(no_problem_shows_url_or_key),
		TEST(only_one_attempt_runs_at_a_time),
		TEST(a_cancelled_attempt_does_not_end),
		TEST(http_to_a_server_with_tls_says_to_use_https_and_costs_no_report),
		TEST(another_target_counts_from_the_next_attempt_on),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
