#include "model/facts.h"

#include <string.h>

#include "base/alloc.h"
#include "base/require.h"
#include "model/names.h"
#include "model/step.h"

/* 8 bytes a fact: a million clients have ten million of them. Known kinds have one name, others one each. */
struct entry {
	uint32_t older_ms; /* than the newest; ages beyond 49 days read as 49 days */
	uint16_t len : 11; /* VS_FACT_VALUE_MAX at most */
	uint16_t type : 5;
	uint8_t known;
	uint8_t source; /* its place among the sources */
};

struct vs_facts_block {
	int64_t newest_at;
	uint32_t size; /* of the whole allocation */
	uint16_t count;
	uint8_t others; /* of kind VS_FACT_OTHER */
	uint8_t sources; /* each stands once */
	struct entry
		entries[]; /* then the sources, the names of the others, and the values, each with a NUL */
};

static uint32_t *sources_of(struct vs_facts_block *block)
{
	return (uint32_t *)(block->entries + block->count);
}

static uint32_t *others_of(struct vs_facts_block *block)
{
	return sources_of(block) + block->sources;
}

static char *values_of(struct vs_facts_block *block)
{
	return (char *)(others_of(block) + block->others);
}

static const char *source_of(
	struct vs_facts_block *block, const struct vs_names *names, const struct entry *entry)
{
	return vs_names_text(names, sources_of(block)[entry->source]);
}

size_t vs_facts_count(const struct vs_facts *facts)
{
	return facts->block == NULL ? 0 : facts->block->count;
}

size_t vs_facts_size(const struct vs_facts *facts)
{
	return facts->block == NULL ? 0 : facts->block->size;
}

void vs_facts_step(struct vs_facts *facts, const struct vs_step *step)
{
	if (facts->block != NULL)
		vs_step_time(step, &facts->block->newest_at);
}

static int64_t newest_of(const struct vs_fact_value *values, size_t count)
{
	int64_t newest = values[0].observed_at;

	for (size_t i = 1; i < count; i++)
		if (values[i].observed_at > newest)
			newest = values[i].observed_at;
	return newest;
}

static void set_times(struct vs_facts_block *block, const struct vs_fact_value *values)
{
	block->newest_at = newest_of(values, block->count);
	for (uint32_t i = 0; i < block->count; i++) {
		int64_t older = block->newest_at - values[i].observed_at;

		block->entries[i].older_ms = older > UINT32_MAX ? UINT32_MAX : (uint32_t)older;
	}
}

/* Known kinds have one name each; most facts have the source of the one before. */
static bool same(struct vs_facts_block *block, const struct vs_names *names,
	const struct vs_fact_value *values, size_t count)
{
	const char *value, *source = NULL;
	const uint32_t *other;
	uint8_t place = 0;

	if (block == NULL || block->count != count)
		return block == NULL && count == 0;
	value = values_of(block);
	other = others_of(block);
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &block->entries[i];

		if (entry->len != values[i].value.len || entry->type != (uint8_t)values[i].type ||
			entry->known != (uint8_t)values[i].known ||
			memcmp(value, values[i].value.ptr, entry->len) != 0)
			return false;
		if (entry->known == VS_FACT_OTHER &&
			strcmp(vs_names_text(names, *other++), values[i].name) != 0)
			return false;
		if ((entry->source != place || values[i].source != source) &&
			strcmp(source_of(block, names, entry), values[i].source) != 0)
			return false;
		place = entry->source;
		source = values[i].source;
		value += entry->len + 1;
	}
	return true;
}

/* The sources of some facts, each once: few, and most facts have that of the one before. */
struct sources {
	uint32_t ids[VS_FACTS_KEPT_MAX];
	uint8_t places[VS_FACTS_KEPT_MAX]; /* of each fact */
	uint8_t count;
};

static uint8_t hold_source(struct sources *sources, struct vs_names *names, const char *text)
{
	uint8_t place = sources->count;

	while (place > 0)
		if (strcmp(vs_names_text(names, sources->ids[--place]), text) == 0)
			return place;
	sources->ids[sources->count] = vs_names_hold(names, vs_view_of(text));
	return sources->count++;
}

static void hold_sources(
	struct sources *sources, struct vs_names *names, const struct vs_fact_value *values, size_t count)
{
	sources->count = 0;
	for (size_t i = 0; i < count; i++)
		sources->places[i] = i > 0 && values[i].source == values[i - 1].source
					     ? sources->places[i - 1]
					     : hold_source(sources, names, values[i].source);
}

