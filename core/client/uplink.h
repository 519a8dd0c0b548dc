/*
 * Keeps the server informed: one report at a time, retried until the next one is there, then
 * spooled; spooled ones follow late when the server is back. [loop]
 *
 * Logs one line when the server is lost, one for each further cause, one when it is back.
 */
#ifndef VS_CLIENT_UPLINK_H
#define VS_CLIENT_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct vs_attempt_settings;
struct vs_http_client;
struct vs_loop;
struct vs_reply;
struct vs_spool;
struct vs_uplink;

struct vs_uplink_settings {
	const char *shown; /* what the log calls the server; copied */
	uint32_t retry_min_ms; /* 0: 1 s, doubled at each failure */
	uint32_t retry_max_ms; /* 0: 60 s */
	uint32_t late_gap_ms; /* 0: 250 ms between two late reports */
	void (*failed)(void *arg); /* no report gets through, again; NULL: nobody asks */
	/* A report of now is about to be tried lost_ms into an outage: body may be changed. NULL: as it is.
	 */
	void (*amend)(void *arg, struct vs_buf *body, uint64_t lost_ms);
};

struct vs_uplink_status {
	bool lost;
	int64_t lost_since_ms; /* wall; 0: never lost */
	uint64_t lost_for_ms; /* 0: it is not */
	int64_t taken_at_ms; /* wall, of the latest report taken; 0: none yet */
	const char *problem; /* of the latest failure; "" when all is well. Borrowed. */
	uint64_t taken; /* reports, late ones included */
	uint64_t failures; /* attempts */
	size_t waiting; /* reports spooled */
};

/*
 * taken(arg, reply) comes when the server took a report of now (not a late one); it may call
 * vs_uplink_send. spool and http are borrowed.
 */
struct vs_uplink *vs_uplink_create(struct vs_loop *loop, struct vs_http_client *http, struct vs_spool *spool,
	const struct vs_attempt_settings *target, const struct vs_uplink_settings *settings,
	void (*taken)(void *arg, const struct vs_reply *reply), void *arg);

/*
 * From now on reports go there; one that is under way arrives where it was sent to. What the old server asked
 * for, and what was told of it, is forgotten, and what waits is tried at once.
 */
void vs_uplink_retarget(
	struct vs_uplink *uplink, const struct vs_attempt_settings *target, const char *shown);

/* Spools a report that is still to be sent, and saves the spool. NULL is fine. */
void vs_uplink_destroy(struct vs_uplink *uplink);

/*
 * Empties body, which was made just now: a jump of the wall clock between now and a late delivery does not
 * count. A report that was not delivered until now goes to the spool.
 */
void vs_uplink_send(struct vs_uplink *uplink, struct vs_buf *body);

/*
 * The way out of here is another one: what has been on its way for longer than the shortest retry would wait
 * for a connection that is gone. It is given up as failed and spooled, and the next report goes at once.
 */
void vs_uplink_anew(struct vs_uplink *uplink);

void vs_uplink_status(const struct vs_uplink *uplink, struct vs_uplink_status *status);

#endif
