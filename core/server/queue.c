#include "server/queue.h"

#include <string.h>

#include <utlist.h>

#include "server/delivery.h"

static bool is_notice(const struct vs_delivery *delivery)
{
	return delivery->transition.change == VS_CHANGE_NOTICE;
}

static bool is_end(const struct vs_delivery *delivery)
{
	return delivery->transition.change == VS_CHANGE_RESOLVED;
}

void vs_queue_add(struct vs_queue *queue, struct vs_delivery *delivery)
{
	const char *incident = delivery->transition.incident;

	DL_APPEND(queue->first, delivery);
	HASH_ADD_KEYPTR(
		hh, queue->by_transition, delivery->transition.id, strlen(delivery->transition.id), delivery);
	if (is_notice(delivery))
		DL_APPEND2(queue->notices, delivery, prev_notice, next_notice);
	if (is_end(delivery) && vs_queue_end_of(queue, incident) == NULL)
		HASH_ADD_KEYPTR(hh_incident, queue->ends, incident, strlen(incident), delivery);
	queue->count++;
}

void vs_queue_remove(struct vs_queue *queue, struct vs_delivery *delivery)
{
	DL_DELETE(queue->first, delivery);
	HASH_DELETE(hh, queue->by_transition, delivery);
	if (is_notice(delivery))
		DL_DELETE2(queue->notices, delivery, prev_notice, next_notice);
	if (is_end(delivery) && vs_queue_end_of(queue, delivery->transition.incident) == delivery)
		HASH_DELETE(hh_incident, queue->ends, delivery);
	queue->count--;
}

void vs_queue_clear(struct vs_queue *queue)
{
	struct vs_delivery *delivery;
	struct vs_delivery *next;

	HASH_CLEAR(hh, queue->by_transition);
	HASH_CLEAR(hh_incident, queue->ends);
	DL_FOREACH_SAFE(queue->first, delivery, next)
	{
		vs_delivery_destroy(delivery);
	}
	memset(queue, 0, sizeof(*queue));
}

struct vs_delivery *vs_queue_find(const struct vs_queue *queue, const char *transition_id)
{
	struct vs_delivery *delivery;

	HASH_FIND(hh, queue->by_transition, transition_id, strlen(transition_id), delivery);
	return delivery;
}

struct vs_delivery *vs_queue_end_of(const struct vs_queue *queue, const char *incident)
{
	struct vs_delivery *delivery;

	HASH_FIND(hh_incident, queue->ends, incident, strlen(incident), delivery);
	return delivery;
}

struct vs_delivery *vs_queue_oldest_notice(const struct vs_queue *queue, const struct vs_delivery *other_than)
{
	struct vs_delivery *first = queue->notices;

	return first != NULL && first == other_than ? first->next_notice : first;
}
