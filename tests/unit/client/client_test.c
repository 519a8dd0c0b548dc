/* The whole role, against a server of the other side that runs in a thread of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>

#include "base/clock.h"
#include "base/err.h"
#include "client/client.h"
#include "client/local.h"
#include "config/client_conf.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"
#include "place.h"
#include "stub.h"

#define KEY "a-key-of-16-chars-or-more"
#define BODY(verdict)                                                                                        \
	"{\"status\":\"ok\",\"verdict\":\"" verdict "\",\"verdicts\":{\"tunnel\":\"" verdict "\"}}"

struct fixture {
	struct place place;
	struct vs_loop *loop; /* of the stub */
	struct stub stub;
	pthread_t thread;
	bool running;
	size_t stop_after; /* send SIGTERM to this process after so many requests; 0: never */
	uint64_t stopped_ms;
	struct vs_client_conf conf;
	struct vs_instance_conf probe;
	struct vs_err err;
	char log[16384];
};

static void on_seen(void *arg)
{
	struct fixture *f = arg;

	if (f->stub.count != f->stop_after)
		return;
	f->stopped_ms = vs_mono_ms();
	kill(getpid(), SIGTERM);
}

static void *serve(void *arg)
{
	struct fixture *f = arg;

	vs_loop_run(f->loop);
	return NULL;
}

static void stop_serving(void *arg)
{
	vs_loop_stop(arg);
}

static void start_thread(struct fixture *f)
{
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
	f->running = true;
}

/* After this the stub's records may be read. */
static void join(struct fixture *f)
{
	if (!f->running)
		return;
	vs_post(f->loop, stop_serving, f->loop);
	pthread_join(f->thread, NULL);
	f->running = false;
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	place_init(&f->place);
	f->loop = vs_loop_create();
	stub_init(&f->stub, f->loop);
	f->stub.seen = on_seen;
	f->stub.arg = f;
	f->conf = (struct vs_client_conf){
		.state_dir = f->place.folder,
		.client = {.server = f->stub.url,
			.api_path = "/api/v1",
			.key = KEY,
			.id = "office-vpn",
			.interval_ms = 300000,
			.interval_given = 1,
			.timeout_ms = 5000,
			.spool = 100},
	};
	f->probe = (struct vs_instance_conf){.kind = VPNS_KIND_PROBE,
		.plugin = "no_such_probe",
		.name = "no_such_probe",
		.mark = {.file = "client.yaml", .line = 7, .column = 5}};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	join(f);
	stub_fini(&f->stub);
	vs_loop_destroy(f->loop);
	assert_null(strstr(place_log(&f->place), KEY));
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

static const char *log_of(struct fixture *f)
{
	snprintf(f->log, sizeof(f->log), "%s", place_log(&f->place));
	assert_null(strstr(f->log, KEY));
	return f->log;
}

static int run(struct fixture *f, size_t stop_after)
{
	int code;

	f->stop_after = stop_after;
	start_thread(f);
	code = vs_client_run(&f->conf, &f->err);
	join(f);
	return code;
}

/* The exit code; what was printed is added to out. */
static int once(struct fixture *f, bool json, struct vs_buf *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	int code;

	start_thread(f);
	code = vs_client_once(&f->conf, file, json, &f->err);
	join(f);
	fclose(file);
	vs_buf_add(out, text, len);
	free(text);
	return code;
}

static void the_first_report_goes_out_at_once_and_a_signal_ends_it_within_a_second(void **state)
{
	struct fixture *f = *state;
	uint64_t started_ms = vs_mono_ms();
	struct vs_report *report = vs_alloc(sizeof(*report));
	const char *log;

	assert_int_equal(run(f, 1), 0);
	assert_true(f->stopped_ms - started_ms < 3000);
	assert_true(vs_mono_ms() - f->stopped_ms < 1000);
	assert_int_equal(f->stub.count, 1);
	assert_int_equal(vs_report_parse(report, vs_view_of(f->stub.requests[0].body), NULL), 0);
	assert_string_equal(report->client_id, "office-vpn");
	assert_string_equal(report->version, VS_VERSION);
	assert_int_equal(report->seq, 1);
	assert_int_equal(report->interval_ms, 300000);
	vs_report_fini(report);
	vs_free(report);
	log = log_of(f);
	assert_non_null(strstr(log, "client office-vpn reports to http://127.0.0.1:"));
	assert_non_null(strstr(log, "every 5m; probes: none"));
	assert_non_null(strstr(log, "stopping after signal 15"));
}

static void reports_follow_each_other_at_the_interval(void **state)
{
	struct fixture *f = *state;
	uint64_t started_ms = vs_mono_ms();

	f->conf.client.interval_ms = 1000;
	assert_int_equal(run(f, 3), 0);
	assert_int_equal(f->stub.count, 3);
	assert_in_range(f->stopped_ms - started_ms, 1900, 3000);
	assert_non_null(strstr(f->stub.requests[2].body, "\"seq\":3"));
}

static void without_an_own_interval_the_servers_is_taken(void **state)
{
	struct fixture *f = *state;
	uint64_t started_ms = vs_mono_ms();

	f->conf.client.interval_given = 0;
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, "{\"status\":\"ok\",\"interval_seconds\":1}", NULL});
	assert_int_equal(run(f, 2), 0);
	assert_true(f->stopped_ms - started_ms < 3000);
	assert_non_null(strstr(f->stub.requests[0].body, "\"interval_seconds\":300"));
	assert_non_null(strstr(f->stub.requests[1].body, "\"interval_seconds\":1."));
	assert_non_null(strstr(log_of(f), "the server wants a report every 1s"));
}

