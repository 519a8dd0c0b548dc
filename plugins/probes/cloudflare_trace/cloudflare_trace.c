/* Probe cloudflare_trace: asks Cloudflare's edge what it sees of our HTTP requests. */
#include "vpn_sentinel/plugin.h"

#include "cloudflare_trace_reply.h"

#include <stdio.h>
#include <stdlib.h>

enum { FACTS_MAX = 4 };

struct config {
	const char *url;
	uint32_t family; /* index into family_codes */
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_LIVE, "https://www.cloudflare.com/cdn-cgi/trace", 0,
		0, 0, NULL, "where to ask; any site behind Cloudflare has /cdn-cgi/trace"},
	{"family", VPNS_CHOICE(struct config, family), VPNS_OPTION_LIVE, "any", 0, 0, 0, "any|4|6",
		"ask over IPv4 or IPv6 only"},
};

static const uint32_t family_codes[] = {VPNS_HTTP_FAMILY_ANY, VPNS_HTTP_FAMILY_4, VPNS_HTTP_FAMILY_6};

static const char *const needs[] = {VPNS_HTTP_1};

static const struct vpns_fact_decl facts[] = {
	{"trace.ip", VPNS_FACT_ADDR, 0, NULL, "the address Cloudflare sees"},
	{"dns_location", VPNS_FACT_COUNTRY, 0, NULL,
		"country Cloudflare gives that address; says nothing about DNS"},
	{"trace.colo", VPNS_FACT_TEXT, 0, NULL, "the data centre that answered"},
	{"trace.warp", VPNS_FACT_TEXT, 0, NULL, "whether the request came through WARP: off, on, plus"},
};

struct trace {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_http_service *http;
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
};

static void finish(struct trace *self, struct vpns_probe_result *result)
{
	vpns_op op = self->op;

	self->op = 0;
	result->head.size = sizeof(*result);
	result->head.kind = VPNS_KIND_PROBE;
	self->host->finish(self->host, op, &result->head);
}

static void finish_unknown(struct trace *self, uint64_t retry_after_ms, const char *reason)
{
	struct vpns_probe_result result = {0};

	result.status = VPNS_PROBE_UNKNOWN;
	result.reason = reason;
	result.retry_after_ms = retry_after_ms;
	finish(self, &result);
}

static void add_fact(struct vpns_fact *list, uint32_t *count, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	list[*count].name = name;
	list[*count].value = value;
	(*count)++;
}

static void on_trace(struct trace *self, const struct vpns_http_reply *reply)
{
	struct vpns_probe_result result = {0};
	struct cloudflare_trace_reply seen;
	struct vpns_fact list[FACTS_MAX];

	if (cloudflare_trace_reply_parse(&seen, reply->body, (size_t)reply->body_len) < 0) {
		finish_unknown(self, 0, "the reply is not a trace: it has no ip= with an address");
		return;
	}
	result.status = VPNS_PROBE_PASS;
	result.facts = list;
	if (seen.loc_unknown) {
		result.status = VPNS_PROBE_WARN;
		result.reason = "Cloudflare knows no country for this address";
	}
	add_fact(list, &result.fact_count, "trace.ip", seen.ip);
	add_fact(list, &result.fact_count, "dns_location", seen.loc);
	add_fact(list, &result.fact_count, "trace.colo", seen.colo);
	add_fact(list, &result.fact_count, "trace.warp", seen.warp);
	finish(self, &result);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct trace *self = arg;
	char reason[256];

	self->request = 0;
	if (reply->error == VPNS_HTTP_OK && reply->status == 200) {
		on_trace(self, reply);
		return;
	}
	if (reply->error != VPNS_HTTP_OK)
		snprintf(reason, sizeof(reason), "Cloudflare does not answer: %s", reply->error_text);
	else
		snprintf(reason, sizeof(reason), "Cloudflare answers HTTP %u%s", (unsigned)reply->status,
			reply->status / 100 == 3 ? ": give the URL it redirects to" : "");
	finish_unknown(self, reply->retry_after_ms, reason);
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *wanted)
{
	struct vpns_http_request request = {0};
	struct trace *self = state;

	request.size = sizeof(request);
	request.family = family_codes[self->config->family];
	request.url = self->config->url;
	request.timeout_ms = wanted->timeout_ms;
	request.flags = VPNS_HTTP_REUSE;
	self->op = op;
	self->request = self->http->request(self->host, &request, on_reply, self);
	if (self->request == 0)
		finish_unknown(self, 0, "the request could not be made: is the option url right?");
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct trace *self = state;

	if (op == 0 || op != self->op)
		return;
	self->http->cancel(self->host, self->request);
	self->request = 0;
	finish_unknown(self, 0, "no answer in time");
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct trace *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->http = host->service(host, VPNS_HTTP_1);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct trace *self = state;

	self->config = config;
	return VPNS_OK;
}

static const struct vpns_probe_ops ops = {
	sizeof(ops),
	0,
	create,
	start,
	cancel,
	destroy,
	reconfigure,
	NULL,
};

VPNS_PROBE_PLUGIN("cloudflare_trace", "1.0.0", "address and country of the exit, as Cloudflare sees them", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
