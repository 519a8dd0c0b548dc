/*
 * What the parts of a channel share: channel.c keeps the queue, channel_send.c sends from it,
 * channel_withdraw.c takes back, trial.c looks at it. Nobody else includes this.
 */
#ifndef VS_SERVER_CHANNEL_INSIDE_H
#define VS_SERVER_CHANNEL_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/alert.h"
#include "server/channel.h"
#include "server/group.h"
#include "server/queue.h"

#define VS_CHANNEL_BACKOFF_FIRST_MS 1000
#define VS_CHANNEL_SILENCED "silenced" /* as a reason */
#define VS_CHANNEL_WITHDRAWN "its client was deleted or forgotten" /* as a reason */

struct vs_alert_text;
struct vs_bunch;
struct vs_language;
struct vs_quiet;
struct vs_told;
struct vs_tongue;
struct vs_zone;

/* The commit that says an attempt begins; it may be answered when the channel is gone. */
struct vs_recording {
	struct vs_channel *channel; /* NULL: gone */
};

/* What is done, in parts, with the deliveries of a message about many that has ended. */
enum vs_settle {
	VS_SETTLE_NOTHING,
	VS_SETTLE_SENT,
	VS_SETTLE_FAILED,
	VS_SETTLE_PUT /* their rows are written */
};

/* How what is under way is told. */
enum vs_way {
	VS_WAY_MESSAGE, /* by a message of its own; with a bunch: that all of it is over */
	VS_WAY_DIGEST, /* with all that waited for the end of quiet hours */
	VS_WAY_JOIN, /* the bunch's message is changed, and with that it is told */
	VS_WAY_REFRESH /* the bunch's message is changed before all of it is told to be over */
};

struct vs_channel {
	struct vs_channel_parts parts;
	const struct vs_instance_conf *conf;
	struct vs_channel_port port; /* without deliver: there is none yet */
	struct vs_channel_port used; /* of op */
	void (*left)(void *arg); /* when op has ended; NULL: nobody waits for that */
	void *left_arg;
	struct vs_queue queue;
	struct vs_told *told;
	struct vs_delivery *current; /* from the beginning of an attempt to its end; others may pass it */
	struct vs_groups *groups;
	struct vs_delivery **members; /* of the message under way, or that settles; current is the first */
	size_t member_count;
	struct vs_bunch *bunches; /* in the order they began */
	struct vs_bunch *bunch; /* of the members; NULL: none */
	enum vs_way way;
	size_t settled; /* of them */
	enum vs_settle settling;
	bool holding; /* the timer waits for others to join, and not for a channel that fails */
	struct vs_recording *recording; /* of current; then op is 0 */
	uint64_t op;
	uint64_t begun_ms; /* mono: when the attempt of current began */
	struct vs_alert_text *text; /* of current */
	struct vs_zone *zone;
	struct vs_quiet *quiet; /* NULL: never */
	struct vs_language *language;
	struct vs_timer *timer; /* the next attempt */
	uint64_t patient_until; /* mono: it asked to be left alone until then */
	uint64_t backoff_ms;
	bool failing; /* the last attempt was put off */
	uint64_t failing_since; /* mono */
	struct vs_buf last_error;
	bool broken;
	unsigned test_failures; /* self tests that failed in a row */
	bool broken_by_test; /* so that a good one ends it */
	bool overflowing;
	uint64_t hush_seen; /* the epoch of silences in which all that waits was looked at */
	bool quitting;
	uint64_t sent;
	uint64_t dropped;
	uint64_t ended[VS_OUTCOMES];
	int64_t last_sent_at;
};

/*
 * channel.c: takes delivery out of the queue and, in unit, out of the store, where it leaves what became of
 * it, and frees it. After an end nothing is told of its incident.
 */
void vs_channel_finish(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason);
/* The same for what was to be told and is not: counted. */
void vs_channel_give_up(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason);
void vs_channel_take_out(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit,
	enum vs_outcome_state state, const char *reason); /* as finish, whatever it told */
void vs_channel_wait(struct vs_channel *channel, uint64_t delay);
void vs_channel_hurry(struct vs_channel *channel); /* no back-off: what was refused may be taken now */

