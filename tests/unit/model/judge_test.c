/* The first rules: exits against home, and countries as long as no resolver was seen. */
#include "judge_world.h"

static const struct vs_observation failed[] = {
	{"ipinfo", "connection refused", 0, VS_OBSERVED_UNKNOWN},
	{"weather", NULL, 0, VS_OBSERVED_PASS},
	{"cloudflare_trace", NULL, 0, VS_OBSERVED_FAIL},
};

static void open_bench(struct bench *bench)
{
	bench_open(bench);
	bench->observations = failed;
	bench->observation_count = COUNT(failed);
}

/* Each row in a world of its own, in which these sources failed. */
static void check_all(const struct row *rows, size_t count, enum vs_question question)
{
	for (size_t i = 0; i < count; i++) {
		struct bench bench;

		open_bench(&bench);
		bench_check(&bench, &rows[i], question);
		bench_close(&bench);
	}
}

static const struct row tunnel_rows[] = {
	{"the exit is the server's", "exit.ip=203.0.113.7@ipinfo", "10.0.0.2", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 203.0.113.7 (told by ipinfo) is the server's own exit, seen by ipinfo", 0},
	{"two witnesses agree that it is", "exit.ip=203.0.113.7@ipinfo trace.ip=203.0.113.7@trace", "",
		"203.0.113.7", NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 203.0.113.7 (told by ipinfo and trace) is the server's own exit, seen by ipinfo",
		0},
	{"only the trace leaves at home", "exit.ip=198.51.100.7@ipinfo trace.ip=203.0.113.7@trace", "",
		"203.0.113.7", NULL, VS_RULE_TUNNEL_EXIT_HOME, LIKELY_LEAK,
		"the exit 203.0.113.7 (told by trace) is the server's own exit, seen by ipinfo, although "
		"ipinfo "
		"tells 198.51.100.7",
		0},
	{"the keepalive came from home", "exit.ip=198.51.100.7@ipinfo", "203.0.113.7", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_SOURCE_HOME, SURE_LEAK,
		"the keepalive came from 203.0.113.7, which is the server's own exit, seen by ipinfo", 0},
	{"it came from home and nothing else is known", "", "203.0.113.7", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_SOURCE_HOME, SURE_LEAK,
		"the keepalive came from 203.0.113.7, which is the server's own exit, seen by ipinfo", 0},
	{"only IPv6 leaves at home, which is a question apart",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:1::7@ipinfo", "", "2001:db8:1::7", NULL,
		VS_RULE_TUNNEL_HOME_UNKNOWN, UNKNOWN,
		"the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet", 0},
	{"IPv6 leaves at home, and nothing else is told", "exit6.ip=2001:db8:1::7@ipinfo", "",
		"2001:db8:1::7", NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 2001:db8:1::7 (told by ipinfo) is the server's own exit, seen by ipinfo", 0},
	{"exit and source agree", "exit.ip=198.51.100.7@ipinfo", "198.51.100.7", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_ELSEWHERE, SURE,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from "
		"it",
		0},
	{"the source is private", "exit.ip=198.51.100.7@ipinfo", "172.18.0.1", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network; the keepalive came from "
		"172.18.0.1, a private address beside the tunnel",
		0},
	{"the source is another exit", "exit.ip=198.51.100.7@ipinfo", "192.0.2.9", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network; the keepalive came from "
		"192.0.2.9, another public address",
		0},
	{"the source is not known", "trace.ip=198.51.100.7@trace", "", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by trace) is outside the home network", 0},
	{"witnesses of two families do not disagree",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace", "", BOTH_HOMES, NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) and the exit 2001:db8:2::7 (told by trace) are "
		"outside the home network",
		0},
	{"exits of two families, and the keepalive came through one of them",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace", "2001:db8:2::7", BOTH_HOMES, NULL,
		VS_RULE_TUNNEL_ELSEWHERE, SURE,
		"the exit 198.51.100.7 (told by ipinfo) and the exit 2001:db8:2::7 (told by trace) are "
		"outside the home network, and the keepalive came from 2001:db8:2::7",
		0},
	{"the only exit is in the server's IPv6 network", "exit.ip=2001:db8:1::bad@ipinfo", "10.0.0.2",
		BOTH_HOMES, NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 2001:db8:1::bad (told by ipinfo) is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo",
		0},
	{"IPv4 is tunnelled, but the trace left at home over IPv6",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:1::bad@trace", "198.51.100.7", BOTH_HOMES,
		NULL, VS_RULE_TUNNEL_ELSEWHERE, SURE,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from it",
		0},
	{"two addresses of the home network do not disagree",
		"exit6.ip=2001:db8:1::bad@ipinfo trace.ip=2001:db8:1::7@trace", "", BOTH_HOMES, NULL,
		VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 2001:db8:1::7 (told by trace) is the server's own exit, seen by ipinfo", 0},
	{"what nobody contradicts counts more",
		"exit.ip=203.0.113.7@ipinfo trace.ip=198.51.100.7@trace exit6.ip=2001:db8:1::bad@ipinfo", "",
		BOTH_HOMES, NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 2001:db8:1::bad (told by ipinfo) is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo",
		0},
	{"the keepalive came from the server's IPv6 network", "", "2001:db8:1::bad", BOTH_HOMES, NULL,
		VS_RULE_TUNNEL_SOURCE_HOME, SURE_LEAK,
		"the keepalive came from 2001:db8:1::bad, which is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo",
		0},
	{"an exit that cannot be compared makes the others less sure",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:1::bad@trace", "198.51.100.7", "203.0.113.7",
		NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from it; the exit 2001:db8:1::bad (told by trace) cannot be compared: the server does not "
		"know its own exit of that family",
		0},
	{"so it does when the keepalive came through it",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:1::bad@ipinfo", "2001:db8:1::bad",
		"203.0.113.7", NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from 2001:db8:1::bad; the exit 2001:db8:1::bad (told by ipinfo) cannot be compared: the "
		"server does not know its own exit of that family",
		0},
	{"and when it is the preferred one", "exit.ip=2001:db8:1::bad@ipinfo trace.ip=198.51.100.7@trace",
		"2001:db8:1::bad", "203.0.113.7", NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by trace) is outside the home network, and the keepalive came "
		"from 2001:db8:1::bad; the exit 2001:db8:1::bad (told by ipinfo) cannot be compared: the "
		"server does not know its own exit of that family",
		0},
	{"the witnesses of the other family disagree",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace exit6.ip=2001:db8:3::7@ipinfo",
		"198.51.100.7", BOTH_HOMES, NULL, VS_RULE_TUNNEL_DISAGREE, UNKNOWN,
		"the sources disagree: trace tells 2001:db8:2::7, ipinfo tells 2001:db8:3::7", 0},
	{"the exit of the other family is private", "exit.ip=198.51.100.7@ipinfo trace.ip=fd00::7@trace",
		"198.51.100.7", BOTH_HOMES, NULL, VS_RULE_TUNNEL_PRIVATE, UNKNOWN,
		"trace tells the exit fd00::7, which is not a public address", 0},
	{"the ninth witness is home",
		"exit.ip=198.51.100.7@a exit.ip=198.51.100.7@b exit.ip=198.51.100.7@c exit.ip=198.51.100.7@d "
		"exit.ip=198.51.100.7@e exit.ip=198.51.100.7@f exit.ip=198.51.100.7@g exit.ip=198.51.100.7@h "
		"exit.ip=203.0.113.7@i",
		"198.51.100.7", BOTH_HOMES, NULL, VS_RULE_TUNNEL_EXIT_HOME, LIKELY_LEAK,
		"the exit 203.0.113.7 (told by i) is the server's own exit, seen by ipinfo, although a tells "
		"198.51.100.7",
		0},
	{"nobody told the exit", "", "10.0.0.2", "203.0.113.7", NULL, VS_RULE_TUNNEL_NOT_TOLD, UNKNOWN,
		"no source told the exit: ipinfo: connection refused; cloudflare_trace: no reason given", 0},
	{"the exit is old", "exit.ip=198.51.100.7@ipinfo", "10.0.0.2", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_STALE, UNKNOWN,
		"the exit was last measured 16m ago, too long to count: ipinfo: connection refused; "
		"cloudflare_trace: no reason given",
		16},
	{"an old exit at home does not count either", "exit.ip=203.0.113.7@ipinfo", "", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_STALE, UNKNOWN,
		"the exit was last measured 16m ago, too long to count: ipinfo: connection refused; "
		"cloudflare_trace: no reason given",
		16},
	{"fifteen minutes are not too old", "exit.ip=198.51.100.7@ipinfo", "", "203.0.113.7", NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network", 15},
	{"the witnesses disagree", "exit.ip=198.51.100.7@ipinfo trace.ip=198.51.100.8@trace", "",
		"203.0.113.7", NULL, VS_RULE_TUNNEL_DISAGREE, UNKNOWN,
		"the sources disagree: ipinfo tells 198.51.100.7, trace tells 198.51.100.8", 0},
	{"the exit is private", "exit.ip=10.8.0.2@ipinfo", "", "203.0.113.7", NULL, VS_RULE_TUNNEL_PRIVATE,
		UNKNOWN, "ipinfo tells the exit 10.8.0.2, which is not a public address", 0},
	{"the server does not know itself", "exit.ip=198.51.100.7@ipinfo", "198.51.100.7", "", NULL,
		VS_RULE_TUNNEL_HOME_UNKNOWN, UNKNOWN,
		"the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet", 0},
	{"the server knows itself by another family", "exit.ip=198.51.100.7@ipinfo", "", "2001:db8:1::7",
		NULL, VS_RULE_TUNNEL_HOME_UNKNOWN, UNKNOWN,
		"the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet", 0},
};

#define COUNTRIES " (countries only: no resolver was seen)"

static const struct row dns_rows[] = {
	{"equal", "exit.country=RO@ipinfo dns_location=RO@trace", "", "", NULL, VS_RULE_DNS_LOCATION_EQUAL,
		LIKELY, "dns_location RO equals the exit's country RO" COUNTRIES, 0},
	{"different", "exit.country=RO@ipinfo dns_location=US@trace", "", "", NULL,
		VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"the trace saw the country's exit",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=198.51.100.7@trace "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"it saw the source's other exit",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:2::7@ipinfo exit.country=RO@ipinfo "
		"trace.ip=2001:db8:2::7@trace dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"the trace saw another exit",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_EXITS, UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7", 0},
	{"equal countries of different exits prove nothing",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@trace "
		"dns_location=RO@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_EXITS, UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7", 0},
	{"the trace went out over the other family",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=2001:db8:2::7@trace "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_EXITS, UNKNOWN,
		"the sources saw different exits: trace saw 2001:db8:2::7, ipinfo saw 198.51.100.7", 0},
	{"the country's source told no address, another one did",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@atlas trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_EXITS, UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7", 0},
	{"the exit of a source that told no country is not the country's",
		"exit.ip=192.0.2.9@echo exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo "
		"trace.ip=198.51.100.7@trace dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"another source's trace is not that of dns_location",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@other "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"a flat body tells one exit",
		"exit.ip=198.51.100.7@report exit.country=RO@report "
		"dns_location=US@report",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"nobody told the country's exit",
		"exit.country=RO@atlas trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_DIFFERS, LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES, 0},
	{"no dns_location", "exit.country=RO@ipinfo", "", "", NULL, VS_RULE_DNS_LOCATION_MISSING, UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given",
		0},
	{"no country", "dns_location=RO@trace", "", "", NULL, VS_RULE_DNS_LOCATION_MISSING, UNKNOWN,
		"no source told the exit's country: ipinfo: connection refused; cloudflare_trace: no reason "
		"given",
		0},
	{"nothing", "", "", "", NULL, VS_RULE_DNS_LOCATION_MISSING, UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given",
		0},
	{"old", "exit.country=RO@ipinfo dns_location=US@trace", "", "", NULL, VS_RULE_DNS_LOCATION_MISSING,
		UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given",
		16},
	{"a name for a code", "exit.country=Ukraine@report dns_location=UA@report", "", "", NULL,
		VS_RULE_DNS_LOCATION_EQUAL, LIKELY, "dns_location UA equals the exit's country UA" COUNTRIES,
		0},
	{"a name of no country", "exit.country=Atlantis@report dns_location=UA@report", "", "", NULL,
		VS_RULE_DNS_LOCATION_NO_CODE, UNKNOWN, "the exit's country \"Atlantis\" is no country", 0},
};

static void the_tunnel_is_judged_by_exit_and_home(void **state)
{
	(void)state;
	check_all(tunnel_rows, COUNT(tunnel_rows), VS_QUESTION_TUNNEL);
}

static void dns_is_judged_by_countries_as_long_as_no_resolver_is_seen(void **state)
{
	(void)state;
	check_all(dns_rows, COUNT(dns_rows), VS_QUESTION_DNS);
}

static void a_tolerated_country_network_or_prefix_is_no_leak(void **state)
{
	static const struct {
		const char *listed;
		bool tolerated;
	} cases[] = {
		{"US", true},
		{"AS9009", true},
		{"198.51.100.0/24", true},
		{"RO", false},
		{"AS9010", false},
		{"198.51.101.0/24", false},
		{"3", false},
	};
	const struct row row = {"tolerated",
		"exit.ip=198.51.100.7@ipinfo exit.asn=AS9009@ipinfo exit.country=RO@ipinfo "
		"dns_location=US@trace",
		"", "", NULL, VS_RULE_DNS_LOCATION_TOLERATED, LIKELY,
		"dns_location US differs from the exit's country RO, which is tolerated" COUNTRIES, 0};
	struct row leak = row;

	(void)state;
	leak.rule = VS_RULE_DNS_LOCATION_DIFFERS;
	leak.verdict = VS_VERDICT_LEAK;
	leak.evidence = dns_rows[1].evidence;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		open_bench(&bench);
		vs_tolerance_add(&bench.rules.tolerance, vs_view_of(cases[i].listed), NULL);
		bench_check(&bench, cases[i].tolerated ? &row : &leak, VS_QUESTION_DNS);
		bench_close(&bench);
	}
}

static void what_no_rule_asks_is_not_checked(void **state)
{
	struct vs_judgement out;
	struct bench bench;

	(void)state;
	open_bench(&bench);
	bench_judge(&bench, &tunnel_rows[0], &out);
	for (int q = VS_QUESTION_IPV6; q < VS_QUESTIONS; q++) {
		assert_int_equal(out.verdict[q], VS_VERDICT_NOT_CHECKED);
		assert_string_equal(out.evidence[q], "");
	}
	bench_close(&bench);
}

static void the_way_of_the_keepalive_is_labelled(void **state)
{
	static const struct {
		const char *source;
		enum vs_side side;
	} cases[] = {
		{"", VS_SIDE_NONE},
		{"198.51.100.7", VS_SIDE_EXIT},
		{"::ffff:198.51.100.7", VS_SIDE_EXIT},
		{"127.0.0.1", VS_SIDE_PRIVATE},
		{"100.64.1.1", VS_SIDE_PRIVATE},
		{"192.0.2.9", VS_SIDE_OTHER},
		{"203.0.113.7", VS_SIDE_HOME},
	};
	const struct vs_addr exit = addr("198.51.100.7");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row row = {.facts = "exit.ip=198.51.100.7@ipinfo", .source = cases[i].source};
		struct vs_judgement out;
		struct bench bench;

		open_bench(&bench);
		bench_judge(&bench, &row, &out);
		assert_int_equal(out.side, cases[i].side);
		assert_true(vs_addr_equal(&out.exit, &exit));
		bench_close(&bench);
	}
}

static void a_listed_network_makes_any_exit_of_it_home(void **state)
{
	const struct row row = {"listed", "exit.ip=198.51.100.7@ipinfo exit.asn=AS64500@ipinfo", "", "", NULL,
		VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 198.51.100.7 (told by ipinfo) belongs to the home network AS64500", 0};
	struct bench bench;

	(void)state;
	open_bench(&bench);
	vs_home_list(bench.home, vs_view_of("AS64500"), NULL);
	bench_check(&bench, &row, VS_QUESTION_TUNNEL);
	bench_close(&bench);
}

static void very_long_reasons_are_cut_between_characters(void **state)
{
	const struct row row = {.facts = "", .home = ""};
	char reason[1001];
	const struct vs_observation long_winded = {"x", reason, 0, VS_OBSERVED_UNKNOWN};

	(void)state;
	for (size_t shift = 0; shift < 2; shift++) {
		struct vs_judgement out;
		struct bench bench;
		const char *evidence = out.evidence[VS_QUESTION_TUNNEL];

		memset(reason, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(reason); i += 2)
			memcpy(reason + i, "é", 2);
		reason[998 + shift] = '\0';
		bench_open(&bench);
		bench.observations = &long_winded;
		bench.observation_count = 1;
		bench_judge(&bench, &row, &out);
		assert_true(strlen(evidence) >= VS_EVIDENCE_MAX - 3);
		assert_memory_equal(evidence + strlen(evidence) - 2, "é", 2);
		bench_close(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tunnel_is_judged_by_exit_and_home),
		cmocka_unit_test(dns_is_judged_by_countries_as_long_as_no_resolver_is_seen),
		cmocka_unit_test(a_tolerated_country_network_or_prefix_is_no_leak),
		cmocka_unit_test(what_no_rule_asks_is_not_checked),
		cmocka_unit_test(the_way_of_the_keepalive_is_labelled),
		cmocka_unit_test(a_listed_network_makes_any_exit_of_it_home),
		cmocka_unit_test(very_long_reasons_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
