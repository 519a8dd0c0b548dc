#include "loop/work.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/deadline.h"
#include "base/err.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/loop.h"

struct job {
	struct job *prev;
	struct job *next;
	void (*run)(void *arg);
	void (*done)(void *arg, int rc);
	void *arg;
	int rc;
};

struct worker {
	struct vs_pool *pool;
	pthread_t thread;
	bool ended; /* joining it will not wait */
	bool detached; /* never joined */
};

struct vs_pool {
	struct vs_loop *loop;
	struct worker *workers;
	unsigned worker_count;
	unsigned job_limit;
	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t work;
	pthread_cond_t end; /* of a worker; on the monotonic clock */
	struct job *queue;
	unsigned jobs; /* queued or running */
	unsigned users; /* threads and the owner: the last one frees */
	bool stopping;
	bool abandoned; /* the loop may be gone: post nothing */
};

static void on_done(void *arg)
{
	struct job *job = arg;
	struct job ended = *job;

	vs_free(job);
	ended.done(ended.arg, ended.rc);
}

/* Called with the lock held; gives it back. */
static void release(struct vs_pool *pool)
{
	bool last = --pool->users == 0;

	pthread_mutex_unlock(&pool->lock);
	if (!last)
		return;
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->end);
	pthread_mutex_destroy(&pool->lock);
	vs_free(pool->workers);
	vs_free(pool);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct vs_pool *pool = worker->pool;
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->queue == NULL && !pool->stopping)
			pthread_cond_wait(&pool->work, &pool->lock);
		if (pool->stopping)
			break;
		job = pool->queue;
		DL_DELETE(pool->queue, job);
		pthread_mutex_unlock(&pool->lock);
		job->run(job->arg);
		pthread_mutex_lock(&pool->lock);
		pool->jobs--;
		if (pool->abandoned)
			vs_free(job);
		else
			vs_post(pool->loop, on_done, job);
	}
	worker->ended = true;
	pthread_cond_signal(&pool->end);
	release(pool);
	return NULL;
}

static void init_conditions(struct vs_pool *pool)
{
	pthread_condattr_t monotonic;

	VS_REQUIRE(pthread_mutex_init(&pool->lock, NULL) == 0);
	VS_REQUIRE(pthread_cond_init(&pool->work, NULL) == 0);
	VS_REQUIRE(pthread_condattr_init(&monotonic) == 0);
	VS_REQUIRE(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	VS_REQUIRE(pthread_cond_init(&pool->end, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
}

struct vs_pool *vs_pool_create(struct vs_loop *loop, unsigned threads, unsigned queue_limit)
{
	struct vs_pool *pool = vs_zalloc(sizeof(*pool));
	sigset_t all;
	sigset_t before;
	unsigned i;

	VS_REQUIRE(threads > 0);
	pool->loop = loop;
	pool->job_limit = threads + queue_limit;
	pool->worker_count = threads;
	pool->workers = vs_calloc(threads, sizeof(*pool->workers));
	pool->users = threads + 1;
	init_conditions(pool);
	/* Threads inherit the mask: signals are for the thread that runs the loop. */
	(void)sigfillset(&all);
	VS_REQUIRE(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	for (i = 0; i < threads; i++) {
		pool->workers[i].pool = pool;
		VS_REQUIRE(pthread_create(&pool->workers[i].thread, NULL, work, &pool->workers[i]) == 0);
	}
	VS_REQUIRE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return pool;
}

int vs_pool_start(struct vs_pool *pool, void (*run)(void *arg), void (*done)(void *arg, int rc), void *arg)
{
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	if (pool->jobs >= pool->job_limit) {
		pthread_mutex_unlock(&pool->lock);
		return VS_ERR_BUSY;
	}
	job = vs_zalloc(sizeof(*job));
	job->run = run;
	job->done = done;
	job->arg = arg;
	DL_APPEND(pool->queue, job);
	pool->jobs++;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

static void refuse_queued(struct vs_pool *pool)
{
	struct job *job;
	struct job *next;

	DL_FOREACH_SAFE(pool->queue, job, next)
	{
		DL_DELETE(pool->queue, job);
		job->rc = VS_ERR_REFUSED;
		vs_post(pool->loop, on_done, job);
	}
}

static bool all_ended(const struct vs_pool *pool)
{
	unsigned i;

	for (i = 0; i < pool->worker_count; i++)
		if (!pool->workers[i].ended)
			return false;
	return true;
}

/* With the lock held: lets go of the workers that are still busy, and says how many they are. */
static unsigned abandon_busy(struct vs_pool *pool)
{
	unsigned busy = 0;
	unsigned i;

	pool->abandoned = true;
	for (i = 0; i < pool->worker_count; i++) {
		struct worker *worker = &pool->workers[i];

		if (worker->ended)
			continue;
		worker->detached = true;
		(void)pthread_detach(worker->thread);
		busy++;
	}
	return busy;
}

void vs_pool_destroy(struct vs_pool *pool, uint64_t wait_ms)
{
	struct timespec until;
	unsigned busy;
	unsigned i;

	if (pool == NULL)
		return;
	until = vs_deadline_in(wait_ms);
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	refuse_queued(pool);
	pthread_cond_broadcast(&pool->work);
	while (!all_ended(pool))
		if (pthread_cond_timedwait(&pool->end, &pool->lock, &until) == ETIMEDOUT)
			break;
	busy = abandon_busy(pool);
	pthread_mutex_unlock(&pool->lock);

	for (i = 0; i < pool->worker_count; i++)
		if (!pool->workers[i].detached)
			VS_REQUIRE(pthread_join(pool->workers[i].thread, NULL) == 0);
	if (busy > 0)
		vs_log(VS_LOG_WARN, "loop", "%u worker thread%s still busy after %llu ms and abandoned", busy,
			busy > 1 ? "s were" : " was", (unsigned long long)wait_ms);
	pthread_mutex_lock(&pool->lock);
	release(pool);
}
