/* Probe cymru: asks Team Cymru by DNS which network an address belongs to. */
#include "vpn_sentinel/plugin.h"

#include "cymru_answer.h"
#include "geo_ip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_MAX = 5, REASON = 256 };

struct config {
	const char *zone;
	const char *server;
};

static const struct vpns_option options[] = {
	{"zone", VPNS_TEXT(struct config, zone), VPNS_OPTION_LIVE, "asn.cymru.com", 0, 0, 0, NULL,
		"below what to ask; origin, origin6 and AS numbers lie in it"},
	{"server", VPNS_TEXT(struct config, server), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"the name server to ask, by address; unset: the system's"},
};

static const char *const needs[] = {VPNS_DNS_1};

static const struct vpns_fact_decl facts[] = {
	{"exit.ip", VPNS_FACT_ADDR, 0, NULL, "the address that was asked about"},
	{"exit.asn", VPNS_FACT_ASN, 0, NULL, "autonomous system that announces it"},
	{"exit.org", VPNS_FACT_TEXT, 0, NULL, "name of that autonomous system"},
	{"cymru.prefix", VPNS_FACT_PREFIX, 0, NULL, "the prefix it lies in, as it is announced"},
	{"cymru.country", VPNS_FACT_COUNTRY, 0, NULL, "the country that prefix was given out in"},
};

struct cymru {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_dns_service *dns;
	vpns_op op; /* 0: idle */
	uint64_t question; /* 0: none */
	uint64_t ends_ms;
	char address[GEO_IP_SIZE];
	struct cymru_origin origin;
};

static void finish(
	struct cymru *self, uint32_t status, const struct vpns_fact *list, uint32_t count, const char *reason)
{
	const struct vpns_probe_result result = {
		.head = {sizeof(result), VPNS_KIND_PROBE},
		.status = status,
		.fact_count = count,
		.facts = list,
		.reason = reason,
	};
	vpns_op op = self->op;

	self->op = 0;
	self->host->finish(self->host, op, &result.head);
}

static void add(struct vpns_fact *list, uint32_t *count, const char *name, const char *value)
{
	if (value[0] != '\0')
		list[(*count)++] = (struct vpns_fact){name, value};
}

/* org "" with a reason: the number alone is worth telling. */
static void tell(struct cymru *self, const char *org, const char *reason)
{
	struct vpns_fact list[FACTS_MAX];
	uint32_t count = 0;
	char asn[16];

	snprintf(asn, sizeof(asn), "AS%u", (unsigned)self->origin.asn);
	add(list, &count, "exit.ip", self->address);
	add(list, &count, "exit.asn", asn);
	add(list, &count, "exit.org", org);
	add(list, &count, "cymru.prefix", self->origin.prefix);
	add(list, &count, "cymru.country", self->origin.country);
	finish(self, reason != NULL ? VPNS_PROBE_WARN : VPNS_PROBE_PASS, list, count, reason);
}

static void on_as(void *arg, const struct vpns_dns_reply *reply)
{
	struct cymru *self = arg;
	char org[CYMRU_TEXT] = "";
	char reason[REASON];
	uint32_t i;

	self->question = 0;
	for (i = 0; i < reply->record_count; i++)
		if (reply->records[i].type == VPNS_DNS_TXT &&
			cymru_as_parse(org, self->origin.asn, reply->records[i].text) == 0) {
			tell(self, org, NULL);
			return;
		}
	snprintf(reason, sizeof(reason), "AS%u has no name: %s", (unsigned)self->origin.asn,
		reply->error != VPNS_DNS_OK ? reply->error_text : "the answer is not what Team Cymru says");
	tell(self, "", reason);
}

static uint64_t ask(
	struct cymru *self, const char *name, void (*done)(void *arg, const struct vpns_dns_reply *reply))
{
	uint64_t now = self->host->mono_ms(self->host);
	const struct vpns_dns_request request = {
		.size = sizeof(request),
		.name = name,
		.type = VPNS_DNS_TXT,
		.server = self->config->server,
		.timeout_ms = now < self->ends_ms ? (uint32_t)(self->ends_ms - now) : 1,
	};

	return self->dns->query(self->host, &request, done, self);
}

/* Of several prefixes the longest says most. 0 when there is none. */
static int find_origin(struct cymru_origin *best, const struct vpns_dns_reply *reply)
{
	struct cymru_origin origin;
	int found = 0;
	uint32_t i;

	for (i = 0; i < reply->record_count; i++) {
		if (reply->records[i].type != VPNS_DNS_TXT ||
			cymru_origin_parse(&origin, reply->records[i].text) < 0)
			continue;
		if (!found || origin.bits > best->bits)
			*best = origin;
		found = 1;
	}
	return found;
}

static void on_origin(void *arg, const struct vpns_dns_reply *reply)
{
	struct cymru *self = arg;
	char name[CYMRU_NAME];
	char reason[REASON];

	self->question = 0;
	if (reply->error == VPNS_DNS_OK && find_origin(&self->origin, reply)) {
		if (cymru_as_name(name, self->origin.asn, self->config->zone) == 0)
			self->question = ask(self, name, on_as);
		if (self->question == 0)
			tell(self, "", "the name of the network could not be asked for");
		return;
	}
	if (reply->error == VPNS_DNS_E_NXDOMAIN)
		snprintf(reason, sizeof(reason), "Team Cymru: nobody announces %s", self->address);
	else if (reply->error != VPNS_DNS_OK)
		snprintf(reason, sizeof(reason), "Team Cymru: %s", reply->error_text);
	else
		snprintf(reason, sizeof(reason), "the answer is not what Team Cymru says about an address");
	finish(self, VPNS_PROBE_UNKNOWN, NULL, 0, reason);
}

static int32_t locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	uint32_t timeout = request->timeout_ms > 0 ? request->timeout_ms : 10000;
	struct cymru *self = state;
	char name[CYMRU_NAME];

	if (geo_ip(self->address, request->address) == 0 ||
		cymru_origin_name(name, self->address, self->config->zone) < 0)
		return VPNS_E_INVALID;
	self->op = op;
	self->ends_ms = self->host->mono_ms(self->host) + timeout - timeout / 10;
	self->question = ask(self, name, on_origin);
	if (self->question == 0)
		finish(self, VPNS_PROBE_UNKNOWN, NULL, 0, "the question could not be asked");
	return VPNS_OK;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct cymru *self = state;

	(void)request;
	self->op = op;
	finish(self, VPNS_PROBE_UNKNOWN, NULL, 0,
		"Team Cymru tells about addresses and sees no exit: list cymru under locate, not under "
		"probes");
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct cymru *self = state;

	if (op == 0 || op != self->op)
		return;
	self->dns->cancel(self->host, self->question);
	self->question = 0;
	finish(self, VPNS_PROBE_UNKNOWN, NULL, 0, "no answer in time");
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct cymru *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->dns = host->service(host, VPNS_DNS_1);
	return self;
}

static int32_t reconfigure(void *state, const void *config)
{
	struct cymru *self = state;

	self->config = config;
	return VPNS_OK;
}

static const struct vpns_probe_ops ops = {
	sizeof(ops),
	0,
	create,
	start,
	cancel,
	free,
	reconfigure,
	locate,
};

VPNS_PROBE_PLUGIN("cymru", "1.0.0", "network of an address, from Team Cymru by DNS", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
