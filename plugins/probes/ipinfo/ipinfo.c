/* Probe ipinfo: asks ipinfo.io, or a service that answers like it, who we are on the internet. */
#include "vpn_sentinel/plugin.h"

#include "geo_ip.h"
#include "ipinfo_reply.h"
#include "ipinfo_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 256, URL_SIZE = 2048, FACTS_MAX = 10 };

/* Waits after a refusal without Retry-After: 5 minutes, doubled up to 6 hours. */
static const uint64_t first_wait_ms = 300000;
static const uint64_t last_wait_ms = 21600000;
static const uint64_t longest_wish_ms = 86400000; /* no provider may silence us for longer */

static const char wait_key[] = "wait_ms"; /* state/1: the last wait, while refusals go on */

struct config {
	const char *url;
	const char *token;
	uint32_t family; /* index into family_codes */
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_LIVE, "https://ipinfo.io/json", 0, 0, 0, NULL,
		"where to ask; a service of your own must answer in the same form"},
	{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"access token of an ipinfo account, raises the daily limit"},
	{"family", VPNS_CHOICE(struct config, family), VPNS_OPTION_LIVE, "any", 0, 0, 0, "any|4|6",
		"ask over IPv4 or IPv6 only"},
};

static const uint32_t family_codes[] = {VPNS_HTTP_FAMILY_ANY, VPNS_HTTP_FAMILY_4, VPNS_HTTP_FAMILY_6};

static const char *const needs[] = {VPNS_HTTP_1, VPNS_STATE_1};

static const struct vpns_fact_decl facts[] = {
	{"exit.ip", VPNS_FACT_ADDR, 0, NULL, "the address the outside world sees"},
	{"exit.city", VPNS_FACT_TEXT, 0, NULL, "city of that address"},
	{"exit.region", VPNS_FACT_TEXT, 0, NULL, "region of that address"},
	{"exit.country", VPNS_FACT_COUNTRY, 0, NULL, "country of that address"},
	{"exit.asn", VPNS_FACT_ASN, 0, NULL, "autonomous system that announces it"},
	{"exit.org", VPNS_FACT_TEXT, 0, NULL, "who runs that autonomous system"},
	{"exit.timezone", VPNS_FACT_TEXT, 0, NULL, "time zone of that address"},
	{"exit.hostname", VPNS_FACT_TEXT, 0, NULL, "reverse DNS name of that address"},
	{"exit.hosting", VPNS_FACT_BOOL, 0, NULL, "that address is a data centre's"},
	{"exit6.ip", VPNS_FACT_ADDR, 0, NULL, "the address the outside world sees, when it is of IPv6"},
	{"exit6.country", VPNS_FACT_COUNTRY, 0, NULL, "country of the IPv6 address"},
	{"exit6.asn", VPNS_FACT_ASN, 0, NULL, "autonomous system that announces it"},
	{"exit6.org", VPNS_FACT_TEXT, 0, NULL, "who runs that autonomous system"},
	{"exit.bogon", VPNS_FACT_BOOL, 0, NULL, "true when the address seen is not one of the internet"},
};

struct ipinfo {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_http_service *http;
	const struct vpns_state_service *state;
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
	char about[GEO_IP_SIZE]; /* canonical; "": our own exit */
};

static void finish(struct ipinfo *self, struct vpns_probe_result *result)
{
	vpns_op op = self->op;

	self->op = 0;
	result->head.size = sizeof(*result);
	result->head.kind = VPNS_KIND_PROBE;
	self->host->finish(self->host, op, &result->head);
}

static void finish_bad(struct ipinfo *self, uint32_t status, uint64_t retry_after_ms, const char *reason)
{
	struct vpns_probe_result result = {0};

	result.status = status;
	result.reason = reason;
	result.retry_after_ms = retry_after_ms;
	finish(self, &result);
}

