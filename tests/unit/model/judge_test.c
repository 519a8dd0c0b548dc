#include "model_test.h"

#include "model/facts.h"
#include "model/judge.h"

/* One case in words: "name=value@source" separated by blanks, with the age of all in minutes. */
struct row {
	const char *what;
	const char *facts;
	int age;
	const char *source;
	const char *home; /* learned by the server's ipinfo, separated by blanks; "" for none */
	enum vs_verdict verdict;
	enum vs_confidence confidence;
	const char *evidence;
};

static size_t read_facts(char *text, int64_t at, struct vs_fact_value *values)
{
	size_t count = 0;
	char *rest = text, *word;

	while ((word = strsep(&rest, " ")) != NULL && *word != '\0') {
		char *value = strchr(word, '='), *source = strchr(word, '@');
		enum vs_fact known;

		assert_non_null(value);
		assert_non_null(source);
		*value++ = '\0';
		*source++ = '\0';
		known = vs_fact_find(vs_view_of(word));
		values[count++] = (struct vs_fact_value){word, source, vs_view_of(value), at,
			strlen(value) > 2 && known == VS_FACT_EXIT_COUNTRY ? VS_TYPE_TEXT
									   : vs_fact_type(known),
			known};
	}
	return count;
}

static const struct vs_observation failed[] = {
	{"ipinfo", "connection refused", 0, VS_OBSERVED_UNKNOWN},
	{"weather", NULL, 0, VS_OBSERVED_PASS},
	{"cloudflare_trace", NULL, 0, VS_OBSERVED_FAIL},
};

static void learn_all(struct vs_home *home, const char *exits)
{
	struct vs_view rest = vs_view_of(exits), word;

	while (rest.len > 0 && vs_view_split(&rest, ' ', &word)) {
		struct vs_addr exit;

		assert_int_equal(vs_addr_parse(&exit, word), 0);
		assert_true(vs_home_learn(home, &exit, "ipinfo", NOON));
	}
}

static void judge(const struct row *row, const struct vs_rules *rules, struct vs_judgement *out)
{
	struct vs_names *names = vs_names_create();
	struct vs_home *home = vs_home_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX];
	char text[400];
	struct vs_case in = {.facts = &facts,
		.names = names,
		.observations = failed,
		.observation_count = COUNT(failed),
		.source = addr(row->source),
		.home = home,
		.rules = rules,
		.now = NOON};

	learn_all(home, row->home);
	snprintf(text, sizeof(text), "%s", row->facts);
	vs_facts_set(&facts, names, values, read_facts(text, NOON - row->age * MINUTE, values));
	vs_judge(&in, out);
	vs_facts_fini(&facts, names);
	vs_home_destroy(home);
	vs_names_destroy(names);
}

static void check(const struct row *row, const struct vs_rules *rules, enum vs_question question)
{
	struct vs_judgement out;

	judge(row, rules, &out);
	if (out.verdict[question] != (uint8_t)row->verdict ||
		out.confidence[question] != (uint8_t)row->confidence ||
		strcmp(out.evidence[question], row->evidence) != 0)
		fail_msg("%s: %s %s \"%s\"", row->what,
			vs_verdict_name((enum vs_verdict)out.verdict[question]),
			vs_confidence_name((enum vs_confidence)out.confidence[question]),
			out.evidence[question]);
}

#define UNKNOWN VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE
#define SURE_LEAK VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH
#define LIKELY_LEAK VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM
#define SURE VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH
#define LIKELY VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM

#define BOTH_HOMES "203.0.113.7 2001:db8:1::7"

