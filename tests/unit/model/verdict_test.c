#include "model_test.h"

#include "base/err.h"
#include "model/client.h"
#include "model/kind.h"
#include "model/offline.h"
#include "model/transition.h"
#include "model/verdict.h"

static void every_kind_reads_back_by_its_name(void **state)
{
	uint8_t kind = 0;

	(void)state;
	for (int i = 0; i < VS_KINDS; i++) {
		assert_int_equal(vs_kind_parse(&kind, vs_view_of(vs_kind_name((enum vs_kind)i))), 0);
		assert_int_equal(kind, i);
	}
	assert_int_equal(vs_kind_parse(&kind, vs_view_of("nothing")), VS_ERR_INVALID);
	assert_string_equal(vs_kind_name(VS_KINDS), "");
}

static void kinds_have_the_severities_that_people_were_promised(void **state)
{
	(void)state;
	assert_int_equal(vs_kind_severity(VS_KIND_TUNNEL_LOST), VS_SEVERITY_CRITICAL);
	assert_int_equal(vs_kind_severity(VS_KIND_BYPASS), VS_SEVERITY_CRITICAL);
	assert_int_equal(vs_kind_severity(VS_KIND_DNS_LEAK), VS_SEVERITY_WARNING);
	assert_int_equal(vs_kind_severity(VS_KIND_IPV6_LEAK), VS_SEVERITY_CRITICAL);
	assert_int_equal(vs_kind_severity(VS_KIND_CONNECTED), VS_SEVERITY_INFO);
	assert_true(vs_kind_is_notice(VS_KIND_IP_CHANGED));
	assert_false(vs_kind_is_notice(VS_KIND_BYPASS));
	assert_true(vs_kind_is_of_server(VS_KIND_STORE_FAILING));
	assert_false(vs_kind_is_of_server(VS_KIND_POLICY));
}

static void every_word_reads_back(void **state)
{
	uint8_t code = 0;

	(void)state;
	for (int i = VS_VERDICT_NOT_CHECKED; i <= VS_VERDICT_DOWN; i++) {
		assert_int_equal(vs_verdict_parse(&code, vs_view_of(vs_verdict_name((enum vs_verdict)i))), 0);
		assert_int_equal(code, i);
	}
	for (int i = VS_CONFIDENCE_NONE; i <= VS_CONFIDENCE_HIGH; i++) {
		const char *name = vs_confidence_name((enum vs_confidence)i);

		assert_int_equal(vs_confidence_parse(&code, vs_view_of(name)), 0);
		assert_int_equal(code, i);
	}
	for (int i = VS_CHANGE_NOTICE; i <= VS_CHANGE_RESOLVED; i++) {
		assert_int_equal(vs_change_parse(&code, vs_view_of(vs_change_name((enum vs_change)i))), 0);
		assert_int_equal(code, i);
	}
	for (int i = VS_SEVERITY_INFO; i <= VS_SEVERITY_CRITICAL; i++) {
		const char *name = vs_severity_name((enum vs_severity)i);

		assert_int_equal(vs_severity_parse(&code, vs_view_of(name)), 0);
		assert_int_equal(code, i);
	}
	for (int i = VS_SIDE_NONE; i <= VS_SIDE_HOME; i++) {
		assert_int_equal(vs_side_parse(&code, vs_view_of(vs_side_name((enum vs_side)i))), 0);
		assert_int_equal(code, i);
	}
	for (int i = VS_LIVENESS_ALIVE; i <= VS_LIVENESS_LOST; i++) {
		const char *name = vs_liveness_name((enum vs_liveness)i);

		assert_int_equal(vs_liveness_parse(&code, vs_view_of(name)), 0);
		assert_int_equal(code, i);
	}
}

