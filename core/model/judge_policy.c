/* The exit policy: whether the exits are where the client's people want them. */
#include <inttypes.h>
#include <string.h>

#include "model/country.h"
#include "model/judge_inside.h"
#include "model/place.h"
#include "model/policy.h"

/* What is known about one exit, as far as a policy asks. */
struct exit_facts {
	const struct vs_exit_seen *exit;
	const struct vs_belongs *belongs;
	char country[3]; /* "": not known, or the sources differ */
	bool differ; /* they do */
	bool agreed; /* two of them say the same */
	char other[3]; /* what another one says */
};

#define CODES_MAX 8

/* What is said of an exit's country, and by how many. */
struct tally {
	char codes[CODES_MAX][3];
	size_t votes[CODES_MAX];
	size_t count, total;
};

static void vote(struct tally *tally, const char *code, size_t votes)
{
	size_t i = 0;

	while (i < tally->count && strcmp(tally->codes[i], code) != 0)
		i++;
	tally->total += votes;
	if (i == CODES_MAX)
		return; /* contradicts all the same */
	if (i == tally->count) {
		memcpy(tally->codes[i], code, sizeof(tally->codes[i]));
		tally->votes[i] = 0;
		tally->count++;
	}
	tally->votes[i] += votes;
}

/* A source of places that the client asked, too, has one voice. */
static bool has_voted(const struct vs_belongs *belongs, const struct vs_fact_value *fact, const char *code)
{
	return strcmp(code, belongs->placed) == 0 && strstr(belongs->sources, fact->source) != NULL;
}

/* The atlas speaks for as many sources as agreed in it, and not once more by what it says in the facts. */
static void hear(const struct vs_scene *scene, const struct exit_facts *facts, struct tally *tally)
{
	const struct vs_belongs *belongs = facts->belongs;
	const struct vs_fact_value *fact;
	size_t at = 0;
	char code[3];

	if (belongs->placed[0] != '\0')
		vote(tally, belongs->placed, belongs->agreed ? 2 : 1);
	while ((fact = vs_belongs_next_country(scene, &facts->exit->addr, &at)) != NULL) {
		if (belongs->looked_up && strcmp(fact->source, VS_PLACE_SOURCE) == 0)
			continue;
		if (vs_country_find(code, fact->value) && !has_voted(belongs, fact, code))
			vote(tally, code, 1);
	}
}

static void find_country(const struct vs_scene *scene, struct exit_facts *facts)
{
	struct tally tally = {.count = 0};
	size_t best = 0, next = 0;

	hear(scene, facts, &tally);
	for (size_t i = 1; i < tally.count; i++)
		if (tally.votes[i] > tally.votes[best])
			best = i;
	facts->agreed = facts->belongs->agreed;
	if (tally.count == 0) {
		facts->differ = strstr(facts->belongs->disagreement, "country") != NULL;
		return;
	}
	memcpy(facts->country, tally.codes[best], sizeof(facts->country));
	facts->agreed = tally.votes[best] > 1;
	facts->differ = 2 * tally.votes[best] <= tally.total;
	if (facts->belongs->placed[0] == '\0' && facts->belongs->disagreement[0] != '\0')
		facts->differ |= !facts->agreed && strstr(facts->belongs->disagreement, "country") != NULL;
	while (next < tally.count && next == best)
		next++;
	if (next < tally.count)
		memcpy(facts->other, tally.codes[next], sizeof(facts->other));
}

static void say_places(struct vs_sentence *to, const struct vs_tolerance *places)
{
	const char *before = "";
	char text[VS_PREFIX_TEXT];

	for (uint32_t i = 0; i < places->country_count; i++, before = ", ")
		vs_say(to, "%s%s", before, places->countries[i].code);
	for (uint32_t i = 0; i < places->asn_count; i++, before = ", ")
		vs_say(to, "%sAS%" PRIu32, before, places->asns[i]);
	for (uint32_t i = 0; i < places->prefix_count; i++, before = ", ") {
		vs_prefix_format(&places->prefixes[i], text);
		vs_say(to, "%s%s", before, text);
	}
}

static void say_exit(struct vs_sentence *to, const struct exit_facts *facts)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(&facts->exit->addr, text);
	vs_say(to, "the exit %s is", text);
	if (facts->country[0] != '\0')
		vs_say(to, " in %s", facts->country);
	if (facts->belongs->asn != 0) {
		vs_say(to, "%s", facts->country[0] != '\0' ? ", " : " in ");
		vs_belongs_say(to, facts->belongs);
	}
	if (facts->country[0] == '\0' && facts->belongs->asn == 0)
		vs_say(to, " somewhere");
	if (facts->belongs->stale)
		vs_say(to, " (as of long ago)");
}

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };

