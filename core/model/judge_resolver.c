/* One resolver: whose it is, and what that means. */
#include <inttypes.h>
#include <string.h>

#include "model/home.h"
#include "model/judge_dns_inside.h"
#include "model/network.h"
#include "model/place.h"
#include "model/rules.h"

#define NEAR4 24
#define NEAR6 48

static void rule(
	struct vs_ruling *ruling, enum vs_rule which, enum vs_verdict verdict, enum vs_confidence confidence)
{
	ruling->rule = (uint8_t)which;
	ruling->verdict = (uint8_t)verdict;
	ruling->confidence = (uint8_t)confidence;
}

static bool is_near(const struct vs_addr *a, const struct vs_addr *b)
{
	struct vs_prefix around;

	vs_prefix_of(&around, b, b->family == 4 ? NEAR4 : NEAR6);
	return vs_prefix_contains(&around, a);
}

/* An exit of the tunnel that may be compared with: one that is home is none. */
static const struct vs_exit_seen *exit_of(const struct vs_scene *scene, uint8_t family)
{
	if (family == 4)
		return scene->home4 ? NULL : scene->seen.exit4;
	return scene->home6 ? NULL : scene->seen.exit6;
}

/* An address next to both, in a data centre that they share, tells of neither. */
static bool is_near_home(const struct vs_home *home, const struct vs_addr *addr)
{
	struct vs_home_exit exit;

	for (size_t i = 0; vs_home_exit_at(home, i, &exit); i++)
		if (is_near(addr, &exit.addr))
			return true;
	return false;
}

static enum vs_confidence secure_confidence(const struct vs_scene *scene, const struct vs_dns_signs *signs)
{
	const struct vs_home *home = scene->in->home;

	return signs->agreed && !signs->beside && !signs->partly &&
			       (vs_home_knows(home, 4, 0) || vs_home_knows(home, 6, 0))
		       ? VS_CONFIDENCE_HIGH
		       : VS_CONFIDENCE_MEDIUM;
}

