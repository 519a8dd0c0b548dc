#include "model/hysteresis.h"

#include "base/alloc.h"
#include "base/require.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/detail.h"
#include "model/hysteresis_inside.h"
#include "model/judge.h"
#include "model/rules.h"
#include "model/tracker.h"
#include "model/transition.h"

const struct vs_hysteresis_row vs_hysteresis_rows[VS_STREAKS] = {
	{VS_QUESTION_TUNNEL, VS_VERDICT_LEAK, VS_KIND_BYPASS, true},
	{VS_QUESTION_DNS, VS_VERDICT_LEAK, VS_KIND_DNS_LEAK, false},
	{VS_QUESTION_IPV6, VS_VERDICT_LEAK, VS_KIND_IPV6_LEAK, true},
	{VS_QUESTION_IPV6, VS_VERDICT_EXPOSED, VS_KIND_IPV6_EXPOSED, false},
	{VS_QUESTION_POLICY, VS_VERDICT_VIOLATION, VS_KIND_POLICY, false},
	{VS_QUESTION_KILLSWITCH, VS_VERDICT_EXPOSED, VS_KIND_KILLSWITCH_OPEN, false},
	{VS_QUESTION_TUNNEL, VS_VERDICT_DOWN, VS_KIND_TUNNEL_LOST, true},
};

/* What explains other rows comes before them. */
static const uint8_t order[VS_STREAKS] = {6, 0, 1, 2, 3, 4, 5};

#define EXPOSED_ROW 3 /* of the way out over IPv6 */
#define MEDIUM_ROUNDS 2
#define COVERED_MS (INT64_C(15) * 60 * 1000) /* longer than a full spool takes to be handed in */

static uint32_t rounds_needed(
	const struct vs_hysteresis_row *row, uint8_t confidence, const struct vs_rules *rules)
{
	if (confidence >= VS_CONFIDENCE_HIGH)
		return 1;
	return row->question == VS_QUESTION_DNS ? vs_tolerance_rounds(&rules->tolerance) : MEDIUM_ROUNDS;
}

static int64_t flap_window(const struct vs_tracker *tracker, const struct vs_client *client)
{
	return VS_RULES_FLAP_INTERVALS * vs_rules_interval(tracker->rules, client->interval_ms);
}

static bool is_recent(const struct vs_incident *incident, int64_t window, int64_t now)
{
	return now >= incident->resolved_at && now - incident->resolved_at <= window;
}