/* channel_group.c: as configured, or as such a channel does when nobody says. */
const struct vs_group_conf *vs_channel_group(const struct vs_channel *channel);
void vs_channel_collect(struct vs_channel *channel, struct vs_delivery *head); /* the members */
void vs_channel_free_members(struct vs_channel *channel);
/* The first that may be told now; NULL: none before ready_at, which is UINT64_MAX when nothing waits. */
struct vs_delivery *vs_channel_choose(struct vs_channel *channel, uint64_t *ready_at);
void vs_channel_names(const struct vs_channel *channel, struct vs_group_text *text);
char *vs_channel_name_of(const struct vs_channel *channel, size_t member); /* there; the caller frees */
/* channel_withdraw.c: a reminder is another message; what becomes of all takes the place of the first one. */
bool vs_channel_keeps_ref(const struct vs_channel *channel, const struct vs_transition *transition);
/* A reminder of what is over or looked after, unless it may have arrived and be the first message about it;
 * and that somebody looks after what a step has not told. */
bool vs_channel_is_needless(const struct vs_channel *channel, const struct vs_delivery *delivery);
void vs_channel_put_group(const struct vs_channel *channel, bool sent, struct vs_unit *unit);
/* unit: of SENT, what becomes durable with that; taken. */
void vs_channel_begin_settling(struct vs_channel *channel, enum vs_settle how, struct vs_unit *unit);
bool vs_channel_settle(struct vs_channel *channel); /* some more; true: that was all */

/* channel_quiet.c */
bool vs_channel_is_quiet_for(const struct vs_delivery *delivery, uint8_t held);
void vs_channel_mark_quieted(struct vs_channel *channel, struct vs_delivery *delivery); /* when it is added */
bool vs_channel_clear_quieted(struct vs_channel *channel); /* some more of what is over; true: that was all */
bool vs_channel_joins_digest(
	const struct vs_channel *channel, const struct vs_delivery *head, const struct vs_delivery *delivery);
bool vs_channel_is_digest(const struct vs_channel *channel); /* of the members */
struct vs_alert_text *vs_channel_digest(
	const struct vs_channel *channel, const struct vs_tongue *tongue); /* of the members */

/*
 * channel_hush.c: looks at all that waits when silences are others, or it is; true: that was all. What is
 * silenced goes on waiting, but for what nobody needs to hear afterwards.
 */
bool vs_channel_mind_silences(struct vs_channel *channel);
bool vs_channel_is_hushed(const struct vs_delivery *delivery);

/* channel_bunch.c */
struct vs_bunch *vs_channel_bunch_of(const struct vs_channel *channel, const struct vs_delivery *delivery);
void vs_channel_count_ends(struct vs_channel *channel); /* before the next: */
uint64_t vs_channel_bunch_ready_at(
	const struct vs_channel *channel, const struct vs_bunch *bunch, const struct vs_delivery *delivery);
void vs_channel_choose_way(struct vs_channel *channel, const struct vs_delivery *head); /* of the members */
void vs_channel_bunch_text(const struct vs_channel *channel, struct vs_group_text *text);
void vs_channel_put_bunches(const struct vs_channel *channel, struct vs_unit *unit); /* their records */
void vs_channel_free_bunches(struct vs_channel *channel);
/* The beginning of an incident was told, by the message ref. */
void vs_channel_remember(struct vs_channel *channel, const struct vs_transition *transition, const char *ref,
	struct vs_unit *unit);
void vs_channel_leave_bunch(struct vs_channel *channel, const char *incident); /* it is forgotten, not over */
/* What the members were told by has ended well, but for their rows. */
void vs_channel_bunch_sent(
	struct vs_channel *channel, const struct vs_delivery *head, const char *ref, struct vs_unit *unit);
void vs_channel_refreshed(struct vs_channel *channel, struct vs_delivery *head, const char *ref);
void vs_channel_bunch_refused(struct vs_channel *channel, struct vs_unit *unit);

/* channel_send.c */
void vs_channel_begin(struct vs_channel *channel, struct vs_delivery *delivery);
void vs_channel_set_broken(struct vs_channel *channel, bool broken); /* as last_error says */
uint32_t vs_channel_abilities(const struct vs_channel *channel); /* VPNS_NOTIFIER_* */

/* channel_test.c: what a self test said. The second that fails in a row breaks the channel. */
void vs_channel_tested(struct vs_channel *channel, bool well, const char *reason);

/* channel_next.c: the timer's call: sends the first delivery that may be sent. */
void vs_channel_attempt(void *arg);
/* channel_next.c: whether delivery is gone, since it must not be sent any more. */
bool vs_channel_outdated(struct vs_channel *channel, struct vs_delivery *delivery, struct vs_unit *unit);

#endif
