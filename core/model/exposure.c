#include "model/exposure.h"

#include "base/text.h"

#define CHATTER_BYTES 16384
#define CHATTER_BYTES_A_MINUTE 4096 /* a handshake is tried every five seconds */
#define PACKING 3 /* an acknowledgement of 40 bytes is 140 on the wire */

void vs_counters_read(
	struct vs_counters *counters, const struct vs_facts *facts, const struct vs_names *names)
{
	static const bool kinds[VS_FACT_KINDS] = {[VS_FACT_BESIDE_TX] = true, [VS_FACT_TUNNEL_TX] = true};
	struct vs_fact_value fact;

	*counters = (struct vs_counters){-1, -1};
	for (struct vs_facts_cursor at = {0}; vs_facts_next_of(facts, names, &at, kinds, &fact);) {
		int64_t *counter = fact.known == VS_FACT_BESIDE_TX ? &counters->beside : &counters->tunnel;

		if (vs_int_parse(counter, fact.value) < 0 || *counter < 0)
			*counter = -1;
	}
}

static int64_t grown(int64_t before, int64_t after)
{
	if (before < 0 || after < 0)
		return -1;
	return after >= before ? after - before : after;
}

int64_t vs_exposure_between(const struct vs_counters *before, const struct vs_counters *after)
{
	int64_t beside = grown(before->beside, after->beside), tunnel = grown(before->tunnel, after->tunnel);

	if (beside < 0 || tunnel < 0)
		return beside;
	return beside > tunnel ? beside - tunnel : 0;
}

int64_t vs_exposure_of_silence(
	const struct vs_counters *before, const struct vs_counters *after, int64_t silent_ms)
{
	int64_t bytes = vs_exposure_between(before, after);
	int64_t tunnel = grown(before->tunnel, after->tunnel);
	int64_t minutes = silent_ms < 0 ? 0 : silent_ms / 60000;
	int64_t own;

	if (__builtin_mul_overflow(tunnel < 0 ? 0 : tunnel, PACKING, &own) ||
		__builtin_add_overflow(own, CHATTER_BYTES + CHATTER_BYTES_A_MINUTE * minutes, &own))
		own = INT64_MAX;
	return bytes > own ? bytes : -1;
}
