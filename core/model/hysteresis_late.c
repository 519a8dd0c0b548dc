/* Evidence of the past: what it adds to the incidents that are known. */
#include "base/buf.h"
#include "model/hysteresis.h"
#include "model/hysteresis_inside.h"
#include "model/judge.h"
#include "model/transition.h"

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

/*
 * Whether a late finding says nothing beyond what explains it: of a bypass all that came with it, of a tunnel
 * that was down what merely could have left, or from where. What did leave while it was down is more than
 * that.
 */
static bool was_explained(
	const struct vs_client *client, size_t row, const struct vs_judgement *judgement, int64_t at)
{
	const int q = VS_QUESTION_TUNNEL;
	bool bypass =
		judgement->verdict[q] == VS_VERDICT_LEAK && judgement->confidence[q] >= VS_CONFIDENCE_HIGH;

	if (vs_hysteresis_rows[row].question == VS_QUESTION_TUNNEL)
		return false;
	if (bypass || is_told(client, VS_KIND_BYPASS, at))
		return true;
	return (vs_hysteresis_rows[row].kind == VS_KIND_IPV6_EXPOSED ||
		       vs_hysteresis_rows[row].kind == VS_KIND_POLICY) &&
	       (judgement->verdict[q] == VS_VERDICT_DOWN || is_told(client, VS_KIND_TUNNEL_LOST, at));
}

static void remember_late(struct vs_client *client, size_t row, const struct vs_judgement *judgement,
	int64_t at, struct vs_transitions *out)
{
	enum vs_question question = vs_hysteresis_rows[row].question;
	const char *evidence = judgement->evidence[question];
	uint8_t bit = (uint8_t)(1U << row);
	struct vs_transition *t;
	struct vs_buf text;

	if ((client->late_bad & bit) != 0 || judgement->confidence[question] < VS_CONFIDENCE_HIGH ||
		is_told(client, vs_hysteresis_rows[row].kind, at) ||
		was_explained(client, row, judgement, at))
		return;
	client->late_bad |= bit;
	vs_buf_init(&text);
	vs_buf_printf(&text, "reported late, by a client that could not reach the server then: %s",
		evidence != NULL ? evidence : "");
	t = vs_transitions_push(out);
	vs_transition_init_notice(t, vs_hysteresis_rows[row].kind, client->id, at);
	vs_transition_set_evidence(t, vs_buf_text(&text));
	t->confidence = judgement->confidence[question];
	t->verdict = (uint8_t)vs_hysteresis_rows[row].bad;
	vs_buf_fini(&text);
}

void vs_hysteresis_late(struct vs_client *client, const struct vs_judgement *judgement, int64_t at,
	struct vs_transitions *out)
{
	for (size_t i = 0; i < VS_STREAKS; i++) {
		struct vs_incident *incident = vs_client_incident(client, vs_hysteresis_rows[i].kind);
		struct vs_streak *streak = &client->streaks[i];

		if (judgement->verdict[vs_hysteresis_rows[i].question] != (uint8_t)vs_hysteresis_rows[i].bad)
			continue;
		if (streak->bad > 0 && at < streak->first_bad_at)
			streak->first_bad_at = at;
		if (incident == NULL) {
			remember_late(client, i, judgement, at, out);
			continue;
		}
		if (at < incident->first_bad_at)
			incident->first_bad_at = at;
		if (at > incident->last_bad_at)
			incident->last_bad_at = at;
	}
}
