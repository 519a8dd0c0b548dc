/*
 * What a report or a deadline brought about, as one unit: the client's record, its transitions
 * and their deliveries. Sent on their way when the unit is committed, durable or not. [loop]
 */
#ifndef VS_SERVER_TELLING_H
#define VS_SERVER_TELLING_H

#include <stdbool.h>

struct vs_client;
struct vs_monitor_parts;
struct vs_names;
struct vs_telling;
struct vs_transitions;
struct vs_unit;

/* Those under way. Zeroed is empty. */
struct vs_tellings {
	struct vs_telling *first;
};

/* parts and names are borrowed until it is committed, among until that is done. */
struct vs_telling *vs_telling_create(
	const struct vs_monitor_parts *parts, const struct vs_names *names, struct vs_tellings *among);
/* For what belongs to it besides; until it is committed. */
struct vs_unit *vs_telling_unit(struct vs_telling *telling);
/* client is read now; transitions are taken (empty afterwards) and may be none. */
void vs_telling_add(
	struct vs_telling *telling, const struct vs_client *client, struct vs_transitions *transitions);
/* Takes telling. done (NULL is fine) comes once, never from inside; not at all when nothing was added. */
void vs_telling_commit(struct vs_telling *telling, void (*done)(void *arg, bool durable), void *arg);

/* Whom they tell is about to go: nothing is sent on its way any more, though done still comes. */
void vs_tellings_detach(struct vs_tellings *tellings);

#endif
