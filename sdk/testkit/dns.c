/* dns/1 of the testkit: questions find their answer among those that the test scripted. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEFAULT_TIMEOUT_MS = 5000, AT_ONCE = 16, RECORDS = 64, STRINGS = 8, TTL = 60 };

static char *copy_or_null(const char *text)
{
	return text != NULL ? kit_copy(text) : NULL;
}

static void rule_free(struct dns_rule *rule)
{
	free((void *)(uintptr_t)rule->dns.name);
	free((void *)(uintptr_t)rule->dns.server);
	free((void *)(uintptr_t)rule->dns.records);
	free(rule);
}

static void rule_copy(struct dns_rule *rule, const struct vpnt_dns *dns)
{
	rule->dns = *dns;
	rule->dns.name = copy_or_null(dns->name);
	rule->dns.server = copy_or_null(dns->server);
	rule->dns.records = copy_or_null(dns->records);
}

void vpnt_expect_dns(struct vpnt *kit, const struct vpnt_dns *dns)
{
	struct dns_rule *rule = kit_alloc(sizeof(*rule));
	struct dns_rule **at = &kit->rules;

	rule_copy(rule, dns);
	while (*at != NULL)
		at = &(*at)->next;
	*at = rule;
}

void vpnt_forget_dns(struct vpnt *kit)
{
	struct dns_rule *rule;

	while ((rule = kit->rules) != NULL) {
		kit->rules = rule->next;
		rule_free(rule);
	}
}

void dns_check_done(const struct vpnt *kit)
{
	const struct dns_rule *rule;

	for (rule = kit->rules; rule != NULL; rule = rule->next)
		if (!rule->dns.repeat)
			fail_msg("an expected question about %s never came",
				rule->dns.name != NULL ? rule->dns.name : "anything");
}

void dns_free(struct vpnt *kit)
{
	uint32_t i;

	vpnt_forget_dns(kit);
	for (i = 0; i < ASKED_KEPT; i++) {
		free(kit->asked[i].name);
		free(kit->asked[i].server);
	}
	free(kit->nameservers);
}

static size_t whole_len(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

static int fits_name(const char *pattern, const char *name)
{
	size_t len = whole_len(name);
	size_t tail = strlen(pattern) - 1;

	if (pattern[0] != '*')
		return len == strlen(pattern) && strncasecmp(pattern, name, len) == 0;
	return len > tail && strncasecmp(pattern + 1, name + len - tail, tail) == 0;
}

static int fits(const struct vpnt_dns *wanted, const struct vpns_dns_request *request)
{
	const char *server = request->server != NULL ? request->server : "";

	return (wanted->name == NULL || fits_name(wanted->name, request->name)) &&
	       (wanted->type == 0 || wanted->type == request->type) &&
	       (wanted->server == NULL || strcmp(wanted->server, server) == 0) &&
	       (wanted->mode == 0 || wanted->mode == request->mode);
}

/* The answer for request, which the caller owns. */
static struct dns_rule *take_rule(struct vpnt *kit, const struct vpns_dns_request *request)
{
	struct dns_rule **at = &kit->rules;
	struct dns_rule *rule;
	struct dns_rule *copy;

	while (*at != NULL && !fits(&(*at)->dns, request))
		at = &(*at)->next;
	rule = *at;
	if (rule == NULL)
		fail_msg("unexpected question about %s, type %u, to %s", request->name,
			(unsigned)request->type, request->server != NULL ? request->server : "the system");
	if (rule->dns.repeat) {
		copy = kit_alloc(sizeof(*copy));
		rule_copy(copy, &rule->dns);
		return copy;
	}
	*at = rule->next;
	return rule;
}

static void remember(struct vpnt *kit, const struct vpns_dns_request *request)
{
	struct asked *asked = &kit->asked[kit->asked_count++ % ASKED_KEPT];

	free(asked->name);
	free(asked->server);
	asked->name = kit_copy(request->name);
	asked->name[whole_len(asked->name)] = '\0';
	asked->server = kit_copy(request->server != NULL ? request->server : "");
}

/* What is lent to a plugin for one callback. */
struct lent {
	struct vpns_dns_reply reply;
	struct vpns_dns_record records[RECORDS];
	const char *strings[RECORDS][STRINGS];
	char joined[RECORDS][1024];
	char lines[8192];
	char name[300];
	char server[64];
};

static uint32_t type_of(const char *word)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {{"A", VPNS_DNS_A}, {"AAAA", VPNS_DNS_AAAA}, {"TXT", VPNS_DNS_TXT}, {"PTR", VPNS_DNS_PTR},
		{"CNAME", VPNS_DNS_CNAME}, {"NS", VPNS_DNS_NS}};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, word) == 0)
			return types[i].type;
	fail_msg("\"%s\" is no type of record", word);
	return 0;
}

static void lend_strings(struct lent *lent, uint32_t at, char *text)
{
	struct vpns_dns_record *record = &lent->records[at];
	char *rest = text;
	char *part;

	while ((part = strsep(&rest, "\t")) != NULL && record->string_count < STRINGS) {
		lent->strings[at][record->string_count++] = part;
		strncat(lent->joined[at], part, sizeof(lent->joined[at]) - strlen(lent->joined[at]) - 1);
	}
	record->strings = lent->strings[at];
	record->text = lent->joined[at];
}

