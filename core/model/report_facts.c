#include "model/report_facts.h"

#include <string.h>

#include "model/place.h"
#include "model/report.h"

int64_t vs_report_time(const struct vs_report *report, int64_t at, int64_t now)
{
	if (at == 0)
		at = report->observed_at;
	if (at == 0)
		return now;
	if (report->sent_at != 0)
		at += now - report->sent_at;
	return at > now ? now : at;
}

/* What only the server can know: a client that tells it is mistaken, or lies. */
static bool is_the_servers(enum vs_fact known)
{
	switch (known) {
	case VS_FACT_ZONE_RESOLVERS:
	case VS_FACT_ZONE_LABELS:
	case VS_FACT_ZONE_ECS:
	case VS_FACT_CANARY_IP:
	case VS_FACT_CANARY_DEVICE:
		return true;
	default:
		return false;
	}
}

static size_t add_told(
	const struct vs_report *report, int64_t now, struct vs_fact_value values[VS_FACTS_KEPT_MAX])
{
	size_t count = 0;

	for (uint32_t i = 0; i < report->fact_count; i++) {
		const struct vs_report_fact *fact = &report->facts[i];
		const struct vs_observation *from = &report->observations[fact->observation];

		if (is_the_servers(fact->known))
			continue;
		values[count++] = (struct vs_fact_value){
			.name = fact->name,
			.source = from->source,
			.value = fact->value,
			.observed_at = vs_report_time(report, from->observed_at, now),
			.type = fact->type,
			.known = fact->known,
		};
	}
	return count;
}

static bool is_told(const struct vs_fact_value *values, size_t count, const struct vs_fact_value *fact)
{
	for (size_t i = 0; i < count; i++)
		if (fact->known == VS_FACT_OTHER ? strcmp(values[i].name, fact->name) == 0
						 : values[i].known == fact->known)
			return true;
	return false;
}

size_t vs_report_values(const struct vs_report *report, const struct vs_fact_value *extra, size_t extra_count,
	int64_t now, struct vs_fact_value values[VS_FACTS_KEPT_MAX])
{
	size_t told = add_told(report, now, values), count = told;

	for (size_t i = 0; i < extra_count && count < VS_FACTS_KEPT_MAX; i++) {
		if (strcmp(extra[i].source, VS_PLACE_SOURCE) == 0 && is_told(values, told, &extra[i]))
			continue;
		values[count++] = extra[i];
	}
	return count;
}
