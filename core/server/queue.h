/* The deliveries that wait before one channel, in order. Pure bookkeeping; finding costs the same however
 * many. */
#ifndef VS_SERVER_QUEUE_H
#define VS_SERVER_QUEUE_H

#include <stddef.h>

struct vs_delivery;

/* Zeroed is empty. Read first and count; leave the rest to the functions. */
struct vs_queue {
	struct vs_delivery *first;
	struct vs_delivery *notices; /* of these, in the same order */
	struct vs_delivery *by_transition;
	struct vs_delivery *ends; /* that resolve an incident, by incident */
	size_t count;
};

void vs_queue_add(struct vs_queue *queue, struct vs_delivery *delivery); /* owned from now on */
void vs_queue_remove(struct vs_queue *queue, struct vs_delivery *delivery); /* the caller's again */
void vs_queue_clear(struct vs_queue *queue); /* frees what is left */

struct vs_delivery *vs_queue_find(const struct vs_queue *queue, const char *transition_id);
/* The first that resolves incident, or NULL. */
struct vs_delivery *vs_queue_end_of(const struct vs_queue *queue, const char *incident);
/* The first notice, other than that; NULL: none. */
struct vs_delivery *vs_queue_oldest_notice(
	const struct vs_queue *queue, const struct vs_delivery *other_than);

#endif
