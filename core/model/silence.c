#include "model/silence.h"

#include <string.h>

#include "base/text.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/facts.h"
#include "model/hysteresis.h"
#include "model/rule.h"
#include "model/sentence.h"
#include "model/tracker.h"

#define SENTENCE_MAX 256

/* Durations only: each channel tells times in its own zone. */
static void say_silence(struct vs_sentence *to, int64_t silent_ms)
{
	char length[32];

	vs_duration_format(length, sizeof(length), silent_ms > 0 ? silent_ms : 0);
	vs_say(to, "no keepalive for %s", length);
}

static void judge_silence(struct vs_client *client, const char *silence, enum vs_cause cause)
{
	static const uint8_t sure[VS_QUESTIONS] = {[VS_QUESTION_TUNNEL] = VS_CONFIDENCE_HIGH};
	const char *evidence[VS_QUESTIONS] = {[VS_QUESTION_TUNNEL] = silence};
	uint8_t verdict[VS_QUESTIONS];

	for (int q = 0; q < VS_QUESTIONS; q++) {
		verdict[q] = client->verdicts.verdict[q];
		if (verdict[q] == VS_VERDICT_NOT_CHECKED)
			continue;
		verdict[q] = VS_VERDICT_UNKNOWN;
		evidence[q] = "the client is silent";
		client->rule[q] = VS_RULE_SILENT;
	}
	verdict[VS_QUESTION_TUNNEL] = VS_VERDICT_DOWN;
	evidence[VS_QUESTION_TUNNEL] = silence;
	client->rule[VS_QUESTION_TUNNEL] = VS_RULE_SILENT;
	client->cause = (uint8_t)cause;
	vs_verdicts_set(&client->verdicts, verdict, sure, evidence);
	client->judged = 0;
}

void vs_silence_begin(const struct vs_tracker *tracker, struct vs_client *client, int64_t now,
	const struct vs_silence *silence, struct vs_transitions *out)
{
	int64_t since = client->last_seen < now - silence->ms ? client->last_seen : now - silence->ms;
	struct vs_incident *lost = vs_client_incident(client, VS_KIND_TUNNEL_LOST);
	char text[SENTENCE_MAX] = "";
	struct vs_sentence sentence = {text, sizeof(text), 0};

	client->liveness = VS_LIVENESS_LOST;
	say_silence(&sentence, now - since);
	judge_silence(client, text, silence->cause);
	memset(client->streaks, 0, sizeof(client->streaks));
	if (lost == NULL) {
		vs_hysteresis_open(tracker, client,
			&(struct vs_bad){VS_KIND_TUNNEL_LOST, VS_CONFIDENCE_HIGH, text, since,
				(uint8_t)silence->cause, -1},
			now, out);
		return;
	}
	lost->last_bad_at = now;
	lost->good_since = 0;
}

static bool is_silence(const struct vs_incident *lost)
{
	return lost->cause == VS_CAUSE_CLIENT_SILENT || lost->cause == VS_CAUSE_EXIT_SILENT ||
	       lost->cause == VS_CAUSE_NONE; /* of a version that knew no causes */
}

static const struct vs_fact_value *find(const struct vs_silence_end *end, enum vs_fact known)
{
	for (size_t i = 0; i < end->count; i++)
		if (end->facts[i].known == known)
			return &end->facts[i];
	return NULL;
}

/* "tunnel down" */
static void say_cause(struct vs_sentence *to, enum vs_cause cause)
{
	size_t from = to->len;

	vs_say(to, "%s", vs_cause_name(cause));
	for (char *at = to->text + from; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
}

/* What the client found out while it could not say so. */
static void take_word(struct vs_incident *lost, const struct vs_silence_end *end, struct vs_sentence *to)
{
	const struct vs_fact_value *cause = find(end, VS_FACT_OUTAGE_CAUSE);
	const struct vs_fact_value *duration = find(end, VS_FACT_OUTAGE_DURATION);
	int64_t length_ms;
	char length[32];
	uint8_t known;

	if (cause == NULL || vs_cause_parse(&known, cause->value) < 0 || known == VS_CAUSE_NONE ||
		known == VS_CAUSE_UNKNOWN)
		return;
	lost->cause = known;
	vs_say(to, "%sthe client says: ", to->len > 0 ? "; " : "");
	say_cause(to, (enum vs_cause)known);
	if (duration == NULL || vs_duration_parse(&length_ms, duration->value, 1) < 0)
		return;
	vs_duration_format(length, sizeof(length), length_ms);
	vs_say(to, " for %s", length);
}

/* Beside a tunnel that worked all the time goes what it sends itself, and nobody can tell the two apart. */
static bool carried_nothing(const struct vs_incident *lost)
{
	return lost->cause == VS_CAUSE_TUNNEL_DOWN || lost->cause == VS_CAUSE_NAMESPACE_DEAD;
}

bool vs_silence_end(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_silence_end *end, struct vs_transitions *out)
{
	struct vs_incident *lost = vs_client_incident(client, VS_KIND_TUNNEL_LOST);
	char text[SENTENCE_MAX] = "";
	struct vs_sentence sentence = {text, sizeof(text), 0};

	client->liveness = VS_LIVENESS_ALIVE;
	client->last_seen = end->now;
	if (client->first_seen == 0)
		client->first_seen = end->now;
	if (lost == NULL || !is_silence(lost))
		return false;
	if (client->rule[VS_QUESTION_TUNNEL] != VS_RULE_SILENT &&
		client->verdicts.verdict[VS_QUESTION_TUNNEL] == VS_VERDICT_DOWN)
		return false;
	lost->good_since = end->now;
	/* A clock that was behind at a restart cannot tell how long it was. */
	if (vs_incident_exposure_ms(lost) > 0)
		say_silence(&sentence, vs_incident_exposure_ms(lost));
	take_word(lost, end, &sentence);
	if (carried_nothing(lost))
		vs_incident_expose(lost, end->bytes);
	if (sentence.len > 0)
		vs_incident_set_evidence(lost, text);
	vs_hysteresis_resolve(tracker, client, lost, end->now, out);
	return true;
}
