#include "client/change.h"

#include <string.h>

#include "base/alloc.h"
#include "base/view.h"
#include "model/fact.h"
#include "plug/round.h"

static bool matters(const char *name)
{
	static const enum vs_fact facts[] = {VS_FACT_EXIT_IP, VS_FACT_EXIT6_IP, VS_FACT_TRACE_IP,
		VS_FACT_TUNNEL_INTERFACE, VS_FACT_TUNNEL_UP, VS_FACT_NET_DEVICES, VS_FACT_PATH_EXIT,
		VS_FACT_PATH_EXIT6, VS_FACT_PATH_BESIDE, VS_FACT_DNS_PATH, VS_FACT_DNS_BESIDE};
	enum vs_fact known = vs_fact_find(vs_view_of(name));
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i] == known)
			return true;
	return false;
}

static struct vs_change_fact *find(struct vs_change *change, const char *source, const char *name)
{
	size_t i;

	for (i = 0; i < change->count; i++)
		if (strcmp(change->facts[i].name, name) == 0 && strcmp(change->facts[i].source, source) == 0)
			return &change->facts[i];
	return NULL;
}

static bool feed_one(struct vs_change *change, const char *source, const struct vs_round_fact *fact)
{
	struct vs_change_fact *before = find(change, source, fact->name);

	if (before != NULL && strcmp(before->value, fact->value) == 0)
		return false;
	if (before != NULL) {
		vs_free(before->value);
		before->value = vs_strdup(fact->value);
		return true;
	}
	if (change->count < VS_CHANGE_FACTS_MAX)
		change->facts[change->count++] = (struct vs_change_fact){
			vs_strdup(source), vs_strdup(fact->name), vs_strdup(fact->value)};
	return false;
}

bool vs_change_feed(struct vs_change *change, const struct vs_round_result *results, size_t count)
{
	bool changed = false;
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; !results[i].reused && k < results[i].fact_count; k++)
			if (matters(results[i].facts[k].name))
				changed |= feed_one(change, results[i].name, &results[i].facts[k]);
	return changed;
}

void vs_change_fini(struct vs_change *change)
{
	size_t i;

	for (i = 0; i < change->count; i++) {
		vs_free(change->facts[i].source);
		vs_free(change->facts[i].name);
		vs_free(change->facts[i].value);
	}
	change->count = 0;
}
