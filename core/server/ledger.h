/*
 * The server's memory on disk: the only part that talks to the store. [loop]
 *
 * What must be durable together is written in one unit, and answered when it is. Routine
 * states of known clients are written at most a second later, one write a client however
 * often it changed. When the store fails, units wait in memory (10,000 records), count as
 * not durable, and are written when it is back.
 */
#ifndef VS_SERVER_LEDGER_H
#define VS_SERVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "server/clock.h"

struct vs_entry;
struct vs_ledger;
struct vs_loop;
struct vs_names;
struct vs_stats;
struct vs_store;
struct vs_unit;

/* The tables and what their keys and values are. The numbers are stored: append only. */
#define VS_TABLE_ROWS(X)                                                                                     \
	X(CLIENTS, 1) /* client id -> record of model/client.h */                                            \
	X(INCIDENTS,                                                                                         \
	        2) /* ULID -> JSON of model/incident.h: the server's open ones, and all resolved ones */     \
	X(TRANSITIONS, 3) /* client id, NUL, ULID -> JSON of model/transition.h */                           \
	X(OUTBOX, 4) /* ULID of the delivery -> JSON of server/delivery.h */                                 \
	X(TOLD, 5) /* channel, NUL, ULID of the incident -> ref of the message that opened it */             \
	X(STATE, 6) /* owner, NUL, key -> text of a plugin's state/1 */

enum vs_table {
#define VS_TABLE_ENUM(name, code) VS_TABLE_##name = code,
	VS_TABLE_ROWS(VS_TABLE_ENUM)
#undef VS_TABLE_ENUM
};

/* store is borrowed and must outlive the ledger; so must names and stats. */
struct vs_ledger *vs_ledger_create(struct vs_loop *loop, struct vs_store *store, const struct vs_clock *clock,
        struct vs_names *names, struct vs_stats *stats);
/* Nothing may be under way: see vs_ledger_flush. NULL is fine. */
void vs_ledger_destroy(struct vs_ledger *ledger);

/* A unit of work. Keys of two parts are joined by a NUL. */
struct vs_unit *vs_unit_create(void);
void vs_unit_put(
        struct vs_unit *unit, enum vs_table table, const char *key, const char *key2, struct vs_view value);
void vs_unit_delete(struct vs_unit *unit, enum vs_table table, const char *key, const char *key2);
void vs_unit_put_client(struct vs_unit *unit, const struct vs_client *client, const struct vs_names *names);
void vs_unit_destroy(struct vs_unit *unit); /* NULL is fine */

/*
 * Takes unit. done(arg, durable) comes once, never from inside this call: durable is false
 * when the store refused and the unit waits in memory. done may be NULL.
 */
void vs_ledger_commit(
        struct vs_ledger *ledger, struct vs_unit *unit, void (*done)(void *arg, bool durable), void *arg);

/* The routine state of a known client changed: write it within a second. */
void vs_ledger_touch(struct vs_ledger *ledger, struct vs_entry *entry);
/* The client goes: its routine write is forgotten, its record and its history are deleted. */
void vs_ledger_forget(struct vs_ledger *ledger, struct vs_entry *entry);

/* Writes everything now; done(arg) comes when it is written, or refused, never from inside this call. */
void vs_ledger_flush(struct vs_ledger *ledger, void (*done)(void *arg), void *arg);

/* True while units wait because the store refuses; why is its sentence (borrowed), since wall time. */
bool vs_ledger_is_failing(const struct vs_ledger *ledger, const char **why, int64_t *since);
/* changed(arg, failing, why) when that changes. */
void vs_ledger_watch(
        struct vs_ledger *ledger, void (*changed)(void *arg, bool failing, const char *why), void *arg);
size_t vs_ledger_waiting(const struct vs_ledger *ledger); /* records waiting in memory */

/*
 * Reads a table whole, in order of keys: each(arg, key, value), then done(arg, ok, reason).
 * prefix NULL: all of it, else keys that begin with prefix and a NUL. limit 0: all.
 */
int vs_ledger_read(struct vs_ledger *ledger, enum vs_table table, const char *prefix, uint64_t limit,
        bool newest_first, bool (*each)(void *arg, struct vs_view key, struct vs_view value),
        void (*done)(void *arg, bool ok, const char *reason), void *arg);

#endif
