#include "model/judge.h"

#include <string.h>

#include "model/cause.h"
#include "model/home.h"
#include "model/judge_inside.h"

struct vs_answer vs_answer_begin(struct vs_judgement *out, enum vs_question question)
{
	struct vs_answer answer = {&out->verdict[question], &out->confidence[question], &out->rule[question],
		{out->evidence[question], VS_EVIDENCE_MAX, 0}};

	out->evidence[question][0] = '\0';
	vs_answer_decide(&answer, VS_RULE_NOT_CHECKED, VS_VERDICT_NOT_CHECKED, VS_CONFIDENCE_NONE);
	return answer;
}

void vs_answer_decide(
	struct vs_answer *answer, enum vs_rule rule, enum vs_verdict verdict, enum vs_confidence confidence)
{
	*answer->verdict = (uint8_t)verdict;
	*answer->confidence = (uint8_t)confidence;
	*answer->rule = (uint8_t)rule;
}

void vs_answer_unknown(struct vs_answer *answer, enum vs_rule rule)
{
	vs_answer_decide(answer, rule, VS_VERDICT_UNKNOWN, VS_CONFIDENCE_NONE);
}

void vs_answer_say_reasons(struct vs_answer *answer, const struct vs_case *in)
{
	const char *before = ": ";

	for (size_t i = 0; i < in->observation_count; i++) {
		const struct vs_observation *observation = &in->observations[i];

		if (observation->status != VS_OBSERVED_UNKNOWN && observation->status != VS_OBSERVED_FAIL)
			continue;
		vs_say(&answer->evidence, "%s%s: %s", before, observation->source,
			observation->reason == NULL ? "no reason given" : observation->reason);
		before = "; ";
	}
}

const struct vs_observation *vs_answer_failed(const struct vs_case *in, const char *probe)
{
	for (size_t i = 0; i < in->observation_count; i++) {
		const struct vs_observation *observation = &in->observations[i];

		if ((observation->status == VS_OBSERVED_UNKNOWN || observation->status == VS_OBSERVED_FAIL) &&
			strncmp(observation->source, probe, strlen(probe)) == 0)
			return observation;
	}
	return NULL;
}

bool vs_is_public(const struct vs_addr *addr)
{
	return addr->family != 0 && !vs_addr_is_private(addr);
}

static enum vs_side side_of(const struct vs_case *in, const struct vs_seen *seen)
{
	if (in->source.family == 0)
		return VS_SIDE_NONE;
	if (vs_seen_told(seen, &in->source))
		return VS_SIDE_EXIT;
	if (!vs_is_public(&in->source))
		return VS_SIDE_PRIVATE;
	if (vs_home_contains(in->home, &in->source, 0, NULL, 0))
		return VS_SIDE_HOME;
	return seen->count > 0 ? VS_SIDE_OTHER : VS_SIDE_NONE;
}

/* Where the exits belong that count, and whether that is home: every question asks for it. */
static void place_exits(struct vs_scene *scene)
{
	const struct vs_exit_seen *exit4 = scene->seen.exit4, *exit6 = scene->seen.exit6;

	scene->home4 = scene->home6 = false;
	if (exit4 != NULL) {
		vs_belongs_of_exit(scene, &exit4->addr, &scene->exit4);
		scene->home4 = vs_home_contains(scene->in->home, &exit4->addr, scene->exit4.asn, NULL, 0);
	}
	if (exit6 != NULL) {
		vs_belongs_of_exit(scene, &exit6->addr, &scene->exit6);
		scene->home6 = vs_home_contains(scene->in->home, &exit6->addr, scene->exit6.asn, NULL, 0);
	}
}

void vs_judge(const struct vs_case *in, struct vs_judgement *out)
{
	struct vs_scene scene;

	scene.in = in;
	scene.out = out;
	out->wanted_count = 0;
	out->cause = VS_CAUSE_NONE;
	vs_see(&scene.seen, in);
	out->exit = vs_seen_exit(&scene.seen);
	out->side = side_of(in, &scene.seen);
	place_exits(&scene);
	vs_judge_tunnel(&scene);
	vs_judge_dns(&scene);
	vs_judge_ipv6(&scene);
	vs_judge_policy(&scene);
	vs_judge_killswitch(&scene);
}
