#include "judge_world.h"

#define EXIT "exit.ip=198.51.100.7@ipify "
#define RO_PLACE "198.51.100.7 AS9009 RO yes M247"
#define VIOLATION(confidence) VS_VERDICT_VIOLATION, VS_CONFIDENCE_##confidence

/* A row with the one policy there is: "allow" and "deny", items separated by blanks. */
struct policed {
	const char *allow;
	const char *deny;
	struct row row;
};

static const struct policed rows[] = {
	{"RO SE", "",
		{"allowed by country", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_ALLOWED, SURE,
			"the exit 198.51.100.7 is in RO, AS9009 M247, where the policy allows it", 0}},
	{"SE CH AS64501", "",
		{"nowhere that is allowed", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_NOT_ALLOWED,
			VIOLATION(HIGH),
			"the exit 198.51.100.7 is in RO, AS9009 M247; allowed are SE, CH, AS64501", 0}},
	{"AS9009", "",
		{"allowed by network", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_ALLOWED, SURE, NULL, 0}},
	{"198.51.100.0/24", "",
		{"allowed by prefix, wherever that is", EXIT, "", NULL, "", VS_RULE_POLICY_ALLOWED, LIKELY,
			"the exit 198.51.100.7 is somewhere, where the policy allows it", 0}},
	{"192.0.2.0/24", "",
		{"not in the prefix that is allowed", EXIT, "", NULL, NULL, VS_RULE_POLICY_NOT_ALLOWED,
			VIOLATION(MEDIUM), "the exit 198.51.100.7 is somewhere; allowed are 192.0.2.0/24",
			0}},
	{"", "RO US",
		{"denied by country", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_DENIED, VIOLATION(HIGH),
			"the exit 198.51.100.7 is in RO, AS9009 M247; denied are RO, US", 0}},
	{"RO", "AS9009",
		{"denied wins", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_DENIED, VIOLATION(HIGH), NULL, 0}},
	{"", "US", {"not denied", EXIT, "", NULL, RO_PLACE, VS_RULE_POLICY_ALLOWED, SURE, NULL, 0}},
	{"Sweden", "",
		{"the policy says a name, the source too", EXIT "exit.country=Sweden@ipify", "", NULL, NULL,
			VS_RULE_POLICY_ALLOWED, LIKELY, NULL, 0}},
	{"SE", "",
		{"one source alone says another country", EXIT "exit.country=RO@ipify", "", NULL, NULL,
			VS_RULE_POLICY_NOT_ALLOWED, VIOLATION(MEDIUM), NULL, 0}},
	{"SE", "",
		{"the sources disagree", EXIT "exit.country=RO@ipify exit.country=SE@ipinfo", "", NULL, NULL,
			VS_RULE_POLICY_DISAGREE, UNKNOWN,
			"the sources disagree about where the exit 198.51.100.7 is: RO or SE", 0}},
	{"SE", "",
		{"two of three agree", EXIT "exit.country=RO@ipify exit.country=SE@ipinfo exit.country=RO@x",
			"", NULL, NULL, VS_RULE_POLICY_NOT_ALLOWED, VIOLATION(HIGH), NULL, 0}},
	{"SE", "",
		{"two of three agree, whoever speaks first",
			EXIT "exit.country=SE@ipify exit.country=RO@ipinfo exit.country=RO@x", "", NULL, NULL,
			VS_RULE_POLICY_NOT_ALLOWED, VIOLATION(HIGH), NULL, 0}},
	{"SE", "",
		{"two of four agree, and the others on nothing",
			EXIT "exit.country=SE@a exit.country=RO@b exit.country=RO@c exit.country=DE@d", "",
			NULL, NULL, VS_RULE_POLICY_DISAGREE, UNKNOWN, NULL, 0}},
	{"RO", "",
		{"the places of two sources outweigh what the client's one says",
			EXIT "exit.country=NL@ipify", "", NULL, RO_PLACE, VS_RULE_POLICY_ALLOWED, SURE,
			"the exit 198.51.100.7 is in RO, AS9009 M247, where the policy allows it", 0}},
	{"SE", "",
		{"one source of places, one of the client's, and they differ", EXIT "exit.country=SE@ipify",
			"", NULL, "198.51.100.7 AS9009 RO yes !network: ipinfo AS9009, x AS1",
			VS_RULE_POLICY_DISAGREE, UNKNOWN,
			"the sources disagree about where the exit 198.51.100.7 is: RO or SE", 0}},
	{"SE", "",
		{"the places know no country, one source of the client does", EXIT "exit.country=SE@ipify",
			"", NULL, "198.51.100.7 AS9009 - yes !country: ipinfo RO, ip_api DE",
			VS_RULE_POLICY_DISAGREE, UNKNOWN, NULL, 0}},
	{"SE", "",
		{"the databases disagree", EXIT, "", NULL,
			"198.51.100.7 AS9009 - yes !country: ipinfo RO, ip_api DE", VS_RULE_POLICY_DISAGREE,
			UNKNOWN,
			"the sources disagree about where the exit 198.51.100.7 is: country: ipinfo RO, "
			"ip_api DE",
			0}},
	{"AS9009", "",
		{"they disagree about what nobody asks", EXIT, "", NULL,
			"198.51.100.7 AS9009 - yes !country: ipinfo RO, ip_api DE", VS_RULE_POLICY_ALLOWED,
			LIKELY, NULL, 0}},
	{"SE", "",
		{"being looked up", EXIT, "", NULL, "", VS_RULE_POLICY_LOOKING_UP, UNKNOWN,
			"where the exit 198.51.100.7 is is being looked up", 0}},
	{"SE", "",
		{"nobody looks up", EXIT, "", NULL, NULL, VS_RULE_POLICY_NO_PLACE, UNKNOWN,
			"nobody could tell where the exit 198.51.100.7 is", 0}},
	{"SE", "",
		{"no exit", "", "", NULL, "", VS_RULE_POLICY_NO_EXIT, UNKNOWN, "the exit is not known", 0}},
	{"SE", "",
		{"the sources disagree about the exit itself", EXIT "exit.ip=198.51.100.8@ipinfo", "", NULL,
			"", VS_RULE_POLICY_DISAGREE, UNKNOWN, "the sources disagree about the exit", 0}},
	{"SE", "",
		{"a private exit is none", "exit.ip=10.8.0.2@ipify", "", NULL, "", VS_RULE_POLICY_NO_EXIT,
			UNKNOWN, NULL, 0}},
	{"RO", "",
		{"the IPv6 exit must be allowed, too", EXIT "exit6.ip=2001:db8:9::7@ipify", "", NULL,
			RO_PLACE "; 2001:db8:9::7 AS9009 DE yes M247", VS_RULE_POLICY_NOT_ALLOWED,
			VIOLATION(HIGH), "the exit 2001:db8:9::7 is in DE, AS9009 M247; allowed are RO", 0}},
};

