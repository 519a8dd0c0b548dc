/*
 * Silences: what is not to be told for a while, because somebody said so. [loop]
 *
 * Judging goes on, and what is silenced is seen in status, incidents and history. What began meanwhile and
 * is still open when its silence ends is told then; what is over by then, and notices, are not told at all.
 * The end of what was told before the silence is told in it, too.
 * The same goes for what waits to be told already when the silence begins, channel by channel.
 */
#ifndef VS_SERVER_SILENCES_H
#define VS_SERVER_SILENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "model/mute.h"
#include "server/clock.h"

struct vs_incident;
struct vs_ledger;
struct vs_loop;
struct vs_outbox;
struct vs_registry;
struct vs_silences;
struct vs_unit;

#define VS_SILENCES_MAX 500 /* at once */

/* All borrowed, and living longer; from create to destroy the outbox asks it what to hold back. */
struct vs_silences_parts {
	struct vs_loop *loop;
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_registry *registry; /* for the tags of clients */
};

struct vs_silences *vs_silences_create(const struct vs_silences_parts *parts);
void vs_silences_destroy(struct vs_silences *silences); /* NULL is fine */

/* Reads what is stored, once, before anything is told. done comes once, never from inside the call. */
int vs_silences_load(
	struct vs_silences *silences, void (*done)(void *arg, bool ok, const char *reason), void *arg);

/* When what is stored has been read, and things may be told: what ended in the meantime is noticed. */
void vs_silences_start(struct vs_silences *silences);

/*
 * Begins a silence at once; id gets its name. mute is taken, and empty afterwards, also when it fails.
 * VS_ERR_INVALID: there is no such zone; VS_ERR_TOO_BIG: there are too many. done(arg, durable) comes once
 * when it is stored, or the store refused; NULL is fine. It logs who silenced what.
 */
int vs_silences_add(struct vs_silences *silences, struct vs_mute *mute, char id[VS_ULID_TEXT],
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err);
/* The same from JSON, as vs_mute_read() takes it. */
int vs_silences_add_json(struct vs_silences *silences, struct vs_view json, const char *author,
	char id[VS_ULID_TEXT], void (*done)(void *arg, bool durable), void *arg, struct vs_err *err);
/* The short form: all about the clients of that pattern. */
int vs_silences_add_client(struct vs_silences *silences, const char *pattern, int64_t for_ms,
	const char *author, const char *comment, char id[VS_ULID_TEXT], struct vs_err *err);

/* Ends it now; what it held back is told unless another one does. VS_ERR_NOT_FOUND: there is none of that id.
 */
int vs_silences_end(struct vs_silences *silences, const char *id, const char *who,
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err);

size_t vs_silences_count(const struct vs_silences *silences);
const struct vs_mute *vs_silences_find(const struct vs_silences *silences, const char *id); /* borrowed */
/* In the order in which they were made, on or not; borrowed for the call. */
void vs_silences_each(const struct vs_silences *silences,
	void (*each)(void *arg, const struct vs_mute *mute, bool on), void *arg);

/* The silence that counts for it just now; NULL: none. Borrowed. silences NULL is fine. */
const struct vs_mute *vs_silences_of(const struct vs_silences *silences, const struct vs_incident *incident);
size_t vs_silences_held(const struct vs_silences *silences); /* incidents that wait for the end of one */

/* For a store that begins empty: adds all of them, and what they hold back, to unit. */
void vs_silences_rewrite(const struct vs_silences *silences, struct vs_unit *unit);

/* What has begun or ended by now; its own timer calls it every second, tests do it by hand. */
void vs_silences_tick(struct vs_silences *silences);

#endif
