/*
 * A loop on the clocks of server_test.h: hours pass in no time, and always in the same order.
 * It takes the place of loop/loop.o and loop/timer.o when the program is linked, so include it
 * in one file.
 */
#ifndef VS_TESTS_FAKE_LOOP_H
#define VS_TESTS_FAKE_LOOP_H

#include <utlist.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "server_test.h"

#define FAKE_TURNS_MAX 1000000 /* of one moment: more is a loop that never rests */

struct fake_post {
	void (*call)(void *arg);
	void *arg;
	struct fake_post *next;
	struct fake_post *prev;
};

struct vs_timer {
	struct vs_loop *loop;
	void (*fire)(void *arg);
	void *arg;
	uint64_t at;
	uint64_t delay; /* of the last start */
	uint64_t started; /* which start this was: those of one moment fire in their order */
	bool is_set;
	struct vs_timer *next;
	struct vs_timer *prev;
};

struct vs_loop {
	struct fake_post *posts;
	struct vs_timer *timers;
	uint64_t starts;
};

struct vs_loop *vs_loop_create(void)
{
	return vs_zalloc(sizeof(struct vs_loop));
}

void vs_loop_destroy(struct vs_loop *loop)
{
	struct fake_post *post;
	struct fake_post *next;

	assert_null(loop->timers);
	DL_FOREACH_SAFE(loop->posts, post, next)
	{
		vs_free(post);
	}
	vs_free(loop);
}

void vs_post(struct vs_loop *loop, void (*call)(void *arg), void *arg)
{
	struct fake_post *post = vs_zalloc(sizeof(*post));

	post->call = call;
	post->arg = arg;
	DL_APPEND(loop->posts, post);
}

struct vs_timer *vs_timer_create(struct vs_loop *loop, void (*fire)(void *arg), void *arg)
{
	struct vs_timer *timer = vs_zalloc(sizeof(*timer));

	timer->loop = loop;
	timer->fire = fire;
	timer->arg = arg;
	DL_APPEND(loop->timers, timer);
	return timer;
}

void vs_timer_start(struct vs_timer *timer, uint64_t delay_ms)
{
	timer->at = fake_now.mono + delay_ms;
	timer->delay = delay_ms;
	timer->started = ++timer->loop->starts;
	timer->is_set = true;
}

void vs_timer_stop(struct vs_timer *timer)
{
	timer->is_set = false;
}

bool vs_timer_is_set(const struct vs_timer *timer)
{
	return timer->is_set;
}

void vs_timer_destroy(struct vs_timer *timer)
{
	if (timer == NULL)
		return;
	DL_DELETE(timer->loop->timers, timer);
	vs_free(timer);
}

static inline void fake_call_posted(struct vs_loop *loop)
{
	while (loop->posts != NULL) {
		struct fake_post *post = loop->posts;

		DL_DELETE(loop->posts, post);
		post->call(post->arg);
		vs_free(post);
	}
}

static inline struct vs_timer *fake_next_timer(const struct vs_loop *loop)
{
	struct vs_timer *timer;
	struct vs_timer *first = NULL;

	DL_FOREACH (loop->timers, timer) {
		if (timer->is_set && (first == NULL || timer->at < first->at ||
					     (timer->at == first->at && timer->started < first->started)))
			first = timer;
	}
	return first;
}

/* Lets ms pass, and everything happen that is due meanwhile. */
static inline void advance(struct vs_loop *loop, int64_t ms)
{
	uint64_t until = fake_now.mono + (uint64_t)ms;
	struct vs_timer *timer;
	uint64_t moment = 0;
	unsigned turns = 0;

	for (fake_call_posted(loop); (timer = fake_next_timer(loop)) != NULL && timer->at <= until;
		fake_call_posted(loop)) {
		if (timer->at > fake_now.mono)
			pass((int64_t)(timer->at - fake_now.mono));
		turns = fake_now.mono == moment ? turns + 1 : 0;
		moment = fake_now.mono;
		assert_true(turns < FAKE_TURNS_MAX);
		timer->is_set = false;
		timer->fire(timer->arg);
	}
	if (fake_now.mono < until)
		pass((int64_t)(until - fake_now.mono));
}

/* Lets everything happen that needs no time. */
static inline void settle(struct vs_loop *loop)
{
	advance(loop, 0);
}

#endif
