#include "model/seen.h"

#include <string.h>

#include "base/text.h"
#include "model/judge.h"
#include "model/place.h"
#include "model/rules.h"
#include "model/sentence.h"

/* Who may tell the exit, in order of preference. */
static const enum vs_fact exit_facts[] = {VS_FACT_EXIT_IP, VS_FACT_TRACE_IP, VS_FACT_EXIT6_IP};

#define EXIT_FACTS (sizeof(exit_facts) / sizeof(exit_facts[0]))

static size_t rank_of(enum vs_fact known)
{
	size_t rank = 0;

	while (rank < EXIT_FACTS && exit_facts[rank] != known)
		rank++;
	return rank;
}

/* Facts about resolvers. */
static bool is_of_dns(enum vs_fact known)
{
	return known >= VS_FACT_DNS_RESOLVERS && known <= VS_FACT_ZONE_ECS;
}

static int64_t fresh_ms(const struct vs_case *in, const struct vs_fact_value *fact)
{
	int64_t usual = VS_RULES_STALE_INTERVALS * vs_rules_interval(in->rules, in->interval_ms);

	if (is_of_dns(fact->known))
		return usual > VS_RULES_DNS_MS ? usual : VS_RULES_DNS_MS;
	switch (fact->known) {
	case VS_FACT_KILLSWITCH_TESTED:
	case VS_FACT_KILLSWITCH_OPEN:
		return VS_RULES_KILLSWITCH_MS;
	case VS_FACT_EXIT_COUNTRY:
	case VS_FACT_EXIT_ASN:
	case VS_FACT_EXIT_ORG:
	case VS_FACT_EXIT_HOSTING:
	case VS_FACT_EXIT6_COUNTRY:
	case VS_FACT_EXIT6_ASN:
	case VS_FACT_EXIT6_ORG:
		if (strcmp(fact->source, VS_PLACE_SOURCE) == 0)
			return VS_RULES_LOCATED_MS;
		break;
	default:
		break;
	}
	return usual;
}

static bool is_fresh(const struct vs_case *in, const struct vs_fact_value *fact)
{
	return in->now - fact->observed_at <= fresh_ms(in, fact);
}

/* A source counts once for an address. */
static void count_exit(struct vs_seen *seen, const struct vs_witness *witness)
{
	struct vs_exit_seen *exit = seen->exits;

	while (exit < seen->exits + seen->exit_count && !vs_addr_equal(&exit->addr, &witness->addr))
		exit++;
	if (exit == seen->exits + seen->exit_count) {
		seen->exit_count++;
		*exit = (struct vs_exit_seen){witness->addr, 0};
	}
	for (const struct vs_witness *w = seen->witnesses; w < witness; w++)
		if (vs_addr_equal(&w->addr, &witness->addr) && strcmp(w->source, witness->source) == 0)
			return;
	exit->told++;
}

/* The exit of a family that more than half of those who told one agree on. */
static const struct vs_exit_seen *agreed(const struct vs_seen *seen, uint8_t family)
{
	const struct vs_exit_seen *best = NULL;
	size_t total = 0;

	for (size_t i = 0; i < seen->exit_count; i++) {
		const struct vs_exit_seen *exit = &seen->exits[i];

		if (exit->addr.family != family)
			continue;
		total += exit->told;
		if (best == NULL || exit->told > best->told)
			best = exit;
	}
	return best != NULL && 2 * best->told > total ? best : NULL;
}

/* Facts that tell an exit, each under its rank. */
struct told_exits {
	struct vs_witness of[EXIT_FACTS][VS_FACTS_KEPT_MAX];
	size_t count[EXIT_FACTS];
};

static void note_exit(struct vs_seen *seen, const struct vs_case *in, const struct vs_fact_value *fact,
	struct told_exits *told, size_t rank)
{
	struct vs_witness witness = {.source = fact->source, .fact = fact->known};
	int64_t age = in->now - fact->observed_at;

	if (!is_fresh(in, fact)) {
		if (seen->stale_age_ms == 0 || age < seen->stale_age_ms)
			seen->stale_age_ms = age;
	} else if (vs_addr_parse(&witness.addr, fact->value) == 0) {
		told->of[rank][told->count[rank]++] = witness;
	}
}

static void count_exits(struct vs_seen *seen, const struct told_exits *told)
{
	for (size_t rank = 0; rank < EXIT_FACTS; rank++)
		for (size_t i = 0; i < told->count[rank]; i++) {
			seen->witnesses[seen->count] = told->of[rank][i];
			count_exit(seen, &seen->witnesses[seen->count++]);
		}
	seen->exit4 = agreed(seen, 4);
	seen->exit6 = agreed(seen, 6);
}

static void begin(struct vs_seen *seen, struct told_exits *told)
{
	seen->count = 0;
	seen->exit_count = 0;
	seen->fact_count = 0;
	seen->stale_age_ms = 0;
	seen->stale_dns = false;
	memset(told->count, 0, sizeof(told->count));
}

void vs_see(struct vs_seen *seen, const struct vs_case *in)
{
	struct vs_facts_cursor at = {0};
	struct vs_fact_value *fact = seen->facts;
	struct told_exits told;

	begin(seen, &told);
	memset(seen->first, 0, sizeof(seen->first));
	while (vs_facts_next(in->facts, in->names, &at, fact)) {
		size_t rank = rank_of(fact->known);

		if (rank < EXIT_FACTS)
			note_exit(seen, in, fact, &told, rank);
		if (!is_fresh(in, fact)) {
			seen->stale_dns |= is_of_dns(fact->known);
			continue;
		}
		seen->fact_count++;
		if (seen->first[fact->known] == 0)
			seen->first[fact->known] = (uint8_t)seen->fact_count;
		if (seen->fact_count == VS_FACTS_KEPT_MAX)
			break;
		fact = &seen->facts[seen->fact_count];
	}
	count_exits(seen, &told);
}

