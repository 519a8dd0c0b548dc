/* Notifier mqtt: each alert as an event, and how things are as retained messages, at a broker. */
#include "vpn_sentinel/plugin.h"

#include "mqtt_link.h"
#include "mqtt_topic.h"
#include "post_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

enum { TEXT_SIZE = 65536, ID_SIZE = 256, REASON_SIZE = 400, MESSAGES = 2 };

struct config {
	const char *host;
	int64_t port;
	uint8_t tls;
	const char *ca_file;
	const char *cert_file;
	const char *key_file;
	const char *user;
	const char *password;
	const char *client_id;
	const char *prefix;
	int64_t qos;
};

static const struct vpns_option options[] = {
	{"host", VPNS_TEXT(struct config, host), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"the broker: a name or an address"},
	{"port", VPNS_INT(struct config, port), 0, NULL, 1, 65535, 0, NULL,
		"its port; unset: 1883, 8883 with tls"},
	{"tls", VPNS_BOOL(struct config, tls), 0, "no", 0, 0, 0, NULL, "encrypt the connection"},
	{"ca_file", VPNS_PATH(struct config, ca_file), 0, NULL, 0, 0, 0, NULL,
		"certificates to trust, instead of the system's"},
	{"cert_file", VPNS_PATH(struct config, cert_file), 0, NULL, 0, 0, 0, NULL,
		"a certificate of ours, for brokers that ask for one"},
	{"key_file", VPNS_PATH(struct config, key_file), 0, NULL, 0, 0, 0, NULL, "the key of cert_file"},
	{"user", VPNS_TEXT(struct config, user), 0, NULL, 0, 0, 0, NULL, "whom to log in as"},
	{"password", VPNS_TEXT(struct config, password), VPNS_OPTION_SECRET, NULL, 0, 0, 0, NULL,
		"the password of user"},
	{"client_id", VPNS_TEXT(struct config, client_id), 0, NULL, 0, 0, 0, NULL,
		"our name at the broker, which nobody else there may have; unset: made of this machine's "
		"name"},
	{"prefix", VPNS_TEXT(struct config, prefix), 0, "vpn-sentinel", 0, 0, 0, NULL,
		"what each topic begins with"},
	{"qos", VPNS_INT(struct config, qos), 0, "1", 0, 2, 0, NULL,
		"0: at most once, 1: at least once, 2: exactly once on a connection"},
};

static const char *const needs[] = {VPNS_RENDER_1, VPNS_POLL_1, VPNS_TIMER_1, VPNS_WORK_1};

struct message {
	char topic[MQTT_TOPIC];
	char *payload; /* NULL: none */
	int retain;
	int id;
	int done;
};

struct mqtt {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
	struct mqtt_link_config link_config;
	struct mqtt_link *link; /* NULL: a tool's instance */
	vpns_op op; /* 0: idle */
	struct message messages[MESSAGES]; /* of op */
	int sent; /* they were handed to the library */
	int testing; /* op is a self test */
	int early[MESSAGES + 1]; /* published before their ids were known */
	uint32_t early_count;
	char client_id[ID_SIZE];
	char status_topic[MQTT_TOPIC];
	char text[TEXT_SIZE];
};

static void finish(struct mqtt *self, uint32_t status, uint32_t scope, const char *reason)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = self->op;
	uint32_t i;

	self->op = 0;
	self->sent = 0;
	for (i = 0; i < MESSAGES; i++) {
		free(self->messages[i].payload);
		self->messages[i].payload = NULL;
	}
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.scope = scope;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

/* --- what the link says --------------------------------------------------------------------- */

static void take_published(struct mqtt *self, int id)
{
	int left = 0;
	uint32_t i;

	for (i = 0; i < MESSAGES; i++) {
		struct message *message = &self->messages[i];

		if (message->payload == NULL)
			continue;
		message->done |= message->id == id;
		left += !message->done;
	}
	if (left == 0)
		finish(self, VPNS_DELIVERY_SENT, 0, NULL);
}

static void on_published(void *arg, int id)
{
	struct mqtt *self = arg;

	if (self->op == 0)
		return; /* the status, or a delivery that was given up */
	if (self->sent)
		take_published(self, id);
	else if (self->early_count <= MESSAGES)
		self->early[self->early_count++] = id;
}

static void send_messages(struct mqtt *self)
{
	uint32_t i;

	self->early_count = 0;
	for (i = 0; i < MESSAGES; i++) {
		struct message *message = &self->messages[i];

		message->done = 0;
		message->id = 0;
		if (message->payload != NULL &&
			mqtt_link_publish(self->link, message->topic, message->payload, message->retain,
				&message->id) < 0) {
			finish(self, i > 0 ? RETRY : RETRY_UNSENT, VPNS_SCOPE_INSTANCE,
				"the message could not be handed to the broker");
			return;
		}
	}
	self->sent = 1;
	for (i = 0; i < self->early_count && self->op != 0; i++)
		take_published(self, self->early[i]);
}

static void on_up(void *arg)
{
	struct mqtt *self = arg;

	self->host->log(self->host, VPNS_LOG_INFO, "connected to the broker");
	if (self->op != 0 && self->testing)
		finish(self, VPNS_DELIVERY_SENT, VPNS_SCOPE_INSTANCE, NULL);
	else if (self->op != 0)
		send_messages(self);
}

