/* Probe dns_resolver: through whom names of this host are really resolved. */
#include "dns_resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_PATIENCE = 10 }; /* so many times the labels of a round without a resolver: it has gone */

static const struct vpns_option options[] = {
	{"techniques", VPNS_LIST(struct config, techniques), 0, "zone, akahelp, akamai, google", 0, 0, 0,
		NULL, "ways to see a resolver"},
	{"labels", VPNS_INT(struct config, labels), 0, "5", 1, 10, 0, NULL,
		"names that a full round asks for by each way"},
	{"nameservers", VPNS_CHOICE(struct config, nameservers), 0, "both", 0, 0, 0, "both|system|each",
		"ask as applications do, each nameserver of resolv.conf, or both"},
	{"window", VPNS_DURATION(struct config, window_ms), 0, "15m", 1000, 86400000, 1000, NULL,
		"what was seen within this time counts"},
	{"zone", VPNS_TEXT(struct config, zone), 0, NULL, 0, 0, 0, NULL,
		"the server's own zone, as its option zone.name says"},
	{"akahelp", VPNS_TEXT(struct config, akahelp), 0, "whoami.ds.akahelp.net", 0, 0, 0, NULL,
		"the name of technique akahelp"},
	{"akamai", VPNS_TEXT(struct config, akamai), 0, "whoami.akamai.net", 0, 0, 0, NULL,
		"the name of technique akamai"},
	{"google", VPNS_TEXT(struct config, google), 0, "o-o.myaddr.l.google.com", 0, 0, 0, NULL,
		"the name of technique google"},
	{"rewrites", VPNS_BOOL(struct config, rewrites), 0, "yes", 0, 0, 0, NULL,
		"see whether a name that does not exist gets an answer"},
	{"invented", VPNS_TEXT(struct config, invented), 0, "com", 0, 0, 0, NULL,
		"below what that name is invented"},
	{"bash_ws", VPNS_URL(struct config, urls[DNS_RESOLVER_BASH_WS]), 0, "https://bash.ws", 0, 0, 0, NULL,
		"where technique bash_ws is"},
	{"bash_ws_zone", VPNS_TEXT(struct config, bash_ws_zone), 0, "bash.ws", 0, 0, 0, NULL,
		"below what it sees names"},
	{"ipleak", VPNS_URL(struct config, urls[DNS_RESOLVER_IPLEAK]), 0,
		"https://LABEL.ipleak.net/dnsdetection/", 0, 0, 0, NULL,
		"where technique ipleak is; LABEL stands for a random one"},
	{"ipleak_zone", VPNS_TEXT(struct config, ipleak_zone), 0, "ipleak.net", 0, 0, 0, NULL,
		"below what it sees names"},
	{"mullvad", VPNS_URL(struct config, urls[DNS_RESOLVER_MULLVAD]), 0,
		"https://LABEL.dnsleak.am.i.mullvad.net/", 0, 0, 0, NULL, "where technique mullvad is"},
	{"edns_ip_api", VPNS_URL(struct config, urls[DNS_RESOLVER_EDNS_IP_API]), 0,
		"http://LABEL.edns.ip-api.com/json", 0, 0, 0, NULL, "where technique edns_ip_api is"},
	{"nextdns", VPNS_URL(struct config, urls[DNS_RESOLVER_NEXTDNS]), 0, "https://LABEL.test.nextdns.io/",
		0, 0, 0, NULL, "where technique nextdns is"},
};

static const char *const needs[] = {VPNS_DNS_1, VPNS_HTTP_1, VPNS_TIMER_1};

