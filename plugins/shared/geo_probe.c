#include "geo_probe.h"

#include "geo_url.h"

#include <stdio.h>
#include <stdlib.h>

static const uint32_t family_codes[] = {VPNS_HTTP_FAMILY_ANY, VPNS_HTTP_FAMILY_4, VPNS_HTTP_FAMILY_6};

struct geo_probe {
	struct geo_ask ask;
	const struct geo_config *config;
};

static int32_t ask(struct geo_probe *self, vpns_op op, const char *about, uint32_t timeout_ms)
{
	char url[GEO_URL_SIZE];

	if (self->ask.service->url(url, sizeof(url), self->config->url, about) < 0)
		return VPNS_E_INVALID;
	return geo_ask_start(&self->ask, op, url, family_codes[self->config->family], about, timeout_ms);
}

int32_t geo_probe_start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	return ask(state, op, NULL, request->timeout_ms);
}

int32_t geo_probe_locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	char address[GEO_IP_SIZE];

	if (geo_ip(address, request->address) == 0)
		return VPNS_E_INVALID;
	return ask(state, op, address, request->timeout_ms);
}

void geo_probe_cancel(void *state, vpns_op op)
{
	struct geo_probe *self = state;

	geo_ask_cancel(&self->ask, op);
}

void *geo_probe_create(const struct vpns_host *host, const void *config, const struct geo_service *service,
	struct vpns_error *error)
{
	struct geo_probe *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->config = config;
	geo_ask_init(&self->ask, host, service);
	return self;
}

void geo_probe_destroy(void *state)
{
	struct geo_probe *self = state;

	geo_ask_fini(&self->ask);
	free(self);
}

int32_t geo_probe_reconfigure(void *state, const void *config)
{
	struct geo_probe *self = state;

	self->config = config;
	return VPNS_OK;
}
