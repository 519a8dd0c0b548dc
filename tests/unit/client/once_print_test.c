#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "client/client.h"
#include "client/once_print.h"
#include "client/reply.h"
#include "model/json.h"
#include "model/report.h"

struct fixture {
	struct vs_report report;
	struct vs_reply reply;
	struct vs_once_outcome outcome;
	struct vs_buf out;
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	vs_report_init(&f->report);
	f->report.client_id = "office-vpn";
	f->reply = (struct vs_reply){.judged = true, .overall = VS_VERDICT_SECURE, .durable = true};
	f->reply.answers[VS_QUESTION_TUNNEL] =
		(struct vs_reply_answer){true, VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH, "the exit is not home"};
	f->reply.answers[VS_QUESTION_IPV6] =
		(struct vs_reply_answer){true, VS_VERDICT_NOT_CHECKED, VS_CONFIDENCE_NONE, ""};
	f->outcome = (struct vs_once_outcome){"http://192.0.2.1:5000", &f->report, &f->reply, "", NULL};
	vs_buf_init(&f->out);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_report_fini(&f->report);
	vs_buf_fini(&f->out);
	vs_free(f);
	return 0;
}

static void fill(struct fixture *f)
{
	vs_report_observe(&f->report, "ipinfo", VS_OBSERVED_PASS, NULL, 1795400106967);
	vs_report_add_fact(&f->report, "exit.ip", VS_TYPE_ADDR, "185.211.32.87");
	vs_report_add_fact(&f->report, "exit.city", VS_TYPE_TEXT, "Bucure\xc8\x99ti");
	vs_report_observe(
		&f->report, "cloudflare_trace", VS_OBSERVED_UNKNOWN, "timed out after 10s", 1795400106967);
}

static void the_exit_code_follows_the_worst_verdict(void **state)
{
	static const int codes[][2] = {{VS_VERDICT_SECURE, 0}, {VS_VERDICT_THIRD_PARTY, 1},
		{VS_VERDICT_EXPOSED, 1}, {VS_VERDICT_VIOLATION, 2}, {VS_VERDICT_LEAK, 2},
		{VS_VERDICT_DOWN, 2}, {VS_VERDICT_UNKNOWN, 3}, {VS_VERDICT_NOT_CHECKED, 3}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		f->reply.overall = (enum vs_verdict)codes[i][0];
		assert_int_equal(vs_once_code(&f->reply), codes[i][1]);
	}
	assert_int_equal(vs_once_code(NULL), 3);
	f->reply.overall = VS_VERDICT_SECURE;
	f->reply.judged = false;
	assert_int_equal(vs_once_code(&f->reply), 3);
}

static void the_table_shows_verdicts_facts_and_reasons(void **state)
{
	struct fixture *f = *state;

	fill(f);
	vs_once_text(&f->outcome, &f->out);
	assert_string_equal(vs_buf_text(&f->out), "client   office-vpn\n"
						  "server   http://192.0.2.1:5000\n"
						  "verdict  secure\n"
						  "\n"
						  "QUESTION  VERDICT      SURE  EVIDENCE\n"
						  "tunnel    secure       high  the exit is not home\n"
						  "ipv6      not_checked  none\n"
						  "\n"
						  "FACT       VALUE          SOURCE\n"
						  "exit.ip    185.211.32.87  ipinfo\n"
						  "exit.city  Bucure\xc8\x99ti      ipinfo\n"
						  "\n"
						  "PROBE             RESULT   REASON\n"
						  "ipinfo            pass\n"
						  "cloudflare_trace  unknown  timed out after 10s\n");
}

static void what_was_not_delivered_says_why(void **state)
{
	struct fixture *f = *state;

	f->outcome.reply = NULL;
	f->outcome.problem = "it answered 401: check the key";
	vs_once_text(&f->outcome, &f->out);
	assert_non_null(strstr(vs_buf_text(&f->out),
		"verdict  none: the report was not delivered: it answered 401: check the key\n"));
	assert_null(strstr(vs_buf_text(&f->out), "QUESTION"));
}

static void a_server_that_judges_nothing_is_named_as_such(void **state)
{
	struct fixture *f = *state;

	f->reply.judged = false;
	vs_once_text(&f->outcome, &f->out);
	assert_non_null(strstr(vs_buf_text(&f->out), "judged nothing"));
}

static void json_holds_the_same(void **state)
{
	struct fixture *f = *state;
	const json_t *facts;
	const json_t *probes;
	json_t *json;

	fill(f);
	vs_once_json(&f->outcome, &f->out);
	json = vs_json_parse(vs_buf_view(&f->out), NULL);
	assert_non_null(json);
	facts = json_object_get(json, "facts");
	probes = json_object_get(json, "probes");
	assert_true(vs_json_get_bool(json, "delivered"));
	assert_string_equal(vs_json_get_text(json, "verdict"), "secure");
	assert_int_equal(vs_json_get_int(json, "exit_code"), 0);
	assert_int_equal(json_array_size(facts), 2);
	assert_string_equal(vs_json_get_text(json_array_get(facts, 1), "value"), "Bucure\xc8\x99ti");
	assert_string_equal(vs_json_get_text(json_array_get(facts, 1), "source"), "ipinfo");
	assert_string_equal(vs_json_get_text(json_array_get(probes, 1), "reason"), "timed out after 10s");
	json_decref(json);
	vs_buf_clear(&f->out);
	f->outcome.reply = NULL;
	f->outcome.problem = "nothing \"answers\"";
	vs_once_json(&f->outcome, &f->out);
	json = vs_json_parse(vs_buf_view(&f->out), NULL);
	assert_non_null(json);
	assert_false(vs_json_get_bool(json, "delivered"));
	assert_true(json_is_null(json_object_get(json, "verdict")));
	assert_string_equal(vs_json_get_text(json, "problem"), "nothing \"answers\"");
	assert_int_equal(vs_json_get_int(json, "exit_code"), 3);
	json_decref(json);
}

static void a_terminal_gets_no_control_characters_and_nobody_a_secret(void **state)
{
	struct fixture *f = *state;
	const char *text;

	vs_log_secret("a-secret-token");
	vs_report_observe(&f->report, "bad", VS_OBSERVED_FAIL, "\x1b[2J a-secret-token \xc2\x9b 2J\r", 0);
	vs_once_text(&f->outcome, &f->out);
	vs_log_forget_secrets();
	text = vs_buf_text(&f->out);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\r'));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_null(strstr(text, "a-secret-token"));
	assert_non_null(strstr(text, "***"));
}

static void a_warning_about_the_connection_is_in_both_outputs(void **state)
{
	struct fixture *f = *state;
	json_t *json;

	f->outcome.warning = "NOT VERIFIED";
	vs_once_text(&f->outcome, &f->out);
	assert_non_null(strstr(vs_buf_text(&f->out), "WARNING  NOT VERIFIED\n"));
	vs_buf_clear(&f->out);
	vs_once_json(&f->outcome, &f->out);
	json = vs_json_parse(vs_buf_view(&f->out), NULL);
	assert_string_equal(vs_json_get_text(json, "warning"), "NOT VERIFIED");
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_exit_code_follows_the_worst_verdict),
		TEST(the_table_shows_verdicts_facts_and_reasons),
		TEST(what_was_not_delivered_says_why),
		TEST(a_server_that_judges_nothing_is_named_as_such),
		TEST(json_holds_the_same),
		TEST(a_terminal_gets_no_control_characters_and_nobody_a_secret),
		TEST(a_warning_about_the_connection_is_in_both_outputs),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