static void a_change_of_the_verdict_is_one_line_and_no_change_is_none(void **state)
{
	struct fixture *f = *state;
	const char *log;

	f->conf.client.interval_ms = 1000;
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, BODY("secure"), NULL},
		{STUB_ANSWER, 200, BODY("secure"), NULL}, {STUB_ANSWER, 200, BODY("leak"), NULL},
		{STUB_HANG, 0, NULL, NULL});
	assert_int_equal(run(f, 4), 0);
	log = log_of(f);
	assert_int_equal(count_of(log, "verdict: secure (tunnel secure)"), 1);
	assert_int_equal(count_of(log, "verdict: leak (tunnel leak)"), 1);
}

static void a_report_under_way_is_cancelled_and_kept_for_the_next_start(void **state)
{
	struct fixture *f = *state;

	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL});
	assert_int_equal(run(f, 1), 0);
	assert_true(vs_mono_ms() - f->stopped_ms < 1000);
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 200, STUB_OK, NULL});
	assert_int_equal(run(f, 3), 0);
	assert_null(strstr(f->stub.requests[1].body, "\"late\":true"));
	assert_non_null(strstr(f->stub.requests[2].body, "\"late\":true"));
	assert_non_null(strstr(f->stub.requests[2].body, "\"observed_at\""));
}

static void a_configuration_that_cannot_work_ends_with_two(void **state)
{
	struct fixture *f = *state;

	f->conf.client.server = "http://your-server-url:5000";
	assert_int_equal(vs_client_run(&f->conf, &f->err), 2);
	assert_non_null(strstr(f->err.text, "placeholder"));
	f->conf.client.server = NULL;
	assert_int_equal(vs_client_run(&f->conf, &f->err), 2);
	assert_non_null(strstr(f->err.text, "no server is configured"));
}

static void a_probe_that_does_not_exist_is_named_with_its_position(void **state)
{
	struct fixture *f = *state;
	const char *log;

	f->conf.probes = (struct vs_instances_conf){&f->probe, 1};
	assert_int_equal(vs_client_run(&f->conf, &f->err), 2);
	assert_non_null(strstr(f->err.text, "1 of 1 probes cannot be used"));
	log = log_of(f);
	assert_non_null(strstr(log, "client.yaml:7:5: error: "));
	assert_non_null(strstr(log, "no_such_probe"));
}

static void a_probe_that_is_switched_off_is_not_even_looked_for(void **state)
{
	struct fixture *f = *state;

	f->probe.enabled = VS_ENABLED_NO;
	f->conf.probes = (struct vs_instances_conf){&f->probe, 1};
	assert_int_equal(run(f, 1), 0);
}

static void a_state_directory_that_cannot_be_used_is_a_warning_only(void **state)
{
	struct fixture *f = *state;
	char folder[128];

	place_write(&f->place, "file", "");
	snprintf(folder, sizeof(folder), "%s/file/state", f->place.folder);
	f->conf.state_dir = folder;
	f->conf.client.id = NULL;
	assert_int_equal(run(f, 1), 0);
	assert_non_null(strstr(log_of(f), "VPN_SENTINEL_STATE_DIR"));
}

static enum vs_local_health no_health(void *arg, const char **reason)
{
	(void)arg;
	(void)reason;
	return VS_LOCAL_HEALTHY;
}

static void no_status(void *arg, struct vs_buf *json)
{
	(void)arg;
	(void)json;
}

static void two_clients_do_not_share_a_state_directory(void **state)
{
	const struct vs_local_events events = {no_health, no_status, NULL};
	struct fixture *f = *state;
	struct vs_local *other =
		vs_local_create(f->loop, place_path(&f->place, "client.sock"), &events, NULL);

	assert_non_null(other);
	assert_int_equal(vs_client_run(&f->conf, &f->err), 1);
	assert_non_null(strstr(f->err.text, "another client runs with the state directory"));
	vs_local_destroy(other);
}

