#include "post_event.h"

#include "post_alert.h"
#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *post_event_name(const struct vpns_alert *alert)
{
	static const char *const names[] = {
		"unknown", "notice", "opened", "escalated", "acknowledged", "reminded", "resolved"};

	return names[alert->transition <= VPNS_TRANSITION_RESOLVED ? alert->transition : 0];
}

const char *post_event_severity(const struct vpns_alert *alert)
{
	static const char *const names[] = {"unknown", "info", "warning", "critical"};

	return names[alert->severity <= VPNS_SEVERITY_CRITICAL ? alert->severity : 0];
}

static json_t *text_of(const char *text)
{
	char *clean = post_text(text, strlen(text), NULL, POST_BYTES, 0);
	json_t *json = clean != NULL ? json_string(clean) : NULL;

	free(clean);
	return json;
}

static json_t *text_or_null(const char *text)
{
	return text[0] != '\0' ? text_of(text) : json_null();
}

void post_event_time(char *out, size_t size, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	char whole[32];

	if (wall_ms < 0 || gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 9999 - 1900) {
		seconds = 0;
		wall_ms = 0;
		gmtime_r(&seconds, &tm);
	}
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, size, "%s.%03dZ", whole, (int)(wall_ms % 1000));
}

static json_t *time_of(int64_t wall_ms)
{
	char text[40];

	post_event_time(text, sizeof(text), wall_ms);
	return json_string(text);
}

static json_t *fields_of(const struct vpns_alert *alert)
{
	json_t *fields = json_array();
	uint32_t i;

	for (i = 0; i < alert->field_count; i++) {
		json_t *field = json_pack("{s:o, s:o}", "label", text_of(alert->fields[i].label), "value",
			text_of(alert->fields[i].value));

		if (json_array_append_new(fields, field) < 0) {
			json_decref(fields);
			return NULL;
		}
	}
	return fields;
}

char *post_event_build(const struct vpns_alert *alert, const char *channel, const char *text)
{
	json_t *event = json_object();
	char *body = NULL;
	int rc;

	rc = json_object_set_new(event, "version", json_integer(1));
	rc |= json_object_set_new(event, "delivery", text_of(alert->delivery_id));
	rc |= json_object_set_new(event, "event", json_string(post_event_name(alert)));
	rc |= json_object_set_new(event, "at", time_of(alert->at_ms));
	rc |= json_object_set_new(event, "severity", json_string(post_event_severity(alert)));
	rc |= json_object_set_new(event, "kind", text_of(alert->kind));
	rc |= json_object_set_new(event, "incident", text_or_null(alert->incident_id));
	rc |= json_object_set_new(event, "client", text_or_null(alert->client_id));
	rc |= json_object_set_new(event, "title", text_of(alert->title));
	rc |= json_object_set_new(event, "body", text_of(alert->body));
	rc |= json_object_set_new(event, "fields", fields_of(alert));
	rc |= json_object_set_new(event, "text", text_of(text));
	rc |= json_object_set_new(event, "channel", text_of(channel));
	rc |= json_object_set_new(event, "attempt", json_integer(alert->attempt));
	rc |= json_object_set_new(event, "possible_duplicate",
		json_boolean((alert->flags & VPNS_ALERT_POSSIBLE_DUPLICATE) != 0));
	rc |= json_object_set_new(event, "priority", json_string(post_priority(alert)));
	rc |= json_object_set_new(event, "silent", json_boolean(post_silent(alert)));
	rc |= json_object_set_new(event, "count", json_integer(post_count(alert)));
	rc |= json_object_set_new(event, "late", json_boolean((alert->flags & VPNS_ALERT_LATE) != 0));
	if (rc == 0)
		body = json_dumps(event, JSON_COMPACT);
	json_decref(event);
	return body;
}
