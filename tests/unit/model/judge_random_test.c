/*
 * Random cases, whatever the rules make of them: what they may never say. The generator is seeded, so
 * that a failure comes again.
 */
#include "judge_world.h"

#define CASES 8000

struct lot {
	uint64_t state;
};

static uint32_t draw(struct lot *lot, uint32_t below)
{
	lot->state = lot->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((lot->state >> 33) % below);
}

struct choice {
	enum vs_fact fact;
	const char *source;
	const char *values[6];
	bool home[6]; /* which of them are at home */
};

/* 203.0.113.7 and 2001:db8:1::/56 are home. */
static const struct choice choices[] = {
	{VS_FACT_EXIT_IP, "ipify", {"198.51.100.7", "198.51.100.8", "203.0.113.7", "2001:db8:9::7"},
		{0, 0, 1, 0}},
	{VS_FACT_EXIT_IP, "ipinfo", {"198.51.100.7", "203.0.113.7", "10.8.0.2"}, {0, 1, 0}},
	{VS_FACT_TRACE_IP, "trace", {"198.51.100.7", "2001:db8:1::9", "203.0.113.7"}, {0, 1, 1}},
	{VS_FACT_EXIT6_IP, "ipify", {"2001:db8:9::7", "2001:db8:1::9", "2001:db8:8::7"}, {0, 1, 0}},
	{VS_FACT_UDP_IP, "witness", {"198.51.100.7", "203.0.113.7", "192.0.2.9"}, {0, 1, 0}},
	{VS_FACT_UDP6_IP, "witness", {"2001:db8:9::7", "2001:db8:1:5::9"}, {0, 1}},
	{VS_FACT_EXIT_ASN, "ipify", {"AS9009", "AS64500"}, {0, 0}},
	{VS_FACT_EXIT_COUNTRY, "ipify", {"RO", "DE"}, {0, 0}},
	{VS_FACT_EXIT_COUNTRY, "ipinfo", {"RO", "Germany", "SE"}, {0, 0, 0}},
	{VS_FACT_DNS_RESOLVERS, "dns",
		{"198.51.100.53", "203.0.113.7", "8.8.8.8 9.9.9.9", "192.0.2.53 198.51.100.53", "10.0.0.1",
			"192.0.2.54 203.0.113.7"},
		{0, 1, 0, 0, 0, 1}},
	{VS_FACT_ZONE_RESOLVERS, "zone", {"198.51.100.53", "203.0.113.7", "192.0.2.54"}, {0, 1, 0}},
	{VS_FACT_DNS_LABELS, "dns", {"2", "10"}, {0, 0}},
	{VS_FACT_ZONE_LABELS, "zone", {"1", "6"}, {0, 0}},
	{VS_FACT_DNS_TECHNIQUES, "dns", {"akamai", "akamai google"}, {0, 0}},
	{VS_FACT_DNS_ECS, "dns", {"198.51.100.0/24", "203.0.113.0/24", "0.0.0.0/0"}, {0, 1, 0}},
	{VS_FACT_DNS_PATH, "tunnel", {"tunnel", "beside", "local", "mixed"}, {0, 0, 0, 0}},
	{VS_FACT_DNS_ANSWERING, "dns", {"true", "false"}, {0, 0}},
	{VS_FACT_PATH_EXIT, "tunnel", {"tunnel", "beside", "none"}, {0, 0, 0}},
	{VS_FACT_PATH_EXIT6, "tunnel", {"tunnel", "beside", "none"}, {0, 0, 0}},
	{VS_FACT_IPV6_GLOBAL, "tunnel", {"eth0", "eth0 eth1"}, {0, 0}},
	{VS_FACT_IPV6_REACHABLE, "ipify", {"true", "false"}, {0, 0}},
	{VS_FACT_TUNNEL_UP, "tunnel", {"true", "false"}, {0, 0}},
	{VS_FACT_NET_DEVICES, "tunnel", {"0", "2"}, {0, 0}},
	{VS_FACT_KILLSWITCH_TESTED, "killswitch", {"eth0"}, {0}},
	{VS_FACT_KILLSWITCH_OPEN, "killswitch", {"eth0"}, {0}},
	{VS_FACT_CANARY_IP, "canary", {"203.0.113.7"}, {0}},
};

struct drawn {
	struct vs_fact_value values[COUNT(choices)];
	size_t count;
	bool home;
};

static struct drawn draw_facts(struct lot *lot)
{
	struct drawn drawn = {.count = 0};
	uint32_t density = 1 + draw(lot, 3);

	for (size_t i = 0; i < COUNT(choices); i++) {
		const struct choice *choice = &choices[i];
		uint32_t of = 0, which;

		while (of < 6 && choice->values[of] != NULL)
			of++;
		if (draw(lot, 3) >= density)
			continue;
		which = draw(lot, of);
		drawn.home |= choice->home[which];
		drawn.values[drawn.count++] = (struct vs_fact_value){vs_fact_name(choice->fact),
			choice->source, vs_view_of(choice->values[which]), NOON,
			strlen(choice->values[which]) > 2 && choice->fact == VS_FACT_EXIT_COUNTRY
				? VS_TYPE_TEXT
				: vs_fact_type(choice->fact),
			choice->fact};
	}
	return drawn;
}

struct world {
	struct bench bench;
	struct vs_addr source;
};

