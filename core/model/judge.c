#include "model/judge.h"

#include <string.h>

#include "base/text.h"
#include "model/home.h"
#include "model/rules.h"
#include "model/sentence.h"

#define WITNESSES_MAX 8

/* Somebody who told the exit. */
struct witness {
	struct vs_addr addr;
	const char *source;
};

/* What the facts of a case say, as far as they are fresh. */
struct seen {
	struct witness witnesses[WITNESSES_MAX]; /* the preferred one first */
	size_t count;
	uint32_t asn; /* of the exit; 0: not known */
	struct vs_fact_value country;
	struct vs_fact_value dns_location;
	int64_t stale_age_ms; /* of the youngest exit that is too old to count; 0: there is none */
};

/* Who may tell the exit, in order of preference. */
static const enum vs_fact exit_facts[] = {VS_FACT_EXIT_IP, VS_FACT_TRACE_IP, VS_FACT_EXIT6_IP};

static bool is_fresh(const struct vs_case *in, const struct vs_fact_value *fact)
{
	return in->now - fact->observed_at <=
	       VS_RULES_STALE_INTERVALS * vs_rules_interval(in->rules, in->interval_ms);
}

static void see_exit(struct seen *seen, const struct vs_case *in, const struct vs_fact_value *fact)
{
	struct witness *witness = &seen->witnesses[seen->count];
	int64_t age = in->now - fact->observed_at;

	if (!is_fresh(in, fact)) {
		if (seen->stale_age_ms == 0 || age < seen->stale_age_ms)
			seen->stale_age_ms = age;
	} else if (seen->count < WITNESSES_MAX && vs_addr_parse(&witness->addr, fact->value) == 0) {
		witness->source = fact->source;
		seen->count++;
	}
}

static void see(struct seen *seen, const struct vs_case *in)
{
	struct vs_fact_value fact;

	*seen = (struct seen){0};
	for (size_t i = 0; i < sizeof(exit_facts) / sizeof(exit_facts[0]); i++)
		for (struct vs_facts_cursor at = {0}; vs_facts_next(in->facts, in->names, &at, &fact);)
			if (fact.known == exit_facts[i])
				see_exit(seen, in, &fact);
	for (struct vs_facts_cursor at = {0}; vs_facts_next(in->facts, in->names, &at, &fact);) {
		if (!is_fresh(in, &fact))
			continue;
		if (fact.known == VS_FACT_EXIT_ASN && seen->asn == 0)
			(void)vs_asn_parse(&seen->asn, fact.value);
		else if (fact.known == VS_FACT_EXIT_COUNTRY && seen->country.value.len == 0)
			seen->country = fact;
		else if (fact.known == VS_FACT_DNS_LOCATION && seen->dns_location.value.len == 0)
			seen->dns_location = fact;
	}
}

/* The sources that told addr: "ipinfo and cloudflare_trace". */
static void say_sources(struct vs_sentence *to, const struct seen *seen, const struct vs_addr *addr)
{
	bool first = true;

	for (size_t i = 0; i < seen->count; i++) {
		if (!vs_addr_equal(&seen->witnesses[i].addr, addr))
			continue;
		vs_say(to, "%s%s", first ? "" : " and ", seen->witnesses[i].source);
		first = false;
	}
}

static void say_exit(struct vs_sentence *to, const struct seen *seen, const struct vs_addr *addr)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(addr, text);
	vs_say(to, "the exit %s (told by ", text);
	say_sources(to, seen, addr);
	vs_say(to, ")");
}

/* Why nothing was measured, in the words of the sources. */
static void say_reasons(struct vs_sentence *to, const struct vs_case *in)
{
	const char *before = ": ";

	for (size_t i = 0; i < in->observation_count; i++) {
		const struct vs_observation *observation = &in->observations[i];

		if (observation->status != VS_OBSERVED_UNKNOWN && observation->status != VS_OBSERVED_FAIL)
			continue;
		vs_say(to, "%s%s: %s", before, observation->source,
			observation->reason == NULL ? "no reason given" : observation->reason);
		before = "; ";
	}
}

/* Another witness of the same family that tells another address, or NULL. */
static const struct witness *dissenter(const struct seen *seen, const struct witness *witness)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->witnesses[i].addr.family == witness->addr.family &&
			!vs_addr_equal(&seen->witnesses[i].addr, &witness->addr))
			return &seen->witnesses[i];
	return NULL;
}

