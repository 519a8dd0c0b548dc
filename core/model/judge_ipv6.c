/* IPv6: none is fine, the tunnel's is fine, any other leaves beside the tunnel. */
#include <string.h>

#include "model/home.h"
#include "model/judge_inside.h"
#include "model/network.h"
#include "model/place.h"

static const enum vs_fact ipv6_facts[] = {
	VS_FACT_UDP6_IP, VS_FACT_IPV6_GLOBAL, VS_FACT_IPV6_REACHABLE, VS_FACT_PATH_EXIT6};

static bool is_measured(const struct vs_seen *seen)
{
	for (size_t i = 0; i < seen->exit_count; i++)
		if (seen->exits[i].addr.family == 6)
			return true;
	for (size_t i = 0; i < sizeof(ipv6_facts) / sizeof(ipv6_facts[0]); i++)
		if (vs_seen_fact(seen, ipv6_facts[i]) != NULL)
			return true;
	return false;
}

/* Any IPv6 address that was seen from outside, in the home set. */
static bool leaves_at_home(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	const struct vs_home *home = scene->in->home;
	char text[VS_ADDR_TEXT], why[VS_WHY_SIZE];
	struct vs_belongs belongs;
	struct vs_addr udp;

	for (size_t i = 0; i < seen->exit_count; i++) {
		const struct vs_addr *addr = &seen->exits[i].addr;

		if (addr->family != 6)
			continue;
		vs_belongs_of_exit(scene, addr, &belongs);
		if (!vs_home_contains(home, addr, belongs.asn, why, sizeof(why)))
			continue;
		vs_answer_decide(answer, VS_RULE_IPV6_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
		vs_seen_say_exit(&answer->evidence, seen, addr);
		vs_say(&answer->evidence, " %s", why);
		return true;
	}
	if (!vs_seen_addr(seen, VS_FACT_UDP6_IP, &udp) || !vs_home_contains(home, &udp, 0, why, sizeof(why)))
		return false;
	vs_addr_format(&udp, text);
	vs_answer_decide(answer, VS_RULE_IPV6_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "a query over IPv6 left from %s, which %s", text, why);
	return true;
}

static bool source_is_home(struct vs_answer *answer, const struct vs_scene *scene)
{
	const struct vs_addr *source = &scene->in->source;
	char text[VS_ADDR_TEXT], why[VS_WHY_SIZE];

	if (source->family != 6 || !vs_is_public(source) ||
		!vs_home_contains(scene->in->home, source, 0, why, sizeof(why)))
		return false;
	vs_addr_format(source, text);
	vs_answer_decide(answer, VS_RULE_IPV6_SOURCE_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "the keepalive came from %s, which %s", text, why);
	return true;
}

static void say_both(struct vs_sentence *to, const struct vs_scene *scene)
{
	vs_seen_say_exit(to, &scene->seen, &scene->seen.exit6->addr);
	vs_say(to, " belongs to ");
	vs_belongs_say(to, &scene->exit6);
}

/* No exit of IPv4 to compare with: the tunnel's question has looked at this one already. */
static void judge_alone(struct vs_answer *answer, const struct vs_scene *scene)
{
	const struct vs_addr *addr = &scene->seen.exit6->addr;

	vs_seen_say_exit(&answer->evidence, &scene->seen, addr);
	if (!vs_home_knows(scene->in->home, 6, scene->exit6.asn)) {
		vs_answer_unknown(answer, VS_RULE_IPV6_HOME_UNKNOWN);
		vs_say(&answer->evidence, " cannot be compared: the server does not know its own IPv6 exit");
		return;
	}
	vs_answer_decide(answer, VS_RULE_IPV6_ONLY_EXIT, VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM);
	vs_say(&answer->evidence, " is outside the home network");
}

static void look_up(struct vs_answer *answer, struct vs_scene *scene)
{
	bool four = scene->exit4.asn == 0;
	const struct vs_exit_seen *exit = four ? scene->seen.exit4 : scene->seen.exit6;
	const struct vs_belongs *belongs = four ? &scene->exit4 : &scene->exit6;
	bool pending = scene->in->atlas != NULL && !belongs->looked_up;
	char text[VS_ADDR_TEXT];

	vs_belongs_want(scene, &exit->addr);
	vs_addr_format(&exit->addr, text);
	vs_answer_unknown(answer, pending ? VS_RULE_IPV6_LOOKING_UP : VS_RULE_IPV6_NO_PLACE);
	if (pending)
		vs_say(&answer->evidence, "where the exit %s belongs is being looked up", text);
	else
		vs_say(&answer->evidence, "nobody could tell where the exit %s belongs", text);
}

/* Two exits, of which that of IPv4 is the tunnel's: they should be in one network. */
static void compare(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_belongs *four = &scene->exit4, *six = &scene->exit6;
	bool tunnelled = vs_seen_is(&scene->seen, VS_FACT_PATH_EXIT6, "tunnel");
	char why[VS_WHY_SIZE];

	if (four->asn != 0 && four->asn == six->asn) {
		say_both(&answer->evidence, scene);
		vs_say(&answer->evidence, ", as that of IPv4 does");
		vs_answer_decide(answer, VS_RULE_IPV6_SAME_NETWORK, VS_VERDICT_SECURE,
			four->stale || six->stale ? VS_CONFIDENCE_MEDIUM : VS_CONFIDENCE_HIGH);
	} else if (six->asn != 0 && six->hosting != VS_HOSTING_YES &&
		   vs_home_shares_asn(scene->in->home, six->asn, why, sizeof(why))) {
		vs_answer_decide(answer, VS_RULE_IPV6_HOME_ASN, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
		vs_seen_say_exit(&answer->evidence, &scene->seen, &scene->seen.exit6->addr);
		vs_say(&answer->evidence, " %s", why);
	} else if (tunnelled) {
		vs_answer_decide(answer, VS_RULE_IPV6_TUNNEL, VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM);
		vs_seen_say_exit(&answer->evidence, &scene->seen, &scene->seen.exit6->addr);
		vs_say(&answer->evidence,
			" is outside the home network, and the route goes through the tunnel");
	} else if (four->asn == 0 || six->asn == 0) {
		look_up(answer, scene);
	} else {
		bool hosting = six->hosting == VS_HOSTING_YES;

		say_both(&answer->evidence, scene);
		vs_say(&answer->evidence, ", that of IPv4 to ");
		vs_belongs_say(&answer->evidence, four);
		if (hosting)
			vs_answer_unknown(answer, VS_RULE_IPV6_OTHER_HOSTING);
		else
			vs_answer_decide(answer, VS_RULE_IPV6_FOREIGN, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	}
}

static void judge_exit(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;

	if (vs_seen_is(seen, VS_FACT_PATH_EXIT6, "beside") && vs_seen_is(seen, VS_FACT_PATH_EXIT, "tunnel")) {
		/* Route and exit were not looked at in the same moment: a tunnel that comes up is no leak. */
		vs_answer_decide(answer, VS_RULE_IPV6_BESIDE, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
		vs_seen_say_exit(&answer->evidence, seen, &seen->exit6->addr);
		vs_say(&answer->evidence, " is reached by IPv6, whose route goes beside the tunnel");
	} else if (seen->exit4 == NULL || scene->home4) {
		judge_alone(answer, scene);
	} else {
		compare(answer, scene);
	}
}

static bool sources_disagree(struct vs_answer *answer, const struct vs_seen *seen)
{
	const struct vs_exit_seen *first = NULL;
	char text[VS_ADDR_TEXT];

	for (size_t i = 0; seen->exit6 == NULL && i < seen->exit_count; i++) {
		if (seen->exits[i].addr.family != 6)
			continue;
		if (first == NULL) {
			first = &seen->exits[i];
			continue;
		}
		vs_answer_unknown(answer, VS_RULE_IPV6_DISAGREE);
		vs_say(&answer->evidence, "the sources disagree: ");
		vs_seen_say_exit(&answer->evidence, seen, &first->addr);
		vs_addr_format(&seen->exits[i].addr, text);
		vs_say(&answer->evidence, ", or %s", text);
		return true;
	}
	return false;
}

/*
 * A global address beside the tunnel: any program may use it, whether or not the probe did. Where IPv4 goes
 * beside it as well, the routes may have been looked at while the tunnel came up: one round proves nothing.
 */
static bool is_exposed(struct vs_answer *answer, const struct vs_seen *seen)
{
	struct vs_view devices = vs_seen_value(seen, VS_FACT_IPV6_GLOBAL);
	bool routed = vs_seen_is(seen, VS_FACT_PATH_EXIT6, "beside");
	bool sure = routed && !vs_seen_is(seen, VS_FACT_PATH_EXIT, "beside");

	if (devices.len == 0 || (!routed && vs_seen_fact(seen, VS_FACT_PATH_EXIT6) != NULL))
		return false;
	vs_answer_decide(answer, routed ? VS_RULE_IPV6_EXPOSED_ROUTE : VS_RULE_IPV6_EXPOSED_DEVICE,
		VS_VERDICT_EXPOSED, sure ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	vs_say(&answer->evidence, "%.*s %s a global IPv6 address beside the tunnel%s",
		vs_say_length(devices, VS_SAID_MAX), devices.ptr,
		memchr(devices.ptr, ' ', devices.len) == NULL ? "has" : "have",
		routed ? ", and the route to the internet goes there" : "");
	return true;
}

/*
 * A query got out over IPv6, so that there is some, whatever else failed. Providers redirect queries, which
 * is why one that leaves from a data centre is no leak.
 */
static bool query_got_out(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_belongs *four = &scene->exit4;
	bool outside = scene->seen.exit4 != NULL && !scene->home4;
	struct vs_belongs six;
	char text[VS_ADDR_TEXT];
	struct vs_addr udp;

	if (!vs_seen_addr(&scene->seen, VS_FACT_UDP6_IP, &udp) || !vs_is_public(&udp) ||
		vs_seen_is(&scene->seen, VS_FACT_PATH_EXIT6, "tunnel"))
		return false;
	vs_belongs_of(scene, &udp, &six);
	if (outside && four->asn != 0 && four->asn == six.asn)
		return false;
	vs_addr_format(&udp, text);
	vs_say(&answer->evidence, "a query over IPv6 left from %s", text);
	if (outside && four->asn != 0 && six.asn != 0 && six.hosting != VS_HOSTING_YES) {
		vs_answer_decide(answer, VS_RULE_IPV6_FOREIGN, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
		vs_say(&answer->evidence, ", which belongs to ");
		vs_belongs_say(&answer->evidence, &six);
		vs_say(&answer->evidence, ", the exit of IPv4 to ");
		vs_belongs_say(&answer->evidence, four);
	} else {
		vs_answer_unknown(answer, VS_RULE_IPV6_QUERY);
		vs_say(&answer->evidence, ", and no source told an IPv6 exit");
	}
	return true;
}

/* Nobody told an IPv6 exit. */
static void judge_absence(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	bool unreached = vs_seen_is(seen, VS_FACT_IPV6_REACHABLE, "false");

	if (is_exposed(answer, seen) || query_got_out(answer, scene))
		return;
	if (vs_seen_is(seen, VS_FACT_PATH_EXIT6, "none")) {
		vs_answer_decide(answer, VS_RULE_IPV6_NO_ROUTE, VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH);
		vs_say(&answer->evidence, "no IPv6: there is no route to the internet");
	} else if (vs_seen_is(seen, VS_FACT_PATH_EXIT6, "tunnel")) {
		vs_answer_decide(answer, VS_RULE_IPV6_TUNNEL, VS_VERDICT_SECURE,
			unreached ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
		vs_say(&answer->evidence, "the route of IPv6 goes through the tunnel%s",
			unreached ? ", and no service could be reached there" : "");
	} else if (unreached) {
		vs_answer_decide(answer, VS_RULE_IPV6_NOT_REACHED, VS_VERDICT_SECURE, VS_CONFIDENCE_MEDIUM);
		vs_say(&answer->evidence, "no IPv6: no service could be reached");
	} else {
		vs_answer_unknown(answer, VS_RULE_IPV6_NOT_TOLD);
		vs_say(&answer->evidence, "no source told an IPv6 exit");
		vs_answer_say_reasons(answer, scene->in);
	}
}

void vs_judge_ipv6(struct vs_scene *scene)
{
	struct vs_answer answer = vs_answer_begin(scene->out, VS_QUESTION_IPV6);

	if (leaves_at_home(&answer, scene) || source_is_home(&answer, scene) || !is_measured(&scene->seen) ||
		sources_disagree(&answer, &scene->seen))
		return;
	if (scene->seen.exit6 != NULL)
		judge_exit(&answer, scene);
	else
		judge_absence(&answer, scene);
}