/* Whether the exit is at one of the places; not known when only what is not known could tell. */
static enum match match(const struct vs_tolerance *places, const struct exit_facts *facts)
{
	if (vs_tolerance_network(places, &facts->exit->addr, facts->belongs->asn))
		return MATCH_YES;
	if (!facts->differ && facts->country[0] != '\0' &&
		vs_tolerance_country(places, vs_view_of(facts->country)))
		return MATCH_YES;
	if (places->country_count > 0 && (facts->differ || facts->country[0] == '\0'))
		return MATCH_UNKNOWN;
	return places->asn_count > 0 && facts->belongs->asn == 0 ? MATCH_UNKNOWN : MATCH_NO;
}

static void not_known(struct vs_answer *answer, struct vs_scene *scene, const struct exit_facts *facts)
{
	char text[VS_ADDR_TEXT];
	bool pending = scene->in->atlas != NULL && !facts->belongs->looked_up;

	vs_addr_format(&facts->exit->addr, text);
	if (facts->differ) {
		vs_answer_unknown(answer, VS_RULE_POLICY_DISAGREE);
		vs_say(&answer->evidence, "the sources disagree about where the exit %s is: ", text);
		if (facts->other[0] != '\0')
			vs_say(&answer->evidence, "%s or %s", facts->country, facts->other);
		else
			vs_say(&answer->evidence, "%s", facts->belongs->disagreement);
		return;
	}
	if (facts->belongs->disagreement[0] != '\0') {
		vs_answer_unknown(answer, VS_RULE_POLICY_DISAGREE);
		vs_say(&answer->evidence, "the sources disagree about where the exit %s is: %s", text,
			facts->belongs->disagreement);
		return;
	}
	vs_belongs_want(scene, &facts->exit->addr);
	vs_answer_unknown(answer, pending ? VS_RULE_POLICY_LOOKING_UP : VS_RULE_POLICY_NO_PLACE);
	if (pending)
		vs_say(&answer->evidence, "where the exit %s is is being looked up", text);
	else
		vs_say(&answer->evidence, "nobody could tell where the exit %s is", text);
}

/* True when the answer is given: a violation, or that it cannot be known. */
static bool exit_is_bad(struct vs_answer *answer, struct vs_scene *scene, const struct vs_policy *policy,
	const struct exit_facts *facts)
{
	const struct vs_tolerance *allow = &policy->allow;
	bool open = allow->country_count + allow->asn_count + allow->prefix_count == 0;
	enum match denied = match(&policy->deny, facts);
	enum match allowed = open ? MATCH_YES : match(allow, facts);
	enum vs_confidence sure = facts->agreed ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM;

	if (denied == MATCH_YES) {
		vs_answer_decide(answer, VS_RULE_POLICY_DENIED, VS_VERDICT_VIOLATION, sure);
		say_exit(&answer->evidence, facts);
		vs_say(&answer->evidence, "; denied are ");
		say_places(&answer->evidence, &policy->deny);
	} else if (allowed == MATCH_NO) {
		vs_answer_decide(answer, VS_RULE_POLICY_NOT_ALLOWED, VS_VERDICT_VIOLATION, sure);
		say_exit(&answer->evidence, facts);
		vs_say(&answer->evidence, "; allowed are ");
		say_places(&answer->evidence, allow);
	} else if (denied == MATCH_UNKNOWN || allowed == MATCH_UNKNOWN) {
		not_known(answer, scene, facts);
	} else {
		return false;
	}
	return true;
}

/* Exits of a family were told, and not enough sources agree on one. */
static bool is_torn(const struct vs_seen *seen)
{
	for (size_t i = 0; i < seen->exit_count; i++)
		if ((seen->exits[i].addr.family == 4 ? seen->exit4 : seen->exit6) == NULL)
			return true;
	return false;
}

void vs_judge_policy(struct vs_scene *scene)
{
	struct vs_answer answer = vs_answer_begin(scene->out, VS_QUESTION_POLICY);
	const struct vs_policy *policy = vs_policies_find(scene->in->policies, scene->in->client_id);
	struct exit_facts exits[2] = {{.exit = scene->seen.exit4, .belongs = &scene->exit4},
		{.exit = scene->seen.exit6, .belongs = &scene->exit6}};
	const struct exit_facts *first = NULL;
	bool agreed = true;

	if (policy == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (exits[i].exit == NULL || !vs_is_public(&exits[i].exit->addr))
			continue;
		find_country(scene, &exits[i]);
		first = first == NULL ? &exits[i] : first;
		agreed = agreed && exits[i].agreed;
		if (exit_is_bad(&answer, scene, policy, &exits[i]))
			return;
	}
	if (is_torn(&scene->seen) || first == NULL) {
		bool torn = is_torn(&scene->seen);

		vs_answer_unknown(&answer, torn ? VS_RULE_POLICY_DISAGREE : VS_RULE_POLICY_NO_EXIT);
		vs_say(&answer.evidence, "%s",
			torn ? "the sources disagree about the exit" : "the exit is not known");
		return;
	}
	vs_answer_decide(&answer, VS_RULE_POLICY_ALLOWED, VS_VERDICT_SECURE,
		agreed ? VS_CONFIDENCE_HIGH : VS_CONFIDENCE_MEDIUM);
	say_exit(&answer.evidence, first);
	vs_say(&answer.evidence, ", where the policy allows it");
}
