#include "model/seen.h"

#include <string.h>

#include "base/text.h"
#include "model/judge.h"
#include "model/rules.h"
#include "model/sentence.h"

/* Who may tell the exit, in order of preference. */
static const enum vs_fact exit_facts[] = {VS_FACT_EXIT_IP, VS_FACT_TRACE_IP, VS_FACT_EXIT6_IP};

static bool is_fresh(const struct vs_case *in, const struct vs_fact_value *fact)
{
	return in->now - fact->observed_at <=
	       VS_RULES_STALE_INTERVALS * vs_rules_interval(in->rules, in->interval_ms);
}

static void see_exit(struct vs_seen *seen, const struct vs_case *in, const struct vs_fact_value *fact)
{
	struct vs_witness witness = {.source = fact->source, .fact = fact->known};
	int64_t age = in->now - fact->observed_at;

	if (!is_fresh(in, fact)) {
		if (seen->stale_age_ms == 0 || age < seen->stale_age_ms)
			seen->stale_age_ms = age;
	} else if (vs_addr_parse(&witness.addr, fact->value) == 0) {
		seen->witnesses[seen->count++] = witness;
	}
}

void vs_see(struct vs_seen *seen, const struct vs_case *in)
{
	struct vs_fact_value fact;

	*seen = (struct vs_seen){0};
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

struct vs_addr vs_see_exit(const struct vs_case *in)
{
	struct vs_fact_value fact;
	struct vs_addr addr;

	for (size_t i = 0; i < sizeof(exit_facts) / sizeof(exit_facts[0]); i++)
		for (struct vs_facts_cursor at = {0}; vs_facts_next(in->facts, in->names, &at, &fact);)
			if (fact.known == exit_facts[i] && is_fresh(in, &fact) &&
				vs_addr_parse(&addr, fact.value) == 0)
				return addr;
	return (struct vs_addr){0};
}

bool vs_seen_told(const struct vs_seen *seen, const struct vs_addr *addr)
{
	for (size_t i = 0; i < seen->count; i++)
		if (vs_addr_equal(&seen->witnesses[i].addr, addr))
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
	*dns = trace_of(seen, seen->dns_location.source);
	if (*dns == NULL)
		return false;
	*country = exit_of(seen, seen->country.source, *dns);
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
