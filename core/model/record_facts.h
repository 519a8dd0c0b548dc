/* The facts of a client within its record. */
#ifndef VS_MODEL_RECORD_FACTS_H
#define VS_MODEL_RECORD_FACTS_H

#include <stdint.h>

struct vs_buf;
struct vs_facts;
struct vs_names;
struct vs_record_reader;

/* around: a time near those of the facts, the same for both; times are stored as steps from it. */
void vs_record_put_facts(
	struct vs_buf *out, const struct vs_facts *facts, const struct vs_names *names, int64_t around);
/* Leaves facts as they are when the reader has, or gets, a problem. */
void vs_record_get_facts(
	struct vs_record_reader *in, struct vs_facts *facts, struct vs_names *names, int64_t around);

#endif
