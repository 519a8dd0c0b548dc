/* DNS: which resolvers asked, and whether each is one that the tunnel's traffic should meet. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "model/home.h"
#include "model/judge_dns_inside.h"
#include "model/rules.h"

/* Pools have several members: fewer names may not meet them all. */
#define NAMES_NEEDED 5

static bool query_left_at_home(struct vs_answer *answer, const struct vs_scene *scene)
{
	char text[VS_ADDR_TEXT], why[VS_WHY_SIZE];
	struct vs_addr udp;

	if (!vs_seen_addr(&scene->seen, VS_FACT_UDP_IP, &udp) ||
		!vs_home_contains(scene->in->home, &udp, 0, why, sizeof(why)))
		return false;
	vs_addr_format(&udp, text);
	vs_answer_decide(answer, VS_RULE_DNS_UDP_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "a query sent straight to a distant DNS server left from %s, which %s",
		text, why);
	return true;
}

static int64_t names_asked(const struct vs_seen *seen)
{
	int64_t own = 0, told = 0;

	if (vs_int_parse(&own, vs_seen_value(seen, VS_FACT_ZONE_LABELS)) < 0)
		own = 0;
	if (vs_int_parse(&told, vs_seen_value(seen, VS_FACT_DNS_LABELS)) < 0)
		told = 0;
	return own > told ? own : told;
}

static bool techniques_agree(const struct vs_seen *seen)
{
	struct vs_view techniques = vs_seen_value(seen, VS_FACT_DNS_TECHNIQUES);
	size_t count = vs_items_count(techniques);
	int64_t own = 0;

	/* The own zone tells by the server: what a client says of it is only that a name was resolved. */
	if (vs_seen_value(seen, VS_FACT_ZONE_RESOLVERS).len == 0)
		return count > (vs_items_contain(techniques, "zone") ? 2U : 1U);
	if (vs_int_parse(&own, vs_seen_value(seen, VS_FACT_ZONE_LABELS)) == 0 && own >= NAMES_NEEDED)
		return true;
	return count + (vs_items_contain(techniques, "zone") ? 0 : 1) > 1;
}

/* The kernel's word about a tunnel that begins on this host; one that begins elsewhere it cannot see. */
static struct vs_dns_signs signs_of(const struct vs_seen *seen)
{
	bool ours = vs_seen_fact(seen, VS_FACT_PATH_EXIT) == NULL ||
		    vs_seen_is(seen, VS_FACT_PATH_EXIT, "tunnel");

	return (struct vs_dns_signs){
		.beside = ours && vs_seen_is(seen, VS_FACT_DNS_PATH, "beside"),
		.partly = ours && vs_seen_is(seen, VS_FACT_DNS_PATH, "mixed") &&
			  vs_seen_value(seen, VS_FACT_DNS_BESIDE).len > 0,
		.through = ours && vs_seen_is(seen, VS_FACT_DNS_PATH, "tunnel"),
		.agreed = techniques_agree(seen),
	};
}

/* Whoever looks for resolvers and could not, or not lately, leaves nothing to guess by countries. */
static bool is_measured(const struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	static const enum vs_fact facts[] = {VS_FACT_DNS_RESOLVERS, VS_FACT_ZONE_RESOLVERS,
		VS_FACT_DNS_TECHNIQUES, VS_FACT_DNS_LABELS, VS_FACT_DNS_ANSWERING};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (vs_seen_fact(seen, facts[i]) != NULL)
			return true;
	return seen->stale_dns || vs_answer_failed(scene->in, "dns_resolver") != NULL;
}

/* Queries are answered beside the tunnel, whoever it is that answers. */
static bool is_answered_beside(
	struct vs_answer *answer, const struct vs_seen *seen, const struct vs_dns_signs *signs)
{
	struct vs_view who = vs_seen_value(seen, VS_FACT_DNS_BESIDE);

