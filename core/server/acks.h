/*
 * Acknowledgments: somebody knows of an incident and looks after it. [loop]
 *
 * It is told to those who heard of the incident, and stops what would ask for attention again. It holds until
 * the incident is over, comes back, or becomes worse.
 */
#ifndef VS_SERVER_ACKS_H
#define VS_SERVER_ACKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "server/ack.h"
#include "server/clock.h"

struct vs_acks;
struct vs_ledger;
struct vs_monitor;
struct vs_outbox;
struct vs_unit;

/* All borrowed, and living longer. */
struct vs_acks_parts {
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_monitor *monitor;
};

struct vs_acks *vs_acks_create(const struct vs_acks_parts *parts);
void vs_acks_destroy(struct vs_acks *acks); /* NULL is fine */
/* Reads what is stored, once. done comes once, never from inside the call. */
int vs_acks_load(struct vs_acks *acks, void (*done)(void *arg, bool ok, const char *reason), void *arg);

/*
 * who acknowledges the open incident of that id, with a note or "". VS_ERR_NOT_FOUND: none that is open;
 * VS_ERR_BUSY: it is acknowledged already, and err says by whom; VS_ERR_INVALID: the note is too long or no
 * UTF-8. done(arg, durable) comes once after 0, never from inside the call; NULL is fine. It logs who.
 */
int vs_acks_put(struct vs_acks *acks, const char *incident, const char *who, const char *note,
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err);
/* All open incidents of a client that nobody acknowledged yet; returns how many those were. */
size_t vs_acks_put_client(struct vs_acks *acks, const char *client, const char *who, const char *note);

const struct vs_ack *vs_acks_find(
	const struct vs_acks *acks, const char *incident); /* borrowed; NULL: none */

/* For a store that begins empty: adds all of them to unit. */
void vs_acks_rewrite(const struct vs_acks *acks, struct vs_unit *unit);

#endif
