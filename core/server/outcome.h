/*
 * What became of a message: one record a transition and channel, stored in the unit in which the message
 * leaves the outbox, and kept as long as the transition.
 */
#ifndef VS_SERVER_OUTCOME_H
#define VS_SERVER_OUTCOME_H

#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"

struct vs_buf;
struct vs_delivery;
struct vs_unit;

/* failed: refused for good, or no room for it; superseded: there was no use in telling it any more. */
#define VS_OUTCOME_ROWS(X)                                                                                   \
	X(SENT, "sent")                                                                                      \
	X(FAILED, "failed")                                                                                  \
	X(EXPIRED, "expired")                                                                                \
	X(SUPERSEDED, "superseded")

enum vs_outcome_state {
#define VS_OUTCOME_ENUM(name, text) VS_OUTCOME_##name,
	VS_OUTCOME_ROWS(VS_OUTCOME_ENUM)
#undef VS_OUTCOME_ENUM
		VS_OUTCOMES
};
const char *vs_outcome_name(enum vs_outcome_state state);

struct vs_outcome {
	char transition[VS_ULID_TEXT];
	char incident[VS_ULID_TEXT]; /* "" of a notice */
	const char *change; /* static */
	char *channel; /* owned */
	enum vs_outcome_state state;
	int64_t at; /* wall */
	uint32_t attempts;
	char *reason; /* owned; "" when there is nothing to say; without secrets */
};

/* Adds the record of delivery, which ends now, to unit. */
void vs_outcome_put(struct vs_unit *unit, const struct vs_delivery *delivery, enum vs_outcome_state state,
	int64_t now, const char *reason);

/* A record of the OUTCOMES table. 0, or VS_ERR_INVALID, and then there is nothing to free. */
int vs_outcome_read(struct vs_outcome *outcome, struct vs_view key, struct vs_view value, struct vs_err *err);
void vs_outcome_fini(struct vs_outcome *outcome); /* twice is fine */

/* The ULID of the transition in a key of the table; an empty view when it is none of ours. */
struct vs_view vs_outcome_ulid(struct vs_view key);

/* As the API shows it: {"channel":...,"state":...,"at":...,"attempts":...,"reason":...}; reason only if any.
 */
void vs_outcome_show(const struct vs_outcome *outcome, struct vs_buf *out);

#endif