static bool told_by_any(const struct seen *seen, const struct vs_addr *addr)
{
	for (size_t i = 0; i < seen->count; i++)
		if (vs_addr_equal(&seen->witnesses[i].addr, addr))
			return true;
	return false;
}

static bool is_public(const struct vs_addr *addr)
{
	return addr->family != 0 && !vs_addr_is_private(addr);
}

static enum vs_side side_of(const struct vs_case *in, const struct seen *seen)
{
	if (in->source.family == 0)
		return VS_SIDE_NONE;
	if (told_by_any(seen, &in->source))
		return VS_SIDE_EXIT;
	if (!is_public(&in->source))
		return VS_SIDE_PRIVATE;
	if (vs_home_contains(in->home, &in->source, 0, NULL, 0))
		return VS_SIDE_HOME;
	return seen->count > 0 ? VS_SIDE_OTHER : VS_SIDE_NONE;
}

/* One answer under construction. */
struct answer {
	uint8_t *verdict;
	uint8_t *confidence;
	struct vs_sentence evidence;
};

static struct answer begin(struct vs_judgement *out, enum vs_question question)
{
	struct answer answer = {&out->verdict[question], &out->confidence[question],
		{out->evidence[question], VS_EVIDENCE_MAX, 0}};

	out->evidence[question][0] = '\0';
	return answer;
}

static void decide(struct answer *answer, enum vs_verdict verdict, enum vs_confidence confidence)
{
	*answer->verdict = (uint8_t)verdict;
	*answer->confidence = (uint8_t)confidence;
}

