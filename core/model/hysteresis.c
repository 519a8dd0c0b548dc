#include "base/buf.h"
#include "model/hysteresis.h"

#include "base/alloc.h"
#include "base/require.h"
#include "model/client.h"
#include "model/detail.h"
#include "model/judge.h"
#include "model/rules.h"
#include "model/tracker.h"
#include "model/transition.h"

/* Which answer to which question is which incident. One streak a row. */
struct row {
	enum vs_question question;
	enum vs_verdict bad;
	enum vs_kind kind;
};

static const struct row rows[VS_STREAKS] = {
	{VS_QUESTION_TUNNEL, VS_VERDICT_LEAK, VS_KIND_BYPASS},
	{VS_QUESTION_DNS, VS_VERDICT_LEAK, VS_KIND_DNS_LEAK},
	{VS_QUESTION_IPV6, VS_VERDICT_LEAK, VS_KIND_IPV6_LEAK},
	{VS_QUESTION_IPV6, VS_VERDICT_EXPOSED, VS_KIND_IPV6_EXPOSED},
	{VS_QUESTION_POLICY, VS_VERDICT_VIOLATION, VS_KIND_POLICY},
	{VS_QUESTION_KILLSWITCH, VS_VERDICT_EXPOSED, VS_KIND_KILLSWITCH_OPEN},
};

#define MEDIUM_ROUNDS 2

static uint32_t rounds_needed(const struct row *row, uint8_t confidence, const struct vs_rules *rules)
{
	if (confidence >= VS_CONFIDENCE_HIGH)
		return 1;
	return row->question == VS_QUESTION_DNS ? vs_tolerance_rounds(&rules->tolerance) : MEDIUM_ROUNDS;
}

static int64_t flap_window(const struct vs_tracker *tracker, const struct vs_client *client)
{
	return VS_RULES_FLAP_INTERVALS * vs_rules_interval(tracker->rules, client->interval_ms);
}

static void forget_resolved(const struct vs_tracker *tracker, struct vs_client *client, int64_t now)
{
	int64_t window = flap_window(tracker, client);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < client->incident_count; i++) {
		struct vs_incident *incident = &client->incidents[i];

		if (incident->open || (now >= incident->resolved_at && now - incident->resolved_at <= window))
			client->incidents[kept++] = *incident;
		else
			vs_incident_fini(incident);
	}
	client->incident_count = kept;
	if (kept == 0) {
		vs_free(client->incidents);
		client->incidents = NULL;
	}
}

static struct vs_incident *find_resolved(struct vs_client *client, enum vs_kind kind)
{
	for (uint32_t i = 0; i < client->incident_count; i++)
		if (!client->incidents[i].open && client->incidents[i].kind == (uint8_t)kind)
			return &client->incidents[i];
	return NULL;
}

static struct vs_incident *add_incident(struct vs_client *client, const struct vs_bad *bad, int64_t now)
{
	struct vs_incident *incident;

	client->incidents =
		vs_realloc(client->incidents, (client->incident_count + 1) * sizeof(*client->incidents));
	incident = &client->incidents[client->incident_count++];
	vs_incident_init(incident, bad->kind, client->id, now);
	incident->first_bad_at = bad->first_bad_at;
	return incident;
}

static void tell(const struct vs_tracker *tracker, const struct vs_client *client, enum vs_change change,
	const struct vs_incident *incident, int64_t now, struct vs_transitions *out)
{
	struct vs_transition *t = vs_transitions_push(out);

	vs_transition_init_incident(t, change, incident, now);
	vs_details_of_client(t, client, tracker->names);
}

void vs_hysteresis_open(const struct vs_tracker *tracker, struct vs_client *client, const struct vs_bad *bad,
	int64_t now, struct vs_transitions *out)
{
	enum vs_change change = VS_CHANGE_OPENED;
	struct vs_incident *incident;

	VS_REQUIRE(vs_client_incident(client, bad->kind) == NULL);
	forget_resolved(tracker, client, now);
	incident = find_resolved(client, bad->kind);
	if (incident != NULL) {
		change = VS_CHANGE_ESCALATED;
		incident->flaps++;
		incident->open = true;
		incident->acknowledged = false;
		incident->resolved_at = 0;
		incident->good_since = 0;
	} else {
		incident = add_incident(client, bad, now);
	}
	incident->last_bad_at = now;
	incident->confidence = (uint8_t)bad->confidence;
	vs_incident_set_evidence(incident, bad->evidence);
	tell(tracker, client, change, incident, now, out);
}

void vs_hysteresis_resolve(const struct vs_tracker *tracker, struct vs_client *client,
	struct vs_incident *incident, int64_t now, struct vs_transitions *out)
{
	incident->open = false;
	incident->resolved_at = now;
	tell(tracker, client, VS_CHANGE_RESOLVED, incident, now, out);
}

