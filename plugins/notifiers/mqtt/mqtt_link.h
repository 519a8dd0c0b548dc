/*
 * A connection to a broker that is kept up: made on a thread of work/1, since names are looked up there, then
 * driven by poll/1 and timer/1. A broken one is made anew after 1, 2, 4, ... 60 seconds. [loop]
 */
#ifndef MQTT_LINK_H
#define MQTT_LINK_H

#include <stdint.h>

#include "vpn_sentinel/plugin.h"

struct mqtt_link;

/* Borrowed, and to stay as long as the link. */
struct mqtt_link_config {
	const char *host;
	int32_t port;
	int32_t tls;
	const char *ca_file; /* NULL: the system's */
	const char *cert_file; /* NULL: none */
	const char *key_file;
	const char *user; /* NULL: none */
	const char *password;
	const char *client_id;
	const char *status_topic; /* "online" is kept there, and "offline" once we are gone */
	int32_t qos;
};

/* Never called from inside a call of the functions below, but for published(). */
struct mqtt_link_events {
	void (*up)(void *arg);
	/* refused: the broker does not want us, with this name and password. */
	void (*down)(void *arg, const char *reason, int refused);
	void (*published)(void *arg, int message); /* perhaps from inside mqtt_link_publish() */
};

/* NULL when memory is short. Nothing happens before mqtt_link_hurry(). */
struct mqtt_link *mqtt_link_create(const struct vpns_host *host, const struct mqtt_link_config *config,
	const struct mqtt_link_events *events, void *arg);

/* Says goodbye when it can. No job may be running: an instance is destroyed after its jobs. */
void mqtt_link_destroy(struct mqtt_link *link);

/* Connects now, unless that is done or under way. */
void mqtt_link_hurry(struct mqtt_link *link);

int mqtt_link_is_up(const struct mqtt_link *link);

/* 0, or -1; *message is what published() will name. */
int mqtt_link_publish(
	struct mqtt_link *link, const char *topic, const char *payload, int retain, int *message);

#endif
