/* Whoever waits for the heartbeat hears of a server that is well, and of no other; the log says what was
 * wrong. */
#include "server_test.h"

#include "fake_loop.h"
#include "said.h"

#include "config/server_conf.h"
#include "net/http_client.h"
#include "server/condition.h"
#include "server/heartbeat.h"
#include "server/parts.h"

#define URL "https://hc.example/ping/secret-4711"

/* --- the server's condition, and the way out, in the test's hands ----------------------- */

static enum vs_condition condition;

enum vs_condition vs_condition_of(const struct vs_parts *parts)
{
	assert_non_null(parts);
	return condition;
}

const char *vs_condition_name(enum vs_condition of)
{
	return of == VS_CONDITION_DEGRADED ? "degraded" : "healthy";
}

static struct {
	unsigned sent;
	unsigned cancelled;
	char url[128];
	uint32_t timeout_ms;
	bool fresh;
	bool full; /* nothing more is taken */
	uint64_t under_way; /* 0: nothing */
	vs_http_done *done;
	void *arg;
} web;

uint64_t vs_http_send(
	struct vs_http_client *client, const struct vs_http_request *request, vs_http_done *done, void *arg)
{
	assert_ptr_equal(client, &web);
	assert_int_equal(web.under_way, 0);
	if (web.full)
		return 0;
	snprintf(web.url, sizeof(web.url), "%s", request->url);
	web.timeout_ms = request->timeout_ms;
	web.fresh = request->fresh;
	web.done = done;
	web.arg = arg;
	web.under_way = ++web.sent;
	return web.under_way;
}

void vs_http_cancel(struct vs_http_client *client, uint64_t handle)
{
	assert_ptr_equal(client, &web);
	if (handle == 0 || handle != web.under_way)
		return;
	web.under_way = 0;
	web.cancelled++;
}

static void reply(enum vs_http_error error, uint32_t status)
{
	const struct vs_http_reply reply = {
		.error = error,
		.status = status,
		.error_text = error == VS_HTTP_E_OK ? "" : "the connection could not be made",
	};

	assert_int_not_equal(web.under_way, 0);
	web.under_way = 0;
	web.done(web.arg, &reply);
}

/* --- a heartbeat ------------------------------------------------------------------------ */

struct fixture {
	struct vs_loop *loop;
	struct vs_parts parts;
	struct vs_heartbeat_conf conf;
	struct vs_heartbeat *heartbeat;
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	memset(&web, 0, sizeof(web));
	condition = VS_CONDITION_HEALTHY;
	f->loop = vs_loop_create();
	f->conf.url = URL;
	f->conf.interval_ms = MINUTE;
	f->conf.timeout_ms = 10 * SECOND;
	f->heartbeat =
		vs_heartbeat_create(f->loop, (struct vs_http_client *)(void *)&web, &f->parts, &f->conf);
	said_begin();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_heartbeat_destroy(f->heartbeat);
	assert_int_equal(web.under_way, 0);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void it_is_sent_at_once_and_then_at_each_interval(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	settle(f->loop);
	for (i = 1; i <= 5; i++) {
		assert_int_equal(web.sent, i);
		reply(VS_HTTP_E_OK, 200);
		advance(f->loop, MINUTE - 1);
		assert_int_equal(web.sent, i);
		advance(f->loop, 1);
	}
	assert_string_equal(web.url, URL);
	assert_int_equal(web.timeout_ms, 10 * SECOND);
	assert_true(web.fresh); /* a connection of before says nothing of the way out today */
	assert_string_equal(said_end(), "");
}

static void one_that_is_not_taken_is_said_once_and_so_is_the_next_that_is(void **state)
{
	struct fixture *f = *state;
	const char *said;

	settle(f->loop);
	reply(VS_HTTP_E_OK, 503);
	advance(f->loop, MINUTE);
	reply(VS_HTTP_E_OK, 302); /* redirects are not followed */
	advance(f->loop, MINUTE);
	reply(VS_HTTP_E_OK, 204);
	advance(f->loop, MINUTE);
	reply(VS_HTTP_E_OK, 200);
	said = said_end();
	assert_int_equal(said_times(said, "WARN  [heartbeat] not taken: the answer was 503"), 1);
	assert_int_equal(said_times(said, "not taken"), 1);
	assert_int_equal(said_times(said, "[heartbeat] taken again"), 1);
	assert_lacks(said, "secret");
}

static void one_that_reaches_nobody_is_said_with_the_reason(void **state)
{
	struct fixture *f = *state;
	const char *said;

	settle(f->loop);
	reply(VS_HTTP_E_CONNECT, 0);
	said = said_end();
	assert_int_equal(said_times(said, "not taken: the connection could not be made"), 1);
}

static void one_without_an_answer_until_the_next_is_due_is_said_and_given_up(void **state)
{
	struct fixture *f = *state;
	const char *said;

	settle(f->loop);
	advance(f->loop, 3 * MINUTE);
	assert_int_equal(web.sent, 4);
	assert_int_equal(web.cancelled, 3);
	reply(VS_HTTP_E_OK, 200);
	said = said_end();
	assert_int_equal(said_times(said, "not taken: no answer came before the next one was due"), 1);
	assert_int_equal(said_times(said, "not taken"), 1);
	assert_int_equal(said_times(said, "taken again"), 1);
}

static void one_for_which_there_is_no_room_is_said(void **state)
{
	struct fixture *f = *state;
	const char *said;

	web.full = true;
	settle(f->loop);
	web.full = false;
	advance(f->loop, MINUTE);
	reply(VS_HTTP_E_OK, 200);
	said = said_end();
	assert_int_equal(said_times(said, "not taken: too many requests are under way"), 1);
	assert_int_equal(said_times(said, "taken again"), 1);
}

static void it_is_withheld_while_the_server_is_not_well(void **state)
{
	struct fixture *f = *state;
	const char *said;

	condition = VS_CONDITION_DEGRADED;
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(web.sent, 0);
	condition = VS_CONDITION_HEALTHY;
	advance(f->loop, MINUTE);
	assert_int_equal(web.sent, 1);
	reply(VS_HTTP_E_OK, 200);
	said = said_end();
	assert_int_equal(said_times(said, "WARN  [heartbeat] withheld while the server is degraded"), 1);
}

static void another_configuration_counts_at_once_and_the_same_one_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct vs_heartbeat_conf other = f->conf;

