#include "model/transition.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "model/incident.h"
#include "model/json.h"
#include "model/words.h"

struct change_row {
	enum vs_change code;
	const char *name;
};

static const struct change_row changes[] = {
#define CHANGE_ROW(id, number, text) {VS_CHANGE_##id, text},
	VS_CHANGE_ROWS(CHANGE_ROW)
#undef CHANGE_ROW
};

const char *vs_change_name(enum vs_change change)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (changes[i].code == change)
			return changes[i].name;
	return "";
}

int vs_change_parse(uint8_t *change, struct vs_view name)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (vs_view_equal_text(name, changes[i].name)) {
			*change = (uint8_t)changes[i].code;
			return 0;
		}
	return VS_ERR_INVALID;
}

void vs_transition_init_notice(struct vs_transition *t, enum vs_kind kind, const char *client, int64_t now)
{
	*t = (struct vs_transition){
		.change = VS_CHANGE_NOTICE,
		.kind = (uint8_t)kind,
		.severity = (uint8_t)vs_kind_severity(kind),
		.at = now,
		.client = vs_strdup(client),
		.evidence = vs_strdup(""),
	};
	vs_ulid(t->id, now);
}

void vs_transition_init_incident(
	struct vs_transition *t, enum vs_change change, const struct vs_incident *incident, int64_t now)
{
	*t = (struct vs_transition){
		.change = (uint8_t)change,
		.kind = incident->kind,
		.severity = incident->severity,
		.confidence = incident->confidence,
		.at = now,
		.since = incident->first_bad_at,
		.duration_ms = change == VS_CHANGE_RESOLVED ? vs_incident_exposure_ms(incident) : 0,
		.client = vs_strdup(incident->client),
		.evidence = vs_strdup(incident->evidence),
	};
	vs_ulid(t->id, now);
	memcpy(t->incident, incident->id, sizeof(t->incident));
}

void vs_transition_fini(struct vs_transition *t)
{
	vs_free(t->client);
	vs_free(t->evidence);
	for (size_t i = 0; i < t->detail_count; i++)
		vs_free(t->details[i].value);
	memset(t, 0, sizeof(*t));
}

void vs_transition_set_evidence(struct vs_transition *t, const char *evidence)
{
	vs_free(t->evidence);
	t->evidence = vs_strdup(evidence);
}

void vs_transition_add(struct vs_transition *t, const char *key, const char *value)
{
	const char *known = vs_detail_key(key);

	VS_REQUIRE(known != NULL);
	if (value == NULL || *value == '\0' || t->detail_count == VS_TRANSITION_DETAILS_MAX)
		return;
	t->details[t->detail_count++] = (struct vs_detail){known, vs_strdup(value)};
}

const char *vs_transition_detail(const struct vs_transition *t, const char *key)
{
	for (size_t i = 0; i < t->detail_count; i++)
		if (strcmp(t->details[i].key, key) == 0)
			return t->details[i].value;
	return "";
}

void vs_transition_encode(const struct vs_transition *t, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "id", t->id);
	vs_json_member(out, "incident", t->incident);
	vs_json_member(out, "transition", vs_change_name((enum vs_change)t->change));
	vs_json_member(out, "kind", vs_kind_name((enum vs_kind)t->kind));
	vs_json_member(out, "severity", vs_severity_name((enum vs_severity)t->severity));
	vs_json_member(out, "confidence", vs_confidence_name((enum vs_confidence)t->confidence));
	vs_json_member(out, "verdict", vs_verdict_name((enum vs_verdict)t->verdict));
	vs_json_member(out, "client", t->client);
	vs_json_member_time(out, "at", t->at);
	vs_json_member_time(out, "since", t->since);
	vs_json_member_int(out, "duration_ms", t->duration_ms);
	vs_json_member(out, "evidence", t->evidence);
	vs_json_key(out, "details");
	vs_buf_add_char(out, '{');
	for (size_t i = 0; i < t->detail_count; i++)
		vs_json_member(out, t->details[i].key, t->details[i].value);
	vs_buf_add_text(out, "}}");
}

static int read_words(struct vs_transition *t, const json_t *json, struct vs_err *err)
{
	const char *id = vs_json_get_text(json, "id"), *incident = vs_json_get_text(json, "incident");

	if (strlen(id) != VS_ULID_TEXT - 1 || (*incident != '\0' && strlen(incident) != VS_ULID_TEXT - 1))
		return vs_err_set(err, VS_ERR_INVALID, "id, incident: not an id");
	strcpy(t->id, id);
	strcpy(t->incident, incident);
	if (vs_change_parse(&t->change, vs_view_of(vs_json_get_text(json, "transition"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "transition: not a known one");
	if (vs_kind_parse(&t->kind, vs_view_of(vs_json_get_text(json, "kind"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "kind: not a known one");
	if (vs_severity_parse(&t->severity, vs_view_of(vs_json_get_text(json, "severity"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "severity: not a known one");
	if (vs_confidence_parse(&t->confidence, vs_view_of(vs_json_get_text(json, "confidence"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "confidence: not a known one");
	if (vs_verdict_parse(&t->verdict, vs_view_of(vs_json_get_text(json, "verdict"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "verdict: not a known one");
	return 0;
}

int vs_transition_decode(struct vs_transition *t, struct vs_view text, struct vs_err *err)
{
	json_t *json = vs_json_parse(text, err), *details;
	int rc;

	memset(t, 0, sizeof(*t));
	if (json == NULL)
		return VS_ERR_INVALID;
	rc = read_words(t, json, err);
	if (rc == 0) {
		t->at = vs_json_get_time(json, "at");
		t->since = vs_json_get_time(json, "since");
		t->duration_ms = vs_json_get_int(json, "duration_ms");
		t->client = vs_strdup(vs_json_get_text(json, "client"));
		t->evidence = vs_strdup(vs_json_get_text(json, "evidence"));
		details = json_object_get(json, "details");
		for (void *at = json_object_iter(details); at != NULL;
			at = json_object_iter_next(details, at))
			if (vs_detail_key(json_object_iter_key(at)) != NULL)
				vs_transition_add(t, json_object_iter_key(at),
					json_string_value(json_object_iter_value(at)));
	}
	json_decref(json);
	return rc;
}

void vs_transitions_order(struct vs_transitions *list)
{
	const struct vs_transition *before;
	struct vs_transition *t;
	size_t i;

	for (i = 1; i < list->count; i++) {
		before = &list->items[i - 1];
		t = &list->items[i];
		if (t->at != before->at || strcmp(t->id, before->id) > 0)
			continue;
		memcpy(t->id, before->id, sizeof(t->id));
		vs_ulid_next(t->id, t->at);
	}
}

struct vs_transition *vs_transitions_push(struct vs_transitions *list)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		list->items = vs_realloc(list->items, list->capacity * sizeof(*list->items));
	}
	return &list->items[list->count++];
}

void vs_transitions_fini(struct vs_transitions *list)
{
	for (size_t i = 0; i < list->count; i++)
		vs_transition_fini(&list->items[i]);
	vs_free(list->items);
	*list = (struct vs_transitions){0};
}
