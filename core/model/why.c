#include "model/why.h"

#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/json.h"
#include "model/names.h"
#include "model/rule.h"

static void next(struct vs_buf *out, bool *first)
{
	if (!*first)
		vs_buf_add_char(out, ',');
	*first = false;
}

static void add_age(struct vs_buf *out, const struct vs_why *why, int64_t at)
{
	if (at != 0)
		vs_json_member_int(out, "age_ms", why->now > at ? why->now - at : 0);
}

/* --- questions ------------------------------------------------------------------------- */

/* In plain words, which rule decided; of questions that nobody asks, who would. */
static const char *rule_words(uint8_t rule, enum vs_question question)
{
	if (rule == VS_RULE_NOT_CHECKED && question == VS_QUESTION_POLICY)
		return "no policy of this server names the client";
	if (rule == VS_RULE_NOT_CHECKED && question == VS_QUESTION_KILLSWITCH)
		return "no test of the kill switch is reported";
	return vs_rule_words(rule);
}

static void add_question(struct vs_buf *out, const struct vs_client *client, enum vs_question question)
{
	uint8_t rule = client->rule[question];

	vs_buf_add_char(out, '{');
	vs_json_member(out, "question", vs_question_name(question));
	vs_json_member(out, "verdict", vs_verdict_name((enum vs_verdict)client->verdicts.verdict[question]));
	vs_json_member(out, "confidence",
		vs_confidence_name((enum vs_confidence)client->verdicts.confidence[question]));
	vs_json_member(out, "rule", vs_rule_name(rule));
	vs_json_member(out, "rule_words", rule_words(rule, question));
	vs_json_member(out, "evidence", vs_verdicts_evidence(&client->verdicts, question));
	vs_buf_add_char(out, '}');
}

static void add_questions(struct vs_buf *out, const struct vs_client *client)
{
	bool first = true;

	vs_json_key(out, "questions");
	vs_buf_add_char(out, '[');
	for (int q = 0; q < VS_QUESTIONS; q++) {
		next(out, &first);
		add_question(out, client, (enum vs_question)q);
	}
	vs_buf_add_char(out, ']');
}

/* --- sources --------------------------------------------------------------------------- */

static const char *failure_of(const struct vs_client *client, const char *source)
{
	struct vs_failure failure = {0};

	while (vs_client_next_failure(client, &failure))
		if (strcmp(failure.source, source) == 0)
			return failure.reason;
	return NULL;
}

static bool told_anything(const struct vs_why *why, const char *source)
{
	struct vs_fact_value fact;

	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);)
		if (strcmp(fact.source, source) == 0)
			return true;
	return false;
}

static void add_facts_of(struct vs_buf *out, const struct vs_why *why, const char *source)
{
	struct vs_fact_value fact;

	vs_json_key(out, "facts");
	vs_buf_add_char(out, '{');
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);)
		if (strcmp(fact.source, source) == 0) {
			vs_json_key(out, fact.name);
			vs_json_add_text(out, fact.value);
		}
	vs_buf_add_char(out, '}');
}

/* observed_at 0: it told nothing. */
static void add_source(struct vs_buf *out, const struct vs_why *why, const char *source, int64_t observed_at)
{
	const char *reason = failure_of(why->client, source);

	vs_buf_add_char(out, '{');
	vs_json_member(out, "source", source);
	vs_json_member(out, "status", reason == NULL ? "told" : observed_at == 0 ? "failed" : "partly");
	if (reason != NULL)
		vs_json_member(out, "reason", reason);
	vs_json_member_time(out, "observed_at", observed_at);
	add_age(out, why, observed_at);
	add_facts_of(out, why, source);
	vs_buf_add_char(out, '}');
}

/* Whether an earlier fact came from the same source. */
static bool is_seen(const struct vs_why *why, uint32_t index, const char *source)
{
	struct vs_facts_cursor at = {0};
	struct vs_fact_value fact;

	while (at.index + 1 < index && vs_facts_next(&why->client->facts, why->names, &at, &fact))
		if (strcmp(fact.source, source) == 0)
			return true;
	return false;
}

static void add_sources(struct vs_buf *out, const struct vs_why *why)
{
	struct vs_failure failure = {0};
	struct vs_fact_value fact;
	bool first = true;

	vs_json_key(out, "sources");
	vs_buf_add_char(out, '[');
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&why->client->facts, why->names, &at, &fact);) {
		if (is_seen(why, at.index, fact.source))
			continue;
		next(out, &first);
		add_source(out, why, fact.source, fact.observed_at);
	}
	while (vs_client_next_failure(why->client, &failure)) {
		if (told_anything(why, failure.source))
			continue;
		next(out, &first);
		add_source(out, why, failure.source, 0);
	}
	vs_buf_add_char(out, ']');
}

/* --- the rest -------------------------------------------------------------------------- */

/* What is wrong now, as far as the facts show it. */
static enum vs_cause cause_of(const struct vs_why *why)
{
	const struct vs_client *client = why->client;
	struct vs_cause_signs signs = {
		.server = VS_SIGN_YES,
		.side_path = client->side == VS_SIDE_PRIVATE || client->side == VS_SIDE_HOME,
	};
	struct vs_failure failure = {0};
	struct vs_fact_value fact;

	if (client->cause != VS_CAUSE_NONE)
		return (enum vs_cause)client->cause;
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&client->facts, why->names, &at, &fact);)
		vs_cause_sign_fact(&signs, fact.known, fact.value);
	while (vs_client_next_failure(client, &failure))
		vs_cause_sign_failure(&signs);
	return vs_cause_diagnose(&signs);
}

static void add_incidents(struct vs_buf *out, const struct vs_client *client)
{
	bool first = true;

	vs_json_key(out, "incidents");
	vs_buf_add_char(out, '[');
	for (uint32_t i = 0; i < client->incident_count; i++) {
		if (!client->incidents[i].open)
			continue;
		next(out, &first);
		vs_incident_encode(&client->incidents[i], out);
	}
	vs_buf_add_char(out, ']');
}

void vs_why_json(struct vs_buf *out, const struct vs_why *why)
{
	const struct vs_client *client = why->client;
	enum vs_cause cause = cause_of(why);
	char source[VS_ADDR_TEXT];

	vs_addr_format(&client->source, source);
	vs_buf_add_char(out, '{');
	vs_json_member(out, "client_id", client->id);
	vs_json_member_time(out, "at", why->now);
	vs_json_member(out, "status", vs_liveness_name((enum vs_liveness)client->liveness));
	vs_json_member_time(out, "last_seen", client->last_seen);
	add_age(out, why, client->last_seen);
	vs_json_member(out, "verdict", vs_verdict_name(vs_verdicts_overall(&client->verdicts)));
	vs_json_member(out, "source_address", source);
	vs_json_member(out, "side_path", vs_side_name((enum vs_side)client->side));
	vs_json_member(out, "side", vs_side_words((enum vs_side)client->side));
	if (cause != VS_CAUSE_NONE) {
		vs_json_member(out, "cause", vs_cause_name(cause));
		vs_json_member(out, "cause_words", vs_cause_words(cause));
	}
	add_questions(out, client);
	add_sources(out, why);
	vs_why_add_exits(out, why);
	vs_why_add_resolvers(out, why);
	vs_why_add_home(out, why);
	add_incidents(out, client);
	vs_buf_add_char(out, '}');
}