/* Rule 1: an exit in the home set is a bypass. A witness that disagrees makes it less sure. */
static bool exit_is_home(struct answer *answer, const struct vs_case *in, const struct seen *seen)
{
	char why[160];

	for (size_t i = 0; i < seen->count; i++) {
		const struct witness *witness = &seen->witnesses[i];
		const struct witness *other = dissenter(seen, witness);
		char text[VS_ADDR_TEXT];

		/* The AS number is that of the preferred witness's address. */
		if (!vs_home_contains(in->home, &witness->addr, i == 0 ? seen->asn : 0, why, sizeof(why)))
			continue;
		decide(answer, VS_VERDICT_LEAK, other == NULL ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
		say_exit(&answer->evidence, seen, &witness->addr);
		vs_say(&answer->evidence, " %s", why);
		if (other != NULL) {
			vs_addr_format(&other->addr, text);
			vs_say(&answer->evidence, ", although %s tells %s", other->source, text);
		}
		return true;
	}
	return false;
}

/* Rule 2: so is a keepalive that came from a public address of the home set. */
static bool source_is_home(struct answer *answer, const struct vs_case *in)
{
	char text[VS_ADDR_TEXT], why[160];

	if (!is_public(&in->source) || !vs_home_contains(in->home, &in->source, 0, why, sizeof(why)))
		return false;
	vs_addr_format(&in->source, text);
	decide(answer, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "the keepalive came from %s, which %s", text, why);
	return true;
}

/* Rule 3: what cannot be known is unknown, with the reason. */
static bool exit_is_unknown(struct answer *answer, const struct vs_case *in, const struct seen *seen)
{
	const struct witness *first = &seen->witnesses[0], *other;
	char text[VS_ADDR_TEXT], age[32];
	bool comparable = false;

	decide(answer, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	if (seen->count == 0 && seen->stale_age_ms > 0) {
		vs_duration_format(age, sizeof(age), seen->stale_age_ms);
		vs_say(&answer->evidence, "the exit was last measured %s ago, too long to count", age);
		say_reasons(&answer->evidence, in);
		return true;
	}
	if (seen->count == 0) {
		vs_say(&answer->evidence, "no source told the exit");
		say_reasons(&answer->evidence, in);
		return true;
	}
	vs_addr_format(&first->addr, text);
	other = dissenter(seen, first);
	if (other != NULL) {
		vs_say(&answer->evidence, "the sources disagree: %s tells %s", first->source, text);
		vs_addr_format(&other->addr, text);
		vs_say(&answer->evidence, ", %s tells %s", other->source, text);
		return true;
	}
	if (!is_public(&first->addr)) {
		vs_say(&answer->evidence, "%s tells the exit %s, which is not a public address",
			first->source, text);
		return true;
	}
	for (size_t i = 0; i < seen->count; i++)
		comparable |= vs_home_knows(in->home, seen->witnesses[i].addr.family, i == 0 ? seen->asn : 0);
	if (!comparable)
		vs_say(&answer->evidence,
			"the exit is %s, but the server does not know its own IPv%d exit yet", text,
			first->addr.family);
	return !comparable;
}

/* Rule 4: an exit outside the home set is the tunnel's. Sure when the keepalive came through it. */
static void exit_is_elsewhere(
	struct answer *answer, const struct vs_case *in, const struct seen *seen, enum vs_side side)
{
	char text[VS_ADDR_TEXT];

	say_exit(&answer->evidence, seen, &seen->witnesses[0].addr);
	vs_say(&answer->evidence, " is outside the home network");
	if (side == VS_SIDE_EXIT) {
		decide(answer, VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH);
		vs_say(&answer->evidence, ", and the keepalive came from it");
		return;
	}
	decide(answer, VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM);
	if (side == VS_SIDE_NONE)
		return;
	vs_addr_format(&in->source, text);
	vs_say(&answer->evidence, "; the keepalive came from %s, %s", text,
		side == VS_SIDE_PRIVATE ? "a private address beside the tunnel" : "another public address");
}

static void judge_tunnel(
	const struct vs_case *in, const struct seen *seen, enum vs_side side, struct vs_judgement *out)
{
	struct answer answer = begin(out, VS_QUESTION_TUNNEL);

	if (exit_is_home(&answer, in, seen) || source_is_home(&answer, in) ||
		exit_is_unknown(&answer, in, seen))
		return;
	exit_is_elsewhere(&answer, in, seen, side);
}

/* Text that a client sent, or nothing: a country that is a name cannot be compared. */
static bool is_code(const struct vs_fact_value *country)
{
	return country->value.len > 0 && country->type == VS_TYPE_COUNTRY;
}

static void dns_is_unknown(struct answer *answer, const struct vs_case *in, const struct seen *seen)
{
	const struct vs_fact_value *missing =
		is_code(&seen->dns_location) ? &seen->country : &seen->dns_location;
	const char *what = missing == &seen->country ? "the exit's country" : "dns_location";

	decide(answer, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	if (missing->value.len > 0) {
		vs_say(&answer->evidence, "%s \"%.*s\" is not a two-letter code", what,
			(int)(missing->value.len > 60 ? 60 : missing->value.len), missing->value.ptr);
		return;
	}
	vs_say(&answer->evidence, "no source told %s", what);
	say_reasons(&answer->evidence, in);
}

/*
 * The country rule. It compares two opinions about the exit and never sees a resolver,
 * which is why it is never more than medium, and says so.
 */
static void judge_dns(const struct vs_case *in, const struct seen *seen, struct vs_judgement *out)
{
	static const struct vs_addr nowhere = {0};
	struct answer answer = begin(out, VS_QUESTION_DNS);
	const struct vs_tolerance *tolerance = &in->rules->tolerance;
	const struct vs_addr *exit = seen->count > 0 ? &seen->witnesses[0].addr : &nowhere;
	struct vs_view dns = seen->dns_location.value, country = seen->country.value;
	bool equal, tolerated;

	if (!is_code(&seen->dns_location) || !is_code(&seen->country)) {
		dns_is_unknown(&answer, in, seen);
		return;
	}
	equal = vs_view_equal(dns, country);
	tolerated = !equal && (vs_tolerance_country(tolerance, dns) ||
				      vs_tolerance_network(tolerance, exit, seen->asn));
	decide(&answer, equal || tolerated ? VS_VERDICT_SECURE : VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	vs_say(&answer.evidence, "dns_location %.*s %s the exit's country %.*s", (int)dns.len, dns.ptr,
		equal ? "equals" : "differs from", (int)country.len, country.ptr);
	vs_say(&answer.evidence, "%s (countries only: no resolver was seen)",
		tolerated ? ", which is tolerated" : "");
}

static void not_checked(struct vs_judgement *out, enum vs_question question)
{
	struct answer answer = begin(out, question);

	decide(&answer, VS_VERDICT_NOT_CHECKED, VS_CONFIDENCE_NONE);
}

void vs_judge(const struct vs_case *in, struct vs_judgement *out)
{
	struct seen seen;

	see(&seen, in);
	out->exit = seen.count > 0 ? seen.witnesses[0].addr : (struct vs_addr){0};
	out->side = side_of(in, &seen);
	judge_tunnel(in, &seen, out->side, out);
	judge_dns(in, &seen, out);
	not_checked(out, VS_QUESTION_IPV6);
	not_checked(out, VS_QUESTION_POLICY);
	not_checked(out, VS_QUESTION_KILLSWITCH);
}
