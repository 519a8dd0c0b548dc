/*
 * The facts of one client, packed into a single allocation: names and sources are
 * interned, values lie one after the other. Zeroed is empty.
 */
#ifndef VS_MODEL_FACTS_H
#define VS_MODEL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fact.h"

struct vs_names;
struct vs_step;

struct vs_facts {
	struct vs_facts_block *block; /* NULL: none */
};

/* A fact as a value: everything borrowed. */
struct vs_fact_value {
	const char *name;
	const char *source; /* who observed it: an instance's name, or "report" */
	struct vs_view value;
	int64_t observed_at; /* wall, on the server's clock */
	enum vs_fact_type type;
	enum vs_fact known;
};

/*
 * Replaces the whole set (at most VS_FACTS_KEPT_MAX, the caller sees to it). Returns whether
 * anything but a time differs from before; equal sets cost no allocation.
 */
bool vs_facts_set(
	struct vs_facts *facts, struct vs_names *names, const struct vs_fact_value *values, size_t count);
void vs_facts_fini(struct vs_facts *facts, struct vs_names *names);

/* The wall clock was set: all of them move with the newest one. */
void vs_facts_step(struct vs_facts *facts, const struct vs_step *step);

size_t vs_facts_count(const struct vs_facts *facts);
size_t vs_facts_size(const struct vs_facts *facts); /* bytes allocated */

/* for (struct vs_facts_cursor at = {0}; vs_facts_next(facts, names, &at, &value);) */
struct vs_facts_cursor {
	uint32_t index;
	uint32_t offset;
	uint32_t others; /* passed, that rules do not know */
};
bool vs_facts_next(const struct vs_facts *facts, const struct vs_names *names, struct vs_facts_cursor *at,
	struct vs_fact_value *value);

/* The same, but only of the kinds that are true: the others are passed over at little cost. */
bool vs_facts_next_of(const struct vs_facts *facts, const struct vs_names *names, struct vs_facts_cursor *at,
	const bool kinds[VS_FACT_KINDS], struct vs_fact_value *value);

/* The first one of that kind or name; false and an empty value when there is none. */
bool vs_facts_find(const struct vs_facts *facts, const struct vs_names *names, enum vs_fact known,
	struct vs_fact_value *value);
bool vs_facts_find_name(const struct vs_facts *facts, const struct vs_names *names, const char *name,
	struct vs_fact_value *value);

#endif
