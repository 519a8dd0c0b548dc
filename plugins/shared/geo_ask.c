#include "geo_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Waits after a refusal that names none: 5 minutes, doubled up to 6 hours. */
static const uint64_t first_wait_ms = 300000;
static const uint64_t last_wait_ms = 21600000;
static const uint64_t longest_wish_ms = 86400000; /* no service may silence us for longer */
static const uint64_t shortest_kept_ms = 10000; /* less is over before a new start */
static const uint64_t patience_ms = 2500; /* a rest up to this is waited for */

static const char wait_key[] = "wait_ms"; /* state/1: the last wait, while refusals go on */
static const char until_key[] = "not_before_ms"; /* state/1: wall */

static void finish(struct geo_ask *ask, struct vpns_probe_result *result)
{
	vpns_op op = ask->op;

	free(ask->url);
	ask->url = NULL;
	ask->op = 0;
	result->head.size = sizeof(*result);
	result->head.kind = VPNS_KIND_PROBE;
	ask->host->finish(ask->host, op, &result->head);
}

static void finish_bad(struct geo_ask *ask, uint32_t status, uint64_t retry_after_ms, const char *reason)
{
	struct vpns_probe_result result = {0};

	result.status = status;
	result.reason = reason;
	result.retry_after_ms = retry_after_ms;
	finish(ask, &result);
}

/* No request for that long, in this run and the next. */
static void stay_away(struct geo_ask *ask, uint64_t ms)
{
	uint64_t until = ask->host->mono_ms(ask->host) + ms;
	char text[24];

	if (until <= ask->not_before)
		return;
	ask->not_before = until;
	if (ms < shortest_kept_ms)
		return;
	snprintf(text, sizeof(text), "%lld", (long long)(ask->host->wall_ms(ask->host) + (int64_t)ms));
	ask->state->put(ask->host, until_key, text);
}

static uint64_t rest_of(const struct geo_ask *ask)
{
	uint64_t now = ask->host->mono_ms(ask->host);

	return ask->not_before > now ? ask->not_before - now : 0;
}

static uint64_t wish_of(const struct geo_ask *ask, const struct vpns_http_reply *reply)
{
	uint64_t wish = reply->retry_after_ms;

	if (ask->service->wish != NULL && ask->service->wish(reply) > wish)
		wish = ask->service->wish(reply);
	return wish < longest_wish_ms ? wish : longest_wish_ms;
}

/* How long to stay away after a refusal; remembered, so that a restart does not begin anew. */
static uint64_t next_wait(struct geo_ask *ask, uint64_t wished_ms)
{
	const char *before = ask->state->get(ask->host, wait_key);
	uint64_t wait = before != NULL ? strtoull(before, NULL, 10) : 0;
	char text[24];

	wait = wait < first_wait_ms ? first_wait_ms : wait > last_wait_ms / 2 ? last_wait_ms : wait * 2;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)wait);
	ask->state->put(ask->host, wait_key, text);
	return wished_ms > 0 ? wished_ms : wait;
}

static void on_refusal(struct geo_ask *ask, const struct vpns_http_reply *reply)
{
	uint64_t wait = next_wait(ask, wish_of(ask, reply));
	char reason[160];

	stay_away(ask, wait);
	snprintf(reason, sizeof(reason), "%s refuses us for %llu s (HTTP %u)", ask->service->name,
		(unsigned long long)((wait + 999) / 1000), (unsigned)reply->status);
	finish_bad(ask, VPNS_PROBE_UNKNOWN, wait, reason);
}

static void add(struct vpns_fact *facts, uint32_t *count, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	facts[*count].name = name;
	facts[*count].value = value;
	(*count)++;
}

uint32_t geo_facts(struct vpns_fact facts[GEO_FACTS_MAX], const struct geo_place *place, int own)
{
	int is_6 = own && strchr(place->ip, ':') != NULL;
	uint32_t count = 0;

	add(facts, &count, is_6 ? "exit6.ip" : "exit.ip", place->ip);
	add(facts, &count, is_6 ? "exit6.country" : "exit.country", place->country);
	add(facts, &count, is_6 ? "exit6.asn" : "exit.asn", place->asn);
	add(facts, &count, is_6 ? "exit6.org" : "exit.org", place->org);
	if (is_6) /* a machine has one place: that of its other exit, if the two differ */
		return count;
	add(facts, &count, "exit.city", place->city);
	add(facts, &count, "exit.region", place->region);
	add(facts, &count, "exit.timezone", place->timezone);
	if (place->hosting != GEO_HOSTING_UNKNOWN)
		add(facts, &count, "exit.hosting", place->hosting == GEO_HOSTING_YES ? "true" : "false");
	return count;
}

static void on_place(struct geo_ask *ask, const struct geo_place *place, uint64_t retry_after_ms)
{
	struct vpns_probe_result result = {0};
	struct vpns_fact facts[GEO_FACTS_MAX];
	char reason[160];

	if (ask->about[0] != '\0' && strcmp(ask->about, place->ip) != 0) {
		snprintf(reason, sizeof(reason), "%s was asked about %s and answers about %s",
			ask->service->name, ask->about, place->ip);
		finish_bad(ask, VPNS_PROBE_UNKNOWN, retry_after_ms, reason);
		return;
	}
	if (geo_ip_is_bogon(place->ip)) {
		snprintf(reason, sizeof(reason), "%s is not an address of the internet", place->ip);
		finish_bad(ask, VPNS_PROBE_UNKNOWN, retry_after_ms, reason);
		return;
	}
	result.status = VPNS_PROBE_PASS;
	if (place->strange != NULL) {
		snprintf(reason, sizeof(reason), "left out \"%s\": its value makes no sense", place->strange);
		result.status = VPNS_PROBE_WARN;
		result.reason = reason;
	}
	result.facts = facts;
	result.fact_count = geo_facts(facts, place, ask->about[0] == '\0');
	result.retry_after_ms = retry_after_ms;
	finish(ask, &result);
}

