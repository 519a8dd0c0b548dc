/* Evidence of the past: what it adds to the incidents that are known, and what is told of the rest. */
#include <string.h>

#include "model/cause.h"
#include "model/hysteresis.h"
#include "model/hysteresis_inside.h"
#include "model/judge.h"
#include "model/names.h"
#include "model/tracker.h"
#include "model/transition.h"

#define UNDATED_MS INT64_C(60000) /* so close do reports follow each other that have no time of their own */

/* An incident that is open, or was resolved lately, covered that moment. */
static bool is_told(const struct vs_client *client, enum vs_kind kind, int64_t at)
{
	for (uint32_t i = 0; i < client->incident_count; i++) {
		const struct vs_incident *incident = &client->incidents[i];

		if (incident->kind == (uint8_t)kind && at >= incident->first_bad_at &&
			(incident->open || at <= incident->resolved_at))
			return true;
	}
	return false;
}

static bool is_bypass(const struct vs_judgement *judgement)
{
	return judgement->verdict[VS_QUESTION_TUNNEL] == VS_VERDICT_LEAK &&
	       judgement->confidence[VS_QUESTION_TUNNEL] >= VS_CONFIDENCE_HIGH;
}

/*
 * Whether a late finding says nothing beyond what explains it: of a bypass all that came with it, of a tunnel
 * that was down what merely could have left, or from where. What did leave while it was down is more than
 * that.
 */
static bool was_explained(
	const struct vs_client *client, size_t row, const struct vs_judgement *judgement, int64_t at)
{
	if (vs_hysteresis_rows[row].question == VS_QUESTION_TUNNEL)
		return false;
	if (is_bypass(judgement) || is_told(client, VS_KIND_BYPASS, at))
		return true;
	return (vs_hysteresis_rows[row].kind == VS_KIND_IPV6_EXPOSED ||
		       vs_hysteresis_rows[row].kind == VS_KIND_POLICY) &&
	       (judgement->verdict[VS_QUESTION_TUNNEL] == VS_VERDICT_DOWN ||
		       is_told(client, VS_KIND_TUNNEL_LOST, at));
}

/* The round that found the tunnel back may have looked at everything else before it was, as a live one may.
 */
static bool may_be_older(const struct vs_client *client, size_t row, const struct vs_judgement *judgement)
{
	return client->late_lost && vs_hysteresis_rows[row].question != VS_QUESTION_TUNNEL &&
	       judgement->verdict[VS_QUESTION_TUNNEL] != VS_VERDICT_DOWN;
}

static void note_tunnel(struct vs_client *client, const struct vs_judgement *judgement)
{
	uint8_t verdict = judgement->verdict[VS_QUESTION_TUNNEL];

	if (verdict != VS_VERDICT_UNKNOWN && verdict != VS_VERDICT_NOT_CHECKED)
		client->late_lost = verdict == VS_VERDICT_DOWN || verdict == VS_VERDICT_LEAK;
}

/*
 * Whether row was told of the outage that this report is from. When the first finding of an outage arrives,
 * all its reports have been made: what is older belongs to it, what is newer to the next one.
 */
static bool is_repetition(struct vs_client *client, size_t row, const struct vs_hysteresis_past *past)
{
	uint8_t bit = (uint8_t)(1U << row);
	int64_t until = (int64_t)client->late_until * 1000;
	bool undated = past->at == past->now && past->now - until <= UNDATED_MS;

	if (past->at > until && !undated)
		client->late_told = 0;
	if (client->late_told == 0 || undated)
		client->late_until = (uint32_t)((past->now + 999) / 1000);
	if ((client->late_told & bit) != 0)
		return true;
	client->late_told |= bit;
	return false;
}

/* What a report that was made afterwards says about it. */
static const char *state_of(const struct vs_client *client, size_t row, int64_t at)
{
	uint8_t verdict = client->verdicts.verdict[vs_hysteresis_rows[row].question];

	if (client->last_seen <= at || client->liveness == VS_LIVENESS_LOST)
		return VS_LATE_UNKNOWN;
	if (verdict == (uint8_t)vs_hysteresis_rows[row].bad)
		return VS_LATE_ON;
	return verdict == VS_VERDICT_SECURE || verdict == VS_VERDICT_THIRD_PARTY ? VS_LATE_OVER
										 : VS_LATE_UNKNOWN;
}

