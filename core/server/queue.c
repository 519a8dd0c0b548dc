#include "server/queue.h"

#include <string.h>

#include <utlist.h>

#include "server/delivery.h"

/* A bypass that is reported late is a notice, too, but none to give up for lack of room. */
static bool is_notice(const struct vs_delivery *delivery)
{
	return delivery->transition.change == VS_CHANGE_NOTICE &&
	       delivery->transition.severity == VS_SEVERITY_INFO;
}

static bool is_end(const struct vs_delivery *delivery)
{
	return delivery->transition.change == VS_CHANGE_RESOLVED;
}

static uint8_t lane_of(const struct vs_delivery *delivery)
{
	switch ((enum vs_severity)delivery->transition.severity) {
	case VS_SEVERITY_CRITICAL:
		return 0;
	case VS_SEVERITY_WARNING:
		return 1;
	case VS_SEVERITY_INFO:
	default:
		return VS_QUEUE_LANES - 1;
	}
}

struct vs_delivery *vs_queue_oldest(const struct vs_queue *queue)
{
	return queue->by_transition; /* a table keeps the order of adding */
}

struct vs_delivery *vs_queue_of_incident(const struct vs_queue *queue, const char *incident)
{
	struct vs_delivery *delivery;

	HASH_FIND(hh_same, queue->incidents, incident, strlen(incident), delivery);
	return delivery;
}

static void put_in_lane(struct vs_queue *queue, struct vs_delivery *delivery, uint8_t lane)
{
	delivery->lane = lane;
	DL_APPEND(queue->lanes[lane], delivery);
}

/* Hangs it behind the others of its incident, none of which may be left in a slower lane. */
static void join_incident(struct vs_queue *queue, struct vs_delivery *delivery, uint8_t lane)
{
	const char *incident = delivery->transition.incident;
	struct vs_delivery *first = vs_queue_of_incident(queue, incident);
	struct vs_delivery *other;

	DL_FOREACH2(first, other, next_same)
	{
		if (other->lane > lane) {
			DL_DELETE(queue->lanes[other->lane], other);
			put_in_lane(queue, other, lane);
		}
	}
	if (first == NULL)
		HASH_ADD_KEYPTR(hh_same, queue->incidents, incident, strlen(incident), delivery);
	DL_APPEND2(first, delivery, prev_same, next_same);
}

static void leave_incident(struct vs_queue *queue, struct vs_delivery *delivery)
{
	struct vs_delivery *first = vs_queue_of_incident(queue, delivery->transition.incident);
	bool was_first = first == delivery;
	const char *incident;

	if (was_first)
		HASH_DELETE(hh_same, queue->incidents, delivery);
	DL_DELETE2(first, delivery, prev_same, next_same);
	if (!was_first || first == NULL)
		return;
	incident = first->transition.incident;
	HASH_ADD_KEYPTR(hh_same, queue->incidents, incident, strlen(incident), first);
}

void vs_queue_add(struct vs_queue *queue, struct vs_delivery *delivery)
{
	const char *incident = delivery->transition.incident;
	uint8_t lane = lane_of(delivery);

	HASH_ADD_KEYPTR(
		hh, queue->by_transition, delivery->transition.id, strlen(delivery->transition.id), delivery);
	if (is_notice(delivery))
		DL_APPEND2(queue->notices, delivery, prev_notice, next_notice);
	else
		join_incident(queue, delivery, lane);
	put_in_lane(queue, delivery, lane);
	if (is_end(delivery) && vs_queue_end_of(queue, incident) == NULL)
		HASH_ADD_KEYPTR(hh_incident, queue->ends, incident, strlen(incident), delivery);
	queue->count++;
}

void vs_queue_remove(struct vs_queue *queue, struct vs_delivery *delivery)
{
	DL_DELETE(queue->lanes[delivery->lane], delivery);
	HASH_DELETE(hh, queue->by_transition, delivery);
	if (is_notice(delivery))
		DL_DELETE2(queue->notices, delivery, prev_notice, next_notice);
	else
		leave_incident(queue, delivery);
	if (is_end(delivery) && vs_queue_end_of(queue, delivery->transition.incident) == delivery)
		HASH_DELETE(hh_incident, queue->ends, delivery);
	queue->count--;
}

void vs_queue_clear(struct vs_queue *queue)
{
	struct vs_delivery *delivery;
	struct vs_delivery *next;
	size_t i;

	HASH_CLEAR(hh, queue->by_transition);
	HASH_CLEAR(hh_incident, queue->ends);
	HASH_CLEAR(hh_same, queue->incidents);
	for (i = 0; i < VS_QUEUE_LANES; i++) {
		DL_FOREACH_SAFE(queue->lanes[i], delivery, next)
		{
			vs_delivery_destroy(delivery);
		}
	}
	memset(queue, 0, sizeof(*queue));
}

static struct vs_delivery *first_from(const struct vs_queue *queue, size_t lane)
{
	while (lane < VS_QUEUE_LANES && queue->lanes[lane] == NULL)
		lane++;
	return lane < VS_QUEUE_LANES ? queue->lanes[lane] : NULL;
}

struct vs_delivery *vs_queue_first(const struct vs_queue *queue)
{
	return first_from(queue, 0);
}

struct vs_delivery *vs_queue_next(const struct vs_queue *queue, const struct vs_delivery *delivery)
{
	return delivery->next != NULL ? delivery->next : first_from(queue, (size_t)delivery->lane + 1);
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

struct vs_delivery *vs_queue_oldest_notice(const struct vs_queue *queue)
{
	struct vs_delivery *notice = queue->notices;

	while (notice != NULL && notice->under_way)
		notice = notice->next_notice;
	return notice;
}