static void once_ends_with_the_code_of_the_verdict(void **state)
{
	static const struct {
		const char *body;
		int code;
	} cases[] = {
		{BODY("secure"), 0},
		{BODY("third_party"), 1},
		{BODY("exposed"), 1},
		{BODY("leak"), 2},
		{BODY("violation"), 2},
		{BODY("down"), 2},
		{BODY("unknown"), 3},
		{"{\"status\":\"ok\"}", 3},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct stub_reply reply = {STUB_ANSWER, 200, cases[i].body, NULL};
		struct vs_buf out;

		vs_buf_init(&out);
		f->stub.script = &reply;
		f->stub.script_left = 1;
		assert_int_equal(once(f, false, &out), cases[i].code);
		assert_non_null(strstr(vs_buf_text(&out), "client   office-vpn\n"));
		assert_int_equal(f->stub.count, i + 1);
		vs_buf_fini(&out);
	}
}

static void once_that_is_not_delivered_ends_with_three_and_says_why(void **state)
{
	struct fixture *f = *state;
	struct vs_buf out;

	vs_buf_init(&out);
	STUB_SCRIPT(&f->stub, {STUB_ANSWER, 401, "{\"detail\":\"unknown key\"}", NULL});
	assert_int_equal(once(f, false, &out), VS_ONCE_UNKNOWN);
	assert_non_null(strstr(vs_buf_text(&out), "not delivered: it answered 401 (unknown key)"));
	assert_int_equal(f->stub.count, 1);
	vs_buf_clear(&out);
	stub_close(&f->stub);
	assert_int_equal(once(f, true, &out), VS_ONCE_UNKNOWN);
	assert_non_null(strstr(vs_buf_text(&out), "\"delivered\":false"));
	assert_int_not_equal(access(place_path(&f->place, "spool.jsonl"), F_OK), 0);
	vs_buf_fini(&out);
}

static void once_prints_json_that_a_machine_can_read(void **state)
{
	struct fixture *f = *state;
	struct vs_buf out;
	json_t *json;

	vs_buf_init(&out);
	assert_int_equal(once(f, true, &out), VS_ONCE_SECURE);
	json = vs_json_parse(vs_buf_view(&out), NULL);
	assert_string_equal(vs_json_get_text(json, "verdict"), "secure");
	json_decref(json);
	vs_buf_fini(&out);
}

static void once_that_cannot_start_ends_with_three(void **state)
{
	struct fixture *f = *state;
	struct vs_buf out;

	vs_buf_init(&out);
	f->conf.client.server = "";
	assert_int_equal(once(f, false, &out), VS_ONCE_UNKNOWN);
	assert_non_null(strstr(f->err.text, "no server is configured"));
	f->conf.client.server = f->stub.url;
	f->conf.client.id = "not an id";
	assert_int_equal(once(f, false, &out), VS_ONCE_UNKNOWN);
	assert_non_null(strstr(f->err.text, "is not a client id"));
	f->conf.client.id = NULL;
	f->conf.probes = (struct vs_instances_conf){&f->probe, 1};
	assert_int_equal(once(f, false, &out), VS_ONCE_UNKNOWN);
	assert_non_null(strstr(f->err.text, "cannot be used"));
	assert_int_equal(out.len, 0);
	vs_buf_fini(&out);
}

static void once_obeys_a_signal(void **state)
{
	struct fixture *f = *state;
	struct vs_buf out;

	vs_buf_init(&out);
	STUB_SCRIPT(&f->stub, {STUB_HANG, 0, NULL, NULL});
	f->stop_after = 1;
	assert_int_equal(once(f, false, &out), VS_ONCE_UNKNOWN);
	assert_true(vs_mono_ms() - f->stopped_ms < 1000);
	vs_buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_report_goes_out_at_once_and_a_signal_ends_it_within_a_second),
		TEST(reports_follow_each_other_at_the_interval),
		TEST(without_an_own_interval_the_servers_is_taken),
		TEST(a_change_of_the_verdict_is_one_line_and_no_change_is_none),
		TEST(a_report_under_way_is_cancelled_and_kept_for_the_next_start),
		TEST(a_configuration_that_cannot_work_ends_with_two),
		TEST(a_probe_that_does_not_exist_is_named_with_its_position),
		TEST(a_probe_that_is_switched_off_is_not_even_looked_for),
		TEST(a_state_directory_that_cannot_be_used_is_a_warning_only),
		TEST(two_clients_do_not_share_a_state_directory),
		TEST(once_ends_with_the_code_of_the_verdict),
		TEST(once_that_is_not_delivered_ends_with_three_and_says_why),
		TEST(once_prints_json_that_a_machine_can_read),
		TEST(once_that_cannot_start_ends_with_three),
		TEST(once_obeys_a_signal),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
