/*
 * A round: all probes of a role started together, each with its own deadline, told as one
 * result each when the last has ended. Remembers across rounds what each probe asked for
 * (interval, retry_after): one that is not due is not started, and its last result stands
 * again while it is fresh. [loop]
 */
#ifndef VS_PLUG_ROUND_H
#define VS_PLUG_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_instance;
struct vs_loop;
struct vs_round;

struct vs_round_fact {
	const char *name;
	const char *value; /* canonical text of type */
	uint32_t type; /* VPNS_FACT_* */
};

struct vs_round_result {
	const char *name; /* of the instance */
	const char *plugin; /* of its plugin */
	uint32_t status; /* VPNS_PROBE_* */
	const char *reason; /* a sentence of at most 500 bytes; "" when there is nothing to say */
	const struct vs_round_fact *facts;
	size_t fact_count;
	int64_t observed_at_ms; /* wall, on the clock as it stands when the round ends */
	uint64_t observed_mono_ms; /* the same moment */
	bool reused; /* was not due: the result of an earlier round */
};

struct vs_round_probe {
	struct vs_instance *instance; /* borrowed; destroyed after the round */
	uint32_t timeout_ms; /* 0: 10 s */
	uint64_t interval_ms; /* 0: every round */
};

/* results, one a probe in the order given to create, are borrowed for the call. */
typedef void vs_round_done(void *arg, const struct vs_round_result *results, size_t count);

/*
 * fresh_ms: how long a result stands for a probe that is not due (a probe's own interval
 * counts when it is longer); then it is UNKNOWN until it is asked again. 0: 15 minutes.
 * probes is copied. Zero probes are fine: their rounds are empty.
 */
struct vs_round *vs_round_create(struct vs_loop *loop, const struct vs_round_probe *probes, size_t count,
	uint64_t fresh_ms, vs_round_done *done, void *arg);

/* Cancels a running round first. NULL is fine. */
void vs_round_destroy(struct vs_round *round);

/*
 * What old, which is not running any more, remembers of instances that round has, too: their last answers and
 * what they asked for. Before round starts.
 */
void vs_round_remember(struct vs_round *round, struct vs_round *old);

/*
 * Starts all probes that are due. done() comes exactly once, never from inside this call,
 * and may start the next round. Returns VS_ERR_BUSY while a round is running.
 */
int vs_round_start(struct vs_round *round);

/* From the next start on no probe gets longer than limit_ms, whatever its own timeout; 0: no limit. */
void vs_round_limit(struct vs_round *round, uint32_t limit_ms);

/*
 * Something changed: the next start also asks probes whose interval is not over. One that asked to be left
 * alone for a while (retry_after) is left alone.
 */
void vs_round_urge(struct vs_round *round);

/* Cancels the running round, if any: done() does not come. */
void vs_round_cancel(struct vs_round *round);

bool vs_round_is_running(const struct vs_round *round);

#endif
