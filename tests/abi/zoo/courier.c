/* A notifier that answers as its option `mode` says. */
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *mode;
};

struct courier {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
	vpns_op test; /* the newest self test */
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), 0, "sent", 0, 0, 0, NULL, "how to answer"},
};

static const char *const needs[] = {VPNS_RENDER_1};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct courier *self = calloc(1, sizeof(*self));

	(void)error;
	if (!self)
		return NULL;
	self->host = host;
	self->config = config;
	self->render = host->service(host, VPNS_RENDER_1);
	return self;
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct courier *self = state;
	char ref[1000];
	struct vpns_delivery_result result = {
		.head = {sizeof(result), VPNS_KIND_NOTIFIER},
		.status = VPNS_DELIVERY_SENT,
		.ref = ref,
	};

	memset(ref, 0, sizeof(ref));
	if (strcmp(self->config->mode, "never") == 0)
		return 0;
	if (strcmp(self->config->mode, "strange") == 0)
		result.status = 77;
	else if (strcmp(self->config->mode, "long_ref") == 0)
		memset(ref, 'r', sizeof(ref) - 1);
	else if (strcmp(self->config->mode, "retry") == 0)
		result = (struct vpns_delivery_result){.head = result.head,
			.status = VPNS_DELIVERY_RETRY,
			.scope = VPNS_SCOPE_CHAT,
			.reason = "too many messages",
			.retry_after_ms = 7000};
	else if (strcmp(self->config->mode, "unsent") == 0 || strcmp(self->config->mode, "unsent_sent") == 0)
		result = (struct vpns_delivery_result){.head = result.head,
			.status = (strcmp(self->config->mode, "unsent") == 0 ? VPNS_DELIVERY_RETRY
									     : VPNS_DELIVERY_SENT) |
				  VPNS_DELIVERY_UNSENT,
			.reason = "no way there"};
	else
		self->render->alert(self->host, alert, VPNS_RENDER_LINE, 0, ref, sizeof(ref));
	self->host->finish(self->host, op, &result.head);
	return 0;
}

/* With the mode "patient" it waits to be cancelled. */
static int32_t self_test(void *state, vpns_op op)
{
	struct courier *self = state;
	const struct vpns_delivery_result result = {
		.head = {sizeof(result), VPNS_KIND_NOTIFIER},
		.status = VPNS_DELIVERY_DROP,
		.reason = "nobody knows this token",
	};

	self->test = op;
	if (strcmp(self->config->mode, "patient") != 0)
		self->host->finish(self->host, op, &result.head);
	return 0;
}

static void cancel(void *state, vpns_op op)
{
	struct courier *self = state;
	const struct vpns_delivery_result result = {
		.head = {sizeof(result), VPNS_KIND_NOTIFIER},
		.status = VPNS_DELIVERY_RETRY,
		.reason = "cancelled",
	};

	if (op == self->test)
		self->host->finish(self->host, op, &result.head);
}

static void destroy(void *state)
{
	free(state);
}

static const struct vpns_notifier_ops ops = {
	.size = sizeof(ops),
	.flags = VPNS_NOTIFIER_EDIT,
	.max_utf16 = 4096,
	.create = create,
	.deliver = deliver,
	.cancel = cancel,
	.destroy = destroy,
	.self_test = self_test,
};

VPNS_NOTIFIER_PLUGIN(ZOO_NAME, "1.0.0", "answers as its mode says", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