static const struct vpns_fact_decl facts[] = {
	{"dns.resolvers", VPNS_FACT_TEXT, 0, NULL, "the addresses from which DNS queries really left"},
	{"dns.techniques", VPNS_FACT_TEXT, 0, NULL, "the ways that told them"},
	{"dns.labels", VPNS_FACT_INT, 0, NULL, "names that showed a resolver"},
	{"dns.ecs", VPNS_FACT_TEXT, 0, NULL, "networks of clients that resolvers passed on"},
	{"dns.nameservers", VPNS_FACT_TEXT, 0, NULL, "the nameservers this host asks"},
	{"dns.answering", VPNS_FACT_BOOL, 0, NULL, "any of them answers"},
	{"dns.rewrites", VPNS_FACT_BOOL, 0, NULL, "names that do not exist get an answer"},
};

const char *const technique_names[TECHNIQUES] = {
#define TECHNIQUE_TEXT(name, text) text,
	TECHNIQUES_(TECHNIQUE_TEXT)
#undef TECHNIQUE_TEXT
};

static void stop(struct resolver *self)
{
	uint32_t i;

	for (i = 0; i < AT_ONCE; i++) {
		self->dns->cancel(self->host, self->slots[i].handle);
		self->slots[i].handle = 0;
	}
	self->running = 0;
	web_stop(self);
	self->timer->cancel(self->host, self->deadline);
	self->deadline = 0;
}

static void on_deadline(void *arg)
{
	struct resolver *self = arg;

	uint32_t i;

	self->deadline = 0;
	for (i = 0; i < WEBS; i++)
		if (self->webs[i].busy)
			resolver_problem(self, self->webs[i].technique, "no answer in time");
	stop(self);
	tell(self);
}

void resolver_problem(struct resolver *self, uint8_t technique, const char *text)
{
	if (technique < TECHNIQUES)
		snprintf(self->problems[technique], PROBLEM, "%s", text);
}

/* Somebody answered, whatever it was. */
static int is_reply(const struct vpns_dns_reply *reply)
{
	return reply->error <= VPNS_DNS_E_FORMERR || reply->error == VPNS_DNS_E_FORMAT ||
	       reply->error == VPNS_DNS_E_TOO_LARGE;
}

void resolver_learn(struct resolver *self, uint8_t technique, const struct dns_resolver_answer *answer)
{
	uint64_t now = self->host->mono_ms(self->host);
	int first = self->resolvers.count == 0;

	if (answer->ecs[0] != '\0')
		(void)dns_resolver_seen_add(&self->ecs, answer->ecs, 1u << technique, now);
	if (answer->resolver[0] == '\0')
		return;
	self->told |= 1u << technique;
	if (dns_resolver_seen_add(&self->resolvers, answer->resolver, 1u << technique, now) && !first &&
		self->full == 0)
		self->full = FULL_AFTER_CHANGE;
}

static void read_zone(struct resolver *self, const struct slot *slot, const struct vpns_dns_reply *reply)
{
	struct dns_resolver_answer answer;

	/* That the name was resolved is all: the server has seen by whom. Refused ones it may never have
	 * seen. */
	if (reply->error == VPNS_DNS_OK || reply->error == VPNS_DNS_E_NODATA) {
		self->told |= 1u << ZONE;
		self->samples++;
	} else {
		resolver_problem(self, ZONE, reply->error_text);
	}
	if (slot->route == SYSTEM)
		return; /* addresses of the zone, not of a resolver */
	dns_resolver_answer_read(
		&answer, reply->records, reply->error == VPNS_DNS_OK ? reply->record_count : 0);
	resolver_learn(self, ZONE, &answer);
}

/* Once a round: by another way, a cache may have answered. */
static void count_fixed(struct resolver *self, uint8_t technique)
{
	if ((self->counted & (1u << technique)) != 0)
		return;
	self->counted |= 1u << technique;
	self->samples++;
}

static void read_fixed(struct resolver *self, const struct slot *slot, const struct vpns_dns_reply *reply)
{
	struct dns_resolver_answer answer;
	uint64_t now = self->host->mono_ms(self->host);
	uint64_t ttl = reply->record_count > 0 ? reply->records[0].ttl : 0;

	if (reply->error != VPNS_DNS_OK) {
		resolver_problem(self, slot->technique, reply->error_text);
		return;
	}
	self->due_ms[slot->technique][slot->route] = now + ttl * 1000;
	dns_resolver_answer_read(&answer, reply->records, reply->record_count);
	if (answer.resolver[0] == '\0')
		resolver_problem(self, slot->technique, "the answer holds no address");
	else
		count_fixed(self, slot->technique);
	resolver_learn(self, slot->technique, &answer);
}

