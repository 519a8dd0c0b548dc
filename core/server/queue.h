/*
 * The deliveries that wait before one channel. What is critical goes before warnings, and those
 * before the rest; within one severity in the order they were added. Deliveries of one incident
 * never pass each other: when it becomes worse, those that wait move up with it. Pure
 * bookkeeping; adding and finding cost the same however many.
 */
#ifndef VS_SERVER_QUEUE_H
#define VS_SERVER_QUEUE_H

#include <stddef.h>

#define VS_QUEUE_LANES 3 /* one a severity */

struct vs_delivery;

/* Zeroed is empty. Read count; leave the rest to the functions. */
struct vs_queue {
	struct vs_delivery *lanes[VS_QUEUE_LANES]; /* the most urgent one first */
	struct vs_delivery *notices; /* for information, of all these, in the order they were added */
	struct vs_delivery *incidents; /* the first of each incident, by incident; the others hang on it */
	struct vs_delivery *by_transition;
	struct vs_delivery *ends; /* that resolve an incident, by incident */
	size_t count;
};

void vs_queue_add(struct vs_queue *queue, struct vs_delivery *delivery); /* owned from now on */
void vs_queue_remove(struct vs_queue *queue, struct vs_delivery *delivery); /* the caller's again */
void vs_queue_clear(struct vs_queue *queue); /* frees what is left */

struct vs_delivery *vs_queue_first(const struct vs_queue *queue); /* NULL: empty */
struct vs_delivery *vs_queue_next(const struct vs_queue *queue, const struct vs_delivery *delivery);
struct vs_delivery *vs_queue_find(const struct vs_queue *queue, const char *transition_id);
struct vs_delivery *vs_queue_oldest(const struct vs_queue *queue); /* that was added first; NULL: empty */
/* The first of incident; the others hang on its next_same. NULL: none. */
struct vs_delivery *vs_queue_of_incident(const struct vs_queue *queue, const char *incident);
/* The first that resolves incident, or NULL. */
struct vs_delivery *vs_queue_end_of(const struct vs_queue *queue, const char *incident);
/* The first notice (for information) of which no attempt is under way; NULL: none. */
struct vs_delivery *vs_queue_oldest_notice(const struct vs_queue *queue);

#endif
