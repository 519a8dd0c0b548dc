/*
 * Where is this address? So many sources as must agree are asked at once, and one more for each that
 * fails, or while they do not agree. Nobody is asked beyond its budget, nor, if it has one, twice within 1.2
 * s, and whoever refuses is left alone for as long as it wishes; budgets and wishes survive restarts. Who
 * does not answer three times in a row is asked again after 30 s, and longer and longer up to 10 minutes.
 * [loop]
 */
#ifndef VS_PLUG_LOCATE_ROUND_H
#define VS_PLUG_LOCATE_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/env.h"
#include "plug/round.h"

struct vs_instance;
struct vs_loop;
struct vs_locate_round;

struct vs_locate_source {
	struct vs_instance *instance; /* borrowed; destroyed after the round. NULL: it cannot be asked */
	const char *name; /* copied */
	uint32_t timeout_ms; /* 0: 10 s */
	int64_t requests; /* in each per_ms; 0: no limit */
	int64_t per_ms;
};

struct vs_locate_answer {
	const char *source;
	uint32_t status; /* VPNS_PROBE_*; anything but PASS and WARN has no facts */
	const char *reason; /* a sentence; "" when there is nothing to say */
	const struct vs_round_fact *facts;
	size_t fact_count;
};

struct vs_locate_events {
	/* Whether the answers that have facts (so many as must agree, at least) leave no doubt. */
	bool (*enough)(void *arg, const struct vs_locate_answer *answers, size_t count);
	/* Everybody that was asked, in that order, borrowed for the call; may start the next. */
	void (*done)(void *arg, const struct vs_locate_answer *answers, size_t count);
	void *arg;
};

struct vs_locate_settings {
	struct vs_state_backend state; /* remembers budgets; get NULL: as long as the round lives */
	int64_t (*wall_ms)(void);
	size_t quorum; /* 1 at least */
};

/* sources and what they name is copied, but the instances. None is fine: nobody can be asked. */
struct vs_locate_round *vs_locate_round_create(struct vs_loop *loop, const struct vs_locate_source *sources,
	size_t count, const struct vs_locate_settings *settings, const struct vs_locate_events *events);
void vs_locate_round_destroy(struct vs_locate_round *round); /* done does not come. NULL is fine */

/*
 * 0: an address can be asked for now. Else when to look again, in milliseconds: as many as must agree can
 * be asked then, or one, where the others take more than a minute longer. Negative: nobody can, ever.
 */
int64_t vs_locate_round_wait(const struct vs_locate_round *round);
/* done comes exactly once, never from inside this call. VS_ERR_BUSY while one is asked for. */
int vs_locate_round_start(struct vs_locate_round *round, const char *address);
bool vs_locate_round_is_running(const struct vs_locate_round *round);

/* How a source is. */
struct vs_locate_state {
	const char *name;
	uint64_t asked; /* since the start */
	uint64_t answered;
	uint32_t used; /* of its budget, now */
	int64_t requests; /* ... which is so large; 0: no limit */
	int64_t wait_ms; /* until it may be asked again; 0: now */
	bool rests; /* ... because it wished to */
	const char *last_error; /* "" when the last one was an answer */
};
size_t vs_locate_round_sources(const struct vs_locate_round *round);
void vs_locate_round_source(const struct vs_locate_round *round, size_t index, struct vs_locate_state *state);

#endif
