/* The kill switch: whether anything gets past the tunnel when it is tried on purpose. */
#include <string.h>

#include "model/home.h"
#include "model/judge_inside.h"

/* The server heard it come from where the tunnel ends: whatever it was sent through, it may have gone in
 * there. */
static bool came_from_exit(struct vs_scene *scene)
{
	struct vs_addr addr;
	struct vs_belongs belongs;

	if (!vs_seen_addr(&scene->seen, VS_FACT_CANARY_IP, &addr) || !vs_seen_told(&scene->seen, &addr))
		return false;
	vs_belongs_of_exit(scene, &addr, &belongs);
	return !vs_home_contains(scene->in->home, &addr, belongs.asn, NULL, 0);
}

static void say_canary(struct vs_answer *answer, const struct vs_seen *seen)
{
	const struct vs_fact_value *canary = vs_seen_fact(seen, VS_FACT_CANARY_IP);
	struct vs_view device = vs_seen_value(seen, VS_FACT_CANARY_DEVICE);

	vs_say(&answer->evidence, "a canary sent beside the tunnel");
	if (device.len > 0)
		vs_say(&answer->evidence, " by %.*s", vs_say_length(device, VS_SAID_MAX), device.ptr);
	vs_say(&answer->evidence, " reached the server from %.*s", (int)canary->value.len, canary->value.ptr);
}

/* The list without one of its items. */
static struct vs_view list_without(struct vs_view list, struct vs_view item, char *text, size_t size)
{
	struct vs_sentence rest = {text, size, 0};
	struct vs_view one;

	text[0] = '\0';
	while (list.len > 0 && vs_view_split(&list, ' ', &one))
		if (one.len > 0 && !vs_view_equal(one, item))
			vs_say(&rest, "%s%.*s", rest.len == 0 ? "" : " ", (int)one.len, one.ptr);
	return vs_view_of(text);
}

/* indirect: the canary came from the exit, so that its device leads to the tunnel, and proves nothing. */
static bool is_open(struct vs_answer *answer, const struct vs_seen *seen, bool indirect)
{
	struct vs_view open = vs_seen_value(seen, VS_FACT_KILLSWITCH_OPEN);
	char others[VS_EVIDENCE_MAX];

	if (indirect) {
		open = list_without(open, vs_seen_value(seen, VS_FACT_CANARY_DEVICE), others, sizeof(others));
	} else if (vs_seen_fact(seen, VS_FACT_CANARY_IP) != NULL) {
		vs_answer_decide(answer, VS_RULE_KILLSWITCH_CANARY, VS_VERDICT_EXPOSED, VS_CONFIDENCE_HIGH);
		say_canary(answer, seen);
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
	bool indirect = came_from_exit(scene);

	if (is_open(&answer, &scene->seen, indirect))
		return;
	if (indirect) {
		vs_answer_unknown(&answer, VS_RULE_KILLSWITCH_CANARY_EXIT);
		say_canary(&answer, &scene->seen);
		vs_say(&answer.evidence,
			", the exit itself: that way may lead into the tunnel, and proves nothing");
		return;
	}
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
