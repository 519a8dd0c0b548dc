/*
 * Every latency, counted to the microsecond: percentiles are exact, not estimated. What took
 * longer than HISTOGRAM_MAX counts as that; the greatest one is kept as it was.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_MAX 10000000u /* us */

struct histogram {
	uint32_t *counts; /* one for each microsecond; pages that are never touched cost nothing */
	uint64_t total;
	uint64_t max_us;
};

int histogram_init(struct histogram *histogram); /* -1: no memory */
void histogram_fini(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t us);

/* The least latency that `share` (0 to 1) of all did not exceed; 0 when there is none. */
uint64_t histogram_at(const struct histogram *histogram, double share);

#endif