/* How long to stay away after a refusal; remembered, so that a restart does not begin anew. */
static uint64_t next_wait(struct ipinfo *self, uint64_t wished_ms)
{
	const char *before = self->state->get(self->host, wait_key);
	uint64_t wait = before != NULL ? strtoull(before, NULL, 10) : 0;
	char text[24];

	wait = wait < first_wait_ms ? first_wait_ms : wait > last_wait_ms / 2 ? last_wait_ms : wait * 2;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)wait);
	self->state->put(self->host, wait_key, text);
	if (wished_ms == 0)
		return wait;
	return wished_ms < longest_wish_ms ? wished_ms : longest_wish_ms;
}

static void on_refusal(struct ipinfo *self, const struct vpns_http_reply *reply)
{
	uint64_t wait = next_wait(self, reply->retry_after_ms);
	char reason[160];

	snprintf(reason, sizeof(reason), "the provider refuses us for %llu s (HTTP %u)%s",
		(unsigned long long)(wait / 1000), (unsigned)reply->status,
		self->config->token == NULL ? ": many share its free limit, a token raises it" : "");
	finish_bad(self, VPNS_PROBE_UNKNOWN, wait, reason);
}

static void add_fact(struct vpns_fact *list, uint32_t *count, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	list[*count].name = name;
	list[*count].value = value;
	(*count)++;
}

/* is_6: our own exit of IPv6, which a client has beside that of IPv4. */
static uint32_t add_place(struct vpns_fact *list, const struct ipinfo_reply *seen, int is_6)
{
	uint32_t count = 0;

	add_fact(list, &count, is_6 ? "exit6.ip" : "exit.ip", seen->ip);
	add_fact(list, &count, is_6 ? "exit6.country" : "exit.country", seen->country);
	add_fact(list, &count, is_6 ? "exit6.asn" : "exit.asn", seen->asn);
	add_fact(list, &count, is_6 ? "exit6.org" : "exit.org", seen->org);
	if (is_6)
		return count;
	add_fact(list, &count, "exit.city", seen->city);
	add_fact(list, &count, "exit.region", seen->region);
	add_fact(list, &count, "exit.timezone", seen->timezone);
	add_fact(list, &count, "exit.hostname", seen->hostname);
	if (seen->hosting >= 0)
		add_fact(list, &count, "exit.hosting", seen->hosting ? "true" : "false");
	return count;
}

static void finish_facts(struct ipinfo *self, const struct ipinfo_reply *seen)
{
	struct vpns_probe_result result = {0};
	struct vpns_fact list[FACTS_MAX];
	char reason[128];

	result.status = VPNS_PROBE_PASS;
	result.facts = list;
	if (seen->bogon) {
		snprintf(reason, sizeof(reason), "%s is not an address of the internet", seen->ip);
		result.status = VPNS_PROBE_UNKNOWN;
		result.reason = reason;
		add_fact(list, &result.fact_count, "exit.bogon", "true");
		finish(self, &result);
		return;
	}
	if (seen->strange != NULL) {
		snprintf(reason, sizeof(reason), "left out \"%s\": its value makes no sense", seen->strange);
		result.status = VPNS_PROBE_WARN;
		result.reason = reason;
	}
	result.fact_count = add_place(list, seen, self->about[0] == '\0' && strchr(seen->ip, ':') != NULL);
	finish(self, &result);
}