	settle(f->loop);
	vs_heartbeat_change(f->heartbeat, &f->conf);
	advance(f->loop, SECOND);
	assert_int_equal(web.sent, 1);
	assert_int_equal(web.cancelled, 0);
	other.url = "http://other.example/";
	other.timeout_ms = SECOND;
	vs_heartbeat_change(f->heartbeat, &other);
	assert_int_equal(web.cancelled, 1);
	settle(f->loop);
	assert_int_equal(web.sent, 2);
	assert_string_equal(web.url, "http://other.example/");
	assert_int_equal(web.timeout_ms, SECOND);
	vs_heartbeat_change(NULL, &other);
	said_end();
}

static void without_a_url_nothing_is_sent_until_there_is_one(void **state)
{
	struct fixture *f = *state;
	struct vs_heartbeat_conf none = f->conf;

	none.url = NULL;
	vs_heartbeat_change(f->heartbeat, &none);
	vs_heartbeat_change(f->heartbeat, &none);
	advance(f->loop, HOUR);
	assert_int_equal(web.sent, 0);
	vs_heartbeat_change(f->heartbeat, &f->conf);
	settle(f->loop);
	assert_int_equal(web.sent, 1);
	said_end();
}

static void an_end_cancels_what_is_under_way(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	vs_heartbeat_destroy(f->heartbeat);
	f->heartbeat = NULL;
	assert_int_equal(web.cancelled, 1);
	said_end();
}

static void a_url_that_is_none_is_refused_without_repeating_it(void **state)
{
	struct vs_heartbeat_conf conf = {.url = "hc.example/ping/secret-4711"};
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_heartbeat_check(&conf, &err), VS_ERR_INVALID);
	assert_contains(err.text, "begins with http:// or https://");
	assert_lacks(err.text, "secret");
	conf.url = URL;
	assert_int_equal(vs_heartbeat_check(&conf, &err), 0);
	conf.url = NULL;
	assert_int_equal(vs_heartbeat_check(&conf, &err), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_is_sent_at_once_and_then_at_each_interval),
		T(one_that_is_not_taken_is_said_once_and_so_is_the_next_that_is),
		T(one_that_reaches_nobody_is_said_with_the_reason),
		T(one_without_an_answer_until_the_next_is_due_is_said_and_given_up),
		T(one_for_which_there_is_no_room_is_said),
		T(it_is_withheld_while_the_server_is_not_well),
		T(another_configuration_counts_at_once_and_the_same_one_changes_nothing),
		T(without_a_url_nothing_is_sent_until_there_is_one),
		T(an_end_cancels_what_is_under_way),
		cmocka_unit_test(a_url_that_is_none_is_refused_without_repeating_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
