#include "judge_world.h"

#define EXPOSED VS_VERDICT_EXPOSED, VS_CONFIDENCE_HIGH

static const struct row rows[] = {
	{"a canary arrived", "canary.ip=203.0.113.7@canary canary.device=eth0@canary", "", NULL, NULL,
		VS_RULE_KILLSWITCH_CANARY, EXPOSED,
		"a canary sent beside the tunnel by eth0 reached the server from 203.0.113.7", 0},
	{"it did not say by which device", "canary.ip=192.168.1.5@canary killswitch.tested=eth0@killswitch",
		"", NULL, NULL, VS_RULE_KILLSWITCH_CANARY, EXPOSED,
		"a canary sent beside the tunnel reached the server from 192.168.1.5", 0},
	{"something answered", "killswitch.tested=eth0,eth1@killswitch killswitch.open=eth1@killswitch", "",
		NULL, NULL, VS_RULE_KILLSWITCH_OPEN, EXPOSED,
		"what was sent beside the tunnel by eth1 got out and was answered", 0},
	{"nothing got out", "killswitch.tested=eth0,eth1@killswitch", "", NULL, NULL,
		VS_RULE_KILLSWITCH_CLOSED, SURE,
		"nothing that was sent beside the tunnel by eth0 eth1 got out", 0},
	{"tests are rare, and count for an hour", "killswitch.tested=eth0@killswitch", "", NULL, NULL,
		VS_RULE_KILLSWITCH_CLOSED, SURE, NULL, 59},
	{"a canary came from the exit, which is not home: its way may lead into the tunnel",
		"exit.ip=198.51.100.7@ipify canary.ip=198.51.100.7@canary canary.device=eth0@canary "
		"killswitch.tested=eth0@killswitch killswitch.open=eth0@killswitch",
		"", NULL, NULL, VS_RULE_KILLSWITCH_CANARY_EXIT, UNKNOWN,
		"a canary sent beside the tunnel by eth0 reached the server from 198.51.100.7, the exit "
		"itself: "
		"that way may lead into the tunnel, and proves nothing",
		0},
	{"and something answered through another device",
		"exit.ip=198.51.100.7@ipify canary.ip=198.51.100.7@canary canary.device=eth0@canary "
		"killswitch.tested=eth0,eth1@killswitch killswitch.open=eth0,eth1@killswitch",
		"", NULL, NULL, VS_RULE_KILLSWITCH_OPEN, EXPOSED,
		"what was sent beside the tunnel by eth1 got out and was answered", 0},
	{"a canary came from the exit, and that is home",
		"exit.ip=203.0.113.7@ipify canary.ip=203.0.113.7@canary canary.device=eth0@canary", "", NULL,
		NULL, VS_RULE_KILLSWITCH_CANARY, EXPOSED,
		"a canary sent beside the tunnel by eth0 reached the server from 203.0.113.7", 0},
	{"a canary came from elsewhere than the exit",
		"exit.ip=198.51.100.7@ipify canary.ip=192.0.2.9@canary canary.device=eth0@canary", "", NULL,
		NULL, VS_RULE_KILLSWITCH_CANARY, EXPOSED,
		"a canary sent beside the tunnel by eth0 reached the server from 192.0.2.9", 0},
	{"a canary of long ago proves nothing now",
		"canary.ip=203.0.113.7@canary killswitch.tested=eth0@killswitch", "", NULL, NULL,
		VS_RULE_KILLSWITCH_CLOSED, SURE, NULL, 16},
};

static void what_gets_past_the_tunnel_is_exposed(void **state)
{
	(void)state;
	check_rows(rows, COUNT(rows), VS_QUESTION_KILLSWITCH);
}

static void an_untested_kill_switch_is_not_checked(void **state)
{
	static const struct row cases[] = {
		{.facts = "exit.ip=198.51.100.7@ipify"},
		{.facts = "killswitch.tested=eth0@killswitch", .age = 61},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_judgement out;
		struct bench bench;

		bench_open(&bench);
		bench_judge(&bench, &cases[i], &out);
		assert_int_equal(out.verdict[VS_QUESTION_KILLSWITCH], VS_VERDICT_NOT_CHECKED);
		bench_close(&bench);
	}
}

static void a_test_that_could_not_be_made_is_unknown_with_its_reason(void **state)
{
	static const struct vs_observation failed[] = {
		{"ipify", "timed out", 0, VS_OBSERVED_UNKNOWN},
		{"killswitch", "binding to eth0 is not permitted", 0, VS_OBSERVED_UNKNOWN},
	};
	static const struct row row = {"EPERM", "exit.ip=198.51.100.7@ipify", "", NULL, NULL,
		VS_RULE_KILLSWITCH_FAILED, UNKNOWN,
		"the test could not be made: killswitch: binding to eth0 is not permitted", 0};
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench.observations = failed;
	bench.observation_count = COUNT(failed);
	bench_check(&bench, &row, VS_QUESTION_KILLSWITCH);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_gets_past_the_tunnel_is_exposed),
		cmocka_unit_test(an_untested_kill_switch_is_not_checked),
		cmocka_unit_test(a_test_that_could_not_be_made_is_unknown_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
