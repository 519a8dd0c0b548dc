/*
 * The monitor: reports and deadlines in; verdicts, incidents and deliveries out. [loop]
 *
 *	report -> tracker (model) -> unit (ledger) -> answer -> deliveries (outbox)
 *
 * A new client and every transition are durable, or counted as not durable, before the
 * keepalive that caused them is answered.
 */
#ifndef VS_SERVER_MONITOR_H
#define VS_SERVER_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "server/clock.h"

struct vs_ack;
struct vs_addr;
struct vs_atlas;
struct vs_client;
struct vs_extra_source;
struct vs_home;
struct vs_home_watch;
struct vs_policies;
struct vs_incident;
struct vs_ledger;
struct vs_loop;
struct vs_monitor;
struct vs_outbox;
struct vs_registry;
struct vs_report;
struct vs_rules;
struct vs_stats;
struct vs_tracker;
struct vs_troubles;
struct vs_unit;

/* Everything borrowed, living longer than the monitor. */
struct vs_monitor_parts {
	struct vs_loop *loop;
	struct vs_clock clock;
	const struct vs_rules *rules;
	int64_t forget_after_ms;
	struct vs_registry *registry;
	struct vs_home *home;
	const struct vs_policies *policies; /* NULL: none */
	struct vs_home_watch *home_watch; /* NULL: the server has no probes, and is never offline */
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_stats *stats;
	struct vs_atlas *atlas; /* NULL: no place is known */
	/* A place that is missing, for this client; NULL: nobody asks. */
	void (*want)(void *arg, const char *client_id, const struct vs_addr *addr);
	void *want_arg;
};

#define VS_MONITOR_BLIND_MS 120000 /* after its start: so long late reports wait for the home set at most */

struct vs_monitor *vs_monitor_create(const struct vs_monitor_parts *parts);
/* Not while it restores. Answers still owed do not come, and the outbox may go next. NULL is fine. */
void vs_monitor_destroy(struct vs_monitor *monitor);

/*
 * Loads what the store knows, then done(arg, ok, reason); no report may come before. The
 * store's clients get one full period from now before anybody is late.
 */
void vs_monitor_restore(
	struct vs_monitor *monitor, void (*done)(void *arg, bool ok, const char *reason), void *arg);

struct vs_monitor_answer {
	int rc; /* 0, or why the report was refused: VS_ERR_TOO_BIG when max_clients are known, VS_ERR_BUSY when
		   it is late and the server, just started, does not know its own exit yet */
	const char *sentence; /* of rc */
	const struct vs_client *client; /* NULL when refused; borrowed for the call */
	int64_t interval_ms; /* how often this client is expected */
	bool durable;
};

/* The rules, which are borrowed, have changed, and so may this have: everybody's deadline follows, in a
 * while. */
void vs_monitor_change(struct vs_monitor *monitor, int64_t forget_after_ms);

/* The one private address that every client arrives from, which proves nothing then; NULL: there is none. */
const struct vs_addr *vs_monitor_hidden_by(const struct vs_monitor *monitor);

/* Whether places are looked up; without, nobody is judged by them. They are at the beginning. */
void vs_monitor_locate(struct vs_monitor *monitor, bool on);

/* Asks one more who knows something about clients (extra.h), as long as the monitor lives. Before reports. */
void vs_monitor_add_extra(struct vs_monitor *monitor, const struct vs_extra_source *source);

/*
 * A keepalive from source. report is only read, and only during this call. done comes once,
 * for a routine keepalive of a known client from inside this call.
 */
void vs_monitor_report(struct vs_monitor *monitor, const struct vs_report *report,
	const struct vs_addr *source, void (*done)(void *arg, const struct vs_monitor_answer *answer),
	void *arg);

/*
 * Somebody knows of the open incident that ack names: it is marked, stored with ack, and told.
 * VS_ERR_NOT_FOUND: there is none; VS_ERR_BUSY: it is acknowledged already. done(arg, durable) comes once
 * after 0, never from inside the call; NULL is fine.
 */
int vs_monitor_acknowledge(struct vs_monitor *monitor, const struct vs_ack *ack,
	void (*done)(void *arg, bool durable), void *arg);

/* False: so many were forgotten just now that the store has to catch up first. */
bool vs_monitor_can_forget(const struct vs_monitor *monitor);
/* Deletes a client with its history. VS_ERR_NOT_FOUND when it is not known. */
int vs_monitor_forget(struct vs_monitor *monitor, const char *client_id);

/* At the end, before the listeners close: whoever is refused from now on is not silent. Reports still count.
 */
void vs_monitor_quit(struct vs_monitor *monitor);

/* True while the server takes itself for cut off: deadlines stand still. */
bool vs_monitor_is_offline(const struct vs_monitor *monitor);

/* The open incidents of clients and of the server, those of a client together. client_id NULL: all. */
void vs_monitor_each_incident(struct vs_monitor *monitor, const char *client_id,
	void (*each)(void *arg, const struct vs_incident *incident), void *arg);
size_t vs_monitor_open_incidents(const struct vs_monitor *monitor);

/* The server's own incidents, for those who know of others; as long as the monitor lives. */
struct vs_troubles *vs_monitor_troubles(struct vs_monitor *monitor);
/* For a store that begins empty: adds the server's own incidents to unit. */
void vs_monitor_rewrite_troubles(const struct vs_monitor *monitor, struct vs_unit *unit);

/* What clients are judged in: home, rules, policies, places. Borrowed. */
const struct vs_tracker *vs_monitor_world(const struct vs_monitor *monitor);

/* Deadlines that have passed; the monitor's own timer calls it, tests do it by hand. */
void vs_monitor_tick(struct vs_monitor *monitor);

#endif
