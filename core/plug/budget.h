/*
 * How often one source may be asked: never more than its budget in any stretch of that length, and not
 * before it wants to be asked again. Pure: times are arguments, on the wall clock, since a budget
 * outlives the process that began to use it.
 */
#ifndef VS_PLUG_BUDGET_H
#define VS_PLUG_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct vs_buf;

#define VS_BUDGET_SLOTS 12 /* a stretch is eleven of them and what has begun of the twelfth */

/* Zeroed is an unlimited one that was never used. Read nothing in it but the first two. */
struct vs_budget {
	int64_t requests; /* in each per_ms; 0: no limit */
	int64_t per_ms;
	int64_t slot; /* the number of the newest one, counted since 1970 */
	uint32_t used[VS_BUDGET_SLOTS]; /* the newest first */
	int64_t rest_until; /* 0: need not rest */
	int64_t rest_ms; /* the last rest that we chose ourselves; 0: the source has answered since */
};

/* Another rule; what was used and how long it rests stays. */
void vs_budget_limit(struct vs_budget *budget, int64_t requests, int64_t per_ms);

/*
 * The clock may have been set back: what was used then was used now, and no rest is longer than a day from
 * now. To be called before each look: what is left as of the time before would not end until that returns.
 */
void vs_budget_settle(struct vs_budget *budget, int64_t now);

/* 0: it may be asked now; else in how many milliseconds to look again. */
int64_t vs_budget_wait(const struct vs_budget *budget, int64_t now);
bool vs_budget_rests(const struct vs_budget *budget, int64_t now); /* that is because it wished to */
uint32_t vs_budget_used(const struct vs_budget *budget, int64_t now); /* in the stretch that ends now */

void vs_budget_take(struct vs_budget *budget, int64_t now); /* it is asked now */
void vs_budget_answered(struct vs_budget *budget); /* the next rest is a short one again */
/* It refused, and wants to rest for so long; 0: it did not say, so 5 minutes, doubled each time up to 6
 * hours.
 */
void vs_budget_refused(struct vs_budget *budget, int64_t wished_ms, int64_t now);
/* It could not be reached, or made no sense: 30 seconds, doubled each time up to 10 minutes. */
void vs_budget_unreached(struct vs_budget *budget, int64_t now);

/*
 * What was used, as a text. Reading is total: false, and nothing used, for what was not written so. The
 * rule is not in it; slots of another length count as used just now.
 */
void vs_budget_write(const struct vs_budget *budget, struct vs_buf *out);
bool vs_budget_read(struct vs_budget *budget, struct vs_view text, int64_t now);

#endif
