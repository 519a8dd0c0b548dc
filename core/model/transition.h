/* Transitions: what is told to people. Values that stand alone, whatever happens to the client later. */
#ifndef VS_MODEL_TRANSITION_H
#define VS_MODEL_TRANSITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "model/kind.h"
#include "model/verdict.h"

struct vs_buf;
struct vs_incident;

/* The numbers are those of the plugin ABI. */
#define VS_CHANGE_ROWS(X)                                                                                    \
	X(NOTICE, 1, "notice")                                                                               \
	X(OPENED, 2, "opened")                                                                               \
	X(ESCALATED, 3, "escalated")                                                                         \
	X(ACKNOWLEDGED, 4, "acknowledged")                                                                   \
	X(REMINDED, 5, "reminded")                                                                           \
	X(RESOLVED, 6, "resolved")

enum vs_change {
#define VS_CHANGE_ENUM(name, code, text) VS_CHANGE_##name = code,
	VS_CHANGE_ROWS(VS_CHANGE_ENUM)
#undef VS_CHANGE_ENUM
};
const char *vs_change_name(enum vs_change change);
int vs_change_parse(uint8_t *change, struct vs_view name); /* 0 or VS_ERR_INVALID */

#define VS_TRANSITION_DETAILS_MAX 12

/* Language-neutral: key is one of the words.h table ("exit", "location"), value is literal. */
struct vs_detail {
	const char *key; /* static */
	char *value; /* owned */
};

struct vs_transition {
	char id[VS_ULID_TEXT];
	char incident[VS_ULID_TEXT]; /* "" for a notice */
	uint8_t change; /* enum vs_change */
	uint8_t kind; /* enum vs_kind */
	uint8_t severity; /* enum vs_severity */
	uint8_t confidence; /* enum vs_confidence */
	uint8_t verdict; /* enum vs_verdict: the client's overall one at that moment */
	int64_t at; /* wall: when it happened */
	int64_t since; /* wall: first evidence; 0: does not apply */
	int64_t duration_ms; /* of a resolved one: how long it lasted, from first bad to first good evidence
			      */
	char *client; /* owned; "" when about the server */
	char *evidence; /* owned; one sentence or "" */
	struct vs_detail details[VS_TRANSITION_DETAILS_MAX];
	size_t detail_count;
};

/* The detail of a notice of what was reported late: what is known of it since. */
#define VS_LATE_KEY "late"
#define VS_LATE_ON "on" /* a live report shows it, too */
#define VS_LATE_OVER "over"
#define VS_LATE_UNKNOWN "unknown"

/* Fresh id, everything else as given; evidence "" and no details. */
void vs_transition_init_notice(struct vs_transition *t, enum vs_kind kind, const char *client, int64_t now);
void vs_transition_init_incident(
	struct vs_transition *t, enum vs_change change, const struct vs_incident *incident, int64_t now);
void vs_transition_fini(struct vs_transition *t); /* twice is fine */
void vs_transition_set_evidence(struct vs_transition *t, const char *evidence);
/* Empty values and those beyond the limit are left out. key must be one that vs_detail_key knows. */
void vs_transition_add(struct vs_transition *t, const char *key, const char *value);
const char *vs_transition_detail(const struct vs_transition *t, const char *key); /* "" when absent */

/* JSON both ways, for stores and the API. */
void vs_transition_encode(const struct vs_transition *t, struct vs_buf *out);
int vs_transition_decode(struct vs_transition *t, struct vs_view text, struct vs_err *err);

/* A growing list. Zeroed is empty. */
struct vs_transitions {
	struct vs_transition *items;
	size_t count;
	size_t capacity;
};
struct vs_transition *vs_transitions_push(
	struct vs_transitions *list); /* uninitialised; valid until the next push */
/* Makes the ids ascend within each moment: history is read in their order, and a pair of one moment has
 * theirs by chance. Before anybody keeps an id. */
void vs_transitions_order(struct vs_transitions *list);
void vs_transitions_fini(struct vs_transitions *list); /* with all items; twice is fine */

#endif
