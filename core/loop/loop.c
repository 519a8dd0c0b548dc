#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/inside.h"
#include "loop/orphans.h"

/* A call on its way to the loop. */
struct post {
	struct post *next;
	void (*call)(void *arg);
	void *arg;
};

struct vs_loop {
	uv_loop_t uv;
	uv_async_t wake;
	uv_timer_t limit; /* of vs_loop_run_for() */
	bool stopped;
	bool in_timers;
	unsigned children;
	struct vs_orphans *orphans; /* NULL: they are somebody else's */
	pthread_mutex_t lock; /* guards the two below */
	struct post *first;
	struct post **last;
};

static void call_posted(struct vs_loop *loop)
{
	struct post *post;

	pthread_mutex_lock(&loop->lock);
	post = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);

	while (post != NULL) {
		struct post *next = post->next;

		post->call(post->arg);
		vs_free(post);
		post = next;
	}
}

static void on_wake(uv_async_t *wake)
{
	call_posted(wake->data);
}

static void on_limit(uv_timer_t *limit)
{
	uv_stop(limit->loop);
}

struct vs_loop *vs_loop_create(void)
{
	struct vs_loop *loop = vs_zalloc(sizeof(*loop));

	(void)signal(SIGPIPE, SIG_IGN);
	VS_REQUIRE(pthread_mutex_init(&loop->lock, NULL) == 0);
	loop->last = &loop->first;
	VS_REQUIRE(uv_loop_init(&loop->uv) == 0);
	VS_REQUIRE(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
	loop->wake.data = loop;
	VS_REQUIRE(uv_timer_init(&loop->uv, &loop->limit) == 0);
	if (getpid() == 1)
		loop->orphans = vs_orphans_create(loop);
	return loop;
}

/* What uv_walk() finds besides our own two handles. */
struct census {
	struct vs_loop *loop;
	unsigned closing;
	unsigned open;
	bool name_them;
};

static void count_handle(uv_handle_t *handle, void *arg)
{
	struct census *census = arg;

	if (handle == (uv_handle_t *)&census->loop->wake || handle == (uv_handle_t *)&census->loop->limit)
		return;
	if (uv_is_closing(handle)) {
		census->closing++;
		return;
	}
	census->open++;
	if (census->name_them)
		vs_log(VS_LOG_ERROR, "loop", "a %s handle was not closed before its loop",
			uv_handle_type_name(handle->type));
}

static bool has_posted(struct vs_loop *loop)
{
	bool some;

	pthread_mutex_lock(&loop->lock);
	some = loop->first != NULL;
	pthread_mutex_unlock(&loop->lock);
	return some;
}

void vs_loop_destroy(struct vs_loop *loop)
{
	struct census census;

	if (loop == NULL)
		return;
	vs_orphans_destroy(loop->orphans);
	do {
		call_posted(loop);
		(void)uv_run(&loop->uv, UV_RUN_NOWAIT);
		census = (struct census){.loop = loop};
		uv_walk(&loop->uv, count_handle, &census);
	} while (census.closing > 0 || has_posted(loop));

	census = (struct census){.loop = loop, .name_them = true};
	uv_walk(&loop->uv, count_handle, &census);
	VS_REQUIRE(census.open == 0);

	uv_close((uv_handle_t *)&loop->wake, NULL);
	uv_close((uv_handle_t *)&loop->limit, NULL);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	VS_REQUIRE(uv_loop_close(&loop->uv) == 0);
	pthread_mutex_destroy(&loop->lock);
	vs_free(loop);
}

void vs_loop_run(struct vs_loop *loop)
{
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	loop->stopped = false;
}

bool vs_loop_run_for(struct vs_loop *loop, uint64_t ms)
{
	bool stopped;

	uv_update_time(&loop->uv);
	(void)uv_timer_start(&loop->limit, on_limit, ms, 0);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	(void)uv_timer_stop(&loop->limit);
	stopped = loop->stopped;
	loop->stopped = false;
	return stopped;
}

void vs_loop_stop(struct vs_loop *loop)
{
	loop->stopped = true;
	uv_stop(&loop->uv);
}

struct uv_loop_s *vs_loop_uv(struct vs_loop *loop)
{
	return &loop->uv;
}

unsigned *vs_loop_children(struct vs_loop *loop)
{
	return &loop->children;
}

bool *vs_loop_in_timers(struct vs_loop *loop)
{
	return &loop->in_timers;
}

void vs_post(struct vs_loop *loop, void (*call)(void *arg), void *arg)
{
	struct post *post = vs_alloc(sizeof(*post));

	*post = (struct post){.call = call, .arg = arg};
	pthread_mutex_lock(&loop->lock);
	*loop->last = post;
	loop->last = &post->next;
	/* Inside the lock: once it is released the loop may run the call and be destroyed. */
	(void)uv_async_send(&loop->wake);
	pthread_mutex_unlock(&loop->lock);
}
