#include "model/rules.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/text.h"

#define ROUNDS_MAX 100
#define ITEMS_MAX 1000

void vs_rules_init(struct vs_rules *rules)
{
	*rules = (struct vs_rules){.interval_ms = 300000, .grace_ms = 30000, .lost_after_ms = 900000};
	vs_random(&rules->tolerance.edition, sizeof(rules->tolerance.edition));
}

void vs_tolerance_fini(struct vs_tolerance *tolerance)
{
	vs_free(tolerance->countries);
	vs_free(tolerance->asns);
	vs_free(tolerance->prefixes);
	memset(tolerance, 0, sizeof(*tolerance));
}

void vs_rules_fini(struct vs_rules *rules)
{
	vs_tolerance_fini(&rules->tolerance);
}

static void add_country(struct vs_tolerance *tolerance, const struct vs_country *country)
{
	tolerance->countries = vs_realloc(
		tolerance->countries, (tolerance->country_count + 1) * sizeof(*tolerance->countries));
	tolerance->countries[tolerance->country_count++] = *country;
}

static void add_asn(struct vs_tolerance *tolerance, uint32_t asn)
{
	tolerance->asns = vs_realloc(tolerance->asns, (tolerance->asn_count + 1) * sizeof(*tolerance->asns));
	tolerance->asns[tolerance->asn_count++] = asn;
}

static void add_prefix(struct vs_tolerance *tolerance, const struct vs_prefix *prefix)
{
	tolerance->prefixes =
		vs_realloc(tolerance->prefixes, (tolerance->prefix_count + 1) * sizeof(*tolerance->prefixes));
	tolerance->prefixes[tolerance->prefix_count++] = *prefix;
}

/* "AS" and digits alone: "as9009 M247" is a description, not a setting. */
static bool is_asn(struct vs_view text)
{
	if (text.len < 3 || tolower((unsigned char)text.ptr[0]) != 'a' ||
		tolower((unsigned char)text.ptr[1]) != 's')
		return false;
	for (size_t i = 2; i < text.len; i++)
		if (!isdigit((unsigned char)text.ptr[i]))
			return false;
	return true;
}

int vs_tolerance_add(struct vs_tolerance *tolerance, struct vs_view item, struct vs_err *err)
{
	struct vs_country country;
	struct vs_prefix prefix;
	int64_t rounds;
	uint32_t asn;

	tolerance->edition++;
	item = vs_view_trim(item);
	if (tolerance->country_count + tolerance->asn_count + tolerance->prefix_count >= ITEMS_MAX)
		return vs_err_set(err, VS_ERR_TOO_BIG, "more than %d tolerated places", ITEMS_MAX);
	if (vs_int_parse(&rounds, item) == 0) {
		if (rounds < 1 || rounds > ROUNDS_MAX)
			return vs_err_set(err, VS_ERR_INVALID, "%lld rounds: give a number from 1 to %d",
				(long long)rounds, ROUNDS_MAX);
		tolerance->rounds = (uint32_t)rounds;
	} else if (is_asn(item) && vs_asn_parse(&asn, item) == 0) {
		add_asn(tolerance, asn);
	} else if (vs_country_parse(country.code, item) == 0) {
		add_country(tolerance, &country);
	} else if (vs_prefix_parse(&prefix, item) == 0) {
		add_prefix(tolerance, &prefix);
	} else {
		return vs_err_set(err, VS_ERR_INVALID,
			"\"%.*s\" is none of a number of rounds (3), a country (RO), a network (AS9009) "
			"and a prefix (192.0.2.0/24)",
			(int)(item.len > 60 ? 60 : item.len), item.len == 0 ? "" : item.ptr);
	}
	return 0;
}

bool vs_tolerance_country(const struct vs_tolerance *tolerance, struct vs_view code)
{
	for (uint32_t i = 0; i < tolerance->country_count; i++)
		if (vs_view_equal_nocase(code, tolerance->countries[i].code))
			return true;
	return false;
}

bool vs_tolerance_network(const struct vs_tolerance *tolerance, const struct vs_addr *addr, uint32_t asn)
{
	for (uint32_t i = 0; asn != 0 && i < tolerance->asn_count; i++)
		if (tolerance->asns[i] == asn)
			return true;
	for (uint32_t i = 0; addr->family != 0 && i < tolerance->prefix_count; i++)
		if (vs_prefix_contains(&tolerance->prefixes[i], addr))
			return true;
	return false;
}

uint32_t vs_tolerance_rounds(const struct vs_tolerance *tolerance)
{
	return tolerance->rounds == 0 ? VS_RULES_DNS_ROUNDS : tolerance->rounds;
}

int64_t vs_rules_interval(const struct vs_rules *rules, int64_t interval_ms)
{
	return interval_ms > 0 ? interval_ms : rules->interval_ms;
}

int64_t vs_rules_late_after(const struct vs_rules *rules, int64_t interval_ms)
{
	return vs_rules_interval(rules, interval_ms) + rules->grace_ms;
}

int64_t vs_rules_lost_after(const struct vs_rules *rules, int64_t interval_ms)
{
	int64_t two = 2 * vs_rules_interval(rules, interval_ms) + rules->grace_ms;

	return rules->lost_after_ms > two ? rules->lost_after_ms : two;
}
