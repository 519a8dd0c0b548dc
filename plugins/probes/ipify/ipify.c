/* Probe ipify: asks api.ipify.org over IPv4 and api6.ipify.org over IPv6 which addresses we have on the
 * internet. */
#include "vpn_sentinel/plugin.h"

#include "ipify_reply.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAY_4, WAY_6, WAYS };
enum { FACTS_MAX = 3, REASON_SIZE = 300 };

/* IPv6 that leads nowhere must not hold up the round for as long as the probe may take. */
static const uint32_t patience_6_ms = 4000;

struct config {
	const char *url;
	const char *url6;
	uint32_t family; /* index: both, 4, 6 */
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_LIVE, "https://api.ipify.org", 0, 0, 0, NULL,
		"where to ask over IPv4; a service of your own must answer with an address alone"},
	{"url6", VPNS_URL(struct config, url6), VPNS_OPTION_LIVE, "https://api6.ipify.org", 0, 0, 0, NULL,
		"where to ask over IPv6"},
	{"family", VPNS_CHOICE(struct config, family), VPNS_OPTION_LIVE, "both", 0, 0, 0, "both|4|6",
		"ask over IPv4 or IPv6 only"},
};

static const char *const needs[] = {VPNS_HTTP_1};

static const struct vpns_fact_decl facts[] = {
	{"exit.ip", VPNS_FACT_ADDR, 0, NULL, "the IPv4 address the outside world sees"},
	{"exit6.ip", VPNS_FACT_ADDR, 0, NULL, "the IPv6 address the outside world sees"},
	{"ipv6.reachable", VPNS_FACT_BOOL, 0, NULL,
		"a service was reached over IPv6; false: it could not be, while IPv4 worked"},
};

struct ipify;

/* One of the two questions. */
struct way {
	struct ipify *self;
	uint64_t request; /* 0: none under way */
	int asked;
	int unreachable; /* no connection could be made */
	char ip[GEO_IP_SIZE]; /* "": none was told */
	char reason[REASON_SIZE]; /* why not */
	uint64_t retry_after_ms;
};

struct ipify {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_http_service *http;
	vpns_op op; /* 0: idle */
	struct way ways[WAYS];
};

static const struct {
	const char *name;
	uint32_t family;
	const char *fact;
} kinds[WAYS] = {
	[WAY_4] = {"IPv4", VPNS_HTTP_FAMILY_4, "exit.ip"},
	[WAY_6] = {"IPv6", VPNS_HTTP_FAMILY_6, "exit6.ip"},
};

/* Does the kernel know a way to the IPv6 internet? Nothing is sent: a datagram socket only looks for a route.
 */
static int has_route_6(void)
{
	struct sockaddr_in6 there = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	static const unsigned char somewhere[] = {0x20, 0x01, 0x04, 0x70}; /* within 2000::/3 */
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int found;

	if (fd < 0)
		return errno != EAFNOSUPPORT;
	memcpy(&there.sin6_addr, somewhere, sizeof(somewhere));
	there.sin6_addr.s6_addr[15] = 1;
	found = connect(fd, (const struct sockaddr *)&there, sizeof(there)) == 0;
	close(fd);
	return found;
}

static void add_reason(char *reason, size_t size, const struct way *way, const char *name)
{
	size_t len = strlen(reason);

	snprintf(reason + len, size - len, "%s%s: %s", len > 0 ? "; " : "", name, way->reason);
}

/* "false" is said only where something else worked: else nothing is known of IPv6 in particular. */
static const char *reachable_6(const struct ipify *self)
{
	const struct way *six = &self->ways[WAY_6];

	if (six->ip[0] != '\0')
		return "true";
	return six->unreachable && self->ways[WAY_4].ip[0] != '\0' ? "false" : NULL;
}