static void on_answer(struct ipinfo *self, const struct vpns_http_reply *reply)
{
	struct ipinfo_reply seen;
	char reason[160];
	const char *why;

	if (ipinfo_reply_parse(&seen, reply->body, (size_t)reply->body_len, &why) < 0) {
		finish_bad(self, VPNS_PROBE_UNKNOWN, 0, why);
		return;
	}
	if (self->state->get(self->host, wait_key) != NULL)
		self->state->put(self->host, wait_key, NULL);
	if (self->about[0] != '\0' && strcmp(self->about, seen.ip) != 0) {
		snprintf(reason, sizeof(reason), "the provider was asked about %s and answers about %s",
			self->about, seen.ip);
		finish_bad(self, VPNS_PROBE_UNKNOWN, 0, reason);
		return;
	}
	finish_facts(self, &seen);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct ipinfo *self = arg;
	char reason[256];

	self->request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(reason, sizeof(reason), "the provider does not answer: %s", reply->error_text);
		finish_bad(self, VPNS_PROBE_UNKNOWN, 0, reason);
	} else if (reply->status == 200) {
		on_answer(self, reply);
	} else if (reply->status == 429 || reply->status == 403) {
		on_refusal(self, reply);
	} else if (reply->status == 401) {
		finish_bad(self, VPNS_PROBE_FAIL, 0,
			self->config->token != NULL
				? "token refused (HTTP 401): check the option token"
				: "token refused (HTTP 401): this provider wants a token");
	} else {
		snprintf(reason, sizeof(reason), "the provider answers HTTP %u%s", (unsigned)reply->status,
			reply->status / 100 == 3 ? ": give the URL it redirects to" : "");
		finish_bad(self, VPNS_PROBE_UNKNOWN, 0, reason);
	}
}

static int32_t ask(struct ipinfo *self, vpns_op op, const char *url, uint32_t timeout_ms)
{
	struct vpns_http_request request = {0};
	struct vpns_http_header headers[2] = {{"Accept", "application/json"}, {"Authorization", NULL}};
	char bearer[TOKEN_MAX + 8];

	request.size = sizeof(request);
	request.family = family_codes[self->config->family];
	request.url = url;
	request.headers = headers;
	request.header_count = 1;
	request.timeout_ms = timeout_ms;
	request.flags = VPNS_HTTP_REUSE;
	if (self->config->token != NULL) {
		snprintf(bearer, sizeof(bearer), "Bearer %s", self->config->token);
		headers[1].value = bearer;
		request.header_count = 2;
	}
	self->op = op;
	self->request = self->http->request(self->host, &request, on_reply, self);
	if (self->request == 0)
		finish_bad(self, VPNS_PROBE_UNKNOWN, 0,
			"the request could not be made: is the option url right?");
	return VPNS_OK;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct ipinfo *self = state;

	self->about[0] = '\0';
	return ask(self, op, self->config->url, request->timeout_ms);
}

static int32_t locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	struct ipinfo *self = state;
	char url[URL_SIZE];

	if (geo_ip(self->about, request->address) == 0 ||
		ipinfo_url_of(url, sizeof(url), self->config->url, self->about) < 0)
		return VPNS_E_INVALID;
	return ask(self, op, url, request->timeout_ms);
}

static void cancel(void *state, vpns_op op)
{
	struct ipinfo *self = state;

	if (op == 0 || op != self->op)
		return;
	self->http->cancel(self->host, self->request);
	self->request = 0;
	finish_bad(self, VPNS_PROBE_UNKNOWN, 0, "no answer in time");
}

/* A header takes visible ASCII only; more would let a token write headers of its own. */
static const char *token_fault(const char *token)
{
	size_t i;

	if (token == NULL)
		return NULL;
	for (i = 0; token[i] != '\0'; i++) {
		if (token[i] <= ' ' || token[i] > '~')
			return "the option token holds a character that no token has: a blank or a line "
			       "break?";
	}
	return i > TOKEN_MAX ? "the option token is longer than any token" : NULL;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const struct config *mine = config;
	const char *fault = token_fault(mine->token);
	struct ipinfo *self;

	if (fault != NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault);
		return NULL;
	}
	self = calloc(1, sizeof(*self));
	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = mine;
	self->http = host->service(host, VPNS_HTTP_1);
	self->state = host->service(host, VPNS_STATE_1);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct ipinfo *self = state;

	if (token_fault(((const struct config *)config)->token) != NULL)
		return VPNS_E_INVALID;
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
	locate,
};

VPNS_PROBE_PLUGIN("ipinfo", "1.0.0", "address, place and network of the exit, from ipinfo.io", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
