/*
 * Under which rules and beside which home set something was judged. As long as the count stays,
 * the same facts give the same answers.
 */
#ifndef VS_MODEL_EPOCH_H
#define VS_MODEL_EPOCH_H

#include <stdint.h>

struct vs_home;
struct vs_rules;

/* Zeroed at the start. */
struct vs_epoch {
	uint64_t home; /* their editions when the count was last asked for */
	uint64_t tolerance; /* the part of the rules that judges */
	uint32_t count;
};

/* Never 0, and another one whenever either changed or was replaced. */
uint32_t vs_epoch_now(struct vs_epoch *epoch, const struct vs_home *home, const struct vs_rules *rules);

#endif