struct vs_addr vs_see_exit(const struct vs_case *in)
{
	static const bool kinds[VS_FACT_KINDS] = {
		[VS_FACT_EXIT_IP] = true, [VS_FACT_TRACE_IP] = true, [VS_FACT_EXIT6_IP] = true};
	struct vs_facts_cursor at = {0};
	struct vs_fact_value fact;
	struct told_exits told;
	struct vs_seen seen;

	begin(&seen, &told);
	while (vs_facts_next_of(in->facts, in->names, &at, kinds, &fact))
		note_exit(&seen, in, &fact, &told, rank_of(fact.known));
	count_exits(&seen, &told);
	return vs_seen_exit(&seen);
}

const struct vs_fact_value *vs_seen_fact(const struct vs_seen *seen, enum vs_fact known)
{
	return seen->first[known] == 0 ? NULL : &seen->facts[seen->first[known] - 1];
}

struct vs_view vs_seen_value(const struct vs_seen *seen, enum vs_fact known)
{
	const struct vs_fact_value *fact = vs_seen_fact(seen, known);

	return fact == NULL ? (struct vs_view){"", 0} : fact->value;
}

bool vs_seen_is(const struct vs_seen *seen, enum vs_fact known, const char *text)
{
	return vs_view_equal_text(vs_seen_value(seen, known), text);
}

bool vs_seen_addr(const struct vs_seen *seen, enum vs_fact known, struct vs_addr *addr)
{
	const struct vs_fact_value *fact = vs_seen_fact(seen, known);

	return fact != NULL && vs_addr_parse(addr, fact->value) == 0;
}

struct vs_addr vs_seen_exit(const struct vs_seen *seen)
{
	const struct vs_exit_seen *exit;

	if (seen->count == 0)
		return (struct vs_addr){0};
	exit = seen->witnesses[0].addr.family == 4 ? seen->exit4 : seen->exit6;
	return exit != NULL ? exit->addr : seen->witnesses[0].addr;
}

bool vs_seen_told(const struct vs_seen *seen, const struct vs_addr *addr)
{
	for (size_t i = 0; i < seen->exit_count; i++)
		if (vs_addr_equal(&seen->exits[i].addr, addr))
			return true;
	return false;
}

bool vs_seen_doubted(const struct vs_seen *seen, const struct vs_addr *addr)
{
	for (size_t i = 0; i < seen->exit_count; i++)
		if (seen->exits[i].addr.family == addr->family && !vs_addr_equal(&seen->exits[i].addr, addr))
			return true;
	return false;
}

bool vs_witnesses_differ(const struct vs_witness *a, const struct vs_witness *b)
{
	return a->addr.family == b->addr.family && !vs_addr_equal(&a->addr, &b->addr);
}

/* The address with which source saw the trace, NULL when it told none. */
static const struct vs_witness *trace_of(const struct vs_seen *seen, const char *source)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->witnesses[i].fact == VS_FACT_TRACE_IP &&
			strcmp(seen->witnesses[i].source, source) == 0)
			return &seen->witnesses[i];
	return NULL;
}

/*
 * The exit that the country is about: trace's own address if the country's source told that
 * too, else what it told, else (source NULL) what anybody told. NULL: nothing was told.
 */
static const struct vs_witness *exit_of(
	const struct vs_seen *seen, const char *source, const struct vs_witness *trace)
{
	const struct vs_witness *found = NULL;

	for (size_t i = 0; i < seen->count; i++) {
		const struct vs_witness *witness = &seen->witnesses[i];

		if (witness->fact == VS_FACT_TRACE_IP ||
			(source != NULL && strcmp(witness->source, source) != 0))
			continue;
		if (found == NULL || vs_addr_equal(&witness->addr, &trace->addr))
			found = witness;
	}
	return found;
}

bool vs_seen_different_exits(
	const struct vs_seen *seen, const struct vs_witness **dns, const struct vs_witness **country)
{
	const struct vs_fact_value *location = vs_seen_fact(seen, VS_FACT_DNS_LOCATION);
	const struct vs_fact_value *exit_country = vs_seen_fact(seen, VS_FACT_EXIT_COUNTRY);

	if (location == NULL || exit_country == NULL)
		return false;
	*dns = trace_of(seen, location->source);
	if (*dns == NULL)
		return false;
	*country = exit_of(seen, exit_country->source, *dns);
	if (*country == NULL)
		*country = exit_of(seen, NULL, *dns);
	return *country != NULL && !vs_addr_equal(&(*country)->addr, &(*dns)->addr);
}

void vs_seen_say_exit(struct vs_sentence *to, const struct vs_seen *seen, const struct vs_addr *addr)
{
	char text[VS_ADDR_TEXT];
	const char *before = " (told by ";

	vs_addr_format(addr, text);
	vs_say(to, "the exit %s", text);
	for (size_t i = 0; i < seen->count; i++) {
		if (!vs_addr_equal(&seen->witnesses[i].addr, addr))
			continue;
		vs_say(to, "%s%s", before, seen->witnesses[i].source);
		before = " and ";
	}
	vs_say(to, ")");
}
