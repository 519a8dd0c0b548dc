/* The tunnel: whether what goes out leaves anywhere but at home. */
#include <string.h>

#include "base/text.h"
#include "model/cause.h"
#include "model/home.h"
#include "model/judge_inside.h"
#include "model/place.h"

/* The sources of a family agree on a public exit outside: IPv6 at home is then no matter of the tunnel's. */
static bool ipv4_is_outside(const struct vs_scene *scene)
{
	const struct vs_exit_seen *exit = scene->seen.exit4;

	return exit != NULL && vs_is_public(&exit->addr) && !scene->home4;
}

static void belongs_of(struct vs_scene *scene, const struct vs_exit_seen *exit, struct vs_belongs *belongs)
{
	if (exit == scene->seen.exit4)
		*belongs = scene->exit4;
	else if (exit == scene->seen.exit6)
		*belongs = scene->exit6;
	else
		vs_belongs_of_exit(scene, &exit->addr, belongs);
}

static bool is_home(struct vs_scene *scene, const struct vs_exit_seen *exit, char *why, size_t size)
{
	struct vs_belongs belongs;

	belongs_of(scene, exit, &belongs);
	return vs_home_contains(scene->in->home, &exit->addr, belongs.asn, why, size);
}

/* Who contradicts an exit, which is home, by telling one elsewhere; NULL: none does. */
static const struct vs_exit_seen *dissenter(struct vs_scene *scene, const struct vs_exit_seen *exit)
{
	const struct vs_seen *seen = &scene->seen;

	for (size_t i = 0; i < seen->exit_count; i++) {
		const struct vs_exit_seen *other = &seen->exits[i];

		if (other != exit && other->addr.family == exit->addr.family &&
			!is_home(scene, other, NULL, 0))
			return other;
	}
	return NULL;
}

static const char *teller_of(const struct vs_seen *seen, const struct vs_addr *addr)
{
	for (size_t i = 0; i < seen->count; i++)
		if (vs_addr_equal(&seen->witnesses[i].addr, addr))
			return seen->witnesses[i].source;
	return "";
}

static void say_dissent(struct vs_sentence *to, const struct vs_seen *seen, const struct vs_exit_seen *other)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(&other->addr, text);
	vs_say(to, ", although %s tells %s", teller_of(seen, &other->addr), text);
}

/*
 * Rule 1: any exit in the home set is a bypass, unless only IPv6 leaves there. A witness that
 * disagrees makes it less sure, but not when two others agree against it.
 */
