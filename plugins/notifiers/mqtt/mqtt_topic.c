#include "mqtt_topic.h"

#include "post_event.h"
#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mqtt_prefix_ok(const char *prefix)
{
	size_t len = strlen(prefix);
	size_t i;

	if (len == 0 || len > MQTT_PREFIX_MAX || prefix[0] == '$' || prefix[0] == '/' ||
		prefix[len - 1] == '/')
		return 0;
	for (i = 0; i < len; i++)
		if (prefix[i] <= ' ' || prefix[i] >= 0x7f || prefix[i] == '+' || prefix[i] == '#' ||
			(prefix[i] == '/' && prefix[i + 1] == '/'))
			return 0;
	return 1;
}

void mqtt_topic_status(char *out, size_t size, const char *prefix)
{
	snprintf(out, size, "%s/status", prefix);
}

void mqtt_topic_events(char *out, size_t size, const char *prefix)
{
	snprintf(out, size, "%s/events", prefix);
}

/* One level of a topic. A name that is empty or all dots is still one. */
static int put_level(char *out, size_t size, size_t *len, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	for (; *name != '\0'; name++) {
		if (*len + 4 > size)
			return -1;
		if (strchr(plain, *name) != NULL)
			out[(*len)++] = *name;
		else
			*len += (size_t)sprintf(out + *len, "%%%02X", (unsigned char)*name);
	}
	out[*len] = '\0';
	return 0;
}

int mqtt_topic_state(char *out, size_t size, const char *prefix, const struct vpns_alert *alert)
{
	int is_client = alert->client_id[0] != '\0';
	size_t len = (size_t)snprintf(out, size, "%s/%s", prefix, is_client ? "clients/" : "server/");

	if (alert->incident_id[0] == '\0' || alert->kind[0] == '\0' || len + 2 > size)
		return -1;
	if (is_client) {
		if (put_level(out, size, &len, alert->client_id) < 0 || len + 2 > size)
			return -1;
		out[len++] = '/';
	}
	return put_level(out, size, &len, alert->kind);
}

static const char *state_name(const struct vpns_alert *alert)
{
	if (alert->transition == VPNS_TRANSITION_RESOLVED)
		return "ok";
	return alert->transition == VPNS_TRANSITION_ACKNOWLEDGED ? "acknowledged" : "problem";
}

static json_t *text_of(const char *text)
{
	char *clean = post_text(text, strlen(text), NULL, POST_BYTES, 1024);
	json_t *json = clean != NULL ? json_string(clean) : NULL;

	free(clean);
	return json;
}

char *mqtt_state_build(const struct vpns_alert *alert)
{
	json_t *state = json_object();
	char *body = NULL;
	char at[48];
	int rc;

	post_event_time(at, sizeof(at), alert->at_ms);
	rc = json_object_set_new(state, "state", json_string(state_name(alert)));
	rc |= json_object_set_new(state, "severity", json_string(post_event_severity(alert)));
	rc |= json_object_set_new(state, "at", json_string(at));
	rc |= json_object_set_new(state, "incident", text_of(alert->incident_id));
	rc |= json_object_set_new(state, "title", text_of(alert->title));
	if (rc == 0)
		body = json_dumps(state, JSON_COMPACT);
	json_decref(state);
	return body;
}
