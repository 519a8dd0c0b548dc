#include "config/policy_conf.h"

#include <string.h>

#include "config/outline.h"

struct home_text {
	struct vpns_list addresses;
	uint8_t learn;
	uint32_t asn;
	int64_t prefix4;
	int64_t prefix6;
};

static const struct vpns_option home_options[] = {
	{"addresses", VPNS_LIST(struct home_text, addresses), 0, NULL, 0, 0, 0, NULL,
		"addresses, prefixes and AS numbers of the network outside the tunnel"},
	{"learn", VPNS_BOOL(struct home_text, learn), 0, "yes", 0, 0, 0, NULL,
		"no: what the server's own probes see of itself is not home"},
	{"asn", VPNS_CHOICE(struct home_text, asn), 0, "auto", 0, 0, 0, "auto|list|off",
		"AS numbers that are home: learned and listed ones, listed ones, none; a data centre's is "
		"never "
		"learned"},
	{"prefix4", VPNS_INT(struct home_text, prefix4), 0, "32", 24, 32, 0, NULL,
		"how much of an IPv4 address that was learned is home, in bits"},
	{"prefix6", VPNS_INT(struct home_text, prefix6), 0, "56", 48, 64, 0, NULL,
		"how much of an IPv6 address that was learned is home, in bits"},
};

struct policy_text {
	struct vpns_list client;
	struct vpns_list allow;
	struct vpns_list deny;
};

static const struct vpns_option policy_options[] = {
	{"client", VPNS_LIST(struct policy_text, client), 0, NULL, 0, 0, 0, NULL,
		"clients whose id matches one of these patterns; every client when not given"},
	{"allow", VPNS_LIST(struct policy_text, allow), 0, NULL, 0, 0, 0, NULL,
		"countries, AS numbers and prefixes where exits may be; anywhere when not given"},
	{"deny", VPNS_LIST(struct policy_text, deny), 0, NULL, 0, 0, 0, NULL,
		"countries, AS numbers and prefixes where they may not, whatever is allowed"},
};

const struct vs_rows vs_home_rows = VS_ROWS(home_options, "home", NULL);
const struct vs_rows vs_policy_rows = VS_ROWS(policy_options, "a policy", NULL);

void vs_home_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_home_conf *home)
{
	const struct vs_node *map = vs_node_get(vs_node_get(root, "monitor"), "home");
	struct vs_mark mark = vs_node_mark(map != NULL ? map : root);
	struct home_text text;
	struct vs_err err = {0};

	if (!vs_node_expect(map, VS_NODE_MAP, "home", reading->problems))
		map = NULL;
	vs_rows_fill(&vs_home_rows, map, mark, NULL, &text, sizeof(text), reading->arena, reading->problems);
	home->learn = text.learn;
	home->asn = text.asn;
	home->prefix4 = text.prefix4;
	home->prefix6 = text.prefix6;
	if (vs_places_parse(&home->places, &text.addresses, VS_PLACES_HOME, reading->arena, &err) < 0)
		vs_problems_error(reading->problems, vs_mark_of(map, "addresses"), "%s", err.text);
	if (home->asn == VS_HOME_ASN_CHOICE_OFF && home->places.asn_count > 0)
		vs_problems_error(reading->problems, vs_mark_of(map, "asn"),
			"'asn' is off, but 'addresses' lists AS%u; use 'asn: list', or remove it",
			(unsigned)home->places.asns[0]);
	if (!home->learn && home->places.asn_count + home->places.prefix_count == 0)
		vs_problems_warn(reading->problems, vs_mark_of(map, "learn"),
			"nothing is home: 'learn' is no, and 'addresses' has nothing; no bypass can be told");
}

static void read_policy(
	const struct vs_reading *reading, const struct vs_node *node, struct vs_policy_conf *policy)
{
	struct policy_text text;
	struct vs_err err = {0};

	policy->mark = vs_node_mark(node);
	if (!vs_node_expect(node, VS_NODE_MAP, "an entry of policy", reading->problems))
		return;
	vs_rows_fill(&vs_policy_rows, node, policy->mark, NULL, &text, sizeof(text), reading->arena,
		reading->problems);
	policy->client = text.client;
	if (vs_places_parse(&policy->allow, &text.allow, VS_PLACES_ANY, reading->arena, &err) < 0)
		vs_problems_error(reading->problems, vs_mark_of(node, "allow"), "%s", err.text);
	if (vs_places_parse(&policy->deny, &text.deny, VS_PLACES_ANY, reading->arena, &err) < 0)
		vs_problems_error(reading->problems, vs_mark_of(node, "deny"), "%s", err.text);
}

/* A policy without patterns is for everybody: nobody reads what stands behind it. */
static void check_order(const struct vs_reading *reading, const struct vs_policies_conf *policies)
{
	size_t i;

	for (i = 0; i + 1 < policies->count; i++) {
		if (policies->items[i].client.count > 0)
			continue;
		vs_problems_error(reading->problems, policies->items[i + 1].mark,
			"this policy is for nobody: the one at line %u has no 'client' and is for everybody; "
			"put it last",
			policies->items[i].mark.line);
		return;
	}
}

void vs_policies_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_policies_conf *policies)
{
	const struct vs_node *list = vs_node_get(vs_node_get(root, "monitor"), "policy");
	size_t i;

	memset(policies, 0, sizeof(*policies));
	if (!vs_node_is_set(list) || !vs_node_expect(list, VS_NODE_SEQUENCE, "policy", reading->problems))
		return;
	policies->items =
		vs_arena_alloc(reading->arena, (vs_node_count(list) + 1) * sizeof(*policies->items));
	for (i = 0; i < vs_node_count(list); i++)
		if (vs_node_is_set(vs_node_item(list, i)))
			read_policy(reading, vs_node_item(list, i), &policies->items[policies->count++]);
	check_order(reading, policies);
}
