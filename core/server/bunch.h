/*
 * A bunch: one message that people have and that goes on telling. What is of its sort and comes within
 * group.interval joins it, and the message is changed in place; so it is when some of what it tells is over.
 * Of one channel, whose names for messages it holds. Pure bookkeeping.
 */
#ifndef VS_SERVER_BUNCH_H
#define VS_SERVER_BUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"
#include "server/alert.h"
#include "server/group.h"
#include "server/told.h"

struct vs_buf;
struct vs_bunch_client;
struct vs_delivery;
struct vs_group_conf;

#define VS_BUNCHES_MAX 64
#define VS_BUNCH_NAME (sizeof(VS_TOLD_BUNCH) + VS_ULID_TEXT)

struct vs_bunch {
	char name[VS_BUNCH_NAME]; /* what TOLD says of its incidents */
	char *ref; /* owned: the message; "": it cannot be changed any more */
	struct vs_delivery *first; /* owned: its sort, and the words that the message began with */
	char *names[VS_GROUP_NAMES]; /* owned: the first clients */
	char incidents[VS_GROUP_NAMES][VS_ULID_TEXT]; /* of these: the newest; "": a notice */
	size_t name_count;
	struct vs_bunch_client *clients; /* owned: all that it has told of, each with what happened to it */
	bool knows_clients; /* while others may join; a restart does not know them */
	size_t count; /* incidents or notices that it has told */
	size_t left; /* of them: told by themselves since, or forgotten */
	int64_t begun_ms; /* mono; before a restart as far as the wall clock knows */
	int64_t changed_ms; /* mono */
	unsigned changes;
	size_t ends; /* of its incidents, that wait in the queue: as channel_bunch.c counted last */
	size_t ending; /* the same, with those that messages of their own tell */
	bool many; /* stored, and its incidents are told as its own; else it is the message about one */
	bool shown_over; /* the message says that all of them are over */
	struct vs_bunch *prev;
	struct vs_bunch *next;
};

/* A message about first, which is copied; ref: its name. */
struct vs_bunch *vs_bunch_create(const struct vs_delivery *first, const char *ref, int64_t now);
void vs_bunch_destroy(struct vs_bunch *bunch); /* NULL is fine */

void vs_bunch_set_ref(struct vs_bunch *bunch, const char *ref);
/* While there is room; a client once, with its newest incident. */
void vs_bunch_add_name(struct vs_bunch *bunch, const char *client, const char *incident);
const char *vs_bunch_id(const struct vs_bunch *bunch);
bool vs_bunch_is_of_incidents(const struct vs_bunch *bunch);

/* It has told that of this client. */
void vs_bunch_add_client(struct vs_bunch *bunch, const struct vs_transition *transition);
void vs_bunch_forget_clients(struct vs_bunch *bunch);

/*
 * Whether delivery joins it: it is of its sort, came in time, and is news that a change may tell, which no
 * phone rings for. That is not so when all of it is over (open: its incidents that are not), nor of a client
 * that it has told of: that one was back. Where nobody knows of whom it told, somebody being back is enough.
 */
bool vs_bunch_takes(const struct vs_bunch *bunch, const struct vs_group_conf *conf,
	const struct vs_delivery *delivery, size_t open);
bool vs_bunch_is_closed(const struct vs_bunch *bunch, const struct vs_group_conf *conf, int64_t now);
/* When (mono) the message may be changed again: the gaps grow from group.wait to half of group.interval. */
int64_t vs_bunch_ready_at(const struct vs_bunch *bunch, const struct vs_group_conf *conf);

/* JSON both ways, for the store: now is the monotonic clock's, wall the other's, of the same moment. */
void vs_bunch_encode(const struct vs_bunch *bunch, int64_t now, int64_t wall, struct vs_buf *out);
struct vs_bunch *vs_bunch_decode(
	const char *id, struct vs_view text, int64_t now, int64_t wall, struct vs_err *err);

#endif
