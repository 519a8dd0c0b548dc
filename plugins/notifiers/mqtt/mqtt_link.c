#include "mqtt_link.h"

#include "post_text.h"

#include <errno.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	KEEPALIVE_S = 30,
	ANSWER_MS = 10000,
	TICK_MS = 1000,
	WAIT_FIRST_MS = 1000,
	WAIT_MAX_MS = 60000,
	WORDS = 200
};

enum state { IDLE, CONNECTING, GREETING, UP };

struct mqtt_link {
	const struct vpns_host *host;
	const struct mqtt_link_config *config;
	const struct mqtt_link_events *events;
	void *arg;
	const struct vpns_poll_service *poll;
	const struct vpns_timer_service *timer;
	const struct vpns_work_service *work;
	enum state state;
	struct mosquitto *mosq; /* a worker's while CONNECTING; NULL when IDLE */
	uint64_t watch;
	uint64_t tick;
	uint64_t retry;
	uint64_t wait_ms; /* before the next attempt */
	uint64_t deadline;
	int rc; /* of the attempt */
	int error; /* errno of it */
	int connack; /* what the broker answered; -1: not yet */
	char words[WORDS]; /* the library's first complaint about this connection */
};

/* --- what the library calls ----------------------------------------------------------------- */

static void on_connack(struct mosquitto *mosq, void *arg, int code)
{
	struct mqtt_link *link = arg;

	(void)mosq;
	link->connack = code;
}

static void on_publish(struct mosquitto *mosq, void *arg, int message)
{
	struct mqtt_link *link = arg;

	(void)mosq;
	link->events->published(link->arg, message);
}

static void on_log(struct mosquitto *mosq, void *arg, int level, const char *text)
{
	struct mqtt_link *link = arg;

	(void)mosq;
	/* The first says why, what follows only that. */
	if (level == MOSQ_LOG_ERR && link->words[0] == '\0')
		post_words(link->words, sizeof(link->words), text, strlen(text));
}

/* --- the end of a connection ---------------------------------------------------------------- */

static void close_all(struct mqtt_link *link)
{
	link->poll->end(link->host, link->watch);
	link->timer->cancel(link->host, link->tick);
	link->watch = 0;
	link->tick = 0;
	mosquitto_destroy(link->mosq);
	link->mosq = NULL;
	link->state = IDLE;
}

static void on_retry(void *arg)
{
	struct mqtt_link *link = arg;

	link->retry = 0;
	mqtt_link_hurry(link);
}

static void down(struct mqtt_link *link, const char *reason)
{
	/* Identifier, name and password, permission: they will not do at the next attempt either. */
	int refused = link->connack == 2 || link->connack == 4 || link->connack == 5;
	char text[WORDS + 64];

	if (link->connack > 0)
		snprintf(text, sizeof(text), "the broker refuses us: %s",
			mosquitto_connack_string(link->connack));
	else
		snprintf(text, sizeof(text), "no broker: %s", reason);
	close_all(link);
	link->retry = link->timer->set(link->host, link->wait_ms, on_retry, link);
	link->wait_ms = link->wait_ms * 2 < WAIT_MAX_MS ? link->wait_ms * 2 : WAIT_MAX_MS;
	link->events->down(link->arg, text, refused);
}

/* What the library says of a certificate is for those who know OpenSSL by heart. */
static const char *plain_words(const char *words)
{
	if (strstr(words, "host name verification failed") != NULL)
		return "its certificate is not for the name in the option host";
	if (strstr(words, "certificate verify failed") != NULL)
		return "its certificate has expired, or is of nobody whom we trust: see the option ca_file";
	return words;
}

static const char *words_of(const struct mqtt_link *link, int rc, int error)
{
	if (rc == MOSQ_ERR_ERRNO && error != 0 && error != EPROTO)
		return strerror(error);
	if (link->words[0] != '\0' && (rc == MOSQ_ERR_TLS || rc == MOSQ_ERR_ERRNO))
		return plain_words(link->words);
	return mosquitto_strerror(rc);
}

/* --- its life ------------------------------------------------------------------------------- */

static void update(struct mqtt_link *link)
{
	uint32_t events = VPNS_POLL_READ;

	/* While TLS is being spoken the library always wants to write, which would keep us busy: a turn
	 * suffices. */
	if (link->state == UP && mosquitto_want_write(link->mosq))
		events |= VPNS_POLL_WRITE;
	link->poll->change(link->host, link->watch, events);
}

/* After each call of the library: rc is its result. */
static void settle(struct mqtt_link *link, int rc)
{
	int error = errno;

	if (rc != MOSQ_ERR_SUCCESS || link->connack > 0) {
		down(link, words_of(link, rc, error));
		return;
	}
	if (link->state == GREETING && link->connack == 0) {
		link->state = UP;
		link->wait_ms = WAIT_FIRST_MS;
		mosquitto_publish(
			link->mosq, NULL, link->config->status_topic, 6, "online", link->config->qos, true);
		link->events->up(link->arg);
	}
	update(link);
}

static void on_ready(void *arg, uint32_t events)
{
	struct mqtt_link *link = arg;
	socklen_t len = sizeof(int);
	int rc = MOSQ_ERR_SUCCESS;
	int error = 0;

	if ((events & VPNS_POLL_ERROR) != 0) {
		link->watch = 0;
		getsockopt(mosquitto_socket(link->mosq), SOL_SOCKET, SO_ERROR, &error, &len);
		down(link, error != 0 ? strerror(error) : "the connection broke");
		return;
	}
	errno = 0;
	if ((events & VPNS_POLL_READ) != 0)
		rc = mosquitto_loop_read(link->mosq, 1);
	if (rc == MOSQ_ERR_SUCCESS && mosquitto_want_write(link->mosq))
		rc = mosquitto_loop_write(link->mosq, 1);
	settle(link, rc);
}