static void finish(struct ipify *self)
{
	struct vpns_probe_result result = {.head = {sizeof(result), VPNS_KIND_PROBE}};
	const char *reachable = reachable_6(self);
	struct vpns_fact told[FACTS_MAX];
	char reason[2 * REASON_SIZE + 24] = "";
	vpns_op op = self->op;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		const struct way *way = &self->ways[i];

		if (way->retry_after_ms > result.retry_after_ms)
			result.retry_after_ms = way->retry_after_ms;
		if (way->ip[0] != '\0')
			told[result.fact_count++] = (struct vpns_fact){kinds[i].fact, way->ip};
		else if (way->asked && !(i == WAY_6 && reachable != NULL))
			add_reason(reason, sizeof(reason), way, kinds[i].name);
	}
	result.status = reason[0] == '\0'       ? VPNS_PROBE_PASS
			: result.fact_count > 0 ? VPNS_PROBE_WARN
						: VPNS_PROBE_UNKNOWN;
	if (reachable != NULL)
		told[result.fact_count++] = (struct vpns_fact){"ipv6.reachable", reachable};
	result.facts = told;
	result.reason = reason[0] != '\0' ? reason : NULL;
	self->op = 0;
	self->host->finish(self->host, op, &result.head);
}

static void take_body(struct way *way, const struct vpns_http_reply *reply)
{
	int family = way == &way->self->ways[WAY_6] ? 6 : 4;
	struct ipify_reply seen;

	if (ipify_reply_parse(&seen, reply->body, (size_t)reply->body_len) < 0)
		snprintf(way->reason, sizeof(way->reason), "the reply is not an address");
	else if (seen.bogon)
		snprintf(way->reason, sizeof(way->reason), "%s is not an address of the internet", seen.ip);
	else if (seen.family != family)
		snprintf(way->reason, sizeof(way->reason), "the service saw %s, which is of the other family",
			seen.ip);
	else
		memcpy(way->ip, seen.ip, sizeof(way->ip));
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct way *way = arg;
	struct ipify *self = way->self;

	way->request = 0;
	way->retry_after_ms = reply->retry_after_ms;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(way->reason, sizeof(way->reason), "no answer: %s", reply->error_text);
		way->unreachable = reply->error == VPNS_HTTP_E_CONNECT ||
				   (reply->error == VPNS_HTTP_E_RESOLVE && !has_route_6());
	} else if (reply->status == 200) {
		take_body(way, reply);
	} else {
		snprintf(way->reason, sizeof(way->reason), "the service answers HTTP %u%s",
			(unsigned)reply->status,
			reply->status / 100 == 3 ? ": give the URL it redirects to" : "");
	}
	if (self->ways[WAY_4].request == 0 && self->ways[WAY_6].request == 0)
		finish(self);
}

static void ask(struct ipify *self, size_t which, const char *url, uint32_t timeout_ms)
{
	struct vpns_http_request request = {.size = sizeof(request)};
	struct way *way = &self->ways[which];

	request.family = kinds[which].family;
	request.url = url;
	request.timeout_ms = timeout_ms;
	request.flags = VPNS_HTTP_REUSE;
	way->asked = 1;
	way->request = self->http->request(self->host, &request, on_reply, way);
	if (way->request == 0)
		snprintf(way->reason, sizeof(way->reason),
			"the request could not be made: is the option %s right?",
			which == WAY_4 ? "url" : "url6");
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *wanted)
{
	static const int asks[][WAYS] = {{1, 1}, {1, 0}, {0, 1}};
	struct ipify *self = state;
	const int *which = asks[self->config->family];
	uint32_t timeout_6 = wanted->timeout_ms;
	size_t i;

	memset(self->ways, 0, sizeof(self->ways));
	for (i = 0; i < WAYS; i++)
		self->ways[i].self = self;
	self->op = op;
	if (which[WAY_4] && timeout_6 > patience_6_ms)
		timeout_6 = patience_6_ms;
	if (which[WAY_4])
		ask(self, WAY_4, self->config->url, wanted->timeout_ms);
	if (which[WAY_6])
		ask(self, WAY_6, self->config->url6, timeout_6);
	if (self->ways[WAY_4].request == 0 && self->ways[WAY_6].request == 0)
		finish(self);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct ipify *self = state;
	size_t i;

	if (op == 0 || op != self->op)
		return;
	for (i = 0; i < WAYS; i++) {
		if (self->ways[i].request == 0)
			continue;
		self->http->cancel(self->host, self->ways[i].request);
		self->ways[i].request = 0;
		snprintf(self->ways[i].reason, sizeof(self->ways[i].reason), "no answer in time");
	}
	finish(self);
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct ipify *self = calloc(1, sizeof(*self));

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
	struct ipify *self = state;

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

VPNS_PROBE_PLUGIN("ipify", "1.0.0", "addresses of the exit, IPv4 and IPv6 apart", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