static void add_places(struct vs_policies *policies, const char *places,
	int (*add)(struct vs_policies *policies, struct vs_view item, struct vs_err *err))
{
	struct vs_view rest = vs_view_of(places), item;

	while (rest.len > 0 && vs_view_split(&rest, ' ', &item))
		assert_int_equal(add(policies, item, NULL), 0);
}

static void exits_are_held_against_the_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bench bench;

		bench_open(&bench);
		bench.policies = vs_policies_create();
		vs_policies_add(bench.policies);
		add_places(bench.policies, rows[i].allow, vs_policies_add_allowed);
		add_places(bench.policies, rows[i].deny, vs_policies_add_denied);
		bench_check(&bench, &rows[i].row, VS_QUESTION_POLICY);
		bench_close(&bench);
	}
}

static void the_first_policy_that_names_the_client_is_the_clients(void **state)
{
	static const struct {
		const char *client;
		enum vs_verdict verdict;
	} cases[] = {
		{"office-1", VS_VERDICT_VIOLATION},
		{"office-vip", VS_VERDICT_VIOLATION}, /* the second one would allow it, and is not asked */
		{"home-vip", VS_VERDICT_SECURE},
		{"laptop", VS_VERDICT_NOT_CHECKED},
		{NULL, VS_VERDICT_NOT_CHECKED},
	};
	static const struct row row = {.facts = EXIT, .places = RO_PLACE};
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench.policies = vs_policies_create();
	vs_policies_add(bench.policies);
	vs_policies_add_client(bench.policies, "office-*");
	add_places(bench.policies, "SE", vs_policies_add_allowed);
	vs_policies_add(bench.policies);
	vs_policies_add_client(bench.policies, "nobody");
	vs_policies_add_client(bench.policies, "*-vip");
	add_places(bench.policies, "RO", vs_policies_add_allowed);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_judgement out;

		bench.client_id = cases[i].client;
		bench_judge(&bench, &row, &out);
		assert_int_equal(out.verdict[VS_QUESTION_POLICY], cases[i].verdict);
	}
	bench_close(&bench);
}

static void what_is_no_place_is_refused(void **state)
{
	static const struct {
		const char *item;
		const char *says;
	} cases[] = {
		{"3", "\"3\" is no place"},
		{"ZZ", "\"ZZ\" is the code of no country"},
		{"nowhere", "is none of"},
		{"192.0.2.1/24", "is none of"},
	};
	struct vs_policies *policies = vs_policies_create();

	(void)state;
	vs_policies_add(policies);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_err err = {0};

		assert_int_equal(
			vs_policies_add_denied(policies, vs_view_of(cases[i].item), &err), VS_ERR_INVALID);
		assert_contains(err.text, cases[i].says);
	}
	vs_policies_destroy(policies);
	vs_policies_destroy(NULL);
	assert_null(vs_policies_find(NULL, "x"));
	assert_int_equal(vs_policies_edition(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_are_held_against_the_policy),
		cmocka_unit_test(the_first_policy_that_names_the_client_is_the_clients),
		cmocka_unit_test(what_is_no_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
