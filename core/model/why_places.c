/* The addresses of a client's case: whose they are, and what they are compared with. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "model/atlas.h"
#include "model/client.h"
#include "model/country.h"
#include "model/home.h"
#include "model/judge.h"
#include "model/json.h"
#include "model/tracker.h"
#include "model/why.h"

#define ADDRS_MAX 64

/* Addresses in the order in which they were told, each once. */
struct addrs {
	struct vs_addr items[ADDRS_MAX];
	size_t count;
};

static void add_addr(struct addrs *addrs, struct vs_view text)
{
	struct vs_addr addr;

	if (vs_addr_parse(&addr, text) < 0 || addrs->count == ADDRS_MAX)
		return;
	for (size_t i = 0; i < addrs->count; i++)
		if (vs_addr_equal(&addrs->items[i], &addr))
			return;
	addrs->items[addrs->count++] = addr;
}

static bool is_listed(struct vs_view list, const struct vs_addr *addr)
{
	struct vs_addr other;
	struct vs_view item;

	while (vs_view_split(&list, ' ', &item))
		if (vs_addr_parse(&other, item) == 0 && vs_addr_equal(&other, addr))
			return true;
	return false;
}

static bool is_exit(enum vs_fact known)
{
	return known == VS_FACT_EXIT_IP || known == VS_FACT_EXIT6_IP || known == VS_FACT_TRACE_IP ||
	       known == VS_FACT_UDP_IP || known == VS_FACT_UDP6_IP;
}

static bool is_resolvers(enum vs_fact known)
{
	return known == VS_FACT_DNS_RESOLVERS || known == VS_FACT_ZONE_RESOLVERS;
}

static void collect(struct addrs *addrs, const struct vs_why *why, bool (*wanted)(enum vs_fact known))
{
	struct vs_fact_value fact;
	struct vs_view item;

	addrs->count = 0;
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);) {
		if (!wanted(fact.known))
			continue;
		while (vs_view_split(&fact.value, ' ', &item))
			add_addr(addrs, item);
	}
}

/* "told_by": the sources, with the fact in which each tells the address. */
static void add_told_by(struct vs_buf *out, const struct vs_why *why, const struct vs_addr *addr,
	bool (*wanted)(enum vs_fact known))
{
	struct vs_fact_value fact;
	bool first = true;

	vs_json_key(out, "told_by");
	vs_buf_add_char(out, '[');
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);) {
		if (!wanted(fact.known) || !is_listed(fact.value, addr))
			continue;
		vs_buf_add_text(out, first ? "{" : ",{");
		vs_json_member(out, "source", fact.source);
		vs_json_member(out, "fact", fact.name);
		vs_buf_add_char(out, '}');
		first = false;
	}
	vs_buf_add_char(out, ']');
}

static const char *hosting_text(uint8_t hosting)
{
	return hosting == VS_HOSTING_YES ? "yes" : hosting == VS_HOSTING_NO ? "no" : "unknown";
}

static void add_asn(struct vs_buf *out, uint32_t asn)
{
	char text[16];

	snprintf(text, sizeof(text), "AS%u", (unsigned)asn);
	if (asn != 0)
		vs_json_member(out, "asn", text);
}

/* "place": null when nobody has told it (yet). */
static void add_place(struct vs_buf *out, const struct vs_why *why, const struct vs_addr *addr)
{
	const struct vs_place *place =
		why->world->atlas == NULL ? NULL : vs_atlas_find(why->world->atlas, addr, why->now);
	char prefix[VS_PREFIX_TEXT];

	vs_json_key(out, "place");
	if (place == NULL) {
		vs_buf_add_text(out, "null");
		return;
	}
	vs_buf_add_char(out, '{');
	vs_json_member(out, "country", place->country);
	vs_json_member(out, "country_name", vs_country_name(vs_view_of(place->country)));
	add_asn(out, place->asn);
	vs_json_member(out, "org", place->org);
	vs_json_member(out, "city", place->city);
	vs_json_member(out, "region", place->region);
	vs_json_member(out, "hosting", hosting_text(place->hosting));
	if (place->prefix.addr.family != 0) {
		vs_prefix_format(&place->prefix, prefix);
		vs_json_member(out, "prefix", prefix);
	}
	vs_json_member_int(out, "asked", place->asked);
	vs_json_member_int(out, "agreed", place->agreed);
	vs_json_member(out, "sources", place->sources);
	vs_json_member(out, "disagreement", place->disagreement);
	vs_json_key(out, "stale");
	vs_buf_add_text(out, place->stale ? "true" : "false");
	vs_json_member_time(out, "at", place->at);
	vs_buf_add_char(out, '}');
}

static void add_home_word(struct vs_buf *out, const struct vs_why *why, const struct vs_addr *addr)
{
	char text[160];

	if (vs_home_contains(why->world->home, addr, 0, text, sizeof(text)))
		vs_json_member(out, "home", text);
}

void vs_why_add_exits(struct vs_buf *out, const struct vs_why *why)
{
	char text[VS_ADDR_TEXT];
	struct addrs addrs;

	collect(&addrs, why, is_exit);
	vs_json_key(out, "exits");
	vs_buf_add_char(out, '[');
	for (size_t i = 0; i < addrs.count; i++) {
		vs_addr_format(&addrs.items[i], text);
		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "address", text);
		add_told_by(out, why, &addrs.items[i], is_exit);
		add_home_word(out, why, &addrs.items[i]);
		add_place(out, why, &addrs.items[i]);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

/* --- resolvers ------------------------------------------------------------------------- */

/* The client's facts as if this were the only resolver that was seen. */
static void narrow(struct vs_facts *facts, const struct vs_why *why, const struct vs_addr *addr,
	const char text[VS_ADDR_TEXT])
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX], fact;
	size_t count = 0;

	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);) {
		if (is_resolvers(fact.known)) {
			if (!is_listed(fact.value, addr))
				continue;
			fact.value = vs_view_of(text);
		}
		values[count++] = fact;
	}
	vs_facts_set(facts, why->names, values, count);
}

