/*
 * What the files of reminders share: reminders.c knows who is due when, reminders_tell.c tells. Nobody else
 * includes this.
 */
#ifndef VS_SERVER_REMINDERS_INSIDE_H
#define VS_SERVER_REMINDERS_INSIDE_H

#include "server/chase.h"
#include "server/clock.h"
#include "server/reminders.h"
#include "server/steps.h"

struct vs_instance_conf;
struct vs_reminders_round;
struct vs_timer;

struct vs_reminders {
	struct vs_reminders_parts parts;
	struct vs_chases chases;
	struct vs_steps steps;
	struct vs_timer *timer; /* the next tick */
	bool started;
	struct vs_reminders_round *round; /* that still grows; NULL: none */
	struct vs_reminders_round *rounds; /* all under way */
};

static inline int64_t vs_reminders_now(const struct vs_reminders *reminders)
{
	return (int64_t)reminders->parts.clock->mono_ms();
}

/* reminders.c */
bool vs_reminders_is_step(const struct vs_instance_conf *conf);
/* The next gap of item; 0: there is none. conf NULL is fine: its channel is not here. */
int64_t vs_reminders_gap(const struct vs_instance_conf *conf, const struct vs_chase_item *item);
void vs_reminders_arm(struct vs_reminders *reminders, struct vs_chase_item *item); /* as its channel says */
void vs_reminders_put(const struct vs_reminders *reminders, struct vs_chase *chase, struct vs_unit *unit);
void vs_reminders_forget(struct vs_reminders *reminders, struct vs_chase *chase, struct vs_unit *unit);

/* reminders_tell.c: what is due, CHUNK of it; true: there is more. */
bool vs_reminders_tell(struct vs_reminders *reminders);
void vs_reminders_detach(struct vs_reminders *reminders);

#endif
