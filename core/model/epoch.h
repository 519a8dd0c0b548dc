/*
 * Under which rules and beside which home set, policies and places something was judged. As long as the
 * count stays, the same facts give the same answers.
 */
#ifndef VS_MODEL_EPOCH_H
#define VS_MODEL_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

struct vs_tracker;

/* Zeroed at the start. */
struct vs_epoch {
	uint64_t home; /* their editions when the count was last asked for */
	uint64_t tolerance; /* the part of the rules that judges */
	uint64_t policies;
	uint64_t atlas;
	uint32_t count;
	bool source_hidden;
};

/* Never 0, and another one whenever any of them changed or was replaced. */
uint32_t vs_epoch_now(struct vs_epoch *epoch, const struct vs_tracker *tracker, int64_t now);

#endif