static void words_that_do_not_exist_are_refused(void **state)
{
	uint8_t code = 0;
	struct vs_view nonsense = vs_view_of("nonsense");

	(void)state;
	assert_int_equal(vs_verdict_parse(&code, nonsense), VS_ERR_INVALID);
	assert_int_equal(vs_confidence_parse(&code, nonsense), VS_ERR_INVALID);
	assert_int_equal(vs_change_parse(&code, nonsense), VS_ERR_INVALID);
	assert_int_equal(vs_severity_parse(&code, nonsense), VS_ERR_INVALID);
	assert_int_equal(vs_side_parse(&code, nonsense), VS_ERR_INVALID);
	assert_int_equal(vs_liveness_parse(&code, nonsense), VS_ERR_INVALID);
	assert_string_equal(vs_change_name((enum vs_change)99), "");
	assert_string_equal(vs_severity_name((enum vs_severity)99), "");
	assert_string_equal(vs_liveness_name((enum vs_liveness)99), "");
	assert_string_equal(vs_verdict_name((enum vs_verdict)99), "");
}

static void the_overall_verdict_is_the_worst_that_was_asked(void **state)
{
	static const struct {
		uint8_t verdict[VS_QUESTIONS];
		enum vs_verdict overall;
	} cases[] = {
		{{0, 0, 0, 0, 0}, VS_VERDICT_NOT_CHECKED},
		{{VS_VERDICT_SECURE, 0, 0, 0, 0}, VS_VERDICT_SECURE},
		{{VS_VERDICT_SECURE, VS_VERDICT_THIRD_PARTY}, VS_VERDICT_THIRD_PARTY},
		{{VS_VERDICT_THIRD_PARTY, VS_VERDICT_UNKNOWN}, VS_VERDICT_UNKNOWN},
		{{VS_VERDICT_UNKNOWN, VS_VERDICT_EXPOSED}, VS_VERDICT_EXPOSED},
		{{VS_VERDICT_EXPOSED, VS_VERDICT_VIOLATION}, VS_VERDICT_VIOLATION},
		{{VS_VERDICT_VIOLATION, VS_VERDICT_LEAK}, VS_VERDICT_LEAK},
		{{VS_VERDICT_LEAK, VS_VERDICT_DOWN}, VS_VERDICT_DOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_verdicts verdicts = {0};

		memcpy(verdicts.verdict, cases[i].verdict, sizeof(verdicts.verdict));
		assert_int_equal(vs_verdicts_overall(&verdicts), cases[i].overall);
	}
}

static void each_question_keeps_its_own_sentence(void **state)
{
	static const uint8_t zero[VS_QUESTIONS];
	const char *evidence[VS_QUESTIONS] = {"one", NULL, "three", "", "five"};
	struct vs_verdicts verdicts = {0};

	(void)state;
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_KILLSWITCH), "");
	vs_verdicts_set(&verdicts, zero, zero, evidence);
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_TUNNEL), "one");
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_DNS), "");
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_IPV6), "three");
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_POLICY), "");
	assert_string_equal(vs_verdicts_evidence(&verdicts, VS_QUESTION_KILLSWITCH), "five");
	vs_verdicts_fini(&verdicts);
	vs_verdicts_fini(&verdicts);
}

static void the_server_is_offline_only_when_two_witnesses_and_everybody_are_silent(void **state)
{
	static const struct {
		struct vs_offline_evidence evidence;
		bool offline;
	} cases[] = {
		{{2, 2, 300000, 300000}, true}, {{3, 3, 300000, 300000}, true},
		{{3, 2, 300000, 300000}, false}, /* one got out */
		{{2, 2, 299999, 300000}, false}, /* a keepalive came lately */
		{{1, 1, 3000000, 300000}, false},
		{{0, 0, 3000000, 300000}, false}, /* no witness: never offline */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(vs_server_is_offline(&cases[i].evidence), cases[i].offline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_reads_back_by_its_name),
		cmocka_unit_test(kinds_have_the_severities_that_people_were_promised),
		cmocka_unit_test(every_word_reads_back),
		cmocka_unit_test(words_that_do_not_exist_are_refused),
		cmocka_unit_test(the_overall_verdict_is_the_worst_that_was_asked),
		cmocka_unit_test(each_question_keeps_its_own_sentence),
		cmocka_unit_test(the_server_is_offline_only_when_two_witnesses_and_everybody_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
