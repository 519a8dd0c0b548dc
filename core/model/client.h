/*
 * What the server knows about one client. Made for a million of them: texts that repeat
 * are interned in names, which must be the same table throughout a client's life.
 */
#ifndef VS_MODEL_CLIENT_H
#define VS_MODEL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/view.h"
#include "model/facts.h"
#include "model/incident.h"
#include "model/verdict.h"

struct vs_buf;
struct vs_exits;
struct vs_names;
struct vs_step;

#define VS_LIVENESS_ROWS(X) X(ALIVE, "alive") X(LATE, "late") X(LOST, "lost")
enum vs_liveness {
#define VS_LIVENESS_ENUM(name, text) VS_LIVENESS_##name,
	VS_LIVENESS_ROWS(VS_LIVENESS_ENUM)
#undef VS_LIVENESS_ENUM
};
const char *vs_liveness_name(enum vs_liveness liveness);
int vs_liveness_parse(uint8_t *liveness, struct vs_view name); /* 0 or VS_ERR_INVALID */

#define VS_STREAKS 7 /* rules with hysteresis: hysteresis.c's table */

/* How often in a row a rule saw bad or good evidence. 48 bits of milliseconds last for 4,000 years. */
struct vs_streak {
	int64_t first_bad_at : 48; /* 0 when bad is 0 */
	uint8_t bad;
	uint8_t good;
};

/* Bytes that left beside the tunnel while a rule saw bad evidence that is no incident yet; -1: not known. */
struct vs_unsaid {
	int64_t bytes[VS_STREAKS];
};

struct vs_client {
	char *id;
	int64_t first_seen; /* wall; 0: not heard of yet */
	int64_t last_seen; /* wall: the last live keepalive */
	int64_t started_at; /* of the client, with seq: tells repeated reports */
	uint64_t seq;
	struct vs_facts facts;
	struct vs_incident *incidents; /* open ones, and those resolved so recently that they may flap */
	char *failures; /* sources that could not measure: source, reason, each with its NUL; ends with "" */
	struct vs_unsaid *unsaid; /* NULL: nothing was counted lately; not in the record */
	struct vs_exits *exits; /* NULL: the exit did not change lately; not in the record */
	struct vs_streak streaks[VS_STREAKS];
	uint32_t incident_count;
	uint32_t interval_ms; /* its own; 0: the server's */
	uint32_t version; /* these: ids in names */
	uint32_t told_version;
	uint32_t tags; /* joined by commas */
	uint32_t judged; /* the epoch in which facts gave verdicts, with all measured and fresh; 0: judge
			    anew; not in the record */
	struct vs_verdicts verdicts;
	struct vs_addr source; /* of the last live keepalive */
	struct vs_addr told_exit; /* the exit people were told last */
	uint8_t liveness : 4; /* enum vs_liveness */
	uint8_t side : 3; /* enum vs_side */
	uint8_t told : 1; /* "connected" was told */
	uint8_t late_told : 7; /* a bit a streak: found late in the outage of late_until, and told */
	uint8_t late_lost : 1; /* the late report before found the tunnel lost or bypassed; not in the record */
	uint8_t rule[VS_QUESTIONS]; /* enum vs_rule: which one gave the verdict */
	uint8_t cause; /* enum vs_cause: why no exit was told, or why traffic leaves beside the tunnel */
	uint32_t late_until; /* wall, in seconds, which last until 2106: what was observed by then is of an
				outage that was told late; 0: none was */
};
_Static_assert(VS_STREAKS <= 7, "late_told has a bit for each");

void vs_client_init(struct vs_client *client, const char *id);
void vs_client_fini(struct vs_client *client, struct vs_names *names); /* twice is fine */

/* The open incident of that kind, or NULL. Borrowed until the next report. */
struct vs_incident *vs_client_incident(struct vs_client *client, enum vs_kind kind);
size_t vs_client_open_incidents(const struct vs_client *client);

/* The wall clock was set. What the client says of itself (started_at) is told by another clock. */
void vs_client_step(struct vs_client *client, const struct vs_step *step);

/* A source that could not measure, and why. Start with a zeroed one; false at the end. */
struct vs_failure {
	const char *source;
	const char *reason;
};
bool vs_client_next_failure(const struct vs_client *client, struct vs_failure *failure);

/* Bytes held by this client, itself included, interned texts not. */
size_t vs_client_size(const struct vs_client *client);

/*
 * The record for a store: bytes, opaque to it. decode(encode(x)) equals x; init is not needed before
 * decode. What is no record leaves client zeroed, and err names the part and the byte.
 */
void vs_client_encode(const struct vs_client *client, const struct vs_names *names, struct vs_buf *out);
int vs_client_decode(
	struct vs_client *client, struct vs_names *names, struct vs_view bytes, struct vs_err *err);

#endif
