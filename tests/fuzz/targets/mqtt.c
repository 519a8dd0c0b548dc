/* Any name in an alert, on its way into a topic and into what is kept there. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "notifiers/mqtt/mqtt_topic.h"

void fuzz_begin(void)
{
}

static unsigned levels_of(const char *topic)
{
	unsigned levels = 1;

	for (; *topic != '\0'; topic++) {
		VS_REQUIRE(*topic > ' ' && *topic < 0x7f && *topic != '+' && *topic != '#');
		levels += *topic == '/';
	}
	return levels;
}

static void check_topics(const char *prefix, const struct vpns_alert *alert)
{
	char topic[MQTT_TOPIC];
	char small[MQTT_PREFIX_MAX + 64];
	unsigned levels = levels_of(prefix);

	VS_REQUIRE(prefix[0] != '$');
	mqtt_topic_status(topic, sizeof(topic), prefix);
	VS_REQUIRE(levels_of(topic) == levels + 1);
	mqtt_topic_events(topic, sizeof(topic), prefix);
	VS_REQUIRE(levels_of(topic) == levels + 1);
	if (mqtt_topic_state(topic, sizeof(topic), prefix, alert) == 0)
		VS_REQUIRE(levels_of(topic) == levels + (alert->client_id[0] != '\0' ? 3 : 2));
	if (mqtt_topic_state(small, sizeof(small), prefix, alert) == 0)
		VS_REQUIRE(strcmp(small, topic) == 0);
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);
	struct vpns_alert alert = {.size = sizeof(alert), .severity = 3, .transition = 2, .attempt = 1};
	char *state;
	json_t *json;

	alert.delivery_id = alert.body = alert.kind = alert.client_id = alert.title = alert.incident_id =
		text;
	check_topics(mqtt_prefix_ok(text) ? text : "vpn-sentinel", &alert);
	alert.client_id = "";
	check_topics("a/b", &alert);
	state = mqtt_state_build(&alert);
	VS_REQUIRE(state != NULL);
	json = json_loads(state, JSON_REJECT_DUPLICATES, NULL);
	VS_REQUIRE(json != NULL);
	json_decref(json);
	free(state);
	vs_free(text);
}
