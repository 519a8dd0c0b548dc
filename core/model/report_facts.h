/* The facts that a client is judged by: those of its report, and those that the server adds. */
#ifndef VS_MODEL_REPORT_FACTS_H
#define VS_MODEL_REPORT_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"

struct vs_report;

/* A time that the report tells, on our clock: the client's may be wrong. 0: the report's own. Never after
 * now. */
int64_t vs_report_time(const struct vs_report *report, int64_t at, int64_t now);

/*
 * Borrowed from report and extra (NULL when 0). What the client tells wins over an extra fact of the source
 * VS_PLACE_SOURCE; facts of the server's own zone and of canaries are taken from extra alone. Extra facts
 * beyond the limit are left out. Returns how many there are.
 */
size_t vs_report_values(const struct vs_report *report, const struct vs_fact_value *extra, size_t extra_count,
	int64_t now, struct vs_fact_value values[VS_FACTS_KEPT_MAX]);

#endif
