/* Notifier console: one line an alert, to standard output, standard error or the log. */
#include "vpn_sentinel/plugin.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not more than a pipe takes in one piece, so that lines stay whole and a write does not block. */
enum { LINE_SIZE = 4096 };

enum { STREAM_STDOUT, STREAM_STDERR, STREAM_LOG };

struct config {
	uint32_t stream; /* STREAM_* */
};

static const struct vpns_option options[] = {
	{"stream", VPNS_CHOICE(struct config, stream), VPNS_OPTION_LIVE, "stdout", 0, 0, 0,
		"stdout|stderr|log", "where the lines go"},
};

static const char *const needs[] = {VPNS_RENDER_1};

struct console {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
};

static void finish(struct console *self, vpns_op op, uint32_t status, const char *reason)
{
	struct vpns_delivery_result result = {0};

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

/* A name from outside must not steer a terminal: control characters become question marks. */
static void tame(char *line)
{
	unsigned char *at = (unsigned char *)line;

	for (; *at != '\0'; at++) {
		if (*at < 0x20 || *at == 0x7f)
			*at = '?';
		else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			at[0] = at[1] = '?'; /* U+0080 to U+009F */
	}
}

/* Writes the line whole. 0, EAGAIN when nobody reads just now, or the error; begun: a part of it got out. */
static int write_line(int fd, const char *line, size_t len, int *begun)
{
	struct pollfd ready = {fd, POLLOUT, 0};
	ssize_t got;

	*begun = 0;
	if (poll(&ready, 1, 0) == 0)
		return EAGAIN;
	while (len > 0) {
		got = write(fd, line, len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EWOULDBLOCK ? EAGAIN : errno;
		*begun |= got > 0;
		line += got;
		len -= (size_t)got;
	}
	return 0;
}

static uint32_t level_of(const struct vpns_alert *alert)
{
	if (alert->severity >= VPNS_SEVERITY_CRITICAL)
		return VPNS_LOG_ERROR;
	return alert->severity == VPNS_SEVERITY_WARNING ? VPNS_LOG_WARN : VPNS_LOG_INFO;
}

static void put_line(struct console *self, vpns_op op, char *line)
{
	char reason[128];
	size_t len = strlen(line);
	int begun;
	int error;

	line[len++] = '\n';
	error = write_line(
		self->config->stream == STREAM_STDERR ? STDERR_FILENO : STDOUT_FILENO, line, len, &begun);
	if (error == 0) {
		finish(self, op, VPNS_DELIVERY_SENT, NULL);
	} else if (error == EAGAIN) {
		finish(self, op, begun ? VPNS_DELIVERY_RETRY : VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT,
			"nobody reads the stream just now");
	} else {
		snprintf(reason, sizeof(reason), "the stream cannot be written: %s", strerror(error));
		finish(self, op, VPNS_DELIVERY_DROP, reason);
	}
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct console *self = state;
	char line[LINE_SIZE];

	/* One byte stays free for the newline. */
	if (self->render->alert(self->host, alert, VPNS_RENDER_LINE, 0, line, sizeof(line) - 1) < 0) {
		finish(self, op, VPNS_DELIVERY_DROP, "the alert could not be put into words");
		return VPNS_OK;
	}
	tame(line);
	if (self->config->stream == STREAM_LOG) {
		self->host->log(self->host, level_of(alert), line);
		finish(self, op, VPNS_DELIVERY_SENT, NULL);
	} else {
		put_line(self, op, line);
	}
	return VPNS_OK;
}

/* deliver() has always finished. */
static void cancel(void *state, vpns_op op)
{
	(void)state;
	(void)op;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct console *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->render = host->service(host, VPNS_RENDER_1);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct console *self = state;

	self->config = config;
	return VPNS_OK;
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
	reconfigure,
	NULL,
};

VPNS_NOTIFIER_PLUGIN("console", "1.0.0", "one line an alert on standard output or in the log", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