static const struct row tunnel_rows[] = {
	{"the exit is the server's", "exit.ip=203.0.113.7@ipinfo", 0, "10.0.0.2", "203.0.113.7", SURE_LEAK,
		"the exit 203.0.113.7 (told by ipinfo) is the server's own exit, seen by ipinfo"},
	{"two witnesses agree that it is", "exit.ip=203.0.113.7@ipinfo trace.ip=203.0.113.7@trace", 0, "",
		"203.0.113.7", SURE_LEAK,
		"the exit 203.0.113.7 (told by ipinfo and trace) is the server's own exit, seen by ipinfo"},
	{"only the trace leaves at home", "exit.ip=198.51.100.7@ipinfo trace.ip=203.0.113.7@trace", 0, "",
		"203.0.113.7", LIKELY_LEAK,
		"the exit 203.0.113.7 (told by trace) is the server's own exit, seen by ipinfo, although "
		"ipinfo "
		"tells 198.51.100.7"},
	{"the keepalive came from home", "exit.ip=198.51.100.7@ipinfo", 0, "203.0.113.7", "203.0.113.7",
		SURE_LEAK,
		"the keepalive came from 203.0.113.7, which is the server's own exit, seen by ipinfo"},
	{"it came from home and nothing else is known", "", 0, "203.0.113.7", "203.0.113.7", SURE_LEAK,
		"the keepalive came from 203.0.113.7, which is the server's own exit, seen by ipinfo"},
	{"only IPv6 leaves at home, which is a question apart",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:1::7@ipinfo", 0, "", "2001:db8:1::7", UNKNOWN,
		"the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet"},
	{"IPv6 leaves at home, and nothing else is told", "exit6.ip=2001:db8:1::7@ipinfo", 0, "",
		"2001:db8:1::7", SURE_LEAK,
		"the exit 2001:db8:1::7 (told by ipinfo) is the server's own exit, seen by ipinfo"},

	{"exit and source agree", "exit.ip=198.51.100.7@ipinfo", 0, "198.51.100.7", "203.0.113.7", SURE,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from "
		"it"},
	{"the source is private", "exit.ip=198.51.100.7@ipinfo", 0, "172.18.0.1", "203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network; the keepalive came from "
		"172.18.0.1, a private address beside the tunnel"},
	{"the source is another exit", "exit.ip=198.51.100.7@ipinfo", 0, "192.0.2.9", "203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network; the keepalive came from "
		"192.0.2.9, another public address"},
	{"the source is not known", "trace.ip=198.51.100.7@trace", 0, "", "203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by trace) is outside the home network"},
	{"witnesses of two families do not disagree",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace", 0, "", BOTH_HOMES, LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) and the exit 2001:db8:2::7 (told by trace) are "
		"outside the home network"},
	{"exits of two families, and the keepalive came through one of them",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace", 0, "2001:db8:2::7", BOTH_HOMES,
		SURE,
		"the exit 198.51.100.7 (told by ipinfo) and the exit 2001:db8:2::7 (told by trace) are "
		"outside the home network, and the keepalive came from 2001:db8:2::7"},
	{"the only exit is in the server's IPv6 network", "exit.ip=2001:db8:1::bad@ipinfo", 0, "10.0.0.2",
		BOTH_HOMES, SURE_LEAK,
		"the exit 2001:db8:1::bad (told by ipinfo) is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo"},
	{"IPv4 is tunnelled, but the trace left at home over IPv6",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:1::bad@trace", 0, "198.51.100.7", BOTH_HOMES,
		SURE,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from it"},
	{"two addresses of the home network do not disagree",
		"exit6.ip=2001:db8:1::bad@ipinfo trace.ip=2001:db8:1::7@trace", 0, "", BOTH_HOMES, SURE_LEAK,
		"the exit 2001:db8:1::7 (told by trace) is the server's own exit, seen by ipinfo"},
	{"what nobody contradicts counts more",
		"exit.ip=203.0.113.7@ipinfo trace.ip=198.51.100.7@trace exit6.ip=2001:db8:1::bad@ipinfo", 0,
		"", BOTH_HOMES, SURE_LEAK,
		"the exit 2001:db8:1::bad (told by ipinfo) is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo"},
	{"the keepalive came from the server's IPv6 network", "", 0, "2001:db8:1::bad", BOTH_HOMES, SURE_LEAK,
		"the keepalive came from 2001:db8:1::bad, which is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo"},
	{"an exit that cannot be compared makes the others less sure",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:1::bad@trace", 0, "198.51.100.7",
		"203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from it; the exit 2001:db8:1::bad (told by trace) cannot be compared: the server does not "
		"know its own exit of that family"},
	{"so it does when the keepalive came through it",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:1::bad@ipinfo", 0, "2001:db8:1::bad",
		"203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the keepalive came "
		"from 2001:db8:1::bad; the exit 2001:db8:1::bad (told by ipinfo) cannot be compared: the "
		"server does not know its own exit of that family"},
	{"and when it is the preferred one", "exit.ip=2001:db8:1::bad@ipinfo trace.ip=198.51.100.7@trace", 0,
		"2001:db8:1::bad", "203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by trace) is outside the home network, and the keepalive came "
		"from 2001:db8:1::bad; the exit 2001:db8:1::bad (told by ipinfo) cannot be compared: the "
		"server does not know its own exit of that family"},
	{"the witnesses of the other family disagree",
		"exit.ip=198.51.100.7@ipinfo trace.ip=2001:db8:2::7@trace exit6.ip=2001:db8:3::7@ipinfo", 0,
		"198.51.100.7", BOTH_HOMES, UNKNOWN,
		"the sources disagree: trace tells 2001:db8:2::7, ipinfo tells 2001:db8:3::7"},
	{"the exit of the other family is private", "exit.ip=198.51.100.7@ipinfo trace.ip=fd00::7@trace", 0,
		"198.51.100.7", BOTH_HOMES, UNKNOWN,
		"trace tells the exit fd00::7, which is not a public address"},
	{"the ninth witness is home",
		"exit.ip=198.51.100.7@a exit.ip=198.51.100.7@b exit.ip=198.51.100.7@c exit.ip=198.51.100.7@d "
		"exit.ip=198.51.100.7@e exit.ip=198.51.100.7@f exit.ip=198.51.100.7@g exit.ip=198.51.100.7@h "
		"exit.ip=203.0.113.7@i",
		0, "198.51.100.7", BOTH_HOMES, LIKELY_LEAK,
		"the exit 203.0.113.7 (told by i) is the server's own exit, seen by ipinfo, although a tells "
		"198.51.100.7"},

	{"nobody told the exit", "", 0, "10.0.0.2", "203.0.113.7", UNKNOWN,
		"no source told the exit: ipinfo: connection refused; cloudflare_trace: no reason given"},
	{"the exit is old", "exit.ip=198.51.100.7@ipinfo", 16, "10.0.0.2", "203.0.113.7", UNKNOWN,
		"the exit was last measured 16m ago, too long to count: ipinfo: connection refused; "
		"cloudflare_trace: no reason given"},
	{"an old exit at home does not count either", "exit.ip=203.0.113.7@ipinfo", 16, "", "203.0.113.7",
		UNKNOWN,
		"the exit was last measured 16m ago, too long to count: ipinfo: connection refused; "
		"cloudflare_trace: no reason given"},
	{"fifteen minutes are not too old", "exit.ip=198.51.100.7@ipinfo", 15, "", "203.0.113.7", LIKELY,
		"the exit 198.51.100.7 (told by ipinfo) is outside the home network"},
	{"the witnesses disagree", "exit.ip=198.51.100.7@ipinfo trace.ip=198.51.100.8@trace", 0, "",
		"203.0.113.7", UNKNOWN,
		"the sources disagree: ipinfo tells 198.51.100.7, trace tells 198.51.100.8"},
	{"the exit is private", "exit.ip=10.8.0.2@ipinfo", 0, "", "203.0.113.7", UNKNOWN,
		"ipinfo tells the exit 10.8.0.2, which is not a public address"},
	{"the server does not know itself", "exit.ip=198.51.100.7@ipinfo", 0, "198.51.100.7", "", UNKNOWN,
		"the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet"},
	{"the server knows itself by another family", "exit.ip=198.51.100.7@ipinfo", 0, "", "2001:db8:1::7",
		UNKNOWN, "the exit is 198.51.100.7, but the server does not know its own IPv4 exit yet"},
};

#define COUNTRIES " (countries only: no resolver was seen)"

static const struct row dns_rows[] = {
	{"equal", "exit.country=RO@ipinfo dns_location=RO@trace", 0, "", "", LIKELY,
		"dns_location RO equals the exit's country RO" COUNTRIES},
	{"different", "exit.country=RO@ipinfo dns_location=US@trace", 0, "", "", LIKELY_LEAK,
		"dns_location US differs from the exit's country RO" COUNTRIES},
	{"the trace saw the country's exit",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=198.51.100.7@trace "
		"dns_location=US@trace",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"it saw the source's other exit",
		"exit.ip=198.51.100.7@ipinfo exit6.ip=2001:db8:2::7@ipinfo exit.country=RO@ipinfo "
		"trace.ip=2001:db8:2::7@trace dns_location=US@trace",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"the trace saw another exit",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		0, "", "", UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7"},
	{"equal countries of different exits prove nothing",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@trace "
		"dns_location=RO@trace",
		0, "", "", UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7"},
	{"the trace went out over the other family",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=2001:db8:2::7@trace "
		"dns_location=US@trace",
		0, "", "", UNKNOWN,
		"the sources saw different exits: trace saw 2001:db8:2::7, ipinfo saw 198.51.100.7"},
	{"the country's source told no address, another one did",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@atlas trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		0, "", "", UNKNOWN,
		"the sources saw different exits: trace saw 192.0.2.9, ipinfo saw 198.51.100.7"},
	{"the exit of a source that told no country is not the country's",
		"exit.ip=192.0.2.9@echo exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo "
		"trace.ip=198.51.100.7@trace dns_location=US@trace",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"another source's trace is not that of dns_location",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo trace.ip=192.0.2.9@other "
		"dns_location=US@trace",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"a flat body tells one exit",
		"exit.ip=198.51.100.7@report exit.country=RO@report "
		"dns_location=US@report",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"nobody told the country's exit",
		"exit.country=RO@atlas trace.ip=192.0.2.9@trace "
		"dns_location=US@trace",
		0, "", "", LIKELY_LEAK, "dns_location US differs from the exit's country RO" COUNTRIES},
	{"no dns_location", "exit.country=RO@ipinfo", 0, "", "", UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given"},
	{"no country", "dns_location=RO@trace", 0, "", "", UNKNOWN,
		"no source told the exit's country: ipinfo: connection refused; cloudflare_trace: no reason "
		"given"},
	{"nothing", "", 0, "", "", UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given"},
	{"old", "exit.country=RO@ipinfo dns_location=US@trace", 16, "", "", UNKNOWN,
		"no source told dns_location: ipinfo: connection refused; cloudflare_trace: no reason given"},
	{"a name for a code", "exit.country=Ukraine@report dns_location=UA@report", 0, "", "", LIKELY,
		"dns_location UA equals the exit's country UA" COUNTRIES},
	{"a name of no country", "exit.country=Atlantis@report dns_location=UA@report", 0, "", "", UNKNOWN,
		"the exit's country \"Atlantis\" is no country"},
};

static void the_tunnel_is_judged_by_exit_and_home(void **state)
{
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	for (size_t i = 0; i < COUNT(tunnel_rows); i++)
		check(&tunnel_rows[i], &rules, VS_QUESTION_TUNNEL);
	vs_rules_fini(&rules);
}

static void dns_is_judged_by_countries_as_long_as_no_resolver_is_seen(void **state)
{
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	for (size_t i = 0; i < COUNT(dns_rows); i++)
		check(&dns_rows[i], &rules, VS_QUESTION_DNS);
	vs_rules_fini(&rules);
}

static void a_tolerated_country_network_or_prefix_is_no_leak(void **state)
{
	static const char *const tolerated[] = {"US", "AS9009", "198.51.100.0/24"};
	static const char *const not_tolerated[] = {"RO", "AS9010", "198.51.101.0/24", "3"};
	const struct row row = {"tolerated",
		"exit.ip=198.51.100.7@ipinfo exit.asn=AS9009@ipinfo exit.country=RO@ipinfo "
		"dns_location=US@trace",
		0, "", "", LIKELY,
		"dns_location US differs from the exit's country RO, which is tolerated" COUNTRIES};
	struct row leak = row;

	(void)state;
	leak.verdict = VS_VERDICT_LEAK;
	leak.evidence = dns_rows[1].evidence;
	for (size_t i = 0; i < COUNT(tolerated); i++) {
		struct vs_rules rules;

		vs_rules_init(&rules);
		vs_tolerance_add(&rules.tolerance, vs_view_of(tolerated[i]), NULL);
		check(&row, &rules, VS_QUESTION_DNS);
		vs_rules_fini(&rules);
	}
	for (size_t i = 0; i < COUNT(not_tolerated); i++) {
		struct vs_rules rules;

		vs_rules_init(&rules);
		vs_tolerance_add(&rules.tolerance, vs_view_of(not_tolerated[i]), NULL);
		check(&leak, &rules, VS_QUESTION_DNS);
		vs_rules_fini(&rules);
	}
}

static void what_no_rule_asks_is_not_checked(void **state)
{
	struct vs_judgement out;
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	judge(&tunnel_rows[0], &rules, &out);
	for (int q = VS_QUESTION_IPV6; q < VS_QUESTIONS; q++) {
		assert_int_equal(out.verdict[q], VS_VERDICT_NOT_CHECKED);
		assert_string_equal(out.evidence[q], "");
	}
	vs_rules_fini(&rules);
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
	struct vs_rules rules;

	(void)state;
	vs_rules_init(&rules);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row row = {.facts = "exit.ip=198.51.100.7@ipinfo",
			.source = cases[i].source,
			.home = "203.0.113.7"};
		const struct vs_addr exit = addr("198.51.100.7");
		struct vs_judgement out;

		judge(&row, &rules, &out);
		assert_int_equal(out.side, cases[i].side);
		assert_true(vs_addr_equal(&out.exit, &exit));
	}
	vs_rules_fini(&rules);
}

static void a_listed_network_makes_any_exit_of_it_home(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_home *home = vs_home_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX];
	struct vs_judgement out;
	struct vs_rules rules;
	char text[] = "exit.ip=198.51.100.7@ipinfo exit.asn=AS64500@ipinfo";
	struct vs_case in = {.facts = &facts, .names = names, .home = home, .rules = &rules, .now = NOON};

	(void)state;
	vs_rules_init(&rules);
	vs_home_list(home, vs_view_of("AS64500"), NULL);
	vs_facts_set(&facts, names, values, read_facts(text, NOON, values));
	vs_judge(&in, &out);
	assert_int_equal(out.verdict[VS_QUESTION_TUNNEL], VS_VERDICT_LEAK);
	assert_string_equal(out.evidence[VS_QUESTION_TUNNEL],
		"the exit 198.51.100.7 (told by ipinfo) belongs to the home network AS64500");
	vs_facts_fini(&facts, names);
	vs_rules_fini(&rules);
	vs_home_destroy(home);
	vs_names_destroy(names);
}

static void very_long_reasons_are_cut_between_characters(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_home *home = vs_home_create();
	struct vs_facts facts = {0};
	struct vs_judgement out;
	struct vs_rules rules;
	char reason[1001];
	struct vs_observation long_winded = {"x", reason, 0, VS_OBSERVED_UNKNOWN};
	struct vs_case in = {.facts = &facts,
		.names = names,
		.observations = &long_winded,
		.observation_count = 1,
		.home = home,
		.rules = &rules,
		.now = NOON};
	const char *evidence = out.evidence[VS_QUESTION_TUNNEL];

	(void)state;
	for (size_t shift = 0; shift < 2; shift++) {
		memset(reason, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(reason); i += 2)
			memcpy(reason + i, "é", 2);
		reason[998 + shift] = '\0';
		vs_rules_init(&rules);
		vs_judge(&in, &out);
		assert_true(strlen(evidence) >= VS_EVIDENCE_MAX - 3);
		assert_memory_equal(evidence + strlen(evidence) - 2, "é", 2);
		vs_rules_fini(&rules);
	}
	vs_home_destroy(home);
	vs_names_destroy(names);
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
