#include "model/incident.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/cause.h"
#include "model/json.h"
#include "model/step.h"

void vs_incident_init(struct vs_incident *incident, enum vs_kind kind, const char *client, int64_t now)
{
	*incident = (struct vs_incident){
		.kind = (uint8_t)kind,
		.severity = (uint8_t)vs_kind_severity(kind),
		.open = true,
		.opened_at = now,
		.first_bad_at = now,
		.last_bad_at = now,
		.exposed_bytes = -1,
		.client = vs_strdup(client),
		.evidence = vs_strdup(""),
	};
	vs_ulid(incident->id, now);
}

void vs_incident_fini(struct vs_incident *incident)
{
	vs_free(incident->client);
	vs_free(incident->evidence);
	memset(incident, 0, sizeof(*incident));
}

void vs_incident_set_evidence(struct vs_incident *incident, const char *evidence)
{
	if (strcmp(incident->evidence, evidence) == 0)
		return;
	vs_free(incident->evidence);
	incident->evidence = vs_strdup(evidence);
}

int64_t vs_incident_exposure_ms(const struct vs_incident *incident)
{
	int64_t end = incident->good_since != 0 ? incident->good_since : incident->last_bad_at;

	return end > incident->first_bad_at ? end - incident->first_bad_at : 0;
}

void vs_incident_expose(struct vs_incident *incident, int64_t bytes)
{
	int64_t sum;

	if (bytes < 0)
		return;
	if (__builtin_add_overflow(incident->exposed_bytes < 0 ? 0 : incident->exposed_bytes, bytes, &sum))
		sum = INT64_MAX;
	incident->exposed_bytes = sum;
}

void vs_incident_step(struct vs_incident *incident, const struct vs_step *step)
{
	vs_step_time(step, &incident->opened_at);
	vs_step_time(step, &incident->first_bad_at);
	vs_step_time(step, &incident->last_bad_at);
	vs_step_time(step, &incident->good_since);
	vs_step_time(step, &incident->resolved_at);
}

void vs_incident_encode(const struct vs_incident *incident, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "id", incident->id);
	vs_json_member(out, "kind", vs_kind_name((enum vs_kind)incident->kind));
	vs_json_member(out, "severity", vs_severity_name((enum vs_severity)incident->severity));
	vs_json_member(out, "client", incident->client);
	vs_json_member(out, "state", incident->open ? "open" : "resolved");
	if (incident->acknowledged) {
		vs_json_key(out, "acknowledged");
		vs_buf_add_text(out, "true");
	}
	vs_json_member(out, "confidence", vs_confidence_name((enum vs_confidence)incident->confidence));
	vs_json_member_time(out, "opened_at", incident->opened_at);
	vs_json_member_time(out, "first_bad_at", incident->first_bad_at);
	vs_json_member_time(out, "last_bad_at", incident->last_bad_at);
	vs_json_member_time(out, "good_since", incident->good_since);
	vs_json_member_time(out, "resolved_at", incident->resolved_at);
	vs_json_member_int(out, "exposure_ms", vs_incident_exposure_ms(incident));
	if (incident->exposed_bytes >= 0)
		vs_json_member_int(out, "exposed_bytes", incident->exposed_bytes);
	vs_json_member_int(out, "flaps", incident->flaps);
	if (incident->cause != VS_CAUSE_NONE)
		vs_json_member(out, "cause", vs_cause_name((enum vs_cause)incident->cause));
	vs_json_member(out, "evidence", incident->evidence);
	vs_buf_add_char(out, '}');
}

int vs_incident_from_json(struct vs_incident *incident, const json_t *json, struct vs_err *err)
{
	struct vs_incident read = {
		.open = strcmp(vs_json_get_text(json, "state"), "open") == 0,
		.acknowledged = vs_json_get_bool(json, "acknowledged"),
		.flaps = (uint32_t)vs_json_get_int(json, "flaps"),
		.opened_at = vs_json_get_time(json, "opened_at"),
		.first_bad_at = vs_json_get_time(json, "first_bad_at"),
		.last_bad_at = vs_json_get_time(json, "last_bad_at"),
		.good_since = vs_json_get_time(json, "good_since"),
		.resolved_at = vs_json_get_time(json, "resolved_at"),
		.exposed_bytes = -1,
	};
	int64_t bytes = vs_json_get_int(json, "exposed_bytes");

	memset(incident, 0, sizeof(*incident));
	if (strlen(vs_json_get_text(json, "id")) != VS_ULID_TEXT - 1)
		return vs_err_set(err, VS_ERR_INVALID, "id: not an incident's id");
	strcpy(read.id, vs_json_get_text(json, "id"));
	if (vs_kind_parse(&read.kind, vs_view_of(vs_json_get_text(json, "kind"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "kind: not a known one");
	if (vs_severity_parse(&read.severity, vs_view_of(vs_json_get_text(json, "severity"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "severity: not a known one");
	if (vs_confidence_parse(&read.confidence, vs_view_of(vs_json_get_text(json, "confidence"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "confidence: not a known one");
	if (vs_cause_parse(&read.cause, vs_view_of(vs_json_get_text(json, "cause"))) < 0)
		return vs_err_set(err, VS_ERR_INVALID, "cause: not a known one");
	if (bytes < 0)
		return vs_err_set(err, VS_ERR_INVALID, "exposed_bytes: a negative number");
	if (json_object_get(json, "exposed_bytes") != NULL)
		read.exposed_bytes = bytes;
	read.client = vs_strdup(vs_json_get_text(json, "client"));
	read.evidence = vs_strdup(vs_json_get_text(json, "evidence"));
	*incident = read;
	return 0;
}

int vs_incident_decode(struct vs_incident *incident, struct vs_view text, struct vs_err *err)
{
	json_t *json = vs_json_parse(text, err);
	int rc;

	memset(incident, 0, sizeof(*incident));
	if (json == NULL)
		return VS_ERR_INVALID;
	rc = vs_incident_from_json(incident, json, err);
	json_decref(json);
	return rc;
}
