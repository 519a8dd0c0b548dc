/* Notifier syslog: one record an alert, in this machine's system log or another's. */
#include "vpn_sentinel/plugin.h"

#include "syslog_line.h"
#include "syslog_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	TEXT_SIZE = 16384,
	UDP_MAX = 2048,
	FORMAT_AUTO = 0,
	FORMAT_RFC5424 = 1,
	REASON_SIZE = 350,
	MACHINE = 128
};

struct config {
	uint32_t transport; /* SYSLOG_LOCAL, ... */
	const char *path;
	const char *host;
	int64_t port;
	uint32_t facility;
	uint32_t format;
	const char *app_name;
};

/* Their numbers are their places. */
#define FACILITIES                                                                                           \
	"kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|ntp|audit|alert|clock|"           \
	"local0|local1|local2|local3|local4|local5|local6|local7"

static const struct vpns_option options[] = {
	{"transport", VPNS_CHOICE(struct config, transport), 0, "local", 0, 0, 0, "local|udp|tcp",
		"this machine's log, or another's"},
	{"path", VPNS_TEXT(struct config, path), 0, "/dev/log", 0, 0, 0, NULL, "the socket of the local log"},
	{"host", VPNS_TEXT(struct config, host), 0, NULL, 0, 0, 0, NULL, "whose log it is, for udp and tcp"},
	{"port", VPNS_INT(struct config, port), 0, NULL, 1, 65535, 0, NULL,
		"its port; unset: 514, 601 for tcp"},
	{"facility", VPNS_CHOICE(struct config, facility), 0, "daemon", 0, 0, 0, FACILITIES,
		"under what the record is filed"},
	{"format", VPNS_CHOICE(struct config, format), 0, "auto", 0, 0, 0, "auto|rfc5424|short",
		"auto: short for the local log, RFC 5424 for others"},
	{"app_name", VPNS_TEXT(struct config, app_name), 0, "vpn-sentinel", 0, 0, 0, NULL,
		"who the record is from"},
};

static const char *const needs[] = {VPNS_RENDER_1, VPNS_WORK_1};

struct syslog {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
	const struct vpns_work_service *work;
	vpns_op op; /* 0: idle */
	struct syslog_send send; /* a worker's while op runs */
	char machine[MACHINE];
	char bytes[SYSLOG_LINE_MAX + 1];
	char text[TEXT_SIZE];
};

static void finish(struct syslog *self, uint32_t status, const char *reason)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = self->op;

	self->op = 0;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.scope = VPNS_SCOPE_INSTANCE;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

static void on_done(void *arg)
{
	struct syslog *self = arg;
	char reason[REASON_SIZE];

	snprintf(reason, sizeof(reason), "the system log takes nothing: %s", self->send.error);
	if (self->send.ok)
		finish(self, VPNS_DELIVERY_SENT, NULL);
	else
		finish(self,
			self->send.begun ? VPNS_DELIVERY_RETRY : VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT,
			reason);
}

/* [worker] */
static void run(void *arg)
{
	struct syslog *self = arg;

	syslog_send_run(&self->send);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct syslog *self = state;
	const struct config *config = self->config;
	struct syslog_line line = {0};

	self->op = op;
	if (self->render->alert(self->host, alert, VPNS_RENDER_LINE, 0, self->text, TEXT_SIZE) < 0) {
		finish(self, VPNS_DELIVERY_DROP, "the alert could not be put into words");
		return VPNS_OK;
	}
	line.facility = config->facility;
	line.rfc5424 = config->format == FORMAT_RFC5424 ||
		       (config->format == FORMAT_AUTO && config->transport != SYSLOG_LOCAL);
	line.pid = (int32_t)getpid();
	line.machine = self->machine;
	line.app = config->app_name;
	line.text = self->text;
	line.max = config->transport == SYSLOG_UDP ? UDP_MAX : SYSLOG_LINE_MAX;
	self->send.len = syslog_line_build(self->bytes, &line, alert);
	atomic_store(&self->send.cancelled, 0);
	if (self->send.len == 0 || self->work->start(self->host, run, on_done, self) == 0)
		finish(self, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT, "no memory or no thread is free");
	return VPNS_OK;
}

/* The worker sees it soon; then on_done() finishes. */
static void cancel(void *state, vpns_op op)
{
	struct syslog *self = state;

	if (op != 0 && op == self->op)
		atomic_store(&self->send.cancelled, 1);
}

static const char *config_fault(const struct config *config)
{
	const struct sockaddr_un *address = NULL;

	if (config->transport != SYSLOG_LOCAL && config->host == NULL)
		return "the option host says whose log it is: it must be set for udp and tcp";
	if (config->transport == SYSLOG_LOCAL && config->host != NULL)
		return "there is a host, but the option transport is neither udp nor tcp";
	if (strlen(config->path) >= sizeof(address->sun_path))
		return "the option path is too long for a socket";
	return NULL;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const struct config *mine = config;
	const char *fault = config_fault(mine);
	struct syslog *self = fault == NULL ? calloc(1, sizeof(*self)) : NULL;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = mine;
	self->render = host->service(host, VPNS_RENDER_1);
	self->work = host->service(host, VPNS_WORK_1);
	gethostname(self->machine, sizeof(self->machine) - 1);
	self->send.transport = mine->transport;
	self->send.path = mine->path;
	self->send.host = mine->host;
	self->send.port = (uint16_t)(mine->port > 0 ? mine->port : mine->transport == SYSLOG_TCP ? 601 : 514);
	self->send.bytes = self->bytes;
	return self;
}

static void destroy(void *state)
{
	free(state);
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
	NULL,
};

VPNS_NOTIFIER_PLUGIN("syslog", "1.0.0", "records in a system log, this machine's or another's", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
