/* DNS: what resolvers passed on of their clients, which tells the way that queries went to them. */
#include "model/home.h"
#include "model/judge_dns_inside.h"
#include "model/network.h"
#include "model/place.h"
#include "model/rules.h"

/* A network so large that it holds home and exit alike tells nothing. */
#define SUBNET4_MIN 16
#define SUBNET6_MIN 32

static bool is_narrow(const struct vs_prefix *subnet)
{
	return subnet->bits >= (subnet->addr.family == 4 ? SUBNET4_MIN : SUBNET6_MIN);
}

static bool holds(const struct vs_prefix *subnet, const struct vs_exit_seen *exit)
{
	return exit != NULL && vs_prefix_contains(subnet, &exit->addr);
}

static bool holds_exit(const struct vs_scene *scene, const struct vs_prefix *subnet)
{
	return (!scene->home4 && holds(subnet, scene->seen.exit4)) ||
	       (!scene->home6 && holds(subnet, scene->seen.exit6));
}

static bool holds_home(const struct vs_home *home, const struct vs_prefix *subnet)
{
	struct vs_home_exit exit;
	struct vs_prefix listed;

	for (size_t i = 0; vs_home_exit_at(home, i, &exit); i++)
		if (vs_prefix_contains(subnet, &exit.addr) ||
			vs_prefix_contains(&exit.network, &subnet->addr))
			return true;
	for (size_t i = 0; vs_home_prefix_at(home, i, &listed); i++)
		if (vs_prefix_contains(subnet, &listed.addr) || vs_prefix_contains(&listed, &subnet->addr))
			return true;
	return false;
}

/* What resolvers passed on of their clients: home proves a leak, the exit proves the tunnel. */
static bool read_subnets(
	const struct vs_scene *scene, enum vs_fact known, struct vs_dns_signs *signs, struct vs_prefix *home)
{
	struct vs_view rest = vs_seen_value(&scene->seen, known);
	struct vs_prefix subnet;

	while (rest.len > 0 && vs_subnet_next(&rest, &subnet)) {
		bool exit = holds_exit(scene, &subnet);
		bool at_home = holds_home(scene->in->home, &subnet);

		if (!is_narrow(&subnet) || exit == at_home)
			continue; /* of neither, or of both, which tells nothing */
		if (at_home) {
			*home = subnet;
			return true;
		}
		signs->ecs_exit = true;
		signs->ecs = subnet;
	}
	return false;
}

bool vs_judge_ecs_home(struct vs_answer *answer, const struct vs_scene *scene, struct vs_dns_signs *signs)
{
	char text[VS_PREFIX_TEXT];
	struct vs_prefix home;

	if (!read_subnets(scene, VS_FACT_ZONE_ECS, signs, &home) &&
		!read_subnets(scene, VS_FACT_DNS_ECS, signs, &home))
		return false;
	vs_prefix_format(&home, text);
	vs_answer_decide(answer, VS_RULE_DNS_ECS_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence,
		"a resolver passed on that it was asked from %s, which holds the home network", text);
	return true;
}

/* Whether the exits are known to belong to other networks than asn. */
static bool is_of_no_exit(const struct vs_scene *scene, uint32_t asn)
{
	const struct vs_seen *seen = &scene->seen;
	bool four = seen->exit4 != NULL && !scene->home4, six = seen->exit6 != NULL && !scene->home6;

	if ((four && (scene->exit4.asn == 0 || scene->exit4.asn == asn)) ||
		(six && (scene->exit6.asn == 0 || scene->exit6.asn == asn)))
		return false;
	return four || six;
}

/*
 * An access network that is not the exit's: that of the client's own line, where the server does not know
 * it. Data centres are passed over: resolvers there tell of each other.
 */
static bool is_foreign(struct vs_scene *scene, const struct vs_prefix *subnet, struct vs_belongs *where)
{
	const struct vs_tolerance *tolerance = &scene->in->rules->tolerance;
	bool exit = holds_exit(scene, subnet), at_home = holds_home(scene->in->home, subnet);

	if (!is_narrow(subnet) || exit || at_home || !vs_is_public(&subnet->addr))
		return false;
	vs_belongs_of(scene, &subnet->addr, where);
	return where->asn != 0 && where->hosting != VS_HOSTING_YES &&
	       vs_network_public_resolver(&subnet->addr, &where->asn) == NULL &&
	       is_of_no_exit(scene, where->asn) &&
	       !vs_tolerance_network(tolerance, &subnet->addr, where->asn) &&
	       !vs_tolerance_country(tolerance, vs_view_of(where->country));
}

static bool find_foreign(
	struct vs_scene *scene, enum vs_fact known, struct vs_prefix *subnet, struct vs_belongs *where)
{
	struct vs_view rest = vs_seen_value(&scene->seen, known);

	while (rest.len > 0 && vs_subnet_next(&rest, subnet))
		if (is_foreign(scene, subnet, where))
			return true;
	return false;
}

void vs_judge_ecs_foreign(struct vs_scene *scene)
{
	char text[VS_PREFIX_TEXT];
	struct vs_belongs where;
	struct vs_answer answer;
	struct vs_prefix subnet;

	if (!find_foreign(scene, VS_FACT_ZONE_ECS, &subnet, &where) &&
		!find_foreign(scene, VS_FACT_DNS_ECS, &subnet, &where))
		return;
	answer = vs_answer_begin(scene->out, VS_QUESTION_DNS);
	vs_prefix_format(&subnet, text);
	vs_answer_decide(&answer, VS_RULE_DNS_ECS_FOREIGN, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	vs_say(&answer.evidence, "a resolver passed on that it was asked from %s, which belongs to ", text);
	vs_belongs_say(&answer.evidence, &where);
	vs_say(&answer.evidence, " and not to an exit's network");
}
