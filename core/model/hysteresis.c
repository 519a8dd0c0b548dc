#include "model/hysteresis.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/detail.h"
#include "model/judge.h"
#include "model/rules.h"
#include "model/sentence.h"
#include "model/tracker.h"
#include "model/transition.h"
#include "model/words.h"

/* Which answer to which question is which incident. One streak a row, which is stored: append. */
struct row {
	enum vs_question question;
	enum vs_verdict bad;
	enum vs_kind kind;
	bool leaves; /* traffic that should not leaves meanwhile: it is worth counting */
};

static const struct row rows[VS_STREAKS] = {
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
	incident = find_resolved(client, bad->kind);
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

/* Whether row follows from a problem that has its own incident: an exit at home is where no policy wants it,
 * too. */
static bool is_explained(struct vs_client *client, const struct row *row)
{
	if (row->question == VS_QUESTION_TUNNEL)
		return false;
	return vs_client_incident(client, VS_KIND_TUNNEL_LOST) != NULL ||
	       vs_client_incident(client, VS_KIND_BYPASS) != NULL ||
	       (row->kind == VS_KIND_POLICY && vs_client_incident(client, VS_KIND_IPV6_LEAK) != NULL);
}

/* Bytes since the last good evidence, as long as no incident keeps them. */
static int64_t count_unsaid(struct vs_client *client, size_t index, int64_t bytes)
{
	int64_t *unsaid;

	if (!rows[index].leaves || bytes < 0)
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
static uint8_t cause_of(const struct row *row, const struct vs_judgement *judgement)
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
	const struct row *row = &rows[index];
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
	if (wait || streak->bad < rounds_needed(row, confidence, tracker->rules) || is_explained(client, row))
		return;
	vs_hysteresis_open(tracker, client, &bad, round->now, out);
	forget_unsaid(client, index);
}

/* What is good but proved by nothing, such as a public resolver, ends nothing at once, however sure that was.
 */
static uint32_t rounds_to_end(const struct row *row, const struct vs_incident *incident,
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
	const struct row *row = &rows[index];
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

/* What the round showed beside the incident that explains it, in words; "" when nothing. */
static void say_consequences(
	struct vs_client *client, const struct vs_judgement *judgement, struct vs_sentence *to)
{
	for (size_t i = 0; i < VS_STREAKS; i++) {
		const struct row *row = &rows[i];

		if (judgement->verdict[row->question] != (uint8_t)row->bad || !is_explained(client, row) ||
			vs_client_incident(client, row->kind) != NULL)
			continue;
		vs_say(to, "%s%s", to->len > 0 ? ", " : "; along with it: ", vs_words_kind(row->kind));
	}
}

/* The open incident that explains others; NULL when this round did not write its evidence, which names them
 * then. */
static struct vs_incident *explaining(struct vs_client *client, const struct vs_judgement *judgement)
{
	struct vs_incident *incident = vs_client_incident(client, VS_KIND_BYPASS);

	if (incident == NULL)
		incident = vs_client_incident(client, VS_KIND_TUNNEL_LOST);
	if (incident != NULL)
		return judgement->verdict[VS_QUESTION_TUNNEL] < VS_VERDICT_EXPOSED ? NULL : incident;
	incident = vs_client_incident(client, VS_KIND_IPV6_LEAK);
	return judgement->verdict[VS_QUESTION_IPV6] == VS_VERDICT_LEAK ? incident : NULL;
}

/* Adds the consequences to the evidence of what explains them, also where it was just told. */
static void name_consequences(struct vs_client *client, const struct vs_judgement *judgement,
	struct vs_transitions *out, size_t first)
{
	struct vs_incident *incident = explaining(client, judgement);
	char text[256] = "";
	struct vs_sentence named = {text, sizeof(text), 0};
	struct vs_buf evidence;

	if (incident == NULL)
		return;
	say_consequences(client, judgement, &named);
	if (named.len == 0)
		return;
	vs_buf_init(&evidence);
	vs_buf_printf(&evidence, "%s%s", incident->evidence, text);
	vs_incident_set_evidence(incident, vs_buf_text(&evidence));
	for (size_t i = first; i < out->count; i++)
		if (strcmp(out->items[i].incident, incident->id) == 0)
			vs_transition_set_evidence(&out->items[i], vs_buf_text(&evidence));
	vs_buf_fini(&evidence);
}

void vs_hysteresis_feed(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_hysteresis_round *round, struct vs_transitions *out)
{
	const struct vs_judgement *judgement = round->judgement;
	bool was_lost = is_explained(client, &rows[EXPOSED_ROW]);
	const struct vs_incident *over = find_resolved(client, VS_KIND_TUNNEL_LOST); /* by this report? */
	bool heard = over != NULL && over->resolved_at == round->now;
	size_t first = out->count;

	forget_resolved(tracker, client, round->now);
	for (size_t k = 0; k < VS_STREAKS; k++) {
		size_t i = order[k];
		uint8_t verdict = judgement->verdict[rows[i].question];

		if (verdict == VS_VERDICT_UNKNOWN || verdict == VS_VERDICT_NOT_CHECKED)
			continue;
		if (verdict != (uint8_t)rows[i].bad)
			feed_good(tracker, client, i, round, out);
		else if (i == EXPOSED_ROW && (was_lost || heard) && vs_client_incident(client, rows[i].kind) == NULL)
			client->streaks[i] = (struct vs_streak){0}; /* routes older than the tunnel? */
		else /* names and IPv6 of the round that found the tunnel back may be from before: one more */
			feed_bad(tracker, client, i, round, was_lost && i >= 1 && i <= EXPOSED_ROW, out);
	}
	name_consequences(client, judgement, out, first);
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

	if (rows[row].question == VS_QUESTION_TUNNEL)
		return false;
	if (bypass || is_told(client, VS_KIND_BYPASS, at))
		return true;
	return (rows[row].kind == VS_KIND_IPV6_EXPOSED || rows[row].kind == VS_KIND_POLICY) &&
	       (judgement->verdict[q] == VS_VERDICT_DOWN || is_told(client, VS_KIND_TUNNEL_LOST, at));
}

static void remember_late(struct vs_client *client, size_t row, const struct vs_judgement *judgement,
	int64_t at, struct vs_transitions *out)
{
	enum vs_question question = rows[row].question;
	const char *evidence = judgement->evidence[question];
	uint8_t bit = (uint8_t)(1U << row);
	struct vs_transition *t;
	struct vs_buf text;

	if ((client->late_bad & bit) != 0 || judgement->confidence[question] < VS_CONFIDENCE_HIGH ||
		is_told(client, rows[row].kind, at) || was_explained(client, row, judgement, at))
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