static void on_down(void *arg, const char *reason, int refused)
{
	struct mqtt *self = arg;
	int sent = self->sent;

	self->host->log(self->host, VPNS_LOG_DEBUG, reason);
	if (self->op == 0)
		return;
	if (refused)
		finish(self, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE, reason);
	else
		finish(self, sent ? RETRY : RETRY_UNSENT, VPNS_SCOPE_INSTANCE, reason);
}

static const struct mqtt_link_events link_events = {on_up, on_down, on_published};

/* --- the verbs ------------------------------------------------------------------------------ */

/* How things are first, so that whoever sees the event finds it. */
static void prepare(struct mqtt *self, const struct vpns_alert *alert)
{
	struct message *state = &self->messages[0];
	struct message *event = &self->messages[1];

	if (mqtt_topic_state(state->topic, sizeof(state->topic), self->config->prefix, alert) == 0)
		state->payload = mqtt_state_build(alert);
	state->retain = 1;
	mqtt_topic_events(event->topic, sizeof(event->topic), self->config->prefix);
	event->payload = post_event_build(alert, self->host->instance, self->text);
	event->retain = 0;
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct mqtt *self = state;

	self->op = op;
	self->sent = 0;
	self->testing = 0;
	if (self->render->alert(self->host, alert, VPNS_RENDER_PLAIN, 0, self->text, TEXT_SIZE) < 0) {
		finish(self, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE,
			"the alert could not be put into words");
		return VPNS_OK;
	}
	prepare(self, alert);
	if (self->messages[1].payload == NULL)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE,
			"the message could not be written: out of memory");
	else if (self->link == NULL)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, "no broker: this is a check only");
	else if (mqtt_link_is_up(self->link))
		send_messages(self);
	else
		mqtt_link_hurry(self->link); /* on_up() or on_down() goes on */
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct mqtt *self = state;

	if (op != 0 && op == self->op)
		finish(self, self->sent ? RETRY : RETRY_UNSENT, VPNS_SCOPE_INSTANCE,
			self->sent ? "the broker does not confirm it in time" : "no broker in time");
}

/* Whether there is a broker that takes us. */
static int32_t self_test(void *state, vpns_op op)
{
	struct mqtt *self = state;

	self->op = op;
	self->sent = 0;
	self->testing = 1;
	if (self->link == NULL)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, "no broker: this is a check only");
	else if (mqtt_link_is_up(self->link))
		finish(self, VPNS_DELIVERY_SENT, VPNS_SCOPE_INSTANCE, NULL);
	else
		mqtt_link_hurry(self->link); /* on_up() or on_down() goes on */
	return VPNS_OK;
}

/* NULL is fine. */
static int readable(const char *file)
{
	return file == NULL || access(file, R_OK) == 0;
}

static const char *config_fault(const struct config *config)
{
	if (!mqtt_prefix_ok(config->prefix))
		return "the option prefix is no beginning of a topic: letters and digits, with single "
		       "slashes inside";
	if ((config->cert_file == NULL) != (config->key_file == NULL))
		return "of the options cert_file and key_file there is only one: set both or none";
	if (!config->tls && (config->ca_file != NULL || config->cert_file != NULL))
		return "there are certificates, but the option tls is not set";
	if (!readable(config->ca_file) || !readable(config->cert_file) || !readable(config->key_file))
		return "one of the options ca_file, cert_file and key_file names a file that cannot be read";
	if (config->password != NULL && config->user == NULL)
		return "there is a password, but the option user is not set";
	return NULL;
}

static void prepare_link(struct mqtt *self)
{
	const struct config *config = self->config;
	struct mqtt_link_config *link = &self->link_config;
	char machine[64] = "";

	gethostname(machine, sizeof(machine) - 1);
	snprintf(self->client_id, sizeof(self->client_id), "vpn-sentinel-%s-%.100s", machine,
		self->host->instance);
	mqtt_topic_status(self->status_topic, sizeof(self->status_topic), config->prefix);
	link->host = config->host;
	link->port = (int32_t)(config->port > 0 ? config->port : config->tls ? 8883 : 1883);
	link->tls = config->tls;
	link->ca_file = config->ca_file;
	link->cert_file = config->cert_file;
	link->key_file = config->key_file;
	link->user = config->user;
	link->password = config->password;
	link->client_id = config->client_id != NULL ? config->client_id : self->client_id;
	link->status_topic = self->status_topic;
	link->qos = (int32_t)config->qos;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const char *fault = config_fault(config);
	struct mqtt *self = fault == NULL ? calloc(1, sizeof(*self)) : NULL;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->render = host->service(host, VPNS_RENDER_1);
	prepare_link(self);
	if (host->role == VPNS_ROLE_TOOL)
		return self;
	self->link = mqtt_link_create(host, &self->link_config, &link_events, self);
	if (self->link == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		free(self);
		return NULL;
	}
	mqtt_link_hurry(self->link);
	return self;
}

static void destroy(void *state)
{
	struct mqtt *self = state;

	mqtt_link_destroy(self->link);
	free(self);
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_EACH,
	0,
	0,
	create,
	deliver,
	cancel,
	destroy,
	NULL,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("mqtt", "1.0.0", "events and states at an MQTT broker", VPNS_PLUGIN_EXCLUSIVE,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