/* Rows that need no place: home, the exit's neighbours, tolerated addresses. */
static bool rule_by_address(
	const struct vs_scene *scene, const struct vs_dns_signs *signs, struct vs_ruling *ruling)
{
	const struct vs_addr *addr = &ruling->resolver->addr;
	const struct vs_exit_seen *exit = exit_of(scene, addr->family);

	if (vs_home_contains(scene->in->home, addr, 0, NULL, 0)) {
		rule(ruling, VS_RULE_DNS_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	} else if (vs_addr_is_private(addr) && ruling->resolver->by_zone && !signs->translated) {
		rule(ruling, VS_RULE_DNS_LAN, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	} else if (vs_addr_is_private(addr)) {
		rule(ruling, VS_RULE_DNS_PRIVATE, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	} else if (exit != NULL && is_near(addr, &exit->addr)) {
		ruling->exit = exit;
		if (is_near_home(scene->in->home, addr) && !vs_addr_equal(addr, &exit->addr))
			rule(ruling, VS_RULE_DNS_SHARED_NETWORK, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
		else
			rule(ruling, VS_RULE_DNS_SAME_PREFIX, VS_VERDICT_SECURE,
				secure_confidence(scene, signs));
	} else if (vs_tolerance_network(&scene->in->rules->tolerance, addr, 0)) {
		rule(ruling, VS_RULE_DNS_TOLERATED, VS_VERDICT_SECURE, secure_confidence(scene, signs));
	} else {
		return false;
	}
	return true;
}

/* The network of a public resolver has customers everywhere, too. */
static bool is_home_asn(const struct vs_home *home, const struct vs_ruling *ruling)
{
	static const struct vs_addr none = {0};
	const struct vs_belongs *belongs = &ruling->belongs;

	if (vs_home_contains(home, &none, belongs->asn, NULL, 0))
		return true;
	return ruling->keeper == NULL && belongs->hosting != VS_HOSTING_YES &&
	       vs_home_shares_asn(home, belongs->asn, NULL, 0);
}

static const struct vs_exit_seen *exit_with_asn(const struct vs_scene *scene, uint32_t asn)
{
	const struct vs_exit_seen *exit4 = exit_of(scene, 4), *exit6 = exit_of(scene, 6);

	if (asn == 0)
		return NULL;
	if (exit4 != NULL && scene->exit4.asn == asn)
		return exit4;
	return exit6 != NULL && scene->exit6.asn == asn ? exit6 : NULL;
}

/*
 * Rows by the network. One that home and exit share tells nothing: the resolver may be that of either.
 */
static bool rule_by_network(
	const struct vs_scene *scene, const struct vs_dns_signs *signs, struct vs_ruling *ruling)
{
	const struct vs_tolerance *tolerance = &scene->in->rules->tolerance;
	static const struct vs_addr none = {0};
	uint32_t asn = ruling->belongs.asn;
	bool at_home = is_home_asn(scene->in->home, ruling);

	ruling->exit = exit_with_asn(scene, asn);
	if (asn == 0)
		return false;
	if (ruling->exit != NULL && at_home)
		rule(ruling, VS_RULE_DNS_SHARED_NETWORK, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
	else if (at_home)
		rule(ruling, VS_RULE_DNS_HOME_ASN, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	else if (ruling->exit != NULL && ruling->keeper != NULL && (signs->beside || signs->partly))
		return false; /* a tunnel into that network has nothing to do with its public resolver */
	else if (ruling->exit != NULL)
		rule(ruling, VS_RULE_DNS_SAME_NETWORK, VS_VERDICT_SECURE,
			ruling->belongs.stale || (ruling->keeper != NULL && !signs->through)
				? VS_CONFIDENCE_MEDIUM
				: secure_confidence(scene, signs));
	else if (vs_tolerance_network(tolerance, &none, asn) ||
		 (ruling->keeper == NULL &&
			 vs_tolerance_country(tolerance, vs_view_of(ruling->belongs.country))))
		rule(ruling, VS_RULE_DNS_TOLERATED, VS_VERDICT_SECURE, secure_confidence(scene, signs));
	else
		return false;
	return true;
}

/* Anycast: where it is says nothing. Only what it was told of its client, or the route, tells the way. */
static void rule_on_public(const struct vs_dns_signs *signs, struct vs_ruling *ruling)
{
	if (signs->ecs_exit)
		rule(ruling, VS_RULE_DNS_PUBLIC_ECS, VS_VERDICT_THIRD_PARTY, VS_CONFIDENCE_HIGH);
	else if (signs->beside || signs->partly)
		rule(ruling, VS_RULE_DNS_PATH_BESIDE, VS_VERDICT_LEAK,
			signs->beside ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	else
		rule(ruling, VS_RULE_DNS_PUBLIC, VS_VERDICT_THIRD_PARTY,
			signs->through ? VS_CONFIDENCE_MEDIUM : VS_CONFIDENCE_LOW);
}

static void rule_unplaced(const struct vs_scene *scene, struct vs_ruling *ruling, bool looked_up)
{
	enum vs_rule which =
		scene->in->atlas != NULL && !looked_up ? VS_RULE_DNS_LOOKING_UP : VS_RULE_DNS_NO_PLACE;

	rule(ruling, which, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
}

/* What is left: networks that are neither the exit's nor home nor known. */
static void rule_on_other(struct vs_scene *scene, const struct vs_dns_signs *signs, struct vs_ruling *ruling)
{
	const struct vs_exit_seen *exit = exit_of(scene, 4), *exit6 = exit_of(scene, 6);
	const struct vs_belongs *where = &scene->exit4;
	bool pending =
		exit6 != NULL && scene->in->atlas != NULL && scene->exit6.asn == 0 && !scene->exit6.looked_up;

	/* It may yet turn out to be of that exit's network. */
	if (exit == NULL || pending) {
		exit = exit6;
		where = &scene->exit6;
	}
	if (exit == NULL) {
		rule(ruling, VS_RULE_DNS_NO_EXIT, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
		return;
	}
	if (ruling->belongs.asn == 0) {
		rule_unplaced(scene, ruling, ruling->belongs.looked_up);
		return;
	}
	ruling->exit = exit;
	if (where->asn == 0) {
		vs_belongs_want(scene, &exit->addr);
		rule_unplaced(scene, ruling, where->looked_up);
	} else if (ruling->belongs.hosting == VS_HOSTING_YES && where->country[0] != '\0' &&
		   strcmp(ruling->belongs.country, where->country) == 0) {
		rule(ruling, VS_RULE_DNS_SAME_COUNTRY, VS_VERDICT_THIRD_PARTY, VS_CONFIDENCE_LOW);
	} else {
		rule(ruling, VS_RULE_DNS_FOREIGN, VS_VERDICT_LEAK,
			signs->beside ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	}
}

void vs_rule_on_resolver(struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_resolver *resolver, struct vs_ruling *ruling)
{
	*ruling = (struct vs_ruling){.resolver = resolver, .belongs = {.org = "", .sources = "", .disagreement = ""}};
	if (rule_by_address(scene, signs, ruling))
		return;
	ruling->keeper = vs_network_public_resolver(&resolver->addr, &ruling->belongs.asn);
	if (ruling->keeper == NULL) {
		vs_belongs_of(scene, &resolver->addr, &ruling->belongs);
		ruling->keeper = vs_network_public_resolver(&resolver->addr, &ruling->belongs.asn);
	}
	if (rule_by_network(scene, signs, ruling))
		return;
	if (ruling->keeper != NULL)
		rule_on_public(signs, ruling);
	else
		rule_on_other(scene, signs, ruling);
}
