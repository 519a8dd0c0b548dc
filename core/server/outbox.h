/*
 * The outbox: what is to be told, by which channel, until it is told or given up. [loop]
 *
 * A channel is a notifier instance with its route. Each has a queue of its own: one delivery
 * at a time, what is critical before warnings and those before the rest, retried with back-off, so
 * that a slow channel holds up nobody else and a bypass does not wait behind a crowd of notices.
 */
#ifndef VS_SERVER_OUTBOX_H
#define VS_SERVER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "server/clock.h"
#include "server/outcome.h"

struct vpns_alert;
struct vpns_delivery_result;
struct vs_buf;
struct vs_instance_conf;
struct vs_ledger;
struct vs_loop;
struct vs_outbox;
struct vs_stats;
struct vs_transition;
struct vs_unit;

/* How a channel delivers: a notifier instance, or a test's stand-in. As vs_notifier_deliver. */
struct vs_channel_port {
	uint64_t (*deliver)(void *target, const struct vpns_alert *alert, uint32_t timeout_ms,
		void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg,
		struct vs_err *err);
	void (*cancel)(void *target, uint64_t op);
	void *target;
	uint32_t (*abilities)(void *target); /* VPNS_NOTIFIER_*; NULL: none of them */
	/* As vs_notifier_self_test; NULL: there is no such verb. */
	uint64_t (*self_test)(void *target, uint32_t timeout_ms,
		void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg,
		struct vs_err *err);
};

struct vs_outbox *vs_outbox_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, struct vs_stats *stats);
/* Cancels what is on its way; what was not sent stays in the store. NULL is fine. */
void vs_outbox_destroy(struct vs_outbox *outbox);

/* conf gives name, route and timeout; it is borrowed as long as the outbox. */
void vs_outbox_add_channel(
	struct vs_outbox *outbox, const struct vs_instance_conf *conf, const struct vs_channel_port *port);

/*
 * While the server runs, for another configuration. conf takes the place of the old one, by name.
 *
 * join: a new channel, or one that was here before: what is stored for it comes back (see comeback.h).
 * keep: another conf, but the same instance behind port; touched: with other options.
 * change: another instance; a port without deliver: the channel waits for the next change.
 * leave: no channel any more; what waits for it stays in the store (see absent.h), and what is broken about
 * it is no trouble any more.
 *
 * change and leave return true while an attempt is under way at the old port, with the old conf: it ends
 * there and counts, and then left(arg) comes, unless the outbox is destroyed before.
 */
void vs_outbox_join(
	struct vs_outbox *outbox, const struct vs_instance_conf *conf, const struct vs_channel_port *port);
void vs_outbox_keep(struct vs_outbox *outbox, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, bool touched);
bool vs_outbox_change(struct vs_outbox *outbox, const struct vs_instance_conf *conf,
	const struct vs_channel_port *port, void (*left)(void *arg), void *arg);
bool vs_outbox_leave(struct vs_outbox *outbox, const char *channel, void (*left)(void *arg), void *arg);

/*
 * Somebody who may hold back what is to be told. hold: true, and no channel gets transition; it is asked
 * before each is planned, also about ends, and keeps in unit what it has to. gone: incident goes without an
 * end, with its client. covers (NULL: never) is asked of what waits untold since before: true, and it goes on
 * waiting until vs_outbox_reconsider() makes it be asked again. They are asked in the order in which they
 * came; at most VS_OUTBOX_FILTERS. carer (NULL: nobody) says who looks after an incident, borrowed for the
 * call.
 */
#define VS_OUTBOX_FILTERS 4
struct vs_outbox_filter {
	bool (*hold)(void *arg, const struct vs_transition *transition, const char *tags, const char *except,
		struct vs_unit *unit);
	void (*gone)(void *arg, const char *incident, struct vs_unit *unit);
	void *arg;
	bool (*covers)(void *arg, const struct vs_transition *transition);
	const char *(*carer)(void *arg, const char *incident);
};
void vs_outbox_add_filter(struct vs_outbox *outbox, const struct vs_outbox_filter *filter); /* copied */
void vs_outbox_drop_filter(struct vs_outbox *outbox, const void *arg);
void vs_outbox_reconsider(struct vs_outbox *outbox); /* covers may answer otherwise now */

