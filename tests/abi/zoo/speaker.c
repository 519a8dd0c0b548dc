/* A notifier that hands on what people say, as its option `mode` says; what came of it is its ref. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *mode;
	const char *text;
	const char *mark; /* NULL: none */
};

struct speaker {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_command_service *command; /* NULL: there is none here */
	const struct vpns_state_service *state;
	vpns_op op;
	uint64_t handle;
	char text[300];
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), 0, "say", 0, 0, 0, NULL, "what to do"},
	{"text", VPNS_TEXT(struct config, text), 0, "/ping", 0, 0, 0, NULL, "what is said, or where"},
	{"mark", VPNS_TEXT(struct config, mark), 0, NULL, 0, 0, 0, NULL, "what to remember"},
};

static int is_mode(const struct speaker *self, const char *mode)
{
	return strcmp(self->config->mode, mode) == 0;
}

static int32_t finish(struct speaker *self)
{
	const struct vpns_delivery_result result = {
		.head = {sizeof(result), VPNS_KIND_NOTIFIER},
		.status = VPNS_DELIVERY_SENT,
		.ref = self->text,
	};

	self->host->finish(self->host, self->op, &result.head);
	return VPNS_OK;
}

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct speaker *self = arg;

	self->handle = 0;
	snprintf(self->text, sizeof(self->text), "%s|%u", answer->text, (unsigned)answer->button_count);
	finish(self);
}

static uint64_t run(struct speaker *self)
{
	struct vpns_command command = {
		.size = is_mode(self, "small") ? sizeof(uint32_t) : sizeof(command),
		.flags = VPNS_COMMAND_MAY_ACT,
		.text = is_mode(self, "bare") ? NULL : self->config->text,
		.mark_key = self->config->mark != NULL ? "mark" : NULL,
		.mark_text = self->config->mark,
	};

	return self->command->run(self->host, &command, is_mode(self, "ill") ? NULL : on_answer, self);
}

static void flood(struct speaker *self)
{
	uint64_t handles[40];
	uint32_t count = 0;
	uint32_t i;

	while (count < 40 && (handles[count] = run(self)) != 0)
		count++;
	for (i = 0; i < count; i++) {
		self->command->cancel(self->host, handles[i]);
		self->command->cancel(self->host, handles[i]);
	}
	self->command->cancel(self->host, 0);
	snprintf(self->text, sizeof(self->text), "%u", (unsigned)count);
}

static void describe(struct speaker *self)
{
	struct vpns_command_help help = {0};
	int32_t first = self->command->describe(self->host, 0, NULL, &help);
	int32_t behind = self->command->describe(self->host, 1, "en", &help);
	int32_t nowhere = self->command->describe(self->host, 0, "en", NULL);
	const char *none = self->command->language(self->host, 1);

	snprintf(self->text, sizeof(self->text), "%d %d %d %s %s %s %s", (int)first, (int)behind,
		(int)nowhere, help.name, help.help, self->command->language(self->host, 0),
		none != NULL ? none : "-");
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct speaker *self = state;
	const char *mark;

	(void)alert;
	self->op = op;
	if (self->command == NULL) {
		strcpy(self->text, "none");
	} else if (is_mode(self, "flood")) {
		flood(self);
	} else if (is_mode(self, "describe")) {
		describe(self);
	} else if (is_mode(self, "deaf")) {
		self->command->deaf(self->host, self->config->text);
		strcpy(self->text, "said");
	} else if (is_mode(self, "hears")) {
		self->command->deaf(self->host, NULL);
		strcpy(self->text, "said");
	} else if (is_mode(self, "claim_nothing")) {
		snprintf(self->text, sizeof(self->text), "%d %d", (int)self->command->claim(self->host, NULL),
			(int)self->command->claim(self->host, ""));
	} else if (is_mode(self, "claim")) {
		snprintf(self->text, sizeof(self->text), "%d",
			(int)self->command->claim(self->host, self->config->text));
	} else {
		self->handle = run(self);
		mark = self->state->get(self->host, "mark");
		if (self->handle != 0 && !is_mode(self, "leave"))
			return VPNS_OK;
		snprintf(self->text, sizeof(self->text), "%s, mark %s",
			self->handle != 0 ? "left" : "refused", mark != NULL ? mark : "-");
	}
	return finish(self);
}

static void cancel(void *state, vpns_op op)
{
	struct speaker *self = state;

	(void)op;
	self->command->cancel(self->host, self->handle);
	strcpy(self->text, "cancelled");
	finish(self);
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct speaker *self = calloc(1, sizeof(*self));

	(void)error;
	if (self == NULL)
		return NULL;
	self->host = host;
	self->config = config;
	self->command = host->service(host, VPNS_COMMAND_1);
	self->state = host->service(host, VPNS_STATE_1);
	return self;
}

static const struct vpns_notifier_ops ops = {
	.size = sizeof(ops),
	.create = create,
	.deliver = deliver,
	.cancel = cancel,
	.destroy = free,
};

VPNS_NOTIFIER_PLUGIN(ZOO_NAME, "1.0.0", "hands on what people say", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
