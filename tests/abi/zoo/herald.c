/* A probe that sends canaries, as its option `mode` says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

#ifndef ZOO_NAME
#define ZOO_NAME "herald"
#endif

struct config {
	const char *mode;
	const char *device;
};

struct herald {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_canary_service *canary; /* NULL: there is none here */
	vpns_op op;
	uint64_t handle;
	char text[600];
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), 0, "send", 0, 0, 0, NULL, "what to do"},
	{"device", VPNS_TEXT(struct config, device), 0, "lo", 0, 0, 0, NULL, "by which device"},
};

static const struct vpns_fact_decl facts[] = {{"own.text", VPNS_FACT_TEXT, 0, NULL, "what came of it"}};

static void finish(struct herald *self)
{
	const struct vpns_fact fact = {"own.text", self->text};
	const struct vpns_probe_result result = {
		{sizeof(result), VPNS_KIND_PROBE}, VPNS_PROBE_PASS, 1, &fact, NULL, 0, 0};

	self->host->finish(self->host, self->op, &result.head);
}

static void on_reply(void *arg, const struct vpns_canary_reply *reply)
{
	struct herald *self = arg;

	self->handle = 0;
	snprintf(self->text, sizeof(self->text), "%d %u %s|%s", (int)reply->error, (unsigned)reply->status,
		reply->remote_address, reply->error_text);
	finish(self);
}

static void flood(struct herald *self)
{
	uint64_t handles[40];
	uint32_t count = 0;
	uint32_t i;

	while (count < 40 && (handles[count] = self->canary->send(
				      self->host, self->config->device, 0, on_reply, self)) != 0)
		count++;
	for (i = 0; i < count; i++)
		self->canary->cancel(self->host, handles[i]);
	self->canary->cancel(self->host, 0);
	snprintf(self->text, sizeof(self->text), "%u", (unsigned)count);
	finish(self);
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct herald *self = state;
	const char *mode = self->config->mode;

	(void)request;
	self->op = op;
	if (self->canary == NULL) {
		strcpy(self->text, "none");
		finish(self);
		return VPNS_OK;
	}
	if (strcmp(mode, "flood") == 0) {
		flood(self);
		return VPNS_OK;
	}
	self->handle = self->canary->send(
		self->host, self->config->device, 2000, strcmp(mode, "ill") == 0 ? NULL : on_reply, self);
	if (self->handle == 0 || strcmp(mode, "leave") == 0) {
		strcpy(self->text, self->handle == 0 ? "refused" : "left");
		finish(self);
	}
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct herald *self = state;

	(void)op;
	self->canary->cancel(self->host, self->handle);
	strcpy(self->text, "cancelled");
	finish(self);
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct herald *self = calloc(1, sizeof(*self));

	(void)error;
	if (self == NULL)
		return NULL;
	self->host = host;
	self->config = config;
	self->canary = host->service(host, VPNS_CANARY_1);
	return self;
}

static const struct vpns_probe_ops ops = {sizeof(ops), 0, create, start, cancel, free, NULL, NULL};

VPNS_PROBE_PLUGIN(ZOO_NAME, "1.0.0", "sends canaries", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, VPNS_FACTS(facts), &ops);
