/*
 * Channels that the store knows and the configuration does not: messages wait for them, and they
 * told of incidents. One may come back, when an edit is taken back or a variable is set again;
 * then it goes on where it was. [loop]
 *
 * What counts is how long servers have run without the channel: over restarts, and by a clock that
 * does not jump. After VS_CHANNEL_EXPIRE_MS its messages are given up, each with an error that
 * says what was not told; after keep_ms it is forgotten what the channel had told.
 */
#ifndef VS_SERVER_ABSENT_H
#define VS_SERVER_ABSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/clock.h"
#include "server/unit.h"

struct vs_absent;
struct vs_buf;
struct vs_ledger;
struct vs_loop;
struct vs_stats;

struct vs_absent *vs_absent_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, struct vs_stats *stats);
/* What it is looking for ends by itself. NULL is fine. */
void vs_absent_destroy(struct vs_absent *absent);

/* At the start: a record of the table OUTBOX or TOLD belongs to channel, which is not configured. */
void vs_absent_note(struct vs_absent *absent, const char *channel, enum vs_table table);

/* What is stored for one channel, in records. */
struct vs_absent_count {
	size_t waiting; /* of OUTBOX */
	size_t told; /* of TOLD */
};

/*
 * Later: channel has just left the configuration, and this is stored for it. Says what waits, and counts.
 * rewritten: the store is damaged, and was given all of it once more.
 */
void vs_absent_add(
	struct vs_absent *absent, const char *channel, struct vs_absent_count count, bool rewritten);
/* Later: channel is configured again, and none of ours any more. False: nothing is stored for it. */
bool vs_absent_take(struct vs_absent *absent, const char *channel, struct vs_absent_count *count);

/*
 * The store lost what it held, and is written anew. What is stored for these channels is known to nobody
 * else: forgets them, but for those that were added as rewritten, and adds to *lost what is gone and to names
 * theirs.
 */
void vs_absent_lose(struct vs_absent *absent, struct vs_absent_count *lost, struct vs_buf *names);
/* The same of one channel. */
void vs_absent_say_lost(const char *channel, struct vs_absent_count count, struct vs_absent_count *lost,
	struct vs_buf *names);

/* All was noted: says what waits for whom, and counts from now on. A channel that is back counts anew. */
void vs_absent_begin(struct vs_absent *absent, int64_t keep_ms);

#endif