	if (!signs->beside || !vs_seen_is(seen, VS_FACT_PATH_EXIT, "tunnel") ||
		!vs_seen_is(seen, VS_FACT_DNS_ANSWERING, "true"))
		return false;
	vs_answer_decide(answer, VS_RULE_DNS_PATH_BESIDE, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	vs_say(&answer->evidence, "the nameservers answer and are reached beside the tunnel%s%.*s",
		who.len > 0 ? ": " : "", vs_say_length(who, VS_SAID_MAX), who.ptr);
	return true;
}

static void none_seen(struct vs_answer *answer, const struct vs_scene *scene)
{
	if (vs_seen_is(&scene->seen, VS_FACT_DNS_ANSWERING, "false")) {
		struct vs_view servers = vs_seen_value(&scene->seen, VS_FACT_DNS_NAMESERVERS);

		vs_answer_unknown(answer, VS_RULE_DNS_RESOLVER_DEAD);
		vs_say(&answer->evidence, "no nameserver answers%s%.*s%s", servers.len > 0 ? " (" : "",
			vs_say_length(servers, VS_SAID_MAX), servers.ptr, servers.len > 0 ? ")" : "");
		return;
	}
	vs_answer_unknown(answer, VS_RULE_DNS_NOT_SEEN);
	vs_say(&answer->evidence, "%s",
		scene->seen.stale_dns ? "which resolver asked was told too long ago to count"
				      : "no service told which resolver asked");
	vs_answer_say_reasons(answer, scene->in);
}

/* Of two answers the worse one, of two leaks the surer one; the first of equals. */
static bool is_worse(const struct vs_ruling *a, const struct vs_ruling *b)
{
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict;
	return a->verdict == VS_VERDICT_LEAK ? a->confidence > b->confidence : a->confidence < b->confidence;
}

/*
 * The own zone saw only private addresses where others were shown public ones: something between changes
 * who asks, as container networks do.
 */
static bool is_translated(const struct vs_resolvers *resolvers)
{
	bool shown = false;

	for (size_t i = 0; i < resolvers->count; i++) {
		const struct vs_resolver *resolver = &resolvers->items[i];

		if (vs_is_public(&resolver->addr) && resolver->by_zone)
			return false;
		shown |= vs_is_public(&resolver->addr);
	}
	return shown;
}

/* Private addresses prove nothing: they count when there are no others. */
static bool counts(const struct vs_ruling *ruling)
{
	return ruling->rule != VS_RULE_DNS_PRIVATE;
}

/* Whether the public ones among them are run by several. */
static bool rule_on_each(struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_resolvers *resolvers, struct vs_ruling *worst)
{
	const char *keeper = NULL;
	struct vs_ruling ruling;
	bool several = false;

	for (size_t i = 0; i < resolvers->count; i++) {
		vs_rule_on_resolver(scene, signs, &resolvers->items[i], &ruling);
		several |= keeper != NULL && ruling.keeper != NULL && strcmp(keeper, ruling.keeper) != 0;
		keeper = ruling.keeper != NULL ? ruling.keeper : keeper;
		if (i == 0 || (counts(&ruling) && (!counts(worst) || is_worse(&ruling, worst))))
			*worst = ruling;
	}
	return several;
}

/* The network that one of several was told is no proof of how the others were asked. */
static void rule_on_all(struct vs_scene *scene, struct vs_dns_signs *signs,
	const struct vs_resolvers *resolvers, struct vs_ruling *worst)
{
	if (!rule_on_each(scene, signs, resolvers, worst) || !signs->ecs_exit)
		return;
	signs->ecs_exit = false;
	rule_on_each(scene, signs, resolvers, worst);
}

static void judge_resolvers(struct vs_answer *answer, struct vs_scene *scene, struct vs_dns_signs *signs,
	const struct vs_resolvers *resolvers)
{
	int64_t names = names_asked(&scene->seen);
	struct vs_ruling worst;

	rule_on_all(scene, signs, resolvers, &worst);
	vs_answer_decide(answer, (enum vs_rule)worst.rule, (enum vs_verdict)worst.verdict,
		(enum vs_confidence)worst.confidence);
	vs_say_ruling(&answer->evidence, scene, signs, &worst);
	if (resolvers->count > 1)
		vs_say(&answer->evidence, " (one of %zu resolvers seen)", resolvers->count);
	if (names >= NAMES_NEEDED || worst.verdict >= VS_VERDICT_UNKNOWN)
		return;
	vs_answer_unknown(answer, VS_RULE_DNS_FEW_LABELS);
	vs_say(&answer->evidence,
		"; but %" PRId64 " names were asked for it, and %d are needed to see all of a pool", names,
		NAMES_NEEDED);
}

void vs_judge_dns(struct vs_scene *scene)
{
	struct vs_answer answer = vs_answer_begin(scene->out, VS_QUESTION_DNS);
	const struct vs_seen *seen = &scene->seen;
	struct vs_dns_signs signs = signs_of(seen);
	struct vs_resolvers resolvers;

	if (vs_judge_ecs_home(&answer, scene, &signs) || query_left_at_home(&answer, scene))
		return;
	if (!is_measured(scene)) {
		vs_judge_dns_location(scene, &answer);
		return;
	}
	vs_resolvers_read(&resolvers, vs_seen_value(seen, VS_FACT_DNS_RESOLVERS),
		vs_seen_value(seen, VS_FACT_ZONE_RESOLVERS));
	signs.translated = is_translated(&resolvers);
	if (resolvers.count > 0)
		judge_resolvers(&answer, scene, &signs, &resolvers);
	else if (!is_answered_beside(&answer, seen, &signs))
		none_seen(&answer, scene);
	if (*answer.verdict != VS_VERDICT_LEAK)
		vs_judge_ecs_foreign(scene);
}
