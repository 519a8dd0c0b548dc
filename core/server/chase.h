/*
 * Whom to tell what again, and when: of each open incident that nobody acknowledged the channels that will
 * hear of it next. [loop] Bookkeeping; all times are mono.
 */
#ifndef VS_SERVER_CHASE_H
#define VS_SERVER_CHASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"

struct vs_buf;
struct vs_chase;

/* One channel's part in it. */
struct vs_chase_item {
	struct vs_chase *chase;
	char *channel; /* owned */
	uint32_t number; /* reminders so far; a step's first message counts as one */
	int64_t since; /* the next gap is counted from then; before the machine's start it is negative */
	int64_t due;
	struct _GSequenceNode *at; /* NULL: none is due */
	struct vs_chase_item *prev;
	struct vs_chase_item *next;
};

struct vs_chase {
	char incident[VS_ULID_TEXT];
	char *client; /* owned; "" when about the server */
	struct vs_chase_item *items;
	bool stored; /* there is a record of it */
	bool seen; /* for whoever looks for those that are over */
	UT_hash_handle hh;
};

struct vs_chases {
	struct vs_chase *items;
	struct _GSequence *order; /* items by what is due */
};

void vs_chases_init(struct vs_chases *chases);
void vs_chases_fini(struct vs_chases *chases);

struct vs_chase *vs_chases_find(const struct vs_chases *chases, const char *incident); /* NULL: none */
struct vs_chase *vs_chases_add(struct vs_chases *chases, const char *incident, const char *client);
void vs_chases_drop(struct vs_chases *chases, struct vs_chase *chase);

struct vs_chase_item *vs_chase_find(const struct vs_chase *chase, const char *channel); /* NULL: none */
/* A new one of which nothing is due, counted from since. */
struct vs_chase_item *vs_chase_add(
	struct vs_chase *chase, const char *channel, uint32_t number, int64_t since);
void vs_chase_drop(struct vs_chases *chases, struct vs_chase_item *item);
/* Moves what is due; INT64_MAX: nothing is. */
void vs_chase_set(struct vs_chases *chases, struct vs_chase_item *item, int64_t due);
struct vs_chase_item *vs_chases_first(const struct vs_chases *chases); /* due next; NULL: none ever */

/* As the store has it. ahead: of the wall clock before the monotonic one. */
void vs_chase_encode(const struct vs_chase *chase, int64_t ahead, struct vs_buf *out);
/* Adds what is stored; nothing of it is due. What lies ahead of now counts as now. VS_ERR_INVALID: none. */
int vs_chases_decode(struct vs_chases *chases, const char *incident, struct vs_view text, int64_t ahead,
	int64_t now, struct vs_err *err);

#endif
