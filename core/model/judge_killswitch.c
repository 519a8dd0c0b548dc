/* The kill switch: whether anything gets past the tunnel when it is tried on purpose. */
#include <string.h>

#include "model/judge_inside.h"

static bool is_open(struct vs_answer *answer, const struct vs_seen *seen)
{
	const struct vs_fact_value *canary = vs_seen_fact(seen, VS_FACT_CANARY_IP);
	struct vs_view device = vs_seen_value(seen, VS_FACT_CANARY_DEVICE);
	struct vs_view open = vs_seen_value(seen, VS_FACT_KILLSWITCH_OPEN);

	if (canary != NULL) {
		vs_answer_decide(answer, VS_RULE_KILLSWITCH_CANARY, VS_VERDICT_EXPOSED, VS_CONFIDENCE_HIGH);
		vs_say(&answer->evidence, "a canary sent beside the tunnel");
		if (device.len > 0)
			vs_say(&answer->evidence, " by %.*s", vs_say_length(device, VS_SAID_MAX), device.ptr);
		vs_say(&answer->evidence, " reached the server from %.*s", (int)canary->value.len,
			canary->value.ptr);
		return true;
	}
	if (open.len == 0)
		return false;
	vs_answer_decide(answer, VS_RULE_KILLSWITCH_OPEN, VS_VERDICT_EXPOSED, VS_CONFIDENCE_HIGH);
	vs_say(&answer->evidence, "what was sent beside the tunnel by %.*s got out and was answered",
		vs_say_length(open, VS_SAID_MAX), open.ptr);
	return true;
}

void vs_judge_killswitch(struct vs_scene *scene)
{
	struct vs_answer answer = vs_answer_begin(scene->out, VS_QUESTION_KILLSWITCH);
	struct vs_view tested = vs_seen_value(&scene->seen, VS_FACT_KILLSWITCH_TESTED);
	const struct vs_observation *failed = vs_answer_failed(scene->in, "killswitch");

	if (is_open(&answer, &scene->seen))
		return;
	if (tested.len > 0) {
		vs_answer_decide(&answer, VS_RULE_KILLSWITCH_CLOSED, VS_VERDICT_SECURE, VS_CONFIDENCE_HIGH);
		vs_say(&answer.evidence, "nothing that was sent beside the tunnel by %.*s got out",
			vs_say_length(tested, VS_SAID_MAX), tested.ptr);
	} else if (failed != NULL) {
		vs_answer_unknown(&answer, VS_RULE_KILLSWITCH_FAILED);
		vs_say(&answer.evidence, "the test could not be made: %s: %s", failed->source,
			failed->reason == NULL ? "no reason given" : failed->reason);
	}
}