static bool exit_is_home(struct vs_answer *answer, struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	const struct vs_exit_seen *found = NULL, *against = NULL;
	char why[VS_WHY_SIZE];
	bool sure;

	for (size_t i = 0; i < seen->exit_count && (found == NULL || against != NULL); i++) {
		const struct vs_exit_seen *exit = &seen->exits[i], *other;

		if (!is_home(scene, exit, NULL, 0) || (exit->addr.family == 6 && ipv4_is_outside(scene)))
			continue;
		other = dissenter(scene, exit);
		if (found != NULL && other != NULL)
			continue;
		found = exit;
		against = other;
	}
	if (found == NULL)
		return false;
	sure = against == NULL || found == seen->exit4 || found == seen->exit6;
	vs_answer_decide(answer, VS_RULE_TUNNEL_EXIT_HOME, VS_VERDICT_LEAK,
		sure ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	is_home(scene, found, why, sizeof(why));
	vs_seen_say_exit(&answer->evidence, seen, &found->addr);
	vs_say(&answer->evidence, " %s", why);
	if (against != NULL)
		say_dissent(&answer->evidence, seen, against);
	return true;
}

/* Rule 2: so is a keepalive that came from a public address of the home set. */
static bool source_is_home(struct vs_answer *answer, const struct vs_scene *scene)
{
	const struct vs_case *in = scene->in;
	char text[VS_ADDR_TEXT], why[VS_WHY_SIZE];

	if (!vs_is_public(&in->source) || (in->source.family == 6 && ipv4_is_outside(scene)) ||
		!vs_home_contains(in->home, &in->source, 0, why, sizeof(why)))
		return false;
	vs_addr_format(&in->source, text);
	vs_answer_decide(answer, VS_RULE_TUNNEL_SOURCE_HOME, VS_VERDICT_LEAK, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "the keepalive came from %s, which %s", text, why);
	return true;
}

/* The provider at home has other customers, so this is less sure; a data centre has nothing but customers. */
static bool shares_home_asn(struct vs_answer *answer, const struct vs_scene *scene,
	const struct vs_exit_seen *exit, const struct vs_belongs *belongs)
{
	char why[VS_WHY_SIZE];

	if (exit == NULL || belongs->hosting == VS_HOSTING_YES || !vs_is_public(&exit->addr) ||
		!vs_home_shares_asn(scene->in->home, belongs->asn, why, sizeof(why)))
		return false;
	vs_answer_decide(answer, VS_RULE_TUNNEL_HOME_ASN, VS_VERDICT_LEAK, VS_CONFIDENCE_MEDIUM);
	vs_seen_say_exit(&answer->evidence, &scene->seen, &exit->addr);
	vs_say(&answer->evidence, " %s", why);
	return true;
}

/* The exits that the sources agree on, the preferred one first. IPv6 at home is judged apart. */
struct agreed {
	const struct vs_exit_seen *exits[2];
	const struct vs_belongs *belongs[2];
	size_t count;
};

static void add_agreed(struct agreed *agreed, const struct vs_exit_seen *exit, const struct vs_belongs *where)
{
	if (exit == NULL)
		return;
	agreed->exits[agreed->count] = exit;
	agreed->belongs[agreed->count++] = where;
}

static struct agreed agreed_exits(const struct vs_scene *scene)
{
	const struct vs_exit_seen *exit4 = scene->seen.exit4;
	const struct vs_exit_seen *exit6 = scene->home6 ? NULL : scene->seen.exit6;
	struct agreed agreed = {.count = 0};

	if (exit4 != NULL && exit6 != NULL && exit6 < exit4) {
		add_agreed(&agreed, exit6, &scene->exit6);
		exit6 = NULL;
	}
	add_agreed(&agreed, exit4, &scene->exit4);
	add_agreed(&agreed, exit6, &scene->exit6);
	return agreed;
}

/*
 * Whether the server knows an exit of its own that this one could be equal to. An IPv6 exit in the
 * network of an IPv4 exit that is outside needs no other.
 */
static bool is_comparable(const struct vs_scene *scene, const struct agreed *agreed, size_t index)
{
	const struct vs_exit_seen *exit = agreed->exits[index];
	const struct vs_home *home = scene->in->home;

	if (vs_home_knows(home, exit->addr.family, agreed->belongs[index]->asn))
		return true;
	return exit->addr.family == 6 && ipv4_is_outside(scene) && scene->exit4.asn != 0 &&
	       scene->exit4.asn == scene->exit6.asn && vs_home_knows(home, 4, 0);
}

static bool sources_disagree(struct vs_answer *answer, const struct vs_seen *seen)
{
	char text[VS_ADDR_TEXT], other[VS_ADDR_TEXT];

	for (size_t i = 0; i < seen->exit_count; i++)
		for (size_t k = i + 1; k < seen->exit_count; k++) {
			const struct vs_addr *a = &seen->exits[i].addr, *b = &seen->exits[k].addr;

			if (a->family != b->family || (a->family == 4 ? seen->exit4 : seen->exit6) != NULL)
				continue;
			vs_addr_format(a, text);
			vs_addr_format(b, other);
			vs_answer_unknown(answer, VS_RULE_TUNNEL_DISAGREE);
			vs_say(&answer->evidence, "the sources disagree: %s tells %s, %s tells %s",
				teller_of(seen, a), text, teller_of(seen, b), other);
			return true;
		}
	return false;
}

/* Rule 4: what cannot be known is unknown, with the reason. */
static bool exit_is_unknown(
	struct vs_answer *answer, const struct vs_scene *scene, const struct agreed *agreed)
{
	struct vs_sentence *to = &answer->evidence;
	char text[VS_ADDR_TEXT];

	if (sources_disagree(answer, &scene->seen))
		return true;
	for (size_t i = 0; i < agreed->count; i++) {
		const struct vs_addr *addr = &agreed->exits[i]->addr;

		if (vs_is_public(addr))
			continue;
		vs_addr_format(addr, text);
		vs_answer_unknown(answer, VS_RULE_TUNNEL_PRIVATE);
		vs_say(to, "%s tells the exit %s, which is not a public address",
			teller_of(&scene->seen, addr), text);
		return true;
	}
	for (size_t i = 0; i < agreed->count; i++)
		if (is_comparable(scene, agreed, i))
			return false;
	vs_addr_format(&agreed->exits[0]->addr, text);
	vs_answer_unknown(answer, VS_RULE_TUNNEL_HOME_UNKNOWN);
	vs_say(to, "the exit is %s, but the server does not know its own IPv%d exit yet", text,
		agreed->exits[0]->addr.family);
	return true;
}

/* The exits that were compared, or those that could not be, and how many they are. */
static size_t say_exits(
	struct vs_sentence *to, const struct vs_scene *scene, const struct agreed *agreed, bool comparable)
{
	size_t count = 0;

	for (size_t i = 0; i < agreed->count; i++) {
		if (is_comparable(scene, agreed, i) != comparable)
			continue;
		vs_say(to, "%s", count > 0 ? " and " : comparable ? "" : "; ");
		vs_seen_say_exit(to, &scene->seen, &agreed->exits[i]->addr);
		count++;
	}
	return count;
}

static void say_source(struct vs_sentence *to, const struct vs_scene *scene, const struct agreed *agreed)
{
	char text[VS_ADDR_TEXT];
	bool it = agreed->count == 1 || is_comparable(scene, agreed, 0);

	vs_addr_format(&scene->in->source, text);
	if (agreed->count > 1 && is_comparable(scene, agreed, 0) && is_comparable(scene, agreed, 1))
		it = false;
	if (scene->out->side == VS_SIDE_EXIT)
		vs_say(to, ", and the keepalive came from %s",
			it && vs_addr_equal(&scene->in->source, &agreed->exits[0]->addr) ? "it" : text);
	else if (scene->out->side != VS_SIDE_NONE)
		vs_say(to, "; the keepalive came from %s, %s", text,
			scene->out->side == VS_SIDE_PRIVATE ? "a private address beside the tunnel"
							    : "another public address");
}

/* What speaks against an exit elsewhere, without proving anything. */
static bool say_doubts(struct vs_sentence *to, const struct vs_scene *scene)
{
	const struct vs_seen *seen = &scene->seen;
	struct vs_addr udp;
	bool doubted = false;

	for (size_t i = 0; i < seen->exit_count && !doubted; i++) {
		const struct vs_exit_seen *exit = &seen->exits[i];

		if (exit == seen->exit4 || exit == seen->exit6)
			continue;
		say_dissent(to, seen, exit);
		doubted = true;
	}
	if (vs_seen_is(seen, VS_FACT_PATH_EXIT, "beside")) {
		vs_say(to, ", although the route to the internet goes beside the tunnel");
		doubted = true;
	}
	if (vs_seen_is(seen, VS_FACT_TUNNEL_UP, "false")) {
		vs_say(to, ", although no tunnel's device is up on the client");
		doubted = true;
	}
	if (vs_seen_addr(seen, VS_FACT_UDP_IP, &udp) && vs_home_contains(scene->in->home, &udp, 0, NULL, 0)) {
		vs_say(to, ", although queries over UDP leave at home");
		doubted = true;
	}
	return doubted;
}

/* Two sources tell each exit, over HTTP or UDP, and the kernel routes into the tunnel. */
static bool is_confirmed(const struct vs_scene *scene, const struct agreed *agreed)
{
	const struct vs_seen *seen = &scene->seen;

	if (!vs_seen_is(seen, VS_FACT_PATH_EXIT, "tunnel"))
		return false;
	for (size_t i = 0; i < agreed->count; i++) {
		const struct vs_exit_seen *exit = agreed->exits[i];
		struct vs_addr udp;
		bool same =
			vs_seen_addr(seen, exit->addr.family == 4 ? VS_FACT_UDP_IP : VS_FACT_UDP6_IP, &udp) &&
			vs_addr_equal(&udp, &exit->addr);

		if (exit->told + (same ? 1 : 0) < 2)
			return false;
	}
	return true;
}

/*
 * Rule 5: exits outside the home set are the tunnel's. Sure when the keepalive came through
 * one or all else says so, and each could be compared.
 */
static void exit_is_elsewhere(
	struct vs_answer *answer, const struct vs_scene *scene, const struct agreed *agreed)
{
	struct vs_sentence *to = &answer->evidence;
	size_t compared = say_exits(to, scene, agreed, true), rest;
	bool sure, doubted;

	vs_say(to, " %s outside the home network", compared > 1 ? "are" : "is");
	say_source(to, scene, agreed);
	doubted = say_doubts(to, scene);
	rest = say_exits(to, scene, agreed, false);
	if (rest > 0)
		vs_say(to, " cannot be compared: the server does not know its own exit of that family");
	sure = scene->out->side == VS_SIDE_EXIT || is_confirmed(scene, agreed);
	vs_answer_decide(answer, VS_RULE_TUNNEL_ELSEWHERE, VS_VERDICT_SECURE,
		sure && rest == 0 && !doubted ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
}

void vs_judge_tunnel(struct vs_scene *scene)
{
	struct vs_answer answer = vs_answer_begin(scene->out, VS_QUESTION_TUNNEL);
	struct agreed agreed;

	if (exit_is_home(&answer, scene) || source_is_home(&answer, scene) ||
		shares_home_asn(&answer, scene, scene->seen.exit4, &scene->exit4) ||
		(!ipv4_is_outside(scene) &&
			shares_home_asn(&answer, scene, scene->seen.exit6, &scene->exit6)))
		return;
	if (scene->seen.count == 0) {
		vs_judge_absence(scene, &answer);
		return;
	}
	agreed = agreed_exits(scene);
	if (!exit_is_unknown(&answer, scene, &agreed))
		exit_is_elsewhere(&answer, scene, &agreed);
}