/* What it was resolved to is of no interest: the service has seen who asked, if anybody answered. */
static void on_name(struct web *web, int answered)
{
	if (!answered)
		web->asked--;
	if (--web->names == 0)
		web_names_done(web);
}

/* A question that is not asked: whoever waits for its answer goes on without. */
static void skip(struct resolver *self, uint8_t technique)
{
	if (technique >= BASH_WS && technique < TECHNIQUES)
		on_name(&self->webs[technique - BASH_WS], 0);
}

static void on_reply(void *arg, const struct vpns_dns_reply *reply)
{
	struct slot *slot = arg;
	struct resolver *self = slot->self;

	slot->handle = 0;
	self->running--;
	if (is_reply(reply)) {
		self->answered++;
		self->silent[slot->route] = 0;
	} else {
		self->silent[slot->route]++;
	}
	if (slot->technique == ZONE)
		read_zone(self, slot, reply);
	else if (slot->technique < BASH_WS)
		read_fixed(self, slot, reply);
	else if (slot->technique < TECHNIQUES)
		on_name(&self->webs[slot->technique - BASH_WS], is_reply(reply));
	else if (reply->error == VPNS_DNS_OK || reply->error == VPNS_DNS_E_NXDOMAIN)
		self->rewrites = reply->error == VPNS_DNS_OK;
	resolver_go_on(self);
}

static void ask(struct resolver *self, struct slot *slot, const struct question *question)
{
	struct vpns_dns_request request = {
		.size = sizeof(request),
		.mode = question->route == SYSTEM ? VPNS_DNS_SYSTEM : VPNS_DNS_RESOLVER,
		.name = question->name,
		.type = VPNS_DNS_TXT,
		.server = question->route == SYSTEM ? NULL : self->servers[question->route],
		.timeout_ms = self->query_timeout_ms,
	};

	if (question->route == SYSTEM || question->technique == AKAMAI || question->technique == INVENTED)
		request.type = VPNS_DNS_A;
	slot->self = self;
	slot->technique = question->technique;
	slot->route = question->route;
	if (question->technique < TECHNIQUES)
		self->tried |= 1u << question->technique;
	slot->handle = self->dns->query(self->host, &request, on_reply, slot);
	if (slot->handle != 0) {
		self->running++;
		self->asked++;
		return;
	}
	resolver_problem(self, question->technique, "the question could not be asked");
	skip(self, question->technique);
}

static struct slot *free_slot(struct resolver *self)
{
	uint32_t i;

	for (i = 0; i < AT_ONCE; i++)
		if (self->slots[i].handle == 0)
			return &self->slots[i];
	return NULL;
}

/* Asks as many as may be under way; ends the round when nothing is. */
void resolver_go_on(struct resolver *self)
{
	struct slot *slot;

	if (self->starting)
		return;

	while (self->next < self->question_count && (slot = free_slot(self)) != NULL) {
		const struct question *question = &self->questions[self->next++];

		if (self->silent[question->route] < ROUTE_DEAD)
			ask(self, slot, question);
		else
			skip(self, question->technique);
	}
	if (self->running > 0 || self->op == 0 || web_is_busy(self))
		return;
	stop(self);
	if (self->dead && self->answered > 0 && self->full == 0)
		self->full = 1; /* whoever answers now may be somebody else */
	if (self->asked > 0)
		self->dead = self->answered == 0;
	tell(self);
}

struct listing {
	char servers[SERVERS_MAX][SERVER_TEXT];
	uint32_t count;
};