static void lend_records(struct lent *lent, const struct vpnt_dns *dns)
{
	char *rest = lent->lines;
	char *line;
	char *value;

	if (strlen(dns->records) >= sizeof(lent->lines))
		fail_msg("more records than the testkit can lend");
	strcpy(lent->lines, dns->records);
	while ((line = strsep(&rest, "\n")) != NULL && lent->reply.record_count < RECORDS) {
		uint32_t at = lent->reply.record_count++;
		struct vpns_dns_record *record = &lent->records[at];

		value = strchr(line, ' ');
		if (value == NULL)
			fail_msg("\"%s\" is no record", line);
		*value++ = '\0';
		record->type = type_of(line);
		record->name = lent->name;
		record->text = value;
		record->ttl = dns->ttl != 0 ? dns->ttl : TTL;
		if (record->type == VPNS_DNS_TXT)
			lend_strings(lent, at, value);
	}
	lent->reply.records = lent->records;
}

static int32_t error_of(const struct pending_dns *pending)
{
	const struct vpnt_dns *dns = &pending->rule->dns;

	if (pending->timed_out)
		return VPNS_DNS_E_TIMEOUT;
	return dns->error == 0 && dns->records == NULL ? VPNS_DNS_E_NODATA : dns->error;
}

static void deliver(struct vpnt *kit, struct event *event)
{
	static const uint32_t rcodes[] = {0, 3, 0, 2, 5, 4, 1};
	struct pending_dns *pending = event->payload;
	struct lent *lent = kit_alloc(sizeof(*lent));

	(void)kit;
	strncpy(lent->name, pending->name, sizeof(lent->name) - 1);
	strncpy(lent->server, pending->server, sizeof(lent->server) - 1);
	lent->reply.size = sizeof(lent->reply);
	lent->reply.error = error_of(pending);
	lent->reply.rcode = lent->reply.error <= VPNS_DNS_E_FORMERR ? rcodes[lent->reply.error] : 0;
	lent->reply.server = lent->server;
	lent->reply.error_text = lent->reply.error != 0 ? "the scripted failure" : "";
	lent->reply.elapsed_ms = pending->delay_ms;
	if (lent->reply.error == 0)
		lend_records(lent, &pending->rule->dns);
	pending->done(event->arg, &lent->reply);
	free(lent);
}

static void pending_free(void *payload)
{
	struct pending_dns *pending = payload;

	rule_free(pending->rule);
	free(pending->name);
	free(pending->server);
	free(pending);
}

static const char *first_nameserver(const struct vpnt *kit, char buffer[64])
{
	const char *list = kit->nameservers != NULL ? kit->nameservers : "192.0.2.53";
	size_t len = strcspn(list, " ");

	memcpy(buffer, list, len < 63 ? len : 63);
	buffer[len < 63 ? len : 63] = '\0';
	return buffer;
}

static uint64_t dns_query(const struct vpns_host *host, const struct vpns_dns_request *request,
	void (*done)(void *arg, const struct vpns_dns_reply *reply), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct pending_dns *pending;
	struct event *event;
	uint64_t timeout;
	char first[64];

	if (!VPNS_HAS(request, reserved) || request->name == NULL || request->name[0] == '\0' || done == NULL)
		fail_msg("a question without size, name or callback");
	if (event_count(kit, EVENT_DNS) >= AT_ONCE)
		return 0;
	remember(kit, request);
	pending = kit_alloc(sizeof(*pending));
	pending->rule = take_rule(kit, request);
	pending->done = done;
	pending->name = kit_copy(request->name);
	pending->name[whole_len(pending->name)] = '\0';
	pending->server = kit_copy(request->mode == VPNS_DNS_SYSTEM ? ""
				   : request->server != NULL        ? request->server
								    : first_nameserver(kit, first));
	timeout = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	pending->delay_ms = pending->rule->dns.delay_ms;
	pending->timed_out = pending->rule->dns.never || pending->delay_ms >= timeout;
	if (pending->timed_out)
		pending->delay_ms = timeout;
	event = event_add(kit, EVENT_DNS, pending->delay_ms, deliver, arg);
	event->payload = pending;
	event->payload_free = pending_free;
	return event->id;
}

static void dns_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_DNS, handle);
}

static uint32_t dns_nameservers(
	const struct vpns_host *host, void (*each)(void *arg, const char *address), void *arg)
{
	struct vpnt *kit = kit_of(host);
	char *list = kit_copy(kit->nameservers != NULL ? kit->nameservers : "192.0.2.53");
	char *rest = list;
	char *word;
	uint32_t count = 0;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		each(arg, word);
		count++;
	}
	free(list);
	return count;
}

const struct vpns_dns_service kit_dns = {sizeof(kit_dns), 1, dns_query, dns_cancel, dns_nameservers};

void vpnt_nameservers(struct vpnt *kit, const char *list)
{
	free(kit->nameservers);
	kit->nameservers = kit_copy(list);
}

uint32_t vpnt_asked_count(const struct vpnt *kit)
{
	return kit->asked_count;
}

static const struct asked *asked_at(const struct vpnt *kit, uint32_t back)
{
	if (back >= kit->asked_count || back >= ASKED_KEPT)
		return NULL;
	return &kit->asked[(kit->asked_count - 1 - back) % ASKED_KEPT];
}

const char *vpnt_asked_name(const struct vpnt *kit, uint32_t back)
{
	const struct asked *asked = asked_at(kit, back);

	return asked != NULL ? asked->name : NULL;
}

const char *vpnt_asked_server(const struct vpnt *kit, uint32_t back)
{
	const struct asked *asked = asked_at(kit, back);

	return asked != NULL ? asked->server : NULL;
}
