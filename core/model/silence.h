/* A client that falls silent, and what is told when it is heard again. Used by the tracker only. */
#ifndef VS_MODEL_SILENCE_H
#define VS_MODEL_SILENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_client;
struct vs_fact_value;
struct vs_silence;
struct vs_tracker;
struct vs_transitions;

/* Nothing was heard for too long: down, and what was known about the rest is no longer. */
void vs_silence_begin(const struct vs_tracker *tracker, struct vs_client *client, int64_t now,
	const struct vs_silence *silence, struct vs_transitions *out);

/* What a live report says about the silence before it. */
struct vs_silence_end {
	const struct vs_fact_value *facts; /* of the report; NULL when there are none */
	size_t count;
	int64_t bytes; /* that left beside the tunnel meanwhile, at most; -1: not known */
	int64_t now;
};

/*
 * Heard again. Resolves what the silence opened, unless the tunnel is down by what the client says now
 * (its verdict is the client's by now): that goes on as the same incident. The client's own word for
 * the cause is taken. Whether it resolved that.
 */
bool vs_silence_end(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_silence_end *end, struct vs_transitions *out);

#endif
