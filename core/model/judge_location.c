/*
 * DNS as long as no resolver is seen: the country rule. It compares two opinions about the exit and
 * never sees a resolver, which is why it is never more than medium, and says so.
 */
#include <string.h>

#include "model/country.h"
#include "model/judge_inside.h"
#include "model/rules.h"

struct countries {
	const struct vs_fact_value *dns, *exit; /* NULL: not told */
	char dns_code[3], exit_code[3]; /* "": no country */
};

static void say_missing(struct vs_answer *answer, const struct vs_case *in, const struct countries *told)
{
	bool exit = told->dns_code[0] != '\0';
	const struct vs_fact_value *fact = exit ? told->exit : told->dns;
	const char *what = exit ? "the exit's country" : "dns_location";

	if (fact != NULL && fact->value.len > 0) {
		vs_answer_unknown(answer, VS_RULE_DNS_LOCATION_NO_CODE);
		vs_say(&answer->evidence, "%s \"%.*s\" is no country", what, vs_say_length(fact->value, 60),
			fact->value.ptr);
		return;
	}
	vs_answer_unknown(answer, VS_RULE_DNS_LOCATION_MISSING);
	vs_say(&answer->evidence, "no source told %s", what);
	vs_answer_say_reasons(answer, in);
}

/* Countries of different exits prove nothing about each other. */
static bool exits_differ(struct vs_answer *answer, const struct vs_seen *seen)
{
	const struct vs_witness *dns, *country;
	char text[VS_ADDR_TEXT];

	if (!vs_seen_different_exits(seen, &dns, &country))
		return false;
	vs_answer_unknown(answer, VS_RULE_DNS_LOCATION_EXITS);
	vs_addr_format(&dns->addr, text);
	vs_say(&answer->evidence, "the sources saw different exits: %s saw %s", dns->source, text);
	vs_addr_format(&country->addr, text);
	vs_say(&answer->evidence, ", %s saw %s", country->source, text);
	return true;
}

static bool is_tolerated(const struct vs_scene *scene, const char *dns_code, const struct vs_addr *exit)
{
	const struct vs_tolerance *tolerance = &scene->in->rules->tolerance;
	uint32_t asn = scene->seen.exit4 != NULL && vs_addr_equal(&scene->seen.exit4->addr, exit)
			       ? scene->exit4.asn
		       : scene->seen.exit6 != NULL && vs_addr_equal(&scene->seen.exit6->addr, exit)
			       ? scene->exit6.asn
			       : 0;

	return vs_tolerance_country(tolerance, vs_view_of(dns_code)) ||
	       vs_tolerance_network(tolerance, exit, asn);
}

void vs_judge_dns_location(struct vs_scene *scene, struct vs_answer *answer)
{
	struct countries told = {vs_seen_fact(&scene->seen, VS_FACT_DNS_LOCATION),
		vs_seen_fact(&scene->seen, VS_FACT_EXIT_COUNTRY), "", ""};
	bool equal, tolerated;

	if (told.dns != NULL)
		vs_country_find(told.dns_code, told.dns->value);
	if (told.exit != NULL)
		vs_country_find(told.exit_code, told.exit->value);
	if (told.dns_code[0] == '\0' || told.exit_code[0] == '\0') {
		say_missing(answer, scene->in, &told);
		return;
	}
	if (exits_differ(answer, &scene->seen))
		return;
	equal = strcmp(told.dns_code, told.exit_code) == 0;
	tolerated = !equal && is_tolerated(scene, told.dns_code, &scene->out->exit);
	vs_answer_decide(answer,
		equal       ? VS_RULE_DNS_LOCATION_EQUAL
		: tolerated ? VS_RULE_DNS_LOCATION_TOLERATED
			    : VS_RULE_DNS_LOCATION_DIFFERS,
		equal || tolerated ? VS_VERDICT_SECURE : VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	vs_say(&answer->evidence, "dns_location %s %s the exit's country %s", told.dns_code,
		equal ? "equals" : "differs from", told.exit_code);
	vs_say(&answer->evidence, "%s (countries only: no resolver was seen)",
		tolerated ? ", which is tolerated" : "");
}
