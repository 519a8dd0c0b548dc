#include "net/http_deadline.h"

#include <utlist.h>
#include <uv.h>

#include "loop/loop.h"

static uint64_t now_ms(const struct vs_http_deadlines *deadlines)
{
	return uv_now(
		vs_loop_uv(deadlines->loop)); /* as old as this turn of the loop: good enough, and free */
}

static void aim(struct vs_http_deadlines *deadlines, uint64_t at_ms)
{
	uint64_t now = now_ms(deadlines);

	deadlines->fires_at_ms = at_ms;
	vs_timer_start(deadlines->timer, at_ms > now ? at_ms - now : 0);
}

static struct vs_http_deadline *take_due(
	struct vs_http_deadlines *deadlines, uint64_t now, enum vs_http_wait *was)
{
	int wait;

	for (wait = 0; wait < VS_HTTP_WAITS; wait++) {
		struct vs_http_deadline *first = deadlines->queues[wait];

		if (first == NULL || first->at_ms > now)
			continue;
		*was = first->wait;
		vs_http_deadline_drop(deadlines, first);
		return first;
	}
	return NULL;
}

static void on_time(void *arg)
{
	struct vs_http_deadlines *deadlines = arg;
	struct vs_http_deadline *due;
	uint64_t now = now_ms(deadlines);
	uint64_t next = 0;
	enum vs_http_wait was;
	int wait;

	deadlines->fires_at_ms = UINT64_MAX; /* whoever sets one meanwhile need not aim */
	while ((due = take_due(deadlines, now, &was)) != NULL)
		deadlines->expired(deadlines->arg, due, was);
	deadlines->fires_at_ms = 0;
	for (wait = 0; wait < VS_HTTP_WAITS; wait++) {
		struct vs_http_deadline *first = deadlines->queues[wait];

		if (first != NULL && (next == 0 || first->at_ms < next))
			next = first->at_ms;
	}
	if (next != 0)
		aim(deadlines, next);
}

void vs_http_deadlines_init(struct vs_http_deadlines *deadlines, struct vs_loop *loop)
{
	deadlines->loop = loop;
	deadlines->timer = vs_timer_create(loop, on_time, deadlines);
}

void vs_http_deadlines_fini(struct vs_http_deadlines *deadlines)
{
	vs_timer_destroy(deadlines->timer);
	deadlines->timer = NULL;
}

void vs_http_deadline_set(
	struct vs_http_deadlines *deadlines, struct vs_http_deadline *deadline, enum vs_http_wait wait)
{
	vs_http_deadline_drop(deadlines, deadline);
	deadline->wait = wait;
	deadline->at_ms = now_ms(deadlines) + deadlines->duration_ms[wait];
	DL_APPEND(deadlines->queues[wait], deadline);
	/* A timer that fires too early costs one look; moving it for each request would cost more. */
	if (deadlines->fires_at_ms == 0 ||
		(deadlines->fires_at_ms != UINT64_MAX && deadline->at_ms < deadlines->fires_at_ms))
		aim(deadlines, deadline->at_ms);
}

void vs_http_deadline_drop(struct vs_http_deadlines *deadlines, struct vs_http_deadline *deadline)
{
	if (deadline->wait == VS_HTTP_WAIT_NONE)
		return;
	DL_DELETE(deadlines->queues[deadline->wait], deadline);
	deadline->wait = VS_HTTP_WAIT_NONE;
}

uint64_t vs_http_deadline_age(
	const struct vs_http_deadlines *deadlines, const struct vs_http_deadline *deadline)
{
	return now_ms(deadlines) + deadlines->duration_ms[deadline->wait] - deadline->at_ms;
}

struct vs_http_deadline *vs_http_deadline_first(
	const struct vs_http_deadlines *deadlines, enum vs_http_wait wait)
{
	return deadlines->queues[wait];
}