/*
 * Adds to unit a delivery for each channel whose route wants transition (tags: the client's,
 * joined by commas). except: a channel that is not to be asked, or NULL. They are delivered
 * once vs_outbox_release() names the same transition, which the caller does when unit was
 * committed, durable or not. Returns how many deliveries there are.
 */
size_t vs_outbox_plan(struct vs_outbox *outbox, struct vs_unit *unit, const struct vs_transition *transition,
	const char *tags, const char *except);
void vs_outbox_release(struct vs_outbox *outbox, const char *transition_id);
/* The same for one that was held back until now; nobody is asked about it again. */
size_t vs_outbox_plan_held(struct vs_outbox *outbox, struct vs_unit *unit,
	const struct vs_transition *transition, const char *tags, const char *except);

/*
 * Who sees to it that what nobody acknowledges is told again, and by others. plan: asked before a channel
 * whose route wants transition gets it; false: not now. heard: it told of the incident, or is about to.
 */
struct vs_outbox_chaser {
	bool (*plan)(void *arg, const struct vs_instance_conf *conf, const struct vs_transition *transition,
		bool heard, struct vs_unit *unit);
	void *arg;
};
void vs_outbox_set_chaser(struct vs_outbox *outbox, const struct vs_outbox_chaser *chaser); /* NULL: nobody */

/* outbox_again.c. The same as vs_outbox_plan() for one channel, by name, whoever chases. */
enum vs_again {
	VS_AGAIN_PLANNED,
	VS_AGAIN_HELD, /* a filter holds it back */
	VS_AGAIN_UNWANTED /* by its route, or there is no such channel */
};
enum vs_again vs_outbox_plan_again(struct vs_outbox *outbox, struct vs_unit *unit,
	const struct vs_transition *transition, const char *tags, const char *channel);
/* Whether channel waits to tell something of incident; has_heard: or has told it. */
bool vs_outbox_is_telling(const struct vs_outbox *outbox, const char *channel, const char *incident);
bool vs_outbox_has_heard(const struct vs_outbox *outbox, const char *channel, const char *incident);
/* Adds the names of the channels that have told incident, joined by ", ". */
void vs_outbox_add_tellers(const struct vs_outbox *outbox, const char *incident, struct vs_buf *names);
const struct vs_instance_conf *vs_outbox_conf_at(const struct vs_outbox *outbox, size_t index); /* borrowed */
const struct vs_instance_conf *vs_outbox_find_conf(const struct vs_outbox *outbox, const char *channel);

/*
 * At the start: a record of the store's OUTBOX or TOLD table. What is too much for a channel is
 * deleted in unit. Nothing is sent before vs_outbox_start(). A message of which an attempt had
 * begun is marked as a possible duplicate.
 */
int vs_outbox_restore(struct vs_outbox *outbox, struct vs_view key, struct vs_view value,
	struct vs_unit *unit, struct vs_err *err);
/* After all of OUTBOX and TOLD: a record of the GROUPS table; what it changes is in unit. */
int vs_outbox_restore_group(struct vs_outbox *outbox, struct vs_view key, struct vs_view value,
	struct vs_unit *unit, struct vs_err *err);
void vs_outbox_restore_told(struct vs_outbox *outbox, struct vs_view key, struct vs_view value);
/* The channel was broken before the restart: its next success counts as working again. False: no such
 * channel. */
bool vs_outbox_mark_broken(struct vs_outbox *outbox, const char *channel);
/* keep_ms: so long it is kept what channels that are not configured any more had told; see absent.h. */
void vs_outbox_start(struct vs_outbox *outbox, int64_t keep_ms);
/* Clients that were known are not any more: for so long a notice that one is connected is marked as a
 * possible duplicate. */
