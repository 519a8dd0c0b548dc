/* Bytes that left beside the tunnel, from the counters that a client reports. */
#ifndef VS_MODEL_EXPOSURE_H
#define VS_MODEL_EXPOSURE_H

#include <stdint.h>

#include "model/facts.h"

/* What was sent so far; -1: not told. */
struct vs_counters {
	int64_t beside; /* on the devices beside the tunnel */
	int64_t tunnel; /* through the tunnel, which leaves by those devices, too */
};

void vs_counters_read(
	struct vs_counters *counters, const struct vs_facts *facts, const struct vs_names *names);

/*
 * What left between two reports, at most: what the tunnel sent is not counted, what it added to each
 * packet is. A counter that fell was restarted from 0. -1 when it is not known.
 */
int64_t vs_exposure_between(const struct vs_counters *before, const struct vs_counters *after);

/*
 * The same over a silence of that length, whose rounds nobody saw. Before and after it the tunnel worked, and
 * what it adds to packets (more than they hold, when those are small), its handshakes and the network's own
 * chatter left by the same devices: -1 when that can be all there is.
 */
int64_t vs_exposure_of_silence(
	const struct vs_counters *before, const struct vs_counters *after, int64_t silent_ms);

#endif
