/* The record of a client in a store: JSON with short names, since there may be a million. */
#include "model/client.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/json.h"
#include "model/names.h"
#include "model/report.h"

#define RECORD_VERSION 1

static void add_addr(struct vs_buf *out, const char *name, const struct vs_addr *addr)
{
	char text[VS_ADDR_TEXT];

	if (addr->family == 0)
		return;
	vs_addr_format(addr, text);
	vs_json_member(out, name, text);
}

static void add_name(struct vs_buf *out, const char *name, const struct vs_names *names, uint32_t id)
{
	if (id != 0)
		vs_json_member(out, name, vs_names_text(names, id));
}

static void open_list(struct vs_buf *out, const char *name)
{
	vs_json_key(out, name);
	vs_buf_add_char(out, '[');
}

static void next_item(struct vs_buf *out)
{
	if (out->ptr[out->len - 1] != '[')
		vs_buf_add_char(out, ',');
}

/* [name, source, value, type, observed_at] */
static void add_facts(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_fact_value fact;

	open_list(out, "facts");
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&client->facts, names, &at, &fact);) {
		next_item(out);
		vs_buf_add_char(out, '[');
		vs_json_add_string(out, fact.name);
		vs_buf_add_char(out, ',');
		vs_json_add_string(out, fact.source);
		vs_buf_add_char(out, ',');
		vs_json_add_text(out, fact.value);
		vs_buf_printf(out, ",%d,%lld]", (int)fact.type, (long long)fact.observed_at);
	}
	vs_buf_add_char(out, ']');
}

/* [verdict, confidence, evidence] in the order of the questions */
static void add_verdicts(struct vs_buf *out, const struct vs_verdicts *verdicts)
{
	open_list(out, "verdicts");
	for (int q = 0; q < VS_QUESTIONS; q++) {
		next_item(out);
		vs_buf_add_char(out, '[');
		vs_json_add_string(out, vs_verdict_name((enum vs_verdict)verdicts->verdict[q]));
		vs_buf_add_char(out, ',');
		vs_json_add_string(out, vs_confidence_name((enum vs_confidence)verdicts->confidence[q]));
		vs_buf_add_char(out, ',');
		vs_json_add_string(out, vs_verdicts_evidence(verdicts, (enum vs_question)q));
		vs_buf_add_char(out, ']');
	}
	vs_buf_add_char(out, ']');
}

static void add_streaks(struct vs_buf *out, const struct vs_client *client)
{
	open_list(out, "streaks");
	for (int i = 0; i < VS_STREAKS; i++) {
		const struct vs_streak *streak = &client->streaks[i];

		next_item(out);
		vs_buf_printf(
			out, "[%u,%u,%lld]", streak->bad, streak->good, (long long)streak->first_bad_at);
	}
	vs_buf_add_char(out, ']');
}

static void add_failures(struct vs_buf *out, const struct vs_client *client)
{
	struct vs_failure failure = {0};

	open_list(out, "failures");
	while (vs_client_next_failure(client, &failure)) {
		next_item(out);
		vs_json_add_string(out, failure.source);
		vs_buf_add_char(out, ',');
		vs_json_add_string(out, failure.reason);
	}
	vs_buf_add_char(out, ']');
}

void vs_client_encode(const struct vs_client *client, const struct vs_names *names, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member_int(out, "r", RECORD_VERSION);
	vs_json_member(out, "id", client->id);
	vs_json_member_int(out, "first_seen", client->first_seen);
	vs_json_member_int(out, "last_seen", client->last_seen);
	vs_json_member_int(out, "started_at", client->started_at);
	vs_json_member_int(out, "seq", (int64_t)client->seq);
	vs_json_member_int(out, "interval_ms", client->interval_ms);
	vs_json_member_int(out, "told", client->told);
	vs_json_member(out, "liveness", vs_liveness_name((enum vs_liveness)client->liveness));
	vs_json_member(out, "side", vs_side_name((enum vs_side)client->side));
	add_name(out, "version", names, client->version);
	add_name(out, "told_version", names, client->told_version);
	add_name(out, "tags", names, client->tags);
	add_addr(out, "source", &client->source);
	add_addr(out, "told_exit", &client->told_exit);
	add_facts(out, client, names);
	if (client->verdicts.evidence != NULL)
		add_verdicts(out, &client->verdicts);
	add_streaks(out, client);
	if (client->failures != NULL)
		add_failures(out, client);
	open_list(out, "incidents");
	for (uint32_t i = 0; i < client->incident_count; i++) {
		next_item(out);
		vs_incident_encode(&client->incidents[i], out);
	}
	vs_buf_add_text(out, "]}");
}

static const char *item_text(const json_t *list, size_t index)
{
	const char *text = json_string_value(json_array_get(list, index));

	return text == NULL ? "" : text;
}

static int64_t item_int(const json_t *list, size_t index)
{
	return (int64_t)json_integer_value(json_array_get(list, index));
}

static int read_facts(
	struct vs_client *client, struct vs_names *names, const json_t *list, struct vs_err *err)
{
	struct vs_fact_value values[VS_FACTS_MAX];
	size_t count = json_array_size(list);

	if (count > VS_FACTS_MAX)
		return vs_err_set(err, VS_ERR_INVALID, "facts: more than %d", VS_FACTS_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(list, i);
		struct vs_view value = vs_view_of(item_text(row, 2));

		if (value.len > VS_FACT_VALUE_MAX || !vs_fact_name_valid(vs_view_of(item_text(row, 0))))
			return vs_err_set(err, VS_ERR_INVALID, "facts[%zu]: not a fact", i);
		values[i] = (struct vs_fact_value){
			.name = item_text(row, 0),
			.source = item_text(row, 1),
			.value = value,
			.observed_at = item_int(row, 4),
			.type = (enum vs_fact_type)item_int(row, 3),
			.known = vs_fact_find(vs_view_of(item_text(row, 0))),
		};
	}
	vs_facts_set(&client->facts, names, values, count);
	return 0;
}

