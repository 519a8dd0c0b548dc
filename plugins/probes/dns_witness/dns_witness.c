/* Probe dns_witness: the address from which a question over UDP straight to a distant name server arrives
 * there. */
#include "vpn_sentinel/plugin.h"

#include "dns_witness_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITNESSES = 3, FAMILIES = 2, PROBLEM = 200, LONGEST_MS = 5000 };

struct config {
	struct vpns_list witnesses;
	const char *servers[WITNESSES][FAMILIES];
	uint32_t family;
};

enum { BOTH, ONLY_4, ONLY_6 };

#define SERVER(witness, family) VPNS_TEXT(struct config, servers[witness][family])

static const struct vpns_option options[] = {
	{"witnesses", VPNS_LIST(struct config, witnesses), 0, "cloudflare, opendns, google", 0, 0, 0, NULL,
		"whom to ask, one a round in turn"},
	{"family", VPNS_CHOICE(struct config, family), 0, "both", 0, 0, 0, "both|4|6", "over which to ask"},
	{"cloudflare", SERVER(0, 0), 0, "1.1.1.1", 0, 0, 0, NULL, "its address"},
	{"cloudflare6", SERVER(0, 1), 0, "2606:4700:4700::1111", 0, 0, 0, NULL, "its IPv6 address"},
	{"opendns", SERVER(1, 0), 0, "208.67.222.222", 0, 0, 0, NULL, "the address of resolver1.opendns.com"},
	{"opendns6", SERVER(1, 1), 0, "2620:119:35::35", 0, 0, 0, NULL, "its IPv6 address"},
	{"google", SERVER(2, 0), 0, "216.239.32.10", 0, 0, 0, NULL, "the address of ns1.google.com"},
	{"google6", SERVER(2, 1), 0, "2001:4860:4802:32::a", 0, 0, 0, NULL, "its IPv6 address"},
};

static const char *const needs[] = {VPNS_DNS_1};

static const struct vpns_fact_decl facts[] = {
	{"udp.ip", VPNS_FACT_ADDR, 0, NULL, "the address a distant name server was asked from"},
	{"udp6.ip", VPNS_FACT_ADDR, 0, NULL, "the same over IPv6"},
};

static const struct {
	const char *option;
	const char *name;
	uint32_t dns_class;
	uint32_t types[FAMILIES];
} witnesses[WITNESSES] = {
	{"cloudflare", "whoami.cloudflare", VPNS_DNS_CH, {VPNS_DNS_TXT, VPNS_DNS_TXT}},
	{"opendns", "myip.opendns.com", VPNS_DNS_IN, {VPNS_DNS_A, VPNS_DNS_AAAA}},
	{"google", "o-o.myaddr.l.google.com", VPNS_DNS_IN, {VPNS_DNS_TXT, VPNS_DNS_TXT}},
};

struct witness;

struct side {
	struct witness *self;
	uint64_t handle; /* 0: not under way */
	int family;
	char address[GEO_IP_SIZE]; /* "": not told */
	char problem[PROBLEM];
	int silent; /* there was no answer, which over IPv6 is how it is at most places */
};

struct witness {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_dns_service *dns;
	vpns_op op; /* 0: idle */
	uint32_t turn;
	uint8_t order[WITNESSES];
	uint32_t count;
	struct side sides[FAMILIES];
};

static void finish(struct witness *self, uint32_t status, const struct vpns_fact *list, uint32_t count,
	const char *reason)
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

static void tell(struct witness *self)
{
	static const char *const names[FAMILIES] = {"udp.ip", "udp6.ip"};
	struct vpns_fact list[FAMILIES];
	char reason[2 * PROBLEM + 4] = "";
	uint32_t count = 0;
	uint32_t i;

	for (i = 0; i < FAMILIES; i++) {
		const struct side *side = &self->sides[i];
		size_t len = strlen(reason);

		if (side->address[0] != '\0')
			list[count++] = (struct vpns_fact){names[i], side->address};
		/* No IPv6 beside a working IPv4 needs no words. */
		if (side->problem[0] != '\0' && (!side->silent || self->sides[0].address[0] == '\0'))
			snprintf(reason + len, sizeof(reason) - len, "%s%s", len > 0 ? "; " : "",
				side->problem);
	}
	if (count == 0)
		finish(self, VPNS_PROBE_UNKNOWN, NULL, 0, reason[0] != '\0' ? reason : "nobody was asked");
	else
		finish(self, reason[0] != '\0' ? VPNS_PROBE_WARN : VPNS_PROBE_PASS, list, count,
			reason[0] != '\0' ? reason : NULL);
}

