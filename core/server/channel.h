/*
 * One channel: a notifier instance with its route and its queue. One delivery at a time, the most
 * urgent first, retried with back-off. [loop]
 */
#ifndef VS_SERVER_CHANNEL_H
#define VS_SERVER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/delivery.h"
#include "server/outbox.h"

struct vs_bunch;
struct vs_channel;

#define VS_CHANNEL_QUEUE_MAX 10000
#define VS_CHANNEL_LATE_MS (5 * 60 * 1000)
#define VS_CHANNEL_EXPIRE_MS (24 * 3600 * 1000) /* waited for so long, a message is given up, */
#define VS_CHANNEL_GRACE_MS (3600 * 1000) /* but not before this and an attempt after a restart */
#define VS_CHANNEL_SLOW_MS 5000 /* an attempt of so long is worth a word */
#define VS_CHANNEL_BROKEN_MS                                                                                 \
	(10 * 60 * 1000) /* failing, or to be left alone, for so long counts as broken                       \
			  */
#define VS_CHANNEL_LAST_MS (10 * 60 * 1000) /* a long silence ends so long before a message expires */

/* Borrowed from the outbox. */
struct vs_channel_parts {
	struct vs_loop *loop;
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_stats *stats;
	/* The channel broke, or works again; never from inside vs_channel_add or _release. */
	void (*broken)(void *arg, const char *channel, bool broken, const char *reason);
	void *arg;
	void (*rested)(void *arg); /* the attempt that was under way at vs_channel_quit() has ended */
	/* Whether a silence covers what waits; holds until *hush_epoch changes. That is 0 before the first.
	 */
	bool (*covers)(void *arg, const struct vs_transition *transition);
	const uint64_t *hush_epoch; /* NULL: nothing is ever silenced */
	const char *(*carer)(void *arg, const char *incident); /* who looks after it; NULL: nobody */
};

struct vs_channel *vs_channel_create(const struct vs_channel_parts *parts,
	const struct vs_instance_conf *conf, const struct vs_channel_port *port);
void vs_channel_destroy(struct vs_channel *channel); /* NULL is fine */

const struct vs_instance_conf *vs_channel_conf(const struct vs_channel *channel);

/*
 * Another conf, borrowed from now on, and a port to the same instance. touched: the instance has other
 * options, so what waits for another attempt need not wait for the back-off of the old ones.
 */
void vs_channel_keep(struct vs_channel *channel, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, bool touched);
/*
 * The same, to another instance; a port without deliver: nothing is sent before the next call. True while an
 * attempt is under way at the old port: it ends there and counts, and then left(arg) comes, unless the
 * channel is destroyed before. left may destroy the channel.
 */
bool vs_channel_change(struct vs_channel *channel, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, void (*left)(void *arg), void *arg);
size_t vs_channel_waiting(const struct vs_channel *channel);
size_t vs_channel_told_count(const struct vs_channel *channel);

/* What is left of the wish to be left alone is noted in delivery too: the one that met it may go before. */
void vs_channel_hand_patience(const struct vs_channel *channel, struct vs_delivery *delivery);
/*
 * Queues delivery (taken). When the queue is full its oldest notice makes room, else delivery
 * itself goes; what goes is deleted in unit and counted, and the log says when that begins.
 */
void vs_channel_add(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit);
/*
 * Queues deliveries that were stored while the channel was absent, all older than what is queued now: a list
 * by next in the order of their ids, taken. False, and nothing happens, while an attempt is under way.
 */
bool vs_channel_take_back(struct vs_channel *channel, struct vs_delivery *stored, struct vs_unit *unit);
void vs_channel_release(struct vs_channel *channel, const char *transition_id);
void vs_channel_start(struct vs_channel *channel); /* sends what was added as released already */
/* After a restart: the record of what told many deliveries at once. */
struct vs_group_record {
	const char *ids; /* of the deliveries, in a row */
	const char *bunch; /* what TOLD is to say of their incidents */
	bool sent;
	bool update; /* of a message that people had */
};
void vs_channel_restore_group(
	struct vs_channel *channel, const struct vs_group_record *record, struct vs_unit *unit);
void vs_channel_restore_bunch(struct vs_channel *channel, struct vs_bunch *bunch); /* taken */
/* ref: names the message that told the beginning of incident. */
void vs_channel_told(struct vs_channel *channel, const char *incident, const char *ref);
/* Nobody will hear of incident again; what is stored about it is deleted in unit. */
void vs_channel_forget(struct vs_channel *channel, const char *incident, struct vs_unit *unit);
/*
 * The client of incident goes: what waits about it is deleted in unit, but for what may have arrived. Returns
 * whether people may have heard of it, and so have to hear that it is closed.
 */
bool vs_channel_withdraw(struct vs_channel *channel, const char *incident, struct vs_unit *unit);
void vs_channel_withdraw_notices(struct vs_channel *channel, const char *client, struct vs_unit *unit);
bool vs_channel_has_told(const struct vs_channel *channel, const char *incident);
/* Something of it waits. */
bool vs_channel_is_telling(const struct vs_channel *channel, const char *incident);
bool vs_channel_has_heard(const struct vs_channel *channel, const char *incident); /* either */
/* What waits about incident, or, when that is NULL, about the transition of that id. */
void vs_channel_each_waiting(const struct vs_channel *channel, const char *incident, const char *transition,
	void (*each)(void *arg, const struct vs_waiting *waiting), void *arg);
void vs_channel_mark_broken(struct vs_channel *channel); /* it was before a restart; broken() does not come */
/*
 * For a store that begins empty: adds the deliveries behind the id after, with what was told of their
 * incidents, until unit has most records; after follows. Returns whether there are more.
 */
bool vs_channel_rewrite(
	const struct vs_channel *channel, char after[VS_ULID_TEXT], size_t most, struct vs_unit *unit);
void vs_channel_rewrite_told(const struct vs_channel *channel, const char *incident, struct vs_unit *unit);
/* Adds all at once: every delivery, and whatever was told. */
void vs_channel_rewrite_all(const struct vs_channel *channel, struct vs_unit *unit);
/* At the end: no attempt begins any more. True while one is under way; then rested() will come. */
bool vs_channel_quit(struct vs_channel *channel);
/* Logs what was not delivered, if anything; kept: the store has it for the next start. */
void vs_channel_say_rest(const struct vs_channel *channel, bool kept);
void vs_channel_state(const struct vs_channel *channel, struct vs_channel_state *state);

#endif