static void judge(const struct world *world, const struct drawn *drawn, struct vs_judgement *out)
{
	struct vs_facts facts = {0};
	struct vs_case in = {.facts = &facts,
		.names = world->bench.names,
		.source = world->source,
		.home = world->bench.home,
		.rules = &world->bench.rules,
		.atlas = world->bench.atlas,
		.policies = world->bench.policies,
		.client_id = "laptop",
		.now = NOON};

	vs_facts_set(&facts, world->bench.names, drawn->values, drawn->count);
	vs_judge(&in, out);
	vs_facts_fini(&facts, world->bench.names);
}

static const char *in_words(const struct drawn *drawn)
{
	static char text[4000];
	size_t len = 0;

	for (size_t i = 0; i < drawn->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n%s=%.*s@%s", drawn->values[i].name,
			(int)drawn->values[i].value.len, drawn->values[i].value.ptr, drawn->values[i].source);
	return text;
}

static void open_world(struct world *world, struct lot *lot)
{
	static const char *const sources[] = {"", "198.51.100.7", "172.18.0.5", "192.0.2.99"};

	bench_open(&world->bench);
	bench_learn(&world->bench, BOTH_HOMES);
	if (draw(lot, 4) > 0)
		bench_places(&world->bench, "198.51.100.7 AS9009 RO yes M247; 192.0.2.53 AS9009 DE yes M247");
	if (draw(lot, 2) > 0)
		bench_places(
			&world->bench, "2001:db8:9::7 AS9009 DE yes M247; 192.0.2.54 AS64501 RO no Telecom");
	if (draw(lot, 2) > 0) {
		world->bench.policies = vs_policies_create();
		vs_policies_add(world->bench.policies);
		vs_policies_add_allowed(world->bench.policies, vs_view_of("RO"), NULL);
	}
	world->source = addr(sources[draw(lot, COUNT(sources))]);
}

static enum vs_verdict overall(const struct vs_judgement *out)
{
	uint8_t worst = VS_VERDICT_NOT_CHECKED;

	for (int q = 0; q < VS_QUESTIONS; q++)
		worst = out->verdict[q] > worst ? out->verdict[q] : worst;
	return (enum vs_verdict)worst;
}

static void check_answers(const struct vs_judgement *out, const struct drawn *drawn)
{
	for (int q = 0; q < VS_QUESTIONS; q++) {
		bool asked = out->verdict[q] != VS_VERDICT_NOT_CHECKED;

		if (!vs_rule_is_known(out->rule[q]) || (out->evidence[q][0] != '\0') != asked ||
			(out->rule[q] != VS_RULE_NOT_CHECKED) != asked)
			fail_msg("%s: rule %u \"%s\"%s", vs_question_name((enum vs_question)q), out->rule[q],
				out->evidence[q], in_words(drawn));
		if ((out->verdict[q] == VS_VERDICT_UNKNOWN || !asked) !=
			(out->confidence[q] == VS_CONFIDENCE_NONE))
			fail_msg("%s: sure of nothing%s", vs_question_name((enum vs_question)q),
				in_words(drawn));
	}
	assert_true(out->wanted_count <= VS_WANTED_MAX);
}

static void a_home_address_anywhere_is_never_secure(void **state)
{
	struct lot lot = {1};
	size_t at_home = 0;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct vs_judgement out;
		struct drawn drawn;
		struct world world;

		open_world(&world, &lot);
		drawn = draw_facts(&lot);
		judge(&world, &drawn, &out);
		check_answers(&out, &drawn);
		if (drawn.home && overall(&out) < VS_VERDICT_LEAK)
			fail_msg("%s%s", vs_verdict_name(overall(&out)), in_words(&drawn));
		at_home += drawn.home ? 1 : 0;
		bench_close(&world.bench);
	}
	assert_true(at_home > CASES / 4);
}

/* Nobody measured it, rather than that those who did contradict each other. */
static bool is_lack(uint8_t rule)
{
	switch (rule) {
	case VS_RULE_TUNNEL_NOT_TOLD:
	case VS_RULE_DNS_RESOLVER_DEAD:
	case VS_RULE_DNS_NOT_SEEN:
	case VS_RULE_DNS_FEW_LABELS:
	case VS_RULE_IPV6_NOT_TOLD:
	case VS_RULE_POLICY_NO_EXIT:
	case VS_RULE_KILLSWITCH_FAILED:
		return true;
	default:
		return false;
	}
}

static void less_is_never_secure_where_more_was_not_enough(void **state)
{
	struct lot lot = {2};
	size_t lacks = 0;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct vs_judgement full, less;
		struct drawn drawn, part;
		struct world world;

		open_world(&world, &lot);
		drawn = draw_facts(&lot);
		judge(&world, &drawn, &full);
		part = drawn;
		part.count = 0;
		for (size_t k = 0; k < drawn.count; k++)
			if (draw(&lot, 2) > 0)
				part.values[part.count++] = drawn.values[k];
		judge(&world, &part, &less);
		for (int q = 0; q < VS_QUESTIONS; q++) {
			if (!is_lack(full.rule[q]))
				continue;
			lacks++;
			if (less.verdict[q] == VS_VERDICT_SECURE)
				fail_msg("%s: %s, but \"%s\" with less%s",
					vs_question_name((enum vs_question)q), full.evidence[q],
					less.evidence[q], in_words(&drawn));
		}
		bench_close(&world.bench);
	}
	assert_true(lacks > CASES / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_address_anywhere_is_never_secure),
		cmocka_unit_test(less_is_never_secure_where_more_was_not_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
