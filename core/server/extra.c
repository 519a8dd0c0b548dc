#include "server/extra.h"

#include <string.h>

#include "base/addr.h"
#include "model/atlas.h"
#include "model/report.h"

void vs_extra_init(struct vs_extra *extra, int64_t now)
{
	extra->count = 0;
	extra->used = 0;
	extra->now = now;
}

/* Keeps what fits. */
static void add(struct vs_extra *extra, const struct vs_fact_value *fact)
{
	char *copy = extra->text + extra->used;

	if (extra->count == VS_EXTRA_MAX || fact->value.len >= VS_EXTRA_BYTES - extra->used)
		return;
	memcpy(copy, fact->value.ptr, fact->value.len);
	copy[fact->value.len] = '\0';
	extra->used += fact->value.len + 1;
	extra->values[extra->count] = *fact;
	extra->values[extra->count++].value.ptr = copy;
}

void vs_extra_add(struct vs_extra *extra, const char *source, enum vs_fact known, const char *value)
{
	char scratch[VS_FACT_SCRATCH];
	struct vs_fact_value fact = {
		.name = vs_fact_name(known),
		.source = source,
		.observed_at = extra->now,
		.type = vs_fact_type(known),
		.known = known,
	};

	if (*value == '\0' || vs_fact_check((uint32_t)fact.type, vs_view_of(value), &fact.value, scratch) < 0)
		return;
	add(extra, &fact);
}

/* The address that the report tells for that fact; family 0: none. */
static struct vs_addr told(const struct vs_report *report, enum vs_fact known)
{
	struct vs_addr addr = {0};

	for (uint32_t i = 0; i < report->fact_count; i++)
		if (report->facts[i].known == known && vs_addr_parse(&addr, report->facts[i].value) == 0)
			return addr;
	return (struct vs_addr){0};
}

static void add_place(struct vs_extra *extra, const struct vs_atlas *atlas, const struct vs_addr *addr)
{
	struct vs_fact_value values[VS_PLACE_FACTS_MAX];
	struct vs_place_texts texts;
	const struct vs_place *place;
	size_t count;

	place = addr->family == 0 ? NULL : vs_atlas_find(atlas, addr, extra->now);
	if (place == NULL)
		return;
	count = vs_place_facts(place, addr->family, extra->now, values, &texts);
	for (size_t i = 0; i < count; i++)
		add(extra, &values[i]);
}

void vs_extra_add_places(struct vs_extra *extra, const struct vs_atlas *atlas, const struct vs_report *report)
{
	struct vs_addr exit, exit6;

	if (atlas == NULL)
		return;
	exit = told(report, VS_FACT_EXIT_IP);
	exit6 = told(report, VS_FACT_EXIT6_IP);
	if (exit.family == 0)
		exit = told(report, VS_FACT_TRACE_IP);
	if (exit.family == 6 && exit6.family == 0)
		exit6 = exit;
	if (exit.family == 4)
		add_place(extra, atlas, &exit);
	if (exit6.family == 6)
		add_place(extra, atlas, &exit6);
}
