#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "loop/loop.h"
#include "loop/work.h"

struct job {
	struct vs_loop *loop;
	sem_t *begun; /* posted by run */
	sem_t *go; /* awaited by run */
	pthread_t ran_on;
	bool ran;
	unsigned dones;
	int rc;
	unsigned *left; /* the last done stops the loop */
};

static void run(void *arg)
{
	struct job *job = arg;

	job->ran = true;
	job->ran_on = pthread_self();
	if (job->begun != NULL)
		(void)sem_post(job->begun);
	if (job->go != NULL)
		(void)sem_wait(job->go);
}

static void done(void *arg, int rc)
{
	struct job *job = arg;

	job->dones++;
	job->rc = rc;
	if (job->left != NULL && --*job->left == 0)
		vs_loop_stop(job->loop);
}

static void a_job_runs_elsewhere_and_ends_on_the_loop(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 2, 4);
	unsigned left = 1;
	struct job job = {.loop = loop, .left = &left};

	(void)state;
	assert_int_equal(vs_pool_start(pool, run, done, &job), 0);
	assert_int_equal(job.dones, 0);
	assert_true(vs_loop_run_for(loop, 5000));
	assert_true(job.ran);
	assert_int_equal(job.rc, 0);
	assert_false(pthread_equal(job.ran_on, pthread_self()));
	vs_pool_destroy(pool, 1000);
	vs_loop_destroy(loop);
}

static void every_one_of_many_jobs_ends_once(void **state)
{
	static struct job jobs[500];
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 3, 500);
	unsigned left = 500;
	size_t i;

	(void)state;
	for (i = 0; i < 500; i++) {
		jobs[i] = (struct job){.loop = loop, .left = &left};
		assert_int_equal(vs_pool_start(pool, run, done, &jobs[i]), 0);
	}
	assert_true(vs_loop_run_for(loop, 20000));
	for (i = 0; i < 500; i++)
		assert_int_equal(jobs[i].dones, 1);
	vs_pool_destroy(pool, 1000);
	vs_loop_destroy(loop);
}

static void a_full_queue_refuses_and_takes_again_later(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 1, 1);
	sem_t begun;
	sem_t go;
	unsigned left = 2;
	struct job jobs[3];
	size_t i;

	(void)state;
	assert_int_equal(sem_init(&begun, 0, 0), 0);
	assert_int_equal(sem_init(&go, 0, 0), 0);
	for (i = 0; i < 3; i++)
		jobs[i] = (struct job){.loop = loop, .begun = &begun, .go = &go, .left = &left};
	assert_int_equal(vs_pool_start(pool, run, done, &jobs[0]), 0);
	assert_int_equal(vs_pool_start(pool, run, done, &jobs[1]), 0);
	assert_int_equal(vs_pool_start(pool, run, done, &jobs[2]), VS_ERR_BUSY);
	(void)sem_post(&go);
	(void)sem_post(&go);
	assert_true(vs_loop_run_for(loop, 5000));
	assert_int_equal(jobs[2].dones, 0);
	left = 1;
	(void)sem_post(&go);
	assert_int_equal(vs_pool_start(pool, run, done, &jobs[2]), 0);
	assert_true(vs_loop_run_for(loop, 5000));
	assert_int_equal(jobs[2].dones, 1);
	vs_pool_destroy(pool, 1000);
	vs_loop_destroy(loop);
	sem_destroy(&begun);
	sem_destroy(&go);
}

static void a_job_still_queued_at_the_end_is_refused_and_never_runs(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 1, 4);
	sem_t begun;
	sem_t go;
	struct job running = {.loop = loop, .begun = &begun, .go = &go};
	struct job waiting = {.loop = loop};

	(void)state;
	assert_int_equal(sem_init(&begun, 0, 0), 0);
	assert_int_equal(sem_init(&go, 0, 0), 0);
	assert_int_equal(vs_pool_start(pool, run, done, &running), 0);
	assert_int_equal(sem_wait(&begun), 0);
	assert_int_equal(vs_pool_start(pool, run, done, &waiting), 0);
	(void)sem_post(&go);
	vs_pool_destroy(pool, 5000);
	vs_loop_destroy(loop);
	assert_int_equal(running.dones, 1);
	assert_int_equal(running.rc, 0);
	/* The one thread may have come to it between the two lines above. */
	assert_int_equal(waiting.dones, 1);
	assert_int_equal(waiting.rc, waiting.ran ? 0 : VS_ERR_REFUSED);
	sem_destroy(&begun);
	sem_destroy(&go);
}

static void a_wedged_job_is_abandoned_and_holds_nobody_up(void **state)
{
	static struct job wedged; /* outlives the test: its thread does too */
	static sem_t begun;
	static sem_t go;
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 1, 4);
	struct job waiting = {.loop = loop};
	uint64_t before;

	(void)state;
	assert_int_equal(sem_init(&begun, 0, 0), 0);
	assert_int_equal(sem_init(&go, 0, 0), 0);
	wedged = (struct job){.loop = loop, .begun = &begun, .go = &go};
	assert_int_equal(vs_pool_start(pool, run, done, &wedged), 0);
	assert_int_equal(vs_pool_start(pool, run, done, &waiting), 0);
	assert_int_equal(sem_wait(&begun), 0);
	before = vs_mono_ms();
	vs_pool_destroy(pool, 20);
	assert_in_range(vs_mono_ms() - before, 19, 4000);
	vs_loop_destroy(loop);
	assert_int_equal(wedged.dones, 0);
	assert_int_equal(waiting.rc, VS_ERR_REFUSED);
	assert_false(waiting.ran);
	(void)sem_post(&go);
}

static void look_at_mask(void *arg)
{
	struct job *job = arg;
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	job->ran = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1;
}

static void signals_are_never_for_a_worker(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	struct vs_pool *pool = vs_pool_create(loop, 1, 1);
	unsigned left = 1;
	struct job job = {.loop = loop, .left = &left};
	sigset_t mask;

	(void)state;
	assert_int_equal(vs_pool_start(pool, look_at_mask, done, &job), 0);
	assert_true(vs_loop_run_for(loop, 5000));
	assert_true(job.ran);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
	vs_pool_destroy(pool, 1000);
	vs_loop_destroy(loop);
}

static void destroying_no_pool_is_fine(void **state)
{
	(void)state;
	vs_pool_destroy(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_runs_elsewhere_and_ends_on_the_loop),
		cmocka_unit_test(every_one_of_many_jobs_ends_once),
		cmocka_unit_test(a_full_queue_refuses_and_takes_again_later),
		cmocka_unit_test(a_job_still_queued_at_the_end_is_refused_and_never_runs),
		cmocka_unit_test(a_wedged_job_is_abandoned_and_holds_nobody_up),
		cmocka_unit_test(signals_are_never_for_a_worker),
		cmocka_unit_test(destroying_no_pool_is_fine),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
