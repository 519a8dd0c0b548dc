/* What a client says, judged in a world that knows some addresses: every text a rule looks at is foreign. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "model/atlas.h"
#include "model/facts.h"
#include "model/home.h"
#include "model/json.h"
#include "model/judge.h"
#include "model/names.h"
#include "model/place.h"
#include "model/policy.h"
#include "model/report.h"
#include "model/report_facts.h"
#include "model/rules.h"
#include "model/seen.h"

#define NOON INT64_C(1795435200000)

void fuzz_begin(void)
{
	vs_json_setup();
}

struct world {
	struct vs_names *names;
	struct vs_home *home;
	struct vs_atlas *atlas;
	struct vs_policies *policies;
	struct vs_rules rules;
};

static struct vs_addr address(const char *text)
{
	struct vs_addr addr = {0};

	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(text)) == 0);
	return addr;
}

static void put(struct world *world, const char *where, uint32_t asn, const char *country, const char *org)
{
	struct vs_addr addr = address(where);
	struct vs_place place;

	vs_place_init(&place);
	place.asn = asn;
	place.at = NOON;
	place.org = org;
	memcpy(place.country, country, 2);
	vs_atlas_put(world->atlas, &addr, &place);
}

static void open_world(struct world *world)
{
	struct vs_addr home4 = address("203.0.113.7"), home6 = address("2001:db8:1::7");

	*world = (struct world){.names = vs_names_create(), .home = vs_home_create()};
	world->atlas = vs_atlas_create(16);
	world->policies = vs_policies_create();
	vs_rules_init(&world->rules);
	VS_REQUIRE(vs_home_learn(world->home, &home4, "ipify", 1) &&
		   vs_home_learn(world->home, &home6, "ipify", 1));
	put(world, "198.51.100.7", 9009, "RO", "M247");
	put(world, "192.0.2.53", 64501, "DE",
		"Zürcher Räumlichkeiten für Überörtliche Dienste und Wörter AG, Zürich");
	vs_policies_add(world->policies);
	VS_REQUIRE(vs_policies_add_allowed(world->policies, vs_view_of("RO"), NULL) == 0);
}

static void close_world(struct world *world)
{
	vs_policies_destroy(world->policies);
	vs_atlas_destroy(world->atlas);
	vs_home_destroy(world->home);
	vs_names_destroy(world->names);
	vs_rules_fini(&world->rules);
}

static void check_answer(const struct vs_judgement *out, int question)
{
	uint8_t verdict = out->verdict[question];
	const char *evidence = out->evidence[question];
	bool none = verdict == VS_VERDICT_UNKNOWN || verdict == VS_VERDICT_NOT_CHECKED;

	VS_REQUIRE(memchr(evidence, '\0', VS_EVIDENCE_MAX) != NULL);
	VS_REQUIRE(vs_utf8_valid(vs_view_of(evidence)));
	VS_REQUIRE(verdict <= VS_VERDICT_DOWN && vs_rule_is_known(out->rule[question]));
	VS_REQUIRE((verdict == VS_VERDICT_NOT_CHECKED) == (evidence[0] == '\0'));
	VS_REQUIRE(none == (out->confidence[question] == VS_CONFIDENCE_NONE));
	VS_REQUIRE(out->confidence[question] <= VS_CONFIDENCE_HIGH);
}

static void check_judgement(const struct vs_case *in, const struct vs_judgement *out)
{
	struct vs_judgement *again = vs_zalloc(sizeof(*again));
	struct vs_addr exit = vs_see_exit(in);

	VS_REQUIRE(vs_addr_equal(&exit, &out->exit));
	VS_REQUIRE(out->wanted_count <= VS_WANTED_MAX);
	for (size_t i = 0; i < out->wanted_count; i++)
		VS_REQUIRE(out->wanted[i].family != 0 && !vs_addr_is_private(&out->wanted[i]));
	vs_judge(in, again);
	VS_REQUIRE(memcmp(again->verdict, out->verdict, sizeof(out->verdict)) == 0);
	for (int q = 0; q < VS_QUESTIONS; q++) {
		check_answer(out, q);
		VS_REQUIRE(strcmp(again->evidence[q], out->evidence[q]) == 0);
	}
	vs_free(again);
}

static void judge(struct world *world, const struct vs_report *report)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct vs_judgement *out = vs_zalloc(sizeof(*out));
	struct vs_facts facts = {0};
	struct vs_case in = {.facts = &facts,
		.names = world->names,
		.observations = report->observations,
		.observation_count = report->observation_count,
		.home = world->home,
		.rules = &world->rules,
		.atlas = world->atlas,
		.policies = world->policies,
		.client_id = report->client_id,
		.source = address("172.18.0.5"),
		.now = NOON};

	vs_facts_set(&facts, world->names, values, vs_report_values(report, NULL, 0, NOON, values));
	memset(out, 0xee, sizeof(*out)); /* it need not be initialised */
	vs_judge(&in, out);
	check_judgement(&in, out);
	vs_facts_fini(&facts, world->names);
	vs_free(out);
}

void fuzz_one(struct vs_view input)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_err err = {0};
	struct world world;

	if (vs_report_parse(report, input, &err) == 0) {
		open_world(&world);
		judge(&world, report);
		close_world(&world);
	}
	vs_report_fini(report);
	vs_free(report);
}
