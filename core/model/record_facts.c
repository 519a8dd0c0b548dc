#include "model/record_facts.h"

#include <string.h>

#include "model/facts.h"
#include "model/record.h"

/* The first number of a fact: its type, and what it shares with the fact before it. */
#define FACT_TYPE 15
#define FACT_SAME_SOURCE 16
#define FACT_SAME_TIME 32
#define FACT_HEAD_MAX 63

/* Types are stored as they are: append to their rows, or give the record another version. */
_Static_assert(VS_TYPE_TEXT == 1 && VS_TYPE_TIME == 10, "types of facts are stored as numbers");

/* The names of facts that are stored as numbers; 0: the name follows. A number is for ever. */
#define NUMBERED_ROWS(X)                                                                                     \
	X(1, EXIT_IP)                                                                                        \
	X(2, EXIT_COUNTRY)                                                                                   \
	X(3, EXIT_CITY)                                                                                      \
	X(4, EXIT_REGION)                                                                                    \
	X(5, EXIT_ASN)                                                                                       \
	X(6, EXIT_ORG)                                                                                       \
	X(7, EXIT_TIMEZONE)                                                                                  \
	X(8, EXIT_HOSTNAME)                                                                                  \
	X(9, EXIT_BOGON)                                                                                     \
	X(10, EXIT6_IP)                                                                                      \
	X(11, DNS_LOCATION)                                                                                  \
	X(12, DNS_COLO)                                                                                      \
	X(13, TRACE_IP)                                                                                      \
	X(14, TRACE_COLO)                                                                                    \
	X(15, TRACE_WARP)                                                                                    \
	X(16, WARP)

static const uint8_t number_of[] = {
#define NUMBER_OF(number, fact) [VS_FACT_##fact] = number,
	NUMBERED_ROWS(NUMBER_OF)
#undef NUMBER_OF
};
static const uint8_t fact_of[] = {
#define FACT_OF(number, fact) [number] = VS_FACT_##fact,
	NUMBERED_ROWS(FACT_OF)
#undef FACT_OF
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put_fact(struct vs_buf *out, const struct vs_fact_value *fact, const struct vs_fact_value *before)
{
	uint8_t number = fact->known < COUNT(number_of) ? number_of[fact->known] : 0;
	bool same_source = fact->source == before->source || strcmp(fact->source, before->source) == 0;
	bool same_time = fact->observed_at == before->observed_at;

	vs_record_put_uint(out, (unsigned)fact->type | (same_source ? FACT_SAME_SOURCE : 0) |
					(same_time ? FACT_SAME_TIME : 0));
	vs_record_put_uint(out, number);
	if (number == 0)
		vs_record_put_text(out, vs_view_of(fact->name));
	if (!same_source)
		vs_record_put_text(out, vs_view_of(fact->source));
	if (!same_time)
		vs_record_put_time(out, fact->observed_at, before->observed_at);
	vs_record_put_text(out, fact->value);
}

static void get_fact(struct vs_record_reader *in, struct vs_fact_value *fact)
{
	const struct vs_fact_value before = *fact;
	unsigned head = (unsigned)vs_record_get_uint(in, FACT_HEAD_MAX);
	uint8_t number = (uint8_t)vs_record_get_uint(in, COUNT(fact_of) - 1);

	fact->type = (enum vs_fact_type)(head & FACT_TYPE);
	if (fact->type < VS_TYPE_TEXT || fact->type > VS_TYPE_TIME)
		vs_record_refuse(in, "a fact of no known type");
	fact->known = (enum vs_fact)fact_of[number];
	fact->name = vs_fact_name(fact->known);
	if (number == 0) {
		struct vs_view name = vs_record_get_text(in);

		if (!vs_fact_name_valid(name))
			vs_record_refuse(in, "not the name of a fact");
		fact->known = vs_fact_find(name);
		fact->name = name.ptr;
	}
	fact->source = (head & FACT_SAME_SOURCE) != 0 ? before.source : vs_record_get_text(in).ptr;
	if ((head & FACT_SAME_TIME) == 0)
		fact->observed_at = vs_record_get_time(in, before.observed_at);
	fact->value = vs_record_get_text(in);
	if (fact->value.len > VS_FACT_VALUE_MAX)
		vs_record_refuse(in, "a fact that is too long");
}

void vs_record_put_facts(
	struct vs_buf *out, const struct vs_facts *facts, const struct vs_names *names, int64_t around)
{
	struct vs_fact_value before = {.source = "", .observed_at = around}, fact;

	vs_record_put_uint(out, vs_facts_count(facts));
	for (struct vs_facts_cursor at = {0}; vs_facts_next(facts, names, &at, &fact);) {
		put_fact(out, &fact, &before);
		before = fact;
	}
}

void vs_record_get_facts(
	struct vs_record_reader *in, struct vs_facts *facts, struct vs_names *names, int64_t around)
{
	struct vs_fact_value fact = {.source = "", .observed_at = around};
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	size_t count = (size_t)vs_record_get_uint(in, VS_FACTS_KEPT_MAX);

	for (size_t i = 0; i < count; i++) {
		get_fact(in, &fact);
		values[i] = fact;
	}
	if (vs_record_ok(in))
		vs_facts_set(facts, names, values, count);
}
