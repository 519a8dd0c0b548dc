#include "model/notices.h"

#include "model/client.h"
#include "model/detail.h"
#include "model/exits.h"
#include "model/hysteresis.h"
#include "model/judge.h"
#include "model/names.h"
#include "model/rules.h"
#include "model/sentence.h"
#include "model/tracker.h"
#include "model/transition.h"

/* What was known at that moment: the evidence of the worst answer. */
static void add_picture(
	struct vs_transition *t, const struct vs_client *client, const struct vs_tracker *tracker)
{
	enum vs_verdict worst = vs_verdicts_overall(&client->verdicts);

	vs_details_of_client(t, client, tracker->names);
	for (int q = 0; q < VS_QUESTIONS; q++)
		if (client->verdicts.verdict[q] == (uint8_t)worst) {
			vs_transition_set_evidence(
				t, vs_verdicts_evidence(&client->verdicts, (enum vs_question)q));
			t->confidence = client->verdicts.confidence[q];
			break;
		}
}

static void tell_connected(
	struct vs_client *client, const struct vs_tracker *tracker, int64_t now, struct vs_transitions *out)
{
	struct vs_transition *t = vs_transitions_push(out);

	vs_transition_init_notice(t, VS_KIND_CONNECTED, client->id, now);
	add_picture(t, client, tracker);
	client->told = 1;
}

/* The exits that were compared, and what the tunnel question says about the new one. */
static void tell_exit_changed(struct vs_client *client, const struct vs_tracker *tracker,
	const struct vs_notices_round *round, struct vs_transitions *out)
{
	const struct vs_judgement *judgement = round->judgement;
	struct vs_transition *t = vs_transitions_push(out);
	char text[VS_ADDR_TEXT], evidence[VS_EVIDENCE_MAX];
	struct vs_sentence sentence = {evidence, sizeof(evidence), 0};

	vs_transition_init_notice(t, VS_KIND_IP_CHANGED, client->id, round->now);
	vs_addr_format(&judgement->exit, text);
	vs_transition_add(t, "exit", text);
	vs_addr_format(&client->told_exit, text);
	vs_transition_add(t, "previous", text);
	vs_details_of_client(t, client, tracker->names);
	if (vs_exits_are_shared(client->exits))
		vs_say(&sentence, "two hosts seem to share this client id: both run, and they report in turn "
				  "from two exits; ");
	vs_say(&sentence, "%s", judgement->evidence[VS_QUESTION_TUNNEL]);
	vs_transition_set_evidence(t, evidence);
	t->confidence = judgement->confidence[VS_QUESTION_TUNNEL];
}

static void take_exit(struct vs_client *client, const struct vs_tracker *tracker,
	const struct vs_notices_round *round, struct vs_transitions *out)
{
	struct vs_exit_turn turn = {
		.exit = round->judgement->exit,
		.told = client->told_exit,
		.started_at = client->started_at,
		.started_before = round->started_before,
		.window_ms =
			VS_NOTICES_EXIT_INTERVALS * vs_rules_interval(tracker->rules, client->interval_ms),
		.now = round->now,
	};

	if (turn.told.family == 0)
		client->told_exit = turn.exit;
	/* The other family's exit is another witness, not a change. */
	if (turn.exit.family != turn.told.family || !vs_exits_take(&client->exits, &turn))
		return;
	tell_exit_changed(client, tracker, round, out);
	client->told_exit = turn.exit;
}

static void tell_version_changed(
	struct vs_client *client, const struct vs_tracker *tracker, int64_t now, struct vs_transitions *out)
{
	struct vs_transition *t = vs_transitions_push(out);

	vs_transition_init_notice(t, VS_KIND_VERSION_CHANGED, client->id, now);
	vs_transition_add(t, "version", vs_names_text(tracker->names, client->version));
	vs_transition_add(t, "previous", vs_names_text(tracker->names, client->told_version));
	t->verdict = (uint8_t)vs_verdicts_overall(&client->verdicts);
}

void vs_notices_tell(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_notices_round *round, struct vs_transitions *out)
{
	bool was_told = client->told != 0;

	if (!was_told)
		tell_connected(client, tracker, round->now, out);
	if (round->judgement->exit.family != 0 &&
		round->judgement->verdict[VS_QUESTION_TUNNEL] != VS_VERDICT_LEAK)
		take_exit(client, tracker, round, out);
	if (client->version != 0 && client->version != client->told_version) {
		if (was_told && client->told_version != 0)
			tell_version_changed(client, tracker, round->now, out);
		vs_names_replace(tracker->names, &client->told_version,
			vs_view_of(vs_names_text(tracker->names, client->version)));
	}
}

void vs_notices_qualify(struct vs_client *client, struct vs_transitions *out, size_t first)
{
	enum vs_kind kind;

	for (size_t i = first; i < out->count; i++)
		if (out->items[i].kind == VS_KIND_CONNECTED && vs_hysteresis_suspects(client, &kind))
			vs_transition_add(&out->items[i], "suspected", vs_kind_name(kind));
}