/* Of what was resolved: all of kind, VS_KINDS for none, and what is older than window. */
static void drop_resolved(struct vs_client *client, enum vs_kind kind, int64_t window, int64_t now)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < client->incident_count; i++) {
		struct vs_incident *incident = &client->incidents[i];

		if (incident->open || (incident->kind != (uint8_t)kind && is_recent(incident, window, now)))
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

/* What was resolved can flap for a while, and covers for a while what is reported late. */
static void forget_resolved(const struct vs_tracker *tracker, struct vs_client *client, int64_t now)
{
	int64_t window = flap_window(tracker, client);

	drop_resolved(client, VS_KINDS, window > COVERED_MS ? window : COVERED_MS, now);
}

/* One that comes back; one that was resolved too long ago for that makes room. */
static struct vs_incident *find_resolved(
	const struct vs_tracker *tracker, struct vs_client *client, enum vs_kind kind, int64_t now)
{
	for (uint32_t i = 0; i < client->incident_count; i++)
		if (!client->incidents[i].open && client->incidents[i].kind == (uint8_t)kind &&
			is_recent(&client->incidents[i], flap_window(tracker, client), now))
			return &client->incidents[i];
	drop_resolved(client, kind, INT64_MAX, now);
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
	vs_incident_expose(incident, bad->bytes);
	return incident;
}

static void tell(const struct vs_tracker *tracker, const struct vs_client *client, enum vs_change change,
	const struct vs_incident *incident, int64_t now, struct vs_transitions *out)
{
	struct vs_transition *t = vs_transitions_push(out);

	vs_transition_init_incident(t, change, incident, now);
	vs_details_of_client(t, client, tracker->names);
	vs_details_of_incident(t, incident);
}

void vs_hysteresis_open(const struct vs_tracker *tracker, struct vs_client *client, const struct vs_bad *bad,
	int64_t now, struct vs_transitions *out)
{
	enum vs_change change = VS_CHANGE_OPENED;
	struct vs_incident *incident;

	VS_REQUIRE(vs_client_incident(client, bad->kind) == NULL);
	forget_resolved(tracker, client, now);
	incident = find_resolved(tracker, client, bad->kind, now);
	if (incident != NULL) {
		change = VS_CHANGE_ESCALATED;
		incident->flaps++;
		incident->open = true;
		incident->acknowledged = false;
		incident->resolved_at = 0;
		incident->good_since = 0;
		vs_incident_expose(incident, bad->bytes);
	} else {
		incident = add_incident(client, bad, now);
	}
	incident->last_bad_at = now;
	incident->confidence = (uint8_t)bad->confidence;
	incident->cause = bad->cause;
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

/* What was found once is not forgotten when it cannot be found again; that of a silence ends with it. */
static bool is_known(uint8_t cause)
{
	return cause != VS_CAUSE_NONE && cause != VS_CAUSE_CLIENT_SILENT && cause != VS_CAUSE_EXIT_SILENT;
}

static void still_bad(struct vs_incident *incident, const struct vs_bad *bad, int64_t now)
{
	incident->last_bad_at = now;
	incident->good_since = 0;
	if (bad->confidence > incident->confidence)
		incident->confidence = (uint8_t)bad->confidence;
	if (bad->cause != VS_CAUSE_NONE && !(bad->cause == VS_CAUSE_UNKNOWN && is_known(incident->cause)))
		incident->cause = bad->cause;
	vs_incident_set_evidence(incident, bad->evidence);
}

/* Bytes since the last good evidence, as long as no incident keeps them. */
static int64_t count_unsaid(struct vs_client *client, size_t index, int64_t bytes)
{
	int64_t *unsaid;

	if (!vs_hysteresis_rows[index].leaves || bytes < 0)
		return -1;
	if (client->unsaid == NULL)
		client->unsaid = vs_zalloc(sizeof(*client->unsaid));
	unsaid = &client->unsaid->bytes[index];
	if (__builtin_add_overflow(*unsaid, bytes, unsaid))
		*unsaid = INT64_MAX;
	return *unsaid;
}

static void forget_unsaid(struct vs_client *client, size_t index)
{
	bool any = false;

	if (client->unsaid == NULL)
		return;
	client->unsaid->bytes[index] = 0;
	for (size_t i = 0; i < VS_STREAKS; i++)
		any |= client->unsaid->bytes[i] != 0;
	if (any)
		return;
	vs_free(client->unsaid);
	client->unsaid = NULL;
}

/* Whoever is down is so for some cause, known or not. */
static uint8_t cause_of(const struct vs_hysteresis_row *row, const struct vs_judgement *judgement)
{
	if (row->question != VS_QUESTION_TUNNEL)
		return VS_CAUSE_NONE;
	if (row->bad == VS_VERDICT_DOWN && judgement->cause == VS_CAUSE_NONE)
		return VS_CAUSE_UNKNOWN;
	return judgement->cause;
}

static void feed_bad(const struct vs_tracker *tracker, struct vs_client *client, size_t index,
	const struct vs_hysteresis_round *round, bool wait, struct vs_transitions *out)
{
	const struct vs_hysteresis_row *row = &vs_hysteresis_rows[index];
	struct vs_streak *streak = &client->streaks[index];
	struct vs_incident *incident = vs_client_incident(client, row->kind);
	uint8_t confidence = round->judgement->confidence[row->question];
	struct vs_bad bad = {
		.kind = row->kind,
		.confidence = (enum vs_confidence)confidence,
		.evidence = round->judgement->evidence[row->question],
		.cause = cause_of(row, round->judgement),
	};

	streak->good = 0;
	if (streak->bad == 0)
		streak->first_bad_at = round->now;
	if (streak->bad < UINT8_MAX)
		streak->bad++;
	bad.first_bad_at = streak->first_bad_at;
	if (incident != NULL) {
		vs_incident_expose(incident, row->leaves ? round->bytes : -1);
		still_bad(incident, &bad, round->now);
		return;
	}
	bad.bytes = count_unsaid(client, index, round->bytes);
	if (wait || streak->bad < rounds_needed(row, confidence, tracker->rules) ||
		vs_hysteresis_explained(client, row))
		return;
	vs_hysteresis_open(tracker, client, &bad, round->now, out);
	forget_unsaid(client, index);
}

/* What is good but proved by nothing, such as a public resolver, ends nothing at once, however sure that was.
 */
static uint32_t rounds_to_end(const struct vs_hysteresis_row *row, const struct vs_incident *incident,
	const struct vs_judgement *judgement, const struct vs_rules *rules)
{
	uint8_t good = judgement->confidence[row->question];
	uint32_t weak = good <= VS_CONFIDENCE_LOW ? rounds_needed(row, VS_CONFIDENCE_LOW, rules) : 1;
	uint32_t needed = rounds_needed(row, incident->confidence, rules);

	return weak > needed ? weak : needed;
}

static void feed_good(const struct vs_tracker *tracker, struct vs_client *client, size_t index,
	const struct vs_hysteresis_round *round, struct vs_transitions *out)
{
	const struct vs_hysteresis_row *row = &vs_hysteresis_rows[index];
	struct vs_streak *streak = &client->streaks[index];
	struct vs_incident *incident = vs_client_incident(client, row->kind);
	int64_t now = round->now;

	streak->bad = 0;
	streak->first_bad_at = 0;
	if (streak->good < UINT8_MAX)
		streak->good++;
	forget_unsaid(client, index);
	if (incident == NULL)
		return;
	if (incident->good_since == 0)
		vs_incident_expose(incident, row->leaves ? round->bytes : -1);
	if (incident->good_since == 0 || incident->good_since > now) /* the clock went back: count anew */
		incident->good_since = now;
	if (streak->good < rounds_to_end(row, incident, round->judgement, tracker->rules))
		return;
	if (incident->flaps > 0 && now - incident->good_since < flap_window(tracker, client))
		return;
	vs_incident_set_evidence(incident, round->judgement->evidence[row->question]);
	vs_hysteresis_resolve(tracker, client, incident, now, out);
}

/*
 * The round that finds the tunnel back may have looked at the rest before it was: at names and IPv6, and so
 * at the policy, and at a kill switch that is set up along with the tunnel. One more round then. Of an exit
 * at home it does not matter when it was seen.
 */
static bool may_be_older(size_t index)
{
	return vs_hysteresis_rows[index].question != VS_QUESTION_TUNNEL;
}

void vs_hysteresis_feed(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_hysteresis_round *round, struct vs_transitions *out)
{
	const struct vs_judgement *judgement = round->judgement;
	bool was_lost = round->heard || vs_hysteresis_explained(client, &vs_hysteresis_rows[EXPOSED_ROW]);
	size_t first = out->count;

	forget_resolved(tracker, client, round->now);
	for (size_t k = 0; k < VS_STREAKS; k++) {
		size_t i = order[k];
		uint8_t verdict = judgement->verdict[vs_hysteresis_rows[i].question];

		if (verdict == VS_VERDICT_UNKNOWN || verdict == VS_VERDICT_NOT_CHECKED)
			continue;
		if (verdict != (uint8_t)vs_hysteresis_rows[i].bad)
			feed_good(tracker, client, i, round, out);
		else if (i == EXPOSED_ROW && was_lost &&
			 vs_client_incident(client, vs_hysteresis_rows[i].kind) == NULL)
			client->streaks[i] = (struct vs_streak){0}; /* routes older than the tunnel? */
		else
			feed_bad(tracker, client, i, round, was_lost && may_be_older(i), out);
	}
	vs_hysteresis_name_consequences(client, judgement, out, first);
}

bool vs_hysteresis_suspects(struct vs_client *client, enum vs_kind *kind)
{
	bool suspected = false;

	for (size_t i = 0; i < VS_STREAKS; i++) {
		if (client->verdicts.verdict[vs_hysteresis_rows[i].question] !=
			(uint8_t)vs_hysteresis_rows[i].bad)
			continue;
		if (vs_client_incident(client, vs_hysteresis_rows[i].kind) != NULL)
			return false;
		if (!suspected)
			*kind = vs_hysteresis_rows[i].kind;
		suspected = true;
	}
	return suspected;
}
