/* The notices of one client: connected, another exit, another version. Used by the tracker only. */
#ifndef VS_MODEL_NOTICES_H
#define VS_MODEL_NOTICES_H

#include <stddef.h>
#include <stdint.h>

struct vs_client;
struct vs_judgement;
struct vs_tracker;
struct vs_transitions;

#define VS_NOTICES_EXIT_INTERVALS 3 /* at most one change of the exit is told in this time */

struct vs_notices_round {
	const struct vs_judgement *judgement;
	int64_t started_before; /* the client's start as the report before this one said; 0: not said */
	int64_t now;
};

/*
 * After a live report was judged. During a bypass the exit's change is part of the incident;
 * and an exit that could not be measured did not change.
 */
void vs_notices_tell(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_notices_round *round, struct vs_transitions *out);

/*
 * After the incidents of the same report were opened: a notice among those from first on
 * says which problem is suspected. One that opened its own incident is not repeated.
 */
void vs_notices_qualify(struct vs_client *client, struct vs_transitions *out, size_t first);

#endif
