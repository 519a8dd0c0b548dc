#include "model/detail.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/addr.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/names.h"
#include "model/sentence.h"
#include "model/transition.h"

#define VALUE_SIZE 512

/* The values of several facts that are known, joined by separator. */
static void add_joined(struct vs_transition *t, const char *key, const struct vs_client *client,
	const struct vs_names *names, const enum vs_fact *facts, size_t count, const char *separator)
{
	char text[VALUE_SIZE] = "";
	struct vs_sentence joined = {text, sizeof(text), 0};
	struct vs_fact_value fact;

	for (size_t i = 0; i < count; i++)
		if (vs_facts_find(&client->facts, names, facts[i], &fact))
			vs_say(&joined, "%s%.*s", joined.len > 0 ? separator : "", (int)fact.value.len,
				fact.value.ptr);
	vs_transition_add(t, key, text);
}

/* The org may hold the AS number already, as the original sends it. */
static void add_provider(
	struct vs_transition *t, const struct vs_client *client, const struct vs_names *names)
{
	static const enum vs_fact both[] = {VS_FACT_EXIT_ASN, VS_FACT_EXIT_ORG};
	struct vs_fact_value org;
	bool whole = vs_facts_find(&client->facts, names, VS_FACT_EXIT_ORG, &org) &&
		     vs_view_starts_with(org.value, "AS");

	add_joined(t, "provider", client, names, both + whole, 2 - (size_t)whole, " ");
}

static void add_source(struct vs_transition *t, const struct vs_client *client)
{
	char addr[VS_ADDR_TEXT], text[VALUE_SIZE];
	enum vs_side side = (enum vs_side)client->side;

	if (client->source.family == 0)
		return;
	vs_addr_format(&client->source, addr);
	if (side == VS_SIDE_NONE)
		vs_transition_add(t, "source", addr);
	else {
		snprintf(text, sizeof(text), "%s, %s", addr, vs_side_words(side));
		vs_transition_add(t, "source", text);
	}
}

static void add_exit(struct vs_transition *t, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_fact_value exit;

	if (*vs_transition_detail(t, "exit") != '\0')
		return;
	if (!vs_facts_find(&client->facts, names, VS_FACT_EXIT_IP, &exit) &&
		!vs_facts_find(&client->facts, names, VS_FACT_TRACE_IP, &exit))
		return;
	vs_transition_add(t, "exit", exit.value.ptr); /* values in a set end with a NUL */
}

void vs_details_of_client(
	struct vs_transition *t, const struct vs_client *client, const struct vs_names *names)
{
	static const enum vs_fact place[] = {VS_FACT_EXIT_CITY, VS_FACT_EXIT_REGION, VS_FACT_EXIT_COUNTRY};
	static const enum vs_fact dns[] = {VS_FACT_DNS_LOCATION};

	add_exit(t, client, names);
	add_joined(t, "location", client, names, place, 3, ", ");
	add_provider(t, client, names);
	add_joined(t, "dns", client, names, dns, 1, "");
	add_source(t, client);
	vs_transition_add(t, "version", vs_names_text(names, client->version));
	vs_transition_add(t, "tags", vs_names_text(names, client->tags));
	t->verdict = (uint8_t)vs_verdicts_overall(&client->verdicts);
}

void vs_details_of_incident(struct vs_transition *t, const struct vs_incident *incident)
{
	char text[24];

	vs_transition_add(t, "cause", vs_cause_name((enum vs_cause)incident->cause));
	if (incident->exposed_bytes <= 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64, incident->exposed_bytes);
	vs_transition_add(t, "exposed", text);
}
