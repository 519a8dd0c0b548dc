#include "model/status_json.h"

#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "model/client.h"
#include "model/json.h"
#include "model/names.h"

#define UNKNOWN "unknown"

/* The flat names that the seed and the original show, and the facts they are, first known one first. */
struct flat_row {
	const char *name;
	enum vs_fact fact;
	enum vs_fact other;
};

static const struct flat_row flat[] = {
	{"public_ip", VS_FACT_EXIT_IP, VS_FACT_TRACE_IP},
	{"country", VS_FACT_EXIT_COUNTRY, VS_FACT_EXIT_COUNTRY},
	{"city", VS_FACT_EXIT_CITY, VS_FACT_EXIT_CITY},
	{"region", VS_FACT_EXIT_REGION, VS_FACT_EXIT_REGION},
	{"provider", VS_FACT_EXIT_ORG, VS_FACT_EXIT_ASN},
	{"timezone", VS_FACT_EXIT_TIMEZONE, VS_FACT_EXIT_TIMEZONE},
	{"dns_location", VS_FACT_DNS_LOCATION, VS_FACT_DNS_LOCATION},
};

static void add_flat(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_fact_value fact;

	for (size_t i = 0; i < sizeof(flat) / sizeof(flat[0]); i++) {
		vs_json_key(out, flat[i].name);
		if (vs_facts_find(&client->facts, names, flat[i].fact, &fact) ||
			vs_facts_find(&client->facts, names, flat[i].other, &fact))
			vs_json_add_text(out, fact.value);
		else
			vs_json_add_string(out, UNKNOWN);
	}
}

/* Two sources may tell the same fact: the first one is shown, so that keys are unique. */
static bool is_first(const struct vs_client *client, const struct vs_names *names, uint32_t index,
	const struct vs_fact_value *fact)
{
	struct vs_facts_cursor at = {0};
	struct vs_fact_value earlier;

	while (at.index + 1 < index && vs_facts_next(&client->facts, names, &at, &earlier))
		if (earlier.name == fact->name)
			return false;
	return true;
}

static void add_fact_value(struct vs_buf *out, const struct vs_fact_value *fact)
{
	vs_json_key(out, "value");
	if (fact->type == VS_TYPE_INT || fact->type == VS_TYPE_REAL || fact->type == VS_TYPE_BOOL)
		vs_buf_add(out, fact->value.ptr, fact->value.len);
	else
		vs_json_add_text(out, fact->value);
}

static void add_facts(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_fact_value fact;

	vs_json_key(out, "facts");
	vs_buf_add_char(out, '{');
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&client->facts, names, &at, &fact);) {
		if (!is_first(client, names, at.index, &fact))
			continue;
		vs_json_key(out, fact.name);
		vs_buf_add_char(out, '{');
		add_fact_value(out, &fact);
		vs_json_member(out, "source", fact.source);
		vs_json_member_time(out, "observed_at", fact.observed_at);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, '}');
}

static void add_failures(struct vs_buf *out, const struct vs_client *client)
{
	struct vs_failure failure = {0};

	vs_json_key(out, "failures");
	vs_buf_add_char(out, '{');
	while (vs_client_next_failure(client, &failure))
		vs_json_member(out, failure.source, failure.reason);
	vs_buf_add_char(out, '}');
}

static void add_incidents(struct vs_buf *out, const struct vs_client *client)
{
	bool first = true;

	vs_json_key(out, "incidents");
	vs_buf_add_char(out, '[');
	for (uint32_t i = 0; i < client->incident_count; i++) {
		if (!client->incidents[i].open)
			continue;
		if (!first)
			vs_buf_add_char(out, ',');
		vs_incident_encode(&client->incidents[i], out);
		first = false;
	}
	vs_buf_add_char(out, ']');
}

static void add_tags(struct vs_buf *out, struct vs_view tags)
{
	struct vs_view tag;
	bool first = true;

	vs_json_key(out, "tags");
	vs_buf_add_char(out, '[');
	while (tags.len > 0 && vs_view_split(&tags, ',', &tag)) {
		if (!first)
			vs_buf_add_char(out, ',');
		vs_json_add_text(out, tag);
		first = false;
	}
	vs_buf_add_char(out, ']');
}

/*
 * Every answer to a keepalive holds these: the pieces between the evidence are words of ours, and
 * stand here ready, with nothing to escape and nothing to measure.
 */
#define PIECE(text)                                                                                          \
	{                                                                                                    \
		text, sizeof(text) - 1                                                                       \
	}

static const struct vs_view question_pieces[] = {
#define QUESTION_PIECE(id, text) [VS_QUESTION_##id] = PIECE("\"" text "\":{\"verdict\":\""),
	VS_QUESTION_ROWS(QUESTION_PIECE)
#undef QUESTION_PIECE
};
static const struct vs_view verdict_pieces[] = {
#define VERDICT_PIECE(id, text, words) [VS_VERDICT_##id] = PIECE(text "\",\"confidence\":\""),
	VS_VERDICT_ROWS(VERDICT_PIECE)
#undef VERDICT_PIECE
};
static const struct vs_view confidence_pieces[] = {
#define CONFIDENCE_PIECE(id, text) [VS_CONFIDENCE_##id] = PIECE(text "\",\"evidence\":"),
	VS_CONFIDENCE_ROWS(CONFIDENCE_PIECE)
#undef CONFIDENCE_PIECE
};

static void add_piece(struct vs_buf *out, const struct vs_view *piece)
{
	vs_buf_add(out, piece->ptr, piece->len);
}

void vs_status_json_verdicts(struct vs_buf *out, const struct vs_client *client)
{
	const struct vs_verdicts *verdicts = &client->verdicts;
	const char *evidence = vs_verdicts_evidence(verdicts, VS_QUESTION_TUNNEL);

	vs_json_member(out, "verdict", vs_verdict_name(vs_verdicts_overall(verdicts)));
	vs_json_key(out, "verdicts");
	for (int q = 0; q < VS_QUESTIONS; q++) {
		vs_buf_add_char(out, q == 0 ? '{' : ',');
		add_piece(out, &question_pieces[q]);
		add_piece(out, &verdict_pieces[verdicts->verdict[q]]);
		add_piece(out, &confidence_pieces[verdicts->confidence[q]]);
		vs_json_add_string(out, evidence);
		vs_buf_add_char(out, '}');
		evidence = vs_verdicts_next(verdicts, evidence);
	}
	vs_buf_add_char(out, '}');
}

void vs_status_json(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	char source[VS_ADDR_TEXT];

	vs_addr_format(&client->source, source);
	vs_buf_add_char(out, '{');
	vs_json_member(out, "client_id", client->id);
	vs_json_member_time(out, "last_seen", client->last_seen);
	add_flat(out, client, names);
	vs_json_member(out, "status", vs_liveness_name((enum vs_liveness)client->liveness));
	vs_status_json_verdicts(out, client);
	vs_json_member_time(out, "first_seen", client->first_seen);
	vs_json_member(out, "source_address", source);
	vs_json_member(out, "side_path", vs_side_name((enum vs_side)client->side));
	vs_json_member(out, "client_version",
		client->version == 0 ? UNKNOWN : vs_names_text(names, client->version));
	add_tags(out, vs_view_of(vs_names_text(names, client->tags)));
	add_facts(out, client, names);
	add_failures(out, client);
	add_incidents(out, client);
	vs_buf_add_char(out, '}');
}
