/*
 * What the files of the outbox share: outbox.c plans and tells, outbox_restore.c reads back, outbox_change.c
 * takes other configurations, trial.c tries channels. Nobody else includes this.
 */
#ifndef VS_SERVER_OUTBOX_INSIDE_H
#define VS_SERVER_OUTBOX_INSIDE_H

#include "base/id.h"
#include "server/absent.h"
#include "server/channel.h"
#include "server/outbox.h"

struct vs_comeback;
struct vs_trial;

/* A channel that is configured no more, until the attempt that was under way has ended. */
struct vs_leaving {
	struct vs_outbox *outbox;
	struct vs_channel *channel;
	struct vs_absent_count earlier; /* stored before it was here, and not back yet */
	void (*left)(void *arg);
	void *arg;
	struct vs_leaving *prev;
	struct vs_leaving *next;
};

struct vs_outbox {
	struct vs_channel_parts parts;
	struct vs_channel **channels;
	struct vs_comeback **comebacks; /* of the same channels; NULL: none */
	size_t count;
	struct vs_leaving *leaving;
	struct vs_trial *trials; /* under way */
	struct vs_absent *absent;
	struct vs_outbox_filter filters[VS_OUTBOX_FILTERS];
	size_t filter_count;
	uint64_t hush_epoch; /* one more with each vs_outbox_reconsider() */
	struct vs_outbox_chaser chaser; /* without plan: nobody chases */
	uint64_t doubt_ends_ms; /* mono: until then who is connected may have been before; 0: nobody was */
	char last_id[VS_ULID_TEXT]; /* of all deliveries so far */
	void (*broken)(void *arg, const char *channel, bool broken, const char *reason);
	void *broken_arg;
	void (*idle)(void *arg); /* NULL: nobody waits for it */
	void *idle_arg;
	unsigned departures; /* channels that left */
	size_t under_way; /* attempts, since vs_outbox_quit() */
};

/* outbox.c: asks the filters; true: one of them holds it back. */
bool vs_outbox_ask(struct vs_outbox *outbox, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit);
/* Adds one delivery to channel, and its row to unit. */
void vs_outbox_add(struct vs_outbox *outbox, struct vs_channel *channel,
	const struct vs_transition *transition, bool held, struct vs_unit *unit);
struct vs_channel *vs_outbox_find(
	const struct vs_outbox *outbox, const char *name); /* outbox.c; NULL: none */

/* outbox.c; arg is the outbox. */
void vs_outbox_tell_broken(void *arg, const char *channel, bool broken, const char *reason);

#endif