/* The incident that a live report would open in its next round; this is evidence enough by now. */
static bool open_earlier(const struct vs_tracker *tracker, struct vs_client *client, size_t row,
	const struct vs_hysteresis_past *past, struct vs_transitions *out)
{
	enum vs_question question = vs_hysteresis_rows[row].question;
	struct vs_bad bad = {
		.kind = vs_hysteresis_rows[row].kind,
		.confidence = (enum vs_confidence)client->verdicts.confidence[question],
		.evidence = vs_verdicts_evidence(&client->verdicts, question),
		.first_bad_at = past->at,
		.cause = question == VS_QUESTION_TUNNEL ? client->cause : VS_CAUSE_NONE,
		.bytes = -1,
	};

	if (bad.kind == VS_KIND_TUNNEL_LOST || strcmp(state_of(client, row, past->at), VS_LATE_ON) != 0 ||
		vs_hysteresis_explained(client, &vs_hysteresis_rows[row]))
		return false;
	vs_hysteresis_open(tracker, client, &bad, past->now, out);
	return true;
}

static struct vs_transition *push_notice(const struct vs_tracker *tracker, const struct vs_client *client,
	size_t row, int64_t at, struct vs_transitions *out)
{
	struct vs_transition *t = vs_transitions_push(out);

	vs_transition_init_notice(t, vs_hysteresis_rows[row].kind, client->id, at);
	t->confidence = VS_CONFIDENCE_HIGH;
	t->verdict = (uint8_t)vs_hysteresis_rows[row].bad;
	vs_transition_add(t, VS_LATE_KEY, state_of(client, row, at));
	vs_transition_add(t, "tags", vs_names_text(tracker->names, client->tags));
	return t;
}

static void take_unknown(const struct vs_tracker *tracker, struct vs_client *client, size_t row,
	const struct vs_hysteresis_past *past, struct vs_transitions *out)
{
	enum vs_question question = vs_hysteresis_rows[row].question;
	const struct vs_judgement *judgement = past->judgement;
	char exit[VS_ADDR_TEXT];
	struct vs_transition *t;

	if (judgement->confidence[question] < VS_CONFIDENCE_HIGH ||
		is_told(client, vs_hysteresis_rows[row].kind, past->at) ||
		was_explained(client, row, judgement, past->at) || may_be_older(client, row, judgement) ||
		open_earlier(tracker, client, row, past, out) || is_repetition(client, row, past))
		return;
	t = push_notice(tracker, client, row, past->at, out);
	vs_transition_set_evidence(t, judgement->evidence[question]);
	if (judgement->exit.family != 0) {
		vs_addr_format(&judgement->exit, exit);
		vs_transition_add(t, "exit", exit);
	}
}

static void take_bad(const struct vs_tracker *tracker, struct vs_client *client, size_t row,
	const struct vs_hysteresis_past *past, struct vs_transitions *out)
{
	struct vs_incident *incident = vs_client_incident(client, vs_hysteresis_rows[row].kind);
	struct vs_streak *streak = &client->streaks[row];

	if (streak->bad > 0 && past->at < streak->first_bad_at)
		streak->first_bad_at = past->at;
	if (incident == NULL) {
		take_unknown(tracker, client, row, past, out);
		return;
	}
	if (past->at < incident->first_bad_at)
		incident->first_bad_at = past->at;
	if (past->at > incident->last_bad_at)
		incident->last_bad_at = past->at;
}

/*
 * Reports come in the order in which they were made: what the incident was stretched to was over by then, and
 * is another story. A silence is none: it began when nobody was heard any more.
 */
static void take_good(const struct vs_tracker *tracker, struct vs_client *client, size_t row,
	const struct vs_hysteresis_past *past, struct vs_transitions *out)
{
	struct vs_incident *incident = vs_client_incident(client, vs_hysteresis_rows[row].kind);
	int64_t first_bad_at;

	if (incident == NULL || incident->kind == VS_KIND_TUNNEL_LOST || past->at <= incident->first_bad_at ||
		past->at >= incident->opened_at)
		return;
	first_bad_at = incident->first_bad_at;
	incident->first_bad_at = incident->opened_at;
	if (!is_repetition(
		    client, row, &(struct vs_hysteresis_past){past->judgement, first_bad_at, past->now}))
		push_notice(tracker, client, row, first_bad_at, out);
}

void vs_hysteresis_late(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_hysteresis_past *past, struct vs_transitions *out)
{
	for (size_t i = 0; i < VS_STREAKS; i++) {
		uint8_t verdict = past->judgement->verdict[vs_hysteresis_rows[i].question];

		if (verdict == (uint8_t)vs_hysteresis_rows[i].bad)
			take_bad(tracker, client, i, past, out);
		else if (verdict == VS_VERDICT_SECURE || verdict == VS_VERDICT_THIRD_PARTY)
			take_good(tracker, client, i, past, out);
	}
	note_tunnel(client, past->judgement);
}
