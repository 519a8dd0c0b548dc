/* The server's own incidents: what is wrong with itself, its channels, its store. [loop] */
#ifndef VS_SERVER_TROUBLES_H
#define VS_SERVER_TROUBLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/view.h"
#include "model/kind.h"
#include "server/clock.h"

struct vs_ack;
struct vs_incident;
struct vs_ledger;
struct vs_outbox;
struct vs_stats;
struct vs_step;
struct vs_troubles;
struct vs_unit;

struct vs_troubles *vs_troubles_create(const struct vs_clock *clock, struct vs_ledger *ledger,
	struct vs_outbox *outbox, struct vs_stats *stats);
void vs_troubles_destroy(struct vs_troubles *troubles); /* NULL is fine */

/*
 * Opens the incident of kind about subject (a channel's name, an instance as "probe tide", or ""), unless it
 * is open, and tells it on every channel but that of subject. evidence is one sentence, which begins with
 * subject and a colon where there is one.
 */
void vs_troubles_open(
	struct vs_troubles *troubles, enum vs_kind kind, const char *subject, const char *evidence);
/* The same; one that is open with another evidence has become worse, and gets and tells this one. */
void vs_troubles_escalate(
	struct vs_troubles *troubles, enum vs_kind kind, const char *subject, const char *evidence);
/* Resolves it; none open is fine. */
void vs_troubles_resolve(struct vs_troubles *troubles, enum vs_kind kind, const char *subject);

/* As vs_monitor_acknowledge() says it. */
int vs_troubles_acknowledge(struct vs_troubles *troubles, const struct vs_ack *ack,
	void (*done)(void *arg, bool durable), void *arg);

/* At the start: a record of the store's INCIDENTS table. Those that are open stay open. */
int vs_troubles_restore(struct vs_troubles *troubles, struct vs_view value, struct vs_err *err);
/* When all are read: what is about channels that exist no more is resolved. */
void vs_troubles_restored(struct vs_troubles *troubles);

/* Of the open ones of kind, those for which stays(arg, subject) is false are resolved. */
void vs_troubles_review(struct vs_troubles *troubles, enum vs_kind kind,
	bool (*stays)(void *arg, const char *subject), void *arg);

/* The wall clock was set: the incidents that moved with it are written again. */
void vs_troubles_step(struct vs_troubles *troubles, const struct vs_step *step);

/* For a store that begins empty: adds the open ones, and what was told of them, to unit. */
void vs_troubles_rewrite(const struct vs_troubles *troubles, struct vs_unit *unit);

size_t vs_troubles_count(const struct vs_troubles *troubles); /* open ones */
/* The open ones, borrowed for the call. */
void vs_troubles_each(const struct vs_troubles *troubles,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg);

#endif