void vs_outbox_doubt_connected(struct vs_outbox *outbox, int64_t for_ms);

/*
 * The client of an incident goes: end is told on the channels whose people may have heard that it began, and
 * what waits untold is withdrawn, all of it in unit. Nothing has to be released: each attempt is stored
 * before it is made, and so behind unit.
 */
void vs_outbox_withdraw(struct vs_outbox *outbox, const struct vs_transition *end, struct vs_unit *unit);
/* Those for information: what was reported late is told all the same. */
void vs_outbox_withdraw_notices(struct vs_outbox *outbox, const char *client, struct vs_unit *unit);

/* A message that waits, all borrowed for the call. */
struct vs_waiting {
	const char *channel;
	const char *change; /* "opened", "notice" */
	bool sending; /* an attempt is under way */
	uint32_t attempts;
	const char *reason; /* why it has not arrived yet; "" when it was not tried */
};
/* Of incident, or, when that is NULL, of the transition of that id. */
void vs_outbox_each_waiting(const struct vs_outbox *outbox, const char *incident, const char *transition,
	void (*each)(void *arg, const struct vs_waiting *waiting), void *arg);

/* Nobody will hear of incident again: adds to unit what has to be deleted. An end that waits is told first.
 */
void vs_outbox_forget(struct vs_outbox *outbox, const char *incident, struct vs_unit *unit);

/*
 * For a store that begins empty: adds what is to be told, and what was told of the same incidents, until unit
 * has most records. walk says where it stands; zeroed: at the beginning. False: that is all.
 */
struct vs_outbox_walk {
	size_t channel;
	unsigned departures; /* of channels, when it began */
	char after[VS_ULID_TEXT];
};
bool vs_outbox_rewrite(
	const struct vs_outbox *outbox, struct vs_outbox_walk *walk, size_t most, struct vs_unit *unit);
/*
 * Before the first of these: what only the old store held, for channels that are not configured or not all
 * back, is lost. Says so, in the ledger's loss too.
 */
void vs_outbox_begin_rewrite(struct vs_outbox *outbox);
/* Adds what was told of incident. */
void vs_outbox_rewrite_told(const struct vs_outbox *outbox, const char *incident, struct vs_unit *unit);

/*
 * What the last self tests of the channel of that name said: how many failed in a row. -1: no such channel.
 * After a restart it is set before the channel is tested again.
 */
int vs_outbox_test_failures(const struct vs_outbox *outbox, const char *channel);
void vs_outbox_restore_test_failures(struct vs_outbox *outbox, const char *channel, unsigned failures);

/* A channel refused for good, or works again: tell it on the others. */
void vs_outbox_watch(struct vs_outbox *outbox,
	void (*broken)(void *arg, const char *channel, bool broken, const char *reason), void *arg);

/*
 * At the end: no attempt begins any more. True while some are under way; then idle(arg) comes when
 * the last of them has ended, unless the outbox is destroyed before.
 */
bool vs_outbox_quit(struct vs_outbox *outbox, void (*idle)(void *arg), void *arg);
/* Logs for each channel what it has not delivered; kept: the store has it for the next start. */
void vs_outbox_say_rest(const struct vs_outbox *outbox, bool kept);

struct vs_channel_state {
	const char *name;
	const char *plugin;
	const char *language; /* "es"; NULL: English */
	const char *timezone; /* "Europe/Bucharest"; NULL: UTC */
	const char *state; /* "ok", "sending" (one attempt, for long already), "retrying", "broken" */
	const char *last_error; /* "" when ok; without secrets */
	size_t queued;
	uint64_t sent;
	uint64_t dropped;
	uint64_t ended[VS_OUTCOMES]; /* messages by what became of them */
	int64_t last_sent_at; /* wall; 0: never */
};
size_t vs_outbox_channels(const struct vs_outbox *outbox);
/* All borrowed until the next turn of the loop. */
void vs_outbox_channel(const struct vs_outbox *outbox, size_t index, struct vs_channel_state *state);

#endif
