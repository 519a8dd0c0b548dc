#include "histogram.h"

#include <stdlib.h>

int histogram_init(struct histogram *histogram)
{
	histogram->counts = calloc(HISTOGRAM_MAX + 1, sizeof(*histogram->counts));
	histogram->total = 0;
	histogram->max_us = 0;
	return histogram->counts != NULL ? 0 : -1;
}

void histogram_fini(struct histogram *histogram)
{
	free(histogram->counts);
	histogram->counts = NULL;
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
	histogram->total++;
	if (us > histogram->max_us)
		histogram->max_us = us;
	histogram->counts[us < HISTOGRAM_MAX ? us : HISTOGRAM_MAX]++;
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)histogram->total + 0.5);
	uint64_t seen = 0;
	uint64_t us;

	if (histogram->total == 0)
		return 0;
	if (wanted == 0)
		wanted = 1;
	for (us = 0; us < HISTOGRAM_MAX; us++) {
		seen += histogram->counts[us];
		if (seen >= wanted)
			return us;
	}
	return histogram->max_us;
}