static void on_server(void *arg, const char *address)
{
	struct listing *listing = arg;

	if (listing->count < SERVERS_MAX && strlen(address) < SERVER_TEXT)
		strcpy(listing->servers[listing->count++], address);
}

/* Other nameservers: what the old ones showed says nothing any more. */
static void look_at_servers(struct resolver *self)
{
	struct listing listing = {0};

	self->dns->nameservers(self->host, on_server, &listing);
	if (listing.count == self->server_count &&
		memcmp(listing.servers, self->servers, sizeof(self->servers)) == 0)
		return;
	memcpy(self->servers, listing.servers, sizeof(self->servers));
	self->server_count = listing.count;
	memset(self->due_ms, 0, sizeof(self->due_ms));
	memset(&self->resolvers, 0, sizeof(self->resolvers));
	memset(&self->ecs, 0, sizeof(self->ecs));
	self->samples = 0;
	self->samples_before = 0;
	self->rewrites = -1;
	self->full = FULL_AFTER_CHANGE;
}

static void age(struct resolver *self)
{
	uint64_t now = self->host->mono_ms(self->host);
	uint64_t window = (uint64_t)self->config->window_ms;
	uint32_t answers = LABELS_PATIENCE * (uint32_t)self->config->labels;

	dns_resolver_seen_age(&self->resolvers, window, answers, now);
	dns_resolver_seen_age(&self->ecs, window, answers, now);
	if (now - self->window_began_ms < window)
		return;
	self->window_began_ms = now;
	self->samples_before = self->samples;
	self->samples = 0;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct resolver *self = state;
	uint32_t most = request->timeout_ms > 0 ? request->timeout_ms : 10000;

	self->op = op;
	self->next = 0;
	self->asked = 0;
	self->answered = 0;
	self->tried = 0;
	self->told = 0;
	self->counted = 0;
	memset(self->silent, 0, sizeof(self->silent));
	memset(self->problems, 0, sizeof(self->problems));
	self->query_timeout_ms = most / 3 < 4000 ? most / 3 + 1 : 4000;
	look_at_servers(self);
	age(self);
	plan_round(self);
	self->deadline = self->timer->set(self->host, most - most / 10, on_deadline, self);
	self->starting = 1;
	web_begin(self);
	self->starting = 0;
	resolver_go_on(self);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct resolver *self = state;

	if (op == 0 || op != self->op)
		return;
	stop(self);
	tell_unknown(self, "no answer in time");
}

static int find_techniques(struct resolver *self, struct vpns_error *error)
{
	uint32_t i;
	uint32_t k;

	for (i = 0; i < self->config->techniques.count; i++) {
		const char *name = self->config->techniques.items[i];

		for (k = 0; k < TECHNIQUES && strcmp(technique_names[k], name) != 0; k++)
			;
		if (k == TECHNIQUES) {
			snprintf(error->text, sizeof(error->text),
				"techniques: \"%.40s\" is none of zone, akahelp, akamai, google, bash_ws, "
				"ipleak, "
				"mullvad, edns_ip_api, nextdns",
				name);
			return -1;
		}
		self->wanted |= 1u << k;
	}
	if (self->wanted != 0 && (self->wanted != 1u << ZONE || self->config->zone != NULL))
		return 0;
	snprintf(error->text, sizeof(error->text),
		"no technique is left: name one in techniques, or the server's own zone in zone");
	return -1;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct resolver *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->dns = host->service(host, VPNS_DNS_1);
	self->timer = host->service(host, VPNS_TIMER_1);
	self->nonce = host->service(host, VPNS_NONCE_1);
	self->http = host->service(host, VPNS_HTTP_1);
	self->rewrites = -1;
	self->full = 1;
	self->window_began_ms = host->mono_ms(host);
	if (find_techniques(self, error) == 0)
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

VPNS_PROBE_PLUGIN("dns_resolver", "1.0.0", "through whom names of this host are really resolved", 0,
	VPNS_GRANT_NET, VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
