"""
A notifier from outside the tree that writes each alert into a file, one line each. With -DEXCLUSIVE it holds a lock
meanwhile, so that two of one file collide, and says so to the host. -DTAG names the build.
"""

SOURCE = r"""
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#ifndef TAG
#define TAG "first"
#endif
#ifndef EXCLUSIVE
#define EXCLUSIVE 0
#endif

struct config {
	const char *file;
	const char *mode;
	const char *greeting;
};

static const struct vpns_option options[] = {
	{ "file", VPNS_TEXT(struct config, file), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "where to write" },
	{ "mode", VPNS_TEXT(struct config, mode), 0, "good", 0, 0, 0, NULL, "good, broken, wedged" },
	{ "greeting", VPNS_TEXT(struct config, greeting), VPNS_OPTION_LIVE, "hello", 0, 0, 0, NULL, "what to begin with" },
};

struct book {
	const struct vpns_host *host;
	const struct config *config;
	char lock[512];
};

static int take(const char *lock)
{
	int fd = open(lock, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static void *create(const struct vpns_host *host, const void *arg, struct vpns_error *error)
{
	const struct config *config = arg;
	struct book *self = calloc(1, sizeof(*self));
	const char *fault = NULL;

	if (self == NULL)
		return NULL;
	self->host = host;
	self->config = config;
	snprintf(self->lock, sizeof(self->lock), "%s.lock", config->file);
	if (strcmp(config->mode, "broken") == 0)
		fault = "the pen is broken";
	else if (EXCLUSIVE && take(self->lock) < 0)
		fault = "somebody else writes into this book";
	if (fault == NULL)
		return self;
	snprintf(error->text, sizeof(error->text), "%s", fault);
	free(self);
	return NULL;
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct book *self = state;
	struct vpns_delivery_result result = { .head = { sizeof(result), VPNS_KIND_NOTIFIER },
		.status = VPNS_DELIVERY_SENT };
	FILE *file;

	if (strcmp(self->config->mode, "wedged") == 0)
		return VPNS_OK;
	file = fopen(self->config->file, "ae");
	if (file == NULL)
		return VPNS_E_UNAVAILABLE;
	fprintf(file, TAG " %s: %s %s%s\n", self->config->greeting, alert->kind, alert->client_id,
		(alert->flags & VPNS_ALERT_POSSIBLE_DUPLICATE) != 0 ? " (again?)" : "");
	fclose(file);
	self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

static int32_t reconfigure(void *state, const void *config)
{
	struct book *self = state;

	if (strcmp(((const struct config *)config)->greeting, "refuse") == 0)
		return VPNS_E_UNSUPPORTED;
	self->config = config;
	return VPNS_OK;
}

static void destroy(void *state)
{
	struct book *self = state;

	if (EXCLUSIVE)
		unlink(self->lock);
	free(self);
}

static const struct vpns_notifier_ops ops = {
	.size = sizeof(ops), .create = create, .deliver = deliver, .destroy = destroy, .reconfigure = reconfigure,
};

VPNS_NOTIFIER_PLUGIN("log_book", "1.0.0", "writes into a file",
	EXCLUSIVE ? VPNS_PLUGIN_EXCLUSIVE : 0, 0, VPNS_OPTIONS(struct config, options),
	VPNS_NO_NEEDS, &ops);
"""


class LogBook:
    """The plugin's file below a folder of plugins, and the book it writes."""

    def __init__(self, workshop, plugins, book):
        self.workshop = workshop
        self.file = plugins / "notifiers" / "log_book.so"
        self.book = book

    def build(self, *flags):
        """Builds it anew; what was there is replaced as an upgrade would, by another file of the same name."""
        fresh = self.file.with_suffix(".new")
        self.workshop.build(fresh, *flags, source=SOURCE)
        fresh.rename(self.file)

    def notifier(self, name="book", **options):
        more = {"timeout": options.pop("timeout")} if "timeout" in options else {}
        return {"plugin": "log_book", "name": name, **more, "options": {"file": self.book, **options}}

    def lines(self):
        return self.book.read_text(encoding="utf-8").splitlines() if self.book.exists() else []
