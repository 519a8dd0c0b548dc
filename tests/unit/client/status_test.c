#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "client/status.h"
#include "model/json.h"

#define STARTED UINT64_C(1000000)

static struct vs_client_status fresh(void)
{
	return (struct vs_client_status){
		.client_id = "office-vpn",
		.version = "1.2.3",
		.server = "http://192.0.2.1:5000",
		.started_at = 1795400106967,
		.started_ms = STARTED,
		.interval_ms = 300000,
		.uplink = {.problem = ""},
	};
}

static struct vs_reply leaking(void)
{
	struct vs_reply reply = {.judged = true, .overall = VS_VERDICT_LEAK, .durable = true};

	reply.answers[VS_QUESTION_TUNNEL] =
		(struct vs_reply_answer){true, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH, "the exit is \"home\""};
	reply.answers[VS_QUESTION_DNS] =
		(struct vs_reply_answer){true, VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM, ""};
	reply.answers[VS_QUESTION_IPV6].given = true;
	return reply;
}

static void health_follows_rounds_and_uplink(void **state)
{
	struct vs_client_status status = fresh();
	const uint64_t patience = 3 * 300000 + 60000;
	const char *reason;

	(void)state;
	assert_int_equal(vs_client_status_health(&status, STARTED + 1000, &reason), VS_LOCAL_STARTING);
	assert_int_equal(vs_client_status_health(&status, STARTED + patience, &reason), VS_LOCAL_STARTING);
	assert_int_equal(vs_client_status_health(&status, STARTED + patience + 1, &reason), VS_LOCAL_FAILING);
	status.rounds = 1;
	status.round_ended_ms = STARTED + 5000;
	assert_int_equal(vs_client_status_health(&status, STARTED + 6000, &reason), VS_LOCAL_HEALTHY);
	status.uplink.lost = true;
	assert_int_equal(vs_client_status_health(&status, STARTED + 6000, &reason), VS_LOCAL_DEGRADED);
	assert_int_equal(
		vs_client_status_health(&status, STARTED + 5001 + patience, &reason), VS_LOCAL_FAILING);
	assert_non_null(strstr(reason, "no round of probes has ended"));
}

static void without_any_device_the_server_that_is_not_reached_is_a_failure_with_a_reason(void **state)
{
	struct vs_client_status status = fresh();
	const char *reason;

	(void)state;
	status.rounds = 1;
	status.round_ended_ms = STARTED;
	status.isolated = true;
	assert_int_equal(vs_client_status_health(&status, STARTED, &reason), VS_LOCAL_HEALTHY);
	assert_null(reason);
	status.uplink.lost = true;
	assert_int_equal(vs_client_status_health(&status, STARTED, &reason), VS_LOCAL_FAILING);
	assert_non_null(strstr(reason, "no network device but loopback is up"));
	status.isolated = false;
	assert_int_equal(vs_client_status_health(&status, STARTED, &reason), VS_LOCAL_DEGRADED);
	assert_null(reason);
}

static json_t *write_and_parse(const struct vs_client_status *status)
{
	struct vs_buf out;
	json_t *json;

	vs_buf_init(&out);
	vs_client_status_write(status, STARTED + 1000, &out);
	json = vs_json_parse(vs_buf_view(&out), NULL);
	assert_non_null(json);
	vs_buf_fini(&out);
	return json;
}

static void before_the_first_report_the_status_says_so(void **state)
{
	struct vs_client_status status = fresh();
	json_t *json = write_and_parse(&status);

	(void)state;
	assert_string_equal(vs_json_get_text(json, "status"), "starting");
	assert_string_equal(vs_json_get_text(json, "client_id"), "office-vpn");
	assert_true(json_is_null(json_object_get(json, "verdict")));
	assert_true(json_is_null(json_object_get(json, "report")));
	assert_string_equal(vs_json_get_text(json_object_get(json, "uplink"), "state"), "starting");
	json_decref(json);
}