static void still_bad(struct vs_incident *incident, const struct vs_bad *bad, int64_t now)
{
	incident->last_bad_at = now;
	incident->good_since = 0;
	if (bad->confidence > incident->confidence)
		incident->confidence = (uint8_t)bad->confidence;
	vs_incident_set_evidence(incident, bad->evidence);
}

static void feed_bad(const struct vs_tracker *tracker, struct vs_client *client, size_t index,
	const struct vs_judgement *judgement, int64_t now, struct vs_transitions *out)
{
	const struct row *row = &rows[index];
	struct vs_streak *streak = &client->streaks[index];
	struct vs_incident *incident = vs_client_incident(client, row->kind);
	uint8_t confidence = judgement->confidence[row->question];
	struct vs_bad bad = {
		row->kind, (enum vs_confidence)confidence, judgement->evidence[row->question], now};

	streak->good = 0;
	if (streak->bad == 0)
		streak->first_bad_at = now;
	if (streak->bad < UINT8_MAX)
		streak->bad++;
	bad.first_bad_at = streak->first_bad_at;
	if (incident != NULL)
		still_bad(incident, &bad, now);
	else if (streak->bad >= rounds_needed(row, confidence, tracker->rules))
		vs_hysteresis_open(tracker, client, &bad, now, out);
}

static void feed_good(const struct vs_tracker *tracker, struct vs_client *client, size_t index,
	const struct vs_judgement *judgement, int64_t now, struct vs_transitions *out)
{
	const struct row *row = &rows[index];
	struct vs_streak *streak = &client->streaks[index];
	struct vs_incident *incident = vs_client_incident(client, row->kind);

	streak->bad = 0;
	streak->first_bad_at = 0;
	if (streak->good < UINT8_MAX)
		streak->good++;
	if (incident == NULL)
		return;
	if (incident->good_since == 0 || incident->good_since > now) /* the clock went back: count anew */
		incident->good_since = now;
	if (streak->good < rounds_needed(row, incident->confidence, tracker->rules))
		return;
	if (incident->flaps > 0 && now - incident->good_since < flap_window(tracker, client))
		return;
	vs_incident_set_evidence(incident, judgement->evidence[row->question]);
	vs_hysteresis_resolve(tracker, client, incident, now, out);
}

void vs_hysteresis_feed(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_judgement *judgement, int64_t now, struct vs_transitions *out)
{
	forget_resolved(tracker, client, now);
	for (size_t i = 0; i < VS_STREAKS; i++) {
		uint8_t verdict = judgement->verdict[rows[i].question];

		if (verdict == VS_VERDICT_UNKNOWN || verdict == VS_VERDICT_NOT_CHECKED)
			continue;
		if (verdict == (uint8_t)rows[i].bad)
			feed_bad(tracker, client, i, judgement, now, out);
		else
			feed_good(tracker, client, i, judgement, now, out);
	}
}

bool vs_hysteresis_suspects(struct vs_client *client, enum vs_kind *kind)
{
	bool suspected = false;

	for (size_t i = 0; i < VS_STREAKS; i++) {
		if (client->verdicts.verdict[rows[i].question] != (uint8_t)rows[i].bad)
			continue;
		if (vs_client_incident(client, rows[i].kind) != NULL)
			return false;
		if (!suspected)
			*kind = rows[i].kind;
		suspected = true;
	}
	return suspected;
}

static void remember_late(struct vs_client *client, size_t row, const struct vs_judgement *judgement,
	int64_t at, struct vs_transitions *out)
{
	enum vs_question question = rows[row].question;
	const char *evidence = judgement->evidence[question];
	uint8_t bit = (uint8_t)(1U << row);
	struct vs_transition *t;
	struct vs_buf text;

	if ((client->late_bad & bit) != 0 || judgement->confidence[question] < VS_CONFIDENCE_HIGH)
		return;
	client->late_bad |= bit;
	vs_buf_init(&text);
	vs_buf_printf(&text, "reported late, by a client that could not reach the server then: %s",
		evidence != NULL ? evidence : "");
	t = vs_transitions_push(out);
	vs_transition_init_notice(t, rows[row].kind, client->id, at);
	vs_transition_set_evidence(t, vs_buf_text(&text));
	t->confidence = judgement->confidence[question];
	t->verdict = (uint8_t)rows[row].bad;
	vs_buf_fini(&text);
}

void vs_hysteresis_late(struct vs_client *client, const struct vs_judgement *judgement, int64_t at,
	struct vs_transitions *out)
{
	for (size_t i = 0; i < VS_STREAKS; i++) {
		struct vs_incident *incident = vs_client_incident(client, rows[i].kind);
		struct vs_streak *streak = &client->streaks[i];

		if (judgement->verdict[rows[i].question] != (uint8_t)rows[i].bad)
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
