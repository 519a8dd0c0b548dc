#include "model/judge.h"

#include <string.h>

#include "base/text.h"
#include "model/cause.h"
#include "model/home.h"
#include "model/rules.h"
#include "model/seen.h"
#include "model/sentence.h"

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

static bool is_public(const struct vs_addr *addr)
{
	return addr->family != 0 && !vs_addr_is_private(addr);
}

static enum vs_side side_of(const struct vs_case *in, const struct vs_seen *seen)
{
	if (in->source.family == 0)
		return VS_SIDE_NONE;
	if (vs_seen_told(seen, &in->source))
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

/* The AS number is that of the preferred witness's address. */
static uint32_t asn_of(const struct vs_seen *seen, size_t index)
{
	return index == 0 ? seen->asn : 0;
}

static bool is_home(const struct vs_case *in, const struct vs_seen *seen, size_t index)
{
	return vs_home_contains(in->home, &seen->witnesses[index].addr, asn_of(seen, index), NULL, 0);
}

/* A witness that contradicts this one, which is home, by telling an exit elsewhere; NULL: none does. */
static const struct vs_witness *dissenter(const struct vs_case *in, const struct vs_seen *seen, size_t index)
{
	for (size_t i = 0; i < seen->count; i++)
		if (vs_witnesses_differ(&seen->witnesses[i], &seen->witnesses[index]) &&
			!is_home(in, seen, i))
			return &seen->witnesses[i];
	return NULL;
}

/*
 * Rule 1: any exit in the home set is a bypass, whatever the other family's exit is. A
 * witness that disagrees makes it less sure.
 */
static bool exit_is_home(struct answer *answer, const struct vs_case *in, const struct vs_seen *seen)
{
	const struct vs_witness *other = NULL;
	size_t found = seen->count; /* the home witness that is contradicted least */
	char text[VS_ADDR_TEXT], why[160];

	for (size_t i = 0; i < seen->count && (found == seen->count || other != NULL); i++) {
		const struct vs_witness *against = is_home(in, seen, i) ? dissenter(in, seen, i) : NULL;

		if (!is_home(in, seen, i) || (found < seen->count && against != NULL))
			continue;
		found = i;
		other = against;
	}
	if (found == seen->count)
		return false;
	decide(answer, VS_VERDICT_LEAK, other == NULL ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	vs_home_contains(in->home, &seen->witnesses[found].addr, asn_of(seen, found), why, sizeof(why));
	vs_seen_say_exit(&answer->evidence, seen, &seen->witnesses[found].addr);
	vs_say(&answer->evidence, " %s", why);
	if (other != NULL) {
		vs_addr_format(&other->addr, text);
		vs_say(&answer->evidence, ", although %s tells %s", other->source, text);
	}
	return true;
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

/* Nobody told an exit that counts. */
static void say_not_measured(struct vs_sentence *to, const struct vs_case *in, const struct vs_seen *seen)
{
	char age[32];

	if (seen->stale_age_ms > 0) {
		vs_duration_format(age, sizeof(age), seen->stale_age_ms);
		vs_say(to, "the exit was last measured %s ago, too long to count", age);
	} else {
		vs_say(to, "no source told the exit");
	}
	say_reasons(to, in);
}

static bool sources_disagree(struct vs_sentence *to, const struct vs_seen *seen)
{
	char text[VS_ADDR_TEXT], other[VS_ADDR_TEXT];

	for (size_t i = 0; i < seen->count; i++)
		for (size_t k = i + 1; k < seen->count; k++) {
			const struct vs_witness *a = &seen->witnesses[i], *b = &seen->witnesses[k];

			if (!vs_witnesses_differ(a, b))
				continue;
			vs_addr_format(&a->addr, text);
			vs_addr_format(&b->addr, other);
			vs_say(to, "the sources disagree: %s tells %s, %s tells %s", a->source, text,
				b->source, other);
			return true;
		}
	return false;
}

static bool exit_is_private(struct vs_sentence *to, const struct vs_seen *seen)
{
	char text[VS_ADDR_TEXT];

	for (size_t i = 0; i < seen->count; i++) {
		if (is_public(&seen->witnesses[i].addr))
			continue;
		vs_addr_format(&seen->witnesses[i].addr, text);
		vs_say(to, "%s tells the exit %s, which is not a public address", seen->witnesses[i].source,
			text);
		return true;
	}
	return false;
}

/* Whether the server knows an exit of its own that this one could be equal to. */
static bool is_comparable(const struct vs_case *in, const struct vs_seen *seen, size_t index)
{
	return vs_home_knows(in->home, seen->witnesses[index].addr.family, asn_of(seen, index));
}

/* Rule 3: what cannot be known is unknown, with the reason. */
static bool exit_is_unknown(struct answer *answer, const struct vs_case *in, const struct vs_seen *seen)
{
	struct vs_sentence *to = &answer->evidence;
	char text[VS_ADDR_TEXT];

	decide(answer, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	if (seen->count == 0) {
		say_not_measured(to, in, seen);
		return true;
	}
	if (sources_disagree(to, seen) || exit_is_private(to, seen))
		return true;
	for (size_t i = 0; i < seen->count; i++)
		if (is_comparable(in, seen, i))
			return false;
	vs_addr_format(&seen->witnesses[0].addr, text);
	vs_say(to, "the exit is %s, but the server does not know its own IPv%d exit yet", text,
		seen->witnesses[0].addr.family);
	return true;
}

/* Whether an earlier witness told the same exit. After rule 3 there is at most one exit a family. */
static bool is_told_earlier(const struct vs_seen *seen, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (vs_addr_equal(&seen->witnesses[i].addr, &seen->witnesses[index].addr))
			return true;
	return false;
}

/* The exits that were compared, or those that could not be, and how many they are. */
static size_t say_exits(
	struct vs_sentence *to, const struct vs_case *in, const struct vs_seen *seen, bool comparable)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++) {
		if (is_told_earlier(seen, i) || is_comparable(in, seen, i) != comparable)
			continue;
		vs_say(to, "%s", count > 0 ? " and " : comparable ? "" : "; ");
		vs_seen_say_exit(to, seen, &seen->witnesses[i].addr);
		count++;
	}
	return count;
}

/*
 * Rule 4: exits outside the home set are the tunnel's. Sure when the keepalive came through
 * one, and each could be compared.
 */
static void exit_is_elsewhere(
	struct answer *answer, const struct vs_case *in, const struct vs_seen *seen, enum vs_side side)
{
	struct vs_sentence *to = &answer->evidence;
	size_t compared = say_exits(to, in, seen, true), rest;
	char text[VS_ADDR_TEXT];

	vs_say(to, " %s outside the home network", compared > 1 ? "are" : "is");
	vs_addr_format(&in->source, text);
	if (side == VS_SIDE_EXIT)
		vs_say(to, ", and the keepalive came from %s",
			compared == 1 && is_comparable(in, seen, 0) &&
					vs_addr_equal(&in->source, &seen->witnesses[0].addr)
				? "it"
				: text);
	else if (side != VS_SIDE_NONE)
		vs_say(to, "; the keepalive came from %s, %s", text,
			side == VS_SIDE_PRIVATE ? "a private address beside the tunnel"
						: "another public address");
	rest = say_exits(to, in, seen, false);
	if (rest > 0)
		vs_say(to, " cannot be compared: the server does not know its own exit of that family");
	decide(answer, VS_VERDICT_SECURE,
		side == VS_SIDE_EXIT && rest == 0 ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
}

static void judge_tunnel(
	const struct vs_case *in, const struct vs_seen *seen, enum vs_side side, struct vs_judgement *out)
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

static void dns_is_unknown(struct answer *answer, const struct vs_case *in, const struct vs_seen *seen)
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

/* Countries of different exits prove nothing about each other. */
static bool exits_differ(struct answer *answer, const struct vs_seen *seen)
{
	const struct vs_witness *dns, *country;
	char text[VS_ADDR_TEXT];

	if (!vs_seen_different_exits(seen, &dns, &country))
		return false;
	decide(answer, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	vs_addr_format(&dns->addr, text);
	vs_say(&answer->evidence, "the sources saw different exits: %s saw %s", dns->source, text);
	vs_addr_format(&country->addr, text);
	vs_say(&answer->evidence, ", %s saw %s", country->source, text);
	return true;
}

/*
 * The country rule. It compares two opinions about the exit and never sees a resolver,
 * which is why it is never more than medium, and says so.
 */
static void judge_dns(const struct vs_case *in, const struct vs_seen *seen, struct vs_judgement *out)
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
	if (exits_differ(&answer, seen))
		return;
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
	struct vs_seen seen;

	vs_see(&seen, in);
	memset(out->rule, VS_RULE_NONE, sizeof(out->rule));
	out->cause = VS_CAUSE_NONE;
	out->wanted_count = 0;
	out->exit = seen.count > 0 ? seen.witnesses[0].addr : (struct vs_addr){0};
	out->side = side_of(in, &seen);
	judge_tunnel(in, &seen, out->side, out);
	judge_dns(in, &seen, out);
	not_checked(out, VS_QUESTION_IPV6);
	not_checked(out, VS_QUESTION_POLICY);
	not_checked(out, VS_QUESTION_KILLSWITCH);
}