static int read_verdicts(struct vs_client *client, const json_t *list, struct vs_err *err)
{
	uint8_t verdict[VS_QUESTIONS], confidence[VS_QUESTIONS];
	const char *evidence[VS_QUESTIONS];

	if (list == NULL)
		return 0;
	for (int q = 0; q < VS_QUESTIONS; q++) {
		const json_t *row = json_array_get(list, (size_t)q);

		if (vs_verdict_parse(&verdict[q], vs_view_of(item_text(row, 0))) < 0 ||
			vs_confidence_parse(&confidence[q], vs_view_of(item_text(row, 1))) < 0)
			return vs_err_set(err, VS_ERR_INVALID, "verdicts[%d]: not a verdict", q);
		evidence[q] = item_text(row, 2);
	}
	vs_verdicts_set(&client->verdicts, verdict, confidence, evidence);
	return 0;
}

static void read_streaks(struct vs_client *client, const json_t *list)
{
	for (int i = 0; i < VS_STREAKS; i++) {
		const json_t *row = json_array_get(list, (size_t)i);

		client->streaks[i] = (struct vs_streak){
			.bad = (uint8_t)item_int(row, 0),
			.good = (uint8_t)item_int(row, 1),
			.first_bad_at = item_int(row, 2),
		};
	}
}

static void read_failures(struct vs_client *client, const json_t *list)
{
	struct vs_buf packed;

	if (json_array_size(list) == 0)
		return;
	vs_buf_init(&packed);
	for (size_t i = 0; i + 1 < json_array_size(list); i += 2) {
		vs_buf_add(&packed, item_text(list, i), strlen(item_text(list, i)) + 1);
		vs_buf_add(&packed, item_text(list, i + 1), strlen(item_text(list, i + 1)) + 1);
	}
	client->failures = vs_buf_take(&packed);
}

static int read_incidents(struct vs_client *client, const json_t *list, struct vs_err *err)
{
	size_t count = json_array_size(list);

	if (count == 0)
		return 0;
	client->incidents = vs_calloc(count, sizeof(*client->incidents));
	for (size_t i = 0; i < count; i++) {
		int rc = vs_incident_from_json(&client->incidents[i], json_array_get(list, i), err);

		if (rc < 0) {
			vs_err_prefix(err, "incidents[%zu]", i);
			return rc;
		}
		client->incident_count++;
	}
	return 0;
}

static int read_state(
	struct vs_client *client, struct vs_names *names, const json_t *json, struct vs_err *err)
{
	client->first_seen = vs_json_get_int(json, "first_seen");
	client->last_seen = vs_json_get_int(json, "last_seen");
	client->started_at = vs_json_get_int(json, "started_at");
	client->seq = (uint64_t)vs_json_get_int(json, "seq");
	client->interval_ms = (uint32_t)vs_json_get_int(json, "interval_ms");
	client->told = vs_json_get_int(json, "told") != 0;
	client->version = vs_names_hold(names, vs_view_of(vs_json_get_text(json, "version")));
	client->told_version = vs_names_hold(names, vs_view_of(vs_json_get_text(json, "told_version")));
	client->tags = vs_names_hold(names, vs_view_of(vs_json_get_text(json, "tags")));
	(void)vs_addr_parse(&client->source, vs_view_of(vs_json_get_text(json, "source")));
	(void)vs_addr_parse(&client->told_exit, vs_view_of(vs_json_get_text(json, "told_exit")));
	if (vs_liveness_parse(&client->liveness, vs_view_of(vs_json_get_text(json, "liveness"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "liveness: not a known one");
	if (vs_side_parse(&client->side, vs_view_of(vs_json_get_text(json, "side"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "side: not a known one");
	return 0;
}

static int read_record(
	struct vs_client *client, struct vs_names *names, const json_t *json, struct vs_err *err)
{
	int rc;

	if (vs_json_get_int(json, "r") != RECORD_VERSION)
		return vs_err_set(err, VS_ERR_INVALID, "r: this program reads client records of form %d",
			RECORD_VERSION);
	if (!vs_client_id_valid(vs_view_of(vs_json_get_text(json, "id"))))
		return vs_err_set(err, VS_ERR_INVALID, "id: not a client's id");
	client->id = vs_strdup(vs_json_get_text(json, "id"));
	rc = read_state(client, names, json, err);
	if (rc == 0)
		rc = read_facts(client, names, json_object_get(json, "facts"), err);
	if (rc == 0)
		rc = read_verdicts(client, json_object_get(json, "verdicts"), err);
	if (rc == 0)
		rc = read_incidents(client, json_object_get(json, "incidents"), err);
	read_streaks(client, json_object_get(json, "streaks"));
	read_failures(client, json_object_get(json, "failures"));
	return rc;
}

int vs_client_decode(
	struct vs_client *client, struct vs_names *names, struct vs_view bytes, struct vs_err *err)
{
	json_t *json = vs_json_parse(bytes, err);
	int rc;

	memset(client, 0, sizeof(*client));
	if (json == NULL)
		return VS_ERR_INVALID;
	rc = read_record(client, names, json, err);
	if (rc < 0)
		vs_client_fini(client, names);
	json_decref(json);
	return rc;
}