/* Where everything will lie. */
static struct vs_facts_block *lay_out(
	const struct sources *sources, const struct vs_fact_value *values, size_t count)
{
	size_t size = sizeof(struct vs_facts_block) + count * sizeof(struct entry);
	struct vs_facts_block *block;
	uint8_t others = 0;

	for (size_t i = 0; i < count; i++) {
		VS_REQUIRE(values[i].value.len <= VS_FACT_VALUE_MAX);
		size += values[i].value.len + 1;
		others += values[i].known == VS_FACT_OTHER ? 1 : 0;
	}
	size += ((size_t)others + sources->count) * sizeof(uint32_t);
	block = vs_alloc(size);
	block->size = (uint32_t)size;
	block->count = (uint16_t)count;
	block->others = others;
	block->sources = sources->count;
	memcpy(sources_of(block), sources->ids, sources->count * sizeof(uint32_t));
	return block;
}

static struct vs_facts_block *pack(struct vs_names *names, const struct vs_fact_value *values, size_t count)
{
	struct vs_facts_block *block;
	struct sources sources;
	uint32_t *other;
	char *at;

	hold_sources(&sources, names, values, count);
	block = lay_out(&sources, values, count);
	other = others_of(block);
	at = values_of(block);
	for (size_t i = 0; i < count; i++) {
		block->entries[i] = (struct entry){
			.len = (uint16_t)values[i].value.len,
			.type = (uint16_t)values[i].type,
			.known = (uint8_t)values[i].known,
			.source = sources.places[i],
		};
		if (values[i].known == VS_FACT_OTHER)
			*other++ = vs_names_hold(names, vs_view_of(values[i].name));
		memcpy(at, values[i].value.ptr, values[i].value.len);
		at[values[i].value.len] = '\0';
		at += values[i].value.len + 1;
	}
	set_times(block, values);
	return block;
}

void vs_facts_fini(struct vs_facts *facts, struct vs_names *names)
{
	struct vs_facts_block *block = facts->block;

	facts->block = NULL;
	if (block == NULL)
		return;
	for (uint32_t i = 0; i < block->sources; i++)
		vs_names_drop(names, sources_of(block)[i]);
	for (uint32_t i = 0; i < block->others; i++)
		vs_names_drop(names, others_of(block)[i]);
	vs_free(block);
}

bool vs_facts_set(
	struct vs_facts *facts, struct vs_names *names, const struct vs_fact_value *values, size_t count)
{
	struct vs_facts old = *facts;

	VS_REQUIRE(count <= VS_FACTS_KEPT_MAX);
	if (same(facts->block, names, values, count)) {
		if (count > 0)
			set_times(facts->block, values);
		return false;
	}
	facts->block = count == 0 ? NULL : pack(names, values, count);
	vs_facts_fini(&old, names); /* after packing: values may be borrowed from it */
	return true;
}

bool vs_facts_next(const struct vs_facts *facts, const struct vs_names *names, struct vs_facts_cursor *at,
	struct vs_fact_value *value)
{
	struct vs_facts_block *block = facts->block;
	const struct entry *entry;

	if (block == NULL || at->index >= block->count)
		return false;
	entry = &block->entries[at->index];
	*value = (struct vs_fact_value){
		.name = entry->known == VS_FACT_OTHER ? vs_names_text(names, others_of(block)[at->others++])
						      : vs_fact_name((enum vs_fact)entry->known),
		.source = source_of(block, names, entry),
		.value = {values_of(block) + at->offset, entry->len},
		.observed_at = block->newest_at - entry->older_ms,
		.type = (enum vs_fact_type)entry->type,
		.known = (enum vs_fact)entry->known,
	};
	at->index++;
	at->offset += (uint32_t)entry->len + 1;
	return true;
}

bool vs_facts_next_of(const struct vs_facts *facts, const struct vs_names *names, struct vs_facts_cursor *at,
	const bool kinds[VS_FACT_KINDS], struct vs_fact_value *value)
{
	const struct vs_facts_block *block = facts->block;

	while (block != NULL && at->index < block->count && !kinds[block->entries[at->index].known]) {
		at->others += block->entries[at->index].known == VS_FACT_OTHER ? 1 : 0;
		at->offset += (uint32_t)block->entries[at->index].len + 1;
		at->index++;
	}
	return vs_facts_next(facts, names, at, value);
}

bool vs_facts_find(const struct vs_facts *facts, const struct vs_names *names, enum vs_fact known,
	struct vs_fact_value *value)
{
	bool kinds[VS_FACT_KINDS] = {false};
	struct vs_facts_cursor at = {0};

	kinds[known] = true;
	if (vs_facts_next_of(facts, names, &at, kinds, value))
		return true;
	*value = (struct vs_fact_value){.name = "", .source = "", .value = {"", 0}};
	return false;
}

bool vs_facts_find_name(const struct vs_facts *facts, const struct vs_names *names, const char *name,
	struct vs_fact_value *value)
{
	for (struct vs_facts_cursor at = {0}; vs_facts_next(facts, names, &at, value);)
		if (strcmp(value->name, name) == 0)
			return true;
	*value = (struct vs_fact_value){.name = "", .source = "", .value = {"", 0}};
	return false;
}