static void on_answer(struct geo_ask *ask, const struct vpns_http_reply *reply)
{
	struct geo_place place;
	char why[GEO_WHY_SIZE];
	char reason[GEO_WHY_SIZE + 80];

	if (ask->state->get(ask->host, wait_key) != NULL)
		ask->state->put(ask->host, wait_key, NULL);
	stay_away(ask, wish_of(ask, reply));
	if (ask->service->parse(&place, reply->body, (size_t)reply->body_len, why) == 0) {
		on_place(ask, &place, rest_of(ask));
		return;
	}
	snprintf(reason, sizeof(reason), "%s: %s", ask->service->name, why);
	finish_bad(ask, VPNS_PROBE_UNKNOWN, rest_of(ask), reason);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct geo_ask *ask = arg;
	char reason[320];

	ask->request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(reason, sizeof(reason), "%s does not answer: %s", ask->service->name,
			reply->error_text);
		finish_bad(ask, VPNS_PROBE_UNKNOWN, rest_of(ask), reason);
	} else if (reply->status == 200) {
		on_answer(ask, reply);
	} else if (reply->status == 429 || reply->status == 403) {
		on_refusal(ask, reply);
	} else {
		stay_away(ask, wish_of(ask, reply));
		snprintf(reason, sizeof(reason), "%s answers HTTP %u%s", ask->service->name,
			(unsigned)reply->status,
			reply->status / 100 == 3 ? ": give the URL it redirects to"
			: reply->status == 404   ? ": is the option url right?"
						 : "");
		finish_bad(ask, VPNS_PROBE_UNKNOWN, rest_of(ask), reason);
	}
}

static void send(struct geo_ask *ask)
{
	static const struct vpns_http_header accept = {"Accept", "application/json"};
	struct vpns_http_request request = {0};
	uint64_t now = ask->host->mono_ms(ask->host);

	request.size = sizeof(request);
	request.family = ask->family;
	request.url = ask->url;
	request.headers = &accept;
	request.header_count = 1;
	request.flags = VPNS_HTTP_REUSE; /* whoever the question is about, the path matters little */
	request.timeout_ms = (uint32_t)(ask->deadline > now ? ask->deadline - now : 1);
	stay_away(ask, ask->service->spacing_ms);
	ask->request = ask->http->request(ask->host, &request, on_reply, ask);
	if (ask->request == 0)
		finish_bad(ask, VPNS_PROBE_UNKNOWN, 0,
			"the request could not be made: is the option url right?");
}

static void on_rested(void *arg)
{
	struct geo_ask *ask = arg;

	ask->rest = 0;
	send(ask);
}

/* Before its time no request goes out, whoever wants it: services lock out those who do not listen. */
static void wait_or_refuse(struct geo_ask *ask, uint64_t rest, uint32_t timeout_ms)
{
	char reason[160];

	if (rest <= patience_ms && rest < timeout_ms)
		ask->rest = ask->timer->set(ask->host, rest, on_rested, ask);
	if (ask->rest != 0)
		return;
	snprintf(reason, sizeof(reason), "%s must not be asked again for another %llu s", ask->service->name,
		(unsigned long long)((rest + 999) / 1000));
	finish_bad(ask, VPNS_PROBE_UNKNOWN, rest, reason);
}

int32_t geo_ask_start(struct geo_ask *ask, vpns_op op, const char *url, uint32_t family, const char *about,
	uint32_t timeout_ms)
{
	uint64_t rest = rest_of(ask);

	ask->about[0] = '\0';
	if (about != NULL && geo_ip(ask->about, about) == 0)
		return VPNS_E_INVALID;
	ask->url = strdup(url);
	if (ask->url == NULL)
		return VPNS_E_NO_MEMORY;
	ask->op = op;
	ask->family = family;
	ask->deadline = ask->host->mono_ms(ask->host) + timeout_ms;
	if (rest > 0)
		wait_or_refuse(ask, rest, timeout_ms);
	else
		send(ask);
	return VPNS_OK;
}

void geo_ask_cancel(struct geo_ask *ask, vpns_op op)
{
	if (op == 0 || op != ask->op)
		return;
	ask->http->cancel(ask->host, ask->request);
	ask->timer->cancel(ask->host, ask->rest);
	ask->request = 0;
	ask->rest = 0;
	finish_bad(ask, VPNS_PROBE_UNKNOWN, 0, "no answer in time");
}

void geo_ask_init(struct geo_ask *ask, const struct vpns_host *host, const struct geo_service *service)
{
	int64_t now = host->wall_ms(host);
	const char *until;
	int64_t kept;

	memset(ask, 0, sizeof(*ask));
	ask->host = host;
	ask->service = service;
	ask->http = host->service(host, VPNS_HTTP_1);
	ask->state = host->service(host, VPNS_STATE_1);
	ask->timer = host->service(host, VPNS_TIMER_1);
	until = ask->state->get(host, until_key);
	kept = until != NULL ? strtoll(until, NULL, 10) : 0;
	/* A wait of longer than any is from another clock. */
	if (kept > now && kept - now <= (int64_t)longest_wish_ms)
		ask->not_before = host->mono_ms(host) + (uint64_t)(kept - now);
}

void geo_ask_fini(struct geo_ask *ask)
{
	free(ask->url);
	ask->url = NULL;
}