static void the_status_shows_report_verdict_and_uplink(void **state)
{
	struct vs_client_status status = fresh();
	struct vs_reply reply = leaking();
	const json_t *uplink;
	const json_t *tunnel;
	json_t *json;

	(void)state;
	status.rounds = 4;
	status.report = "{\"client_id\":\"office-vpn\",\"seq\":4}";
	status.reply = &reply;
	status.uplink = (struct vs_uplink_status){.lost = true,
		.lost_since_ms = 1795400100000,
		.taken_at_ms = 1795400000000,
		.problem = "nothing answers",
		.taken = 3,
		.failures = 7,
		.waiting = 2};
	json = write_and_parse(&status);
	uplink = json_object_get(json, "uplink");
	tunnel = json_object_get(json_object_get(json, "verdicts"), "tunnel");
	assert_string_equal(vs_json_get_text(json, "verdict"), "leak");
	assert_string_equal(vs_json_get_text(tunnel, "evidence"), "the exit is \"home\"");
	assert_string_equal(vs_json_get_text(tunnel, "confidence"), "high");
	assert_int_equal(vs_json_get_int(json_object_get(json, "report"), "seq"), 4);
	assert_string_equal(vs_json_get_text(uplink, "state"), "lost");
	assert_string_equal(vs_json_get_text(uplink, "problem"), "nothing answers");
	assert_int_equal(vs_json_get_int(uplink, "delivered"), 3);
	assert_int_equal(vs_json_get_int(uplink, "failed_attempts"), 7);
	assert_int_equal(vs_json_get_int(uplink, "spooled"), 2);
	json_decref(json);
}

static void verdicts_are_the_same_until_one_of_them_differs(void **state)
{
	struct vs_reply a = leaking();
	struct vs_reply b = leaking();

	(void)state;
	strcpy(b.answers[VS_QUESTION_TUNNEL].evidence, "other words");
	b.interval_ms = 5;
	assert_true(vs_reply_same_verdicts(&a, &b));
	b.answers[VS_QUESTION_DNS].verdict = VS_VERDICT_UNKNOWN;
	assert_false(vs_reply_same_verdicts(&a, &b));
	b = leaking();
	b.answers[VS_QUESTION_POLICY].given = true;
	assert_false(vs_reply_same_verdicts(&a, &b));
	b = leaking();
	b.overall = VS_VERDICT_DOWN;
	assert_false(vs_reply_same_verdicts(&a, &b));
}

static void a_verdict_is_described_in_one_line(void **state)
{
	struct vs_reply reply = leaking();
	struct vs_buf out;

	(void)state;
	vs_buf_init(&out);
	vs_reply_describe(&reply, &out);
	assert_string_equal(vs_buf_text(&out), "leak (tunnel leak, dns secure): the exit is \"home\"");
	vs_buf_clear(&out);
	reply = (struct vs_reply){.judged = true, .overall = VS_VERDICT_SECURE};
	vs_reply_describe(&reply, &out);
	assert_string_equal(vs_buf_text(&out), "secure");
	vs_buf_fini(&out);
}

static void the_status_says_which_configuration_is_in_force(void **state)
{
	struct vs_client_status status = fresh();
	json_t *json;
	json_t *configuration;

	(void)state;
	status.generation = 3;
	status.loaded_at = 1795400106967;
	json = write_and_parse(&status);
	configuration = json_object_get(json, "configuration");
	assert_int_equal(vs_json_get_int(configuration, "generation"), 3);
	assert_string_equal(vs_json_get_text(configuration, "loaded_at"), "2026-11-23T02:15:06.967Z");
	assert_null(json_object_get(configuration, "refused_at"));
	assert_null(json_object_get(json, "warning"));
	json_decref(json);
	status.refused_at = 1795400106967;
	status.warning = "NOT VERIFIED";
	json = write_and_parse(&status);
	assert_non_null(json_object_get(json_object_get(json, "configuration"), "refused_at"));
	assert_string_equal(vs_json_get_text(json, "warning"), "NOT VERIFIED");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_follows_rounds_and_uplink),
		cmocka_unit_test(
			without_any_device_the_server_that_is_not_reached_is_a_failure_with_a_reason),
		cmocka_unit_test(before_the_first_report_the_status_says_so),
		cmocka_unit_test(the_status_shows_report_verdict_and_uplink),
		cmocka_unit_test(verdicts_are_the_same_until_one_of_them_differs),
		cmocka_unit_test(a_verdict_is_described_in_one_line),
		cmocka_unit_test(the_status_says_which_configuration_is_in_force),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