/* A client that is silent since is shown as it was judged: what it told was not old then. */
static int64_t judged_at(const struct vs_why *why)
{
	int64_t seen = why->client->last_seen;

	return seen != 0 && seen < why->now ? seen : why->now;
}

/* What the judge says of one resolver. */
static void add_ruling(struct vs_buf *out, const struct vs_why *why, const struct vs_addr *addr,
	const char text[VS_ADDR_TEXT])
{
	const enum vs_question dns = VS_QUESTION_DNS;
	struct vs_facts facts = {0};
	struct vs_judgement judgement;

	narrow(&facts, why, addr, text);
	vs_judge(&(struct vs_case){.facts = &facts,
			 .names = why->names,
			 .source = why->client->source,
			 .home = why->world->home,
			 .rules = why->world->rules,
			 .atlas = why->world->atlas,
			 .policies = why->world->policies,
			 .client_id = why->client->id,
			 .interval_ms = why->client->interval_ms,
			 .now = judged_at(why)},
		&judgement);
	vs_facts_fini(&facts, why->names);
	vs_json_member(out, "verdict", vs_verdict_name((enum vs_verdict)judgement.verdict[dns]));
	vs_json_member(out, "rule", vs_rule_name(judgement.rule[dns]));
	vs_json_member(out, "rule_words", vs_rule_words(judgement.rule[dns]));
	vs_json_member(out, "evidence", judgement.evidence[dns]);
}

void vs_why_add_resolvers(struct vs_buf *out, const struct vs_why *why)
{
	char text[VS_ADDR_TEXT];
	struct addrs addrs;

	collect(&addrs, why, is_resolvers);
	vs_json_key(out, "resolvers");
	vs_buf_add_char(out, '[');
	for (size_t i = 0; i < addrs.count; i++) {
		vs_addr_format(&addrs.items[i], text);
		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "address", text);
		add_told_by(out, why, &addrs.items[i], is_resolvers);
		add_ruling(out, why, &addrs.items[i], text);
		add_place(out, why, &addrs.items[i]);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

/* --- home ------------------------------------------------------------------------------ */

static void add_home_exit(struct vs_buf *out, const struct vs_why *why, const struct vs_home_exit *exit)
{
	char addr[VS_ADDR_TEXT], network[VS_PREFIX_TEXT];

	vs_addr_format(&exit->addr, addr);
	vs_prefix_format(&exit->network, network);
	vs_buf_add_char(out, '{');
	vs_json_member(out, "address", addr);
	vs_json_member(out, "network", network);
	vs_json_member(out, "source", exit->source);
	vs_json_member_int(out, "age_ms", why->mono_ms > exit->seen_at ? why->mono_ms - exit->seen_at : 0);
	add_asn(out, exit->asn);
	vs_json_key(out, "asn_used");
	vs_buf_add_text(out, exit->asn_used ? "true" : "false");
	vs_json_member(out, "hosting", hosting_text(exit->hosting));
	vs_buf_add_char(out, '}');
}

static void add_listed(struct vs_buf *out, const struct vs_home *home)
{
	struct vs_prefix prefix;
	char text[VS_PREFIX_TEXT];
	bool first = true;
	uint32_t asn;

	vs_json_key(out, "listed");
	vs_buf_add_char(out, '[');
	for (size_t i = 0; vs_home_prefix_at(home, i, &prefix); i++) {
		vs_prefix_format(&prefix, text);
		vs_buf_add_text(out, first ? "" : ",");
		vs_json_add_string(out, text);
		first = false;
	}
	for (size_t i = 0; vs_home_asn_at(home, i, &asn); i++) {
		snprintf(text, sizeof(text), "AS%u", (unsigned)asn);
		vs_buf_add_text(out, first ? "" : ",");
		vs_json_add_string(out, text);
		first = false;
	}
	vs_buf_add_char(out, ']');
}

void vs_why_add_home(struct vs_buf *out, const struct vs_why *why)
{
	static const char *const asn[] = {
		[VS_HOME_ASN_AUTO] = "auto", [VS_HOME_ASN_LIST] = "list", [VS_HOME_ASN_OFF] = "off"};
	const struct vs_home *home = why->world->home;
	const struct vs_home_settings *settings = vs_home_settings(home);
	struct vs_home_exit exit;

	vs_json_key(out, "home");
	vs_buf_add_char(out, '{');
	vs_json_key(out, "learn");
	vs_buf_add_text(out, settings->learn ? "true" : "false");
	vs_json_member(out, "asn", asn[settings->asn]);
	vs_json_key(out, "learned");
	vs_buf_add_char(out, '[');
	for (size_t i = 0; vs_home_exit_at(home, i, &exit); i++) {
		if (i > 0)
			vs_buf_add_char(out, ',');
		add_home_exit(out, why, &exit);
	}
	vs_buf_add_char(out, ']');
	add_listed(out, home);
	vs_buf_add_char(out, '}');
}
