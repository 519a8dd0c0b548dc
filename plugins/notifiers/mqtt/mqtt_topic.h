/* Topics, and what is kept at them. Pure. */
#ifndef MQTT_TOPIC_H
#define MQTT_TOPIC_H

#include <stddef.h>

#include "vpn_sentinel/plugin.h"

enum { MQTT_PREFIX_MAX = 128, MQTT_TOPIC = 2048 };

/* 1 when topics may begin with prefix: no wildcard, no empty level, no control character, not the broker's
 * own. */
int mqtt_prefix_ok(const char *prefix);

/* PREFIX/status: whether this program is there. */
void mqtt_topic_status(char *out, size_t size, const char *prefix);

/* PREFIX/events: each alert as it comes. */
void mqtt_topic_events(char *out, size_t size, const char *prefix);

/*
 * PREFIX/clients/CLIENT/KIND, or PREFIX/server/KIND: how things are. Of the names all but letters, digits and
 * ._- stand as %XX. 0; -1 when it would be longer than size, or the alert is no incident's.
 */
int mqtt_topic_state(char *out, size_t size, const char *prefix, const struct vpns_alert *alert);

/* The JSON that is kept there; to be freed with free(), NULL when memory is short. */
char *mqtt_state_build(const struct vpns_alert *alert);

#endif