static void on_tick(void *arg)
{
	struct mqtt_link *link = arg;
	int rc;

	link->tick = link->timer->set(link->host, TICK_MS, on_tick, link);
	if (link->state == GREETING && link->host->mono_ms(link->host) >= link->deadline) {
		down(link, "no answer within 10 s");
		return;
	}
	errno = 0;
	rc = mosquitto_loop_misc(link->mosq);
	if (rc == MOSQ_ERR_SUCCESS && mosquitto_want_write(link->mosq))
		rc = mosquitto_loop_write(link->mosq, 1);
	settle(link, rc);
}

static void on_connected(void *arg)
{
	struct mqtt_link *link = arg;

	if (link->rc != MOSQ_ERR_SUCCESS) {
		down(link, words_of(link, link->rc, link->error));
		return;
	}
	link->state = GREETING;
	link->deadline = link->host->mono_ms(link->host) + ANSWER_MS;
	link->watch = link->poll->watch(
		link->host, mosquitto_socket(link->mosq), VPNS_POLL_READ | VPNS_POLL_WRITE, on_ready, link);
	link->tick = link->timer->set(link->host, TICK_MS, on_tick, link);
	if (link->watch == 0)
		down(link, "the connection cannot be watched");
}

/* [worker] Looks the name up; what follows does not block. */
static void run_connect(void *arg)
{
	struct mqtt_link *link = arg;

	errno = 0;
	link->rc = mosquitto_connect_async(link->mosq, link->config->host, link->config->port, KEEPALIVE_S);
	link->error = errno;
}

/* --- from outside --------------------------------------------------------------------------- */

static int set_tls(const struct mqtt_link *link)
{
	const struct mqtt_link_config *config = link->config;
	int rc;

	if (!config->tls)
		return MOSQ_ERR_SUCCESS;
	if (config->ca_file == NULL)
		mosquitto_int_option(link->mosq, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
	if (config->ca_file != NULL || config->cert_file != NULL) {
		rc = mosquitto_tls_set(link->mosq, config->ca_file != NULL ? config->ca_file : NULL,
			config->ca_file != NULL ? NULL : "/etc/ssl/certs", config->cert_file,
			config->key_file, NULL);
		if (rc != MOSQ_ERR_SUCCESS)
			return rc;
	}
	return mosquitto_tls_opts_set(link->mosq, 1, "tlsv1.2", NULL);
}

static int prepare(struct mqtt_link *link)
{
	const struct mqtt_link_config *config = link->config;
	int rc;

	link->words[0] = '\0';
	link->connack = -1;
	link->mosq = mosquitto_new(config->client_id, true, link);
	if (link->mosq == NULL)
		return MOSQ_ERR_NOMEM;
	mosquitto_connect_callback_set(link->mosq, on_connack);
	mosquitto_publish_callback_set(link->mosq, on_publish);
	mosquitto_log_callback_set(link->mosq, on_log);
	rc = mosquitto_will_set(link->mosq, config->status_topic, 7, "offline", config->qos, true);
	if (rc == MOSQ_ERR_SUCCESS && config->user != NULL)
		rc = mosquitto_username_pw_set(link->mosq, config->user, config->password);
	return rc == MOSQ_ERR_SUCCESS ? set_tls(link) : rc;
}

static void on_not_begun(void *arg)
{
	struct mqtt_link *link = arg;

	link->retry = 0;
	down(link, mosquitto_strerror(link->rc));
}

void mqtt_link_hurry(struct mqtt_link *link)
{
	if (link->state != IDLE)
		return;
	link->timer->cancel(link->host, link->retry);
	link->retry = 0;
	link->rc = prepare(link);
	link->state = CONNECTING;
	if (link->rc == MOSQ_ERR_SUCCESS &&
		link->work->start(link->host, run_connect, on_connected, link) != 0)
		return;
	/* Told in a turn of its own, as it would be of an attempt. */
	link->retry = link->timer->set(link->host, 0, on_not_begun, link);
}

int mqtt_link_is_up(const struct mqtt_link *link)
{
	return link->state == UP;
}

int mqtt_link_publish(
	struct mqtt_link *link, const char *topic, const char *payload, int retain, int *message)
{
	if (link->state != UP || mosquitto_publish(link->mosq, message, topic, (int)strlen(payload), payload,
					 link->config->qos, retain != 0) != MOSQ_ERR_SUCCESS)
		return -1;
	update(link);
	return 0;
}

struct mqtt_link *mqtt_link_create(const struct vpns_host *host, const struct mqtt_link_config *config,
	const struct mqtt_link_events *events, void *arg)
{
	struct mqtt_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	mosquitto_lib_init();
	link->host = host;
	link->config = config;
	link->events = events;
	link->arg = arg;
	link->poll = host->service(host, VPNS_POLL_1);
	link->timer = host->service(host, VPNS_TIMER_1);
	link->work = host->service(host, VPNS_WORK_1);
	link->wait_ms = WAIT_FIRST_MS;
	return link;
}

void mqtt_link_destroy(struct mqtt_link *link)
{
	if (link == NULL)
		return;
	if (link->state == UP) {
		/* Without a confirmation, for which there is no time. */
		mosquitto_publish(link->mosq, NULL, link->config->status_topic, 7, "offline", 0, true);
		mosquitto_disconnect(link->mosq);
	}
	link->timer->cancel(link->host, link->retry);
	close_all(link);
	mosquitto_lib_cleanup();
	free(link);
}
