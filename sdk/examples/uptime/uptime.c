/* Probe uptime: how long this machine has been running. An example of a plugin. */
#include <vpn_sentinel/plugin.h>

#include <stdio.h>
#include <stdlib.h>

struct config {
	const char *path;
};

static const struct vpns_option options[] = {
	{"path", VPNS_PATH(struct config, path), 0, "/proc/uptime", 0, 0, 0, NULL, "the file to read"},
};
static const struct vpns_fact_decl facts[] = {
	{"machine.uptime", VPNS_FACT_DURATION, 0, NULL, "time since the machine started"},
};

struct uptime {
	const struct vpns_host *host;
	const struct config *config;
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct uptime *self = calloc(1, sizeof(*self));

	if (self == NULL)
		snprintf(error->text, sizeof(error->text), "out of memory");
	else
		*self = (struct uptime){host, config};
	return self;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct uptime *self = state;
	char seconds[32];
	struct vpns_fact fact = {"machine.uptime", seconds};
	struct vpns_probe_result result = {{sizeof(result), VPNS_KIND_PROBE}, VPNS_PROBE_UNKNOWN, 0, &fact,
		"the file does not begin with a number of seconds", 0, 0};
	FILE *file = fopen(self->config->path, "r");
	unsigned long long number;

	(void)request;
	if (file != NULL && fscanf(file, "%18llu", &number) == 1) {
		snprintf(seconds, sizeof(seconds), "%llus", number);
		result.status = VPNS_PROBE_PASS;
		result.fact_count = 1;
		result.reason = NULL;
	}
	if (file != NULL)
		fclose(file);
	self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

static const struct vpns_probe_ops ops = {sizeof(ops), 0, create, start, NULL, free, NULL, NULL};

VPNS_PROBE_PLUGIN("uptime", "1.0.0", "time since the machine started", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, VPNS_FACTS(facts), &ops);