static void settle(struct witness *self)
{
	if (self->sides[0].handle == 0 && self->sides[1].handle == 0)
		tell(self);
}

static void on_reply(void *arg, const struct vpns_dns_reply *reply)
{
	struct side *side = arg;

	side->handle = 0;
	side->silent = reply->error == VPNS_DNS_E_CONNECT || reply->error == VPNS_DNS_E_TIMEOUT;
	if (reply->error != VPNS_DNS_OK)
		snprintf(side->problem, PROBLEM, "IPv%d: %s", side->family, reply->error_text);
	else if (!dns_witness_answer(side->address, reply->records, reply->record_count, side->family))
		snprintf(side->problem, PROBLEM,
			"IPv%d: the answer of %s holds no address: somebody else may answer in its place",
			side->family, reply->server);
	settle(side->self);
}

static void ask(struct witness *self, uint32_t at, uint32_t timeout_ms)
{
	uint32_t which = self->order[self->turn % self->count];
	struct side *side = &self->sides[at];
	const struct vpns_dns_request request = {
		.size = sizeof(request),
		.name = witnesses[which].name,
		.type = witnesses[which].types[at],
		.dns_class = witnesses[which].dns_class,
		.server = self->config->servers[which][at],
		.timeout_ms = timeout_ms,
	};

	memset(side, 0, sizeof(*side));
	side->self = self;
	side->family = at == 0 ? 4 : 6;
	if (request.server == NULL || (at == 0 && self->config->family == ONLY_6) ||
		(at == 1 && self->config->family == ONLY_4))
		return;
	side->handle = self->dns->query(self->host, &request, on_reply, side);
	if (side->handle == 0)
		snprintf(side->problem, PROBLEM, "IPv%d: the question could not be asked", side->family);
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct witness *self = state;
	uint32_t most = request->timeout_ms > 0 ? request->timeout_ms - request->timeout_ms / 5 : LONGEST_MS;

	self->op = op;
	ask(self, 0, most < LONGEST_MS ? most : LONGEST_MS);
	ask(self, 1, most < LONGEST_MS ? most : LONGEST_MS);
	self->turn++;
	settle(self);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct witness *self = state;
	uint32_t i;

	if (op == 0 || op != self->op)
		return;
	for (i = 0; i < FAMILIES; i++) {
		self->dns->cancel(self->host, self->sides[i].handle);
		self->sides[i].handle = 0;
	}
	finish(self, VPNS_PROBE_UNKNOWN, NULL, 0, "no answer in time");
}

static int find_witnesses(struct witness *self, struct vpns_error *error)
{
	uint32_t i;
	uint8_t k;

	for (i = 0; i < self->config->witnesses.count && self->count < WITNESSES; i++) {
		for (k = 0;
			k < WITNESSES && strcmp(witnesses[k].option, self->config->witnesses.items[i]) != 0;
			k++)
			;
		if (k == WITNESSES) {
			snprintf(error->text, sizeof(error->text),
				"witnesses: \"%.40s\" is none of cloudflare, opendns, google",
				self->config->witnesses.items[i]);
			return -1;
		}
		self->order[self->count++] = k;
	}
	if (self->count > 0)
		return 0;
	snprintf(error->text, sizeof(error->text),
		"witnesses: name at least one of cloudflare, opendns, google");
	return -1;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct witness *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->dns = host->service(host, VPNS_DNS_1);
	if (find_witnesses(self, error) == 0)
		return self;
	free(self);
	return NULL;
}

static const struct vpns_probe_ops ops = {
	sizeof(ops),
	0,
	create,
	start,
	cancel,
	free,
	NULL,
	NULL,
};

VPNS_PROBE_PLUGIN("dns_witness", "1.0.0", "the address that distant name servers are asked from", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
