/* A probe with what no plugin may have: a mutable static, and a second exported symbol. */
#include "vpn_sentinel/plugin.h"

int32_t vpns_zoo_exported(void);

static int32_t calls;

__attribute__((visibility("default"))) int32_t vpns_zoo_exported(void)
{
	return calls;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	(void)config;
	(void)error;
	calls++;
	return (void *)(uintptr_t)host;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	(void)state;
	(void)op;
	(void)request;
	calls++;
	return VPNS_E_UNSUPPORTED;
}

static void destroy(void *state)
{
	(void)state;
}

static const struct vpns_probe_ops ops = {
	.size = sizeof(ops), .create = create, .start = start, .destroy = destroy};

VPNS_PROBE_PLUGIN("static", "1.0.0", "remembers between instances", 0, 0, VPNS_NO_OPTIONS, VPNS_NO_NEEDS,
	VPNS_NO_FACTS, &ops);
