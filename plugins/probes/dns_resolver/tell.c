/* What a round ends with: facts of the window, and a reason for each technique that gave nothing. */
#include "dns_resolver.h"

#include <stdio.h>
#include <string.h>

enum { LIST = 1000, REASON = 500, FACTS_MAX = 8 };

struct telling {
	struct vpns_fact facts[FACTS_MAX];
	uint32_t count;
	char resolvers[LIST];
	char ecs[LIST];
	char servers[LIST];
	char techniques[LIST];
	char labels[16];
	char reason[REASON];
};

static void finish(struct resolver *self, uint32_t status, struct telling *telling)
{
	struct vpns_probe_result result = {
		.head = {sizeof(result), VPNS_KIND_PROBE},
		.status = status,
		.fact_count = telling->count,
		.facts = telling->facts,
		.reason = status == VPNS_PROBE_PASS ? NULL : telling->reason,
	};
	vpns_op op = self->op;

	self->op = 0;
	self->host->finish(self->host, op, &result.head);
}

void tell_unknown(struct resolver *self, const char *reason)
{
	struct telling telling = {0};

	snprintf(telling.reason, sizeof(telling.reason), "%s", reason);
	finish(self, VPNS_PROBE_UNKNOWN, &telling);
}

static void add(struct telling *telling, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	telling->facts[telling->count].name = name;
	telling->facts[telling->count].value = value;
	telling->count++;
}

static void append(char *list, size_t size, const char *separator, const char *text)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len > 0 ? separator : "", text);
}

static void write_techniques(const struct resolver *self, char *list)
{
	uint32_t bits = dns_resolver_seen_techniques(&self->resolvers);
	uint32_t i;

	list[0] = '\0';
	for (i = 0; i < TECHNIQUES; i++)
		if ((bits & (1u << i)) != 0 || (i == ZONE && (self->told & (1u << ZONE)) != 0))
			append(list, LIST, " ", technique_names[i]);
}

static int is_dead(const struct resolver *self)
{
	return self->asked > 0 && self->answered == 0;
}

static void collect(const struct resolver *self, struct telling *telling)
{
	uint32_t i;

	if (!is_dead(self)) { /* what was seen is from before: whoever answers next may be somebody else */
		dns_resolver_seen_write(&self->resolvers, telling->resolvers, LIST);
		dns_resolver_seen_write(&self->ecs, telling->ecs, LIST);
		write_techniques(self, telling->techniques);
	}
	snprintf(telling->labels, sizeof(telling->labels), "%u",
		(unsigned)(self->samples + self->samples_before));
	for (i = 0; i < self->server_count; i++)
		append(telling->servers, LIST, " ", self->servers[i]);
	add(telling, "dns.resolvers", telling->resolvers);
	add(telling, "dns.techniques", telling->techniques);
	add(telling, "dns.labels", telling->labels);
	add(telling, "dns.ecs", telling->ecs);
	add(telling, "dns.nameservers", telling->servers);
	if (self->asked > 0)
		add(telling, "dns.answering", self->answered > 0 ? "true" : "false");
	if (self->rewrites >= 0)
		add(telling, "dns.rewrites", self->rewrites > 0 ? "true" : "false");
}

static void write_problems(const struct resolver *self, char *reason)
{
	uint32_t i;

	reason[0] = '\0';
	for (i = 0; i < TECHNIQUES; i++) {
		if ((self->tried & ~self->told & (1u << i)) == 0 || self->problems[i][0] == '\0')
			continue;
		append(reason, REASON, "; ", technique_names[i]);
		append(reason, REASON, ": ", self->problems[i]);
	}
}

void tell(struct resolver *self)
{
	struct telling telling = {0};

	collect(self, &telling);
	write_problems(self, telling.reason);
	if (self->server_count == 0 && self->asked == 0) {
		snprintf(telling.reason, REASON, "no nameserver is configured on this host");
		finish(self, VPNS_PROBE_FAIL, &telling);
	} else if (is_dead(self)) {
		snprintf(telling.reason, REASON, "no nameserver answers: %.400s", telling.servers);
		finish(self, VPNS_PROBE_FAIL, &telling);
	} else if (telling.resolvers[0] == '\0' && (self->told & (1u << ZONE)) == 0) {
		if (telling.reason[0] == '\0')
			snprintf(telling.reason, REASON, "no technique has told a resolver yet");
		finish(self, VPNS_PROBE_UNKNOWN, &telling);
	} else {
		finish(self, telling.reason[0] != '\0' ? VPNS_PROBE_WARN : VPNS_PROBE_PASS, &telling);
	}
}
