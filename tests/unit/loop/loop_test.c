#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "loop/loop.h"

struct tally {
	struct vs_loop *loop;
	struct vs_timer *timer;
	unsigned calls;
	unsigned stop_at;
	unsigned order[16];
};

static void count(void *arg)
{
	struct tally *tally = arg;

	if (++tally->calls == tally->stop_at)
		vs_loop_stop(tally->loop);
}

static void a_run_without_a_stop_ends_when_its_time_is_over(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	uint64_t before = vs_mono_ms();

	(void)state;
	assert_false(vs_loop_run_for(loop, 30));
	assert_in_range(vs_mono_ms() - before, 29, 5000);
	vs_loop_destroy(loop);
}

static void a_stop_before_the_run_ends_that_run_and_no_later_one(void **state)
{
	struct vs_loop *loop = vs_loop_create();

	(void)state;
	vs_loop_stop(loop);
	assert_true(vs_loop_run_for(loop, 5000));
	assert_false(vs_loop_run_for(loop, 1));
	vs_loop_destroy(loop);
}

static void a_timer_fires_once_and_not_early(void **state)
{
	struct tally tally = {.loop = vs_loop_create(), .stop_at = 1};
	uint64_t before = vs_mono_ms();

	(void)state;
	tally.timer = vs_timer_create(tally.loop, count, &tally);
	assert_false(vs_timer_is_set(tally.timer));
	vs_timer_start(tally.timer, 25);
	assert_true(vs_timer_is_set(tally.timer));
	assert_int_equal(tally.calls, 0);
	vs_loop_run(tally.loop);
	assert_in_range(vs_mono_ms() - before, 24, 5000);
	assert_false(vs_timer_is_set(tally.timer));
	assert_false(vs_loop_run_for(tally.loop, 60));
	assert_int_equal(tally.calls, 1);
	vs_timer_destroy(tally.timer);
	vs_loop_destroy(tally.loop);
}

static void a_stopped_timer_does_not_fire(void **state)
{
	struct tally tally = {.loop = vs_loop_create()};

	(void)state;
	tally.timer = vs_timer_create(tally.loop, count, &tally);
	vs_timer_start(tally.timer, 5);
	vs_timer_stop(tally.timer);
	assert_false(vs_loop_run_for(tally.loop, 30));
	assert_int_equal(tally.calls, 0);
	vs_timer_destroy(tally.timer);
	vs_loop_destroy(tally.loop);
}

static void starting_a_timer_again_moves_it(void **state)
{
	struct tally tally = {.loop = vs_loop_create(), .stop_at = 1};
	uint64_t before = vs_mono_ms();

	(void)state;
	tally.timer = vs_timer_create(tally.loop, count, &tally);
	vs_timer_start(tally.timer, 60000);
	vs_timer_start(tally.timer, 5);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_in_range(vs_mono_ms() - before, 4, 4000);
	vs_timer_destroy(tally.timer);
	vs_loop_destroy(tally.loop);
}

static void rearm(void *arg)
{
	struct tally *tally = arg;

	if (++tally->calls == 3)
		vs_loop_stop(tally->loop);
	else
		vs_timer_start(tally->timer, 1);
}

static void a_timer_may_start_itself_again(void **state)
{
	struct tally tally = {.loop = vs_loop_create()};

	(void)state;
	tally.timer = vs_timer_create(tally.loop, rearm, &tally);
	vs_timer_start(tally.timer, 1);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_int_equal(tally.calls, 3);
	vs_timer_destroy(tally.timer);
	vs_loop_destroy(tally.loop);
}

static void destroy_own_timer(void *arg)
{
	struct tally *tally = arg;

	tally->calls++;
	vs_timer_destroy(tally->timer);
	vs_loop_stop(tally->loop);
}

static void a_timer_may_destroy_itself(void **state)
{
	struct tally tally = {.loop = vs_loop_create()};

	(void)state;
	tally.timer = vs_timer_create(tally.loop, destroy_own_timer, &tally);
	vs_timer_start(tally.timer, 0);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_int_equal(tally.calls, 1);
	vs_loop_destroy(tally.loop);
}

static void a_timer_set_late_in_a_long_callback_is_not_early(void **state)
{
	struct tally tally = {.loop = vs_loop_create(), .stop_at = 1};
	uint64_t started;

	(void)state;
	tally.timer = vs_timer_create(tally.loop, count, &tally);
	assert_int_equal(usleep(40000), 0); /* the loop's own idea of the time is now 40 ms old */
	started = vs_mono_ms();
	vs_timer_start(tally.timer, 20);
	vs_loop_run(tally.loop);
	assert_in_range(vs_mono_ms() - started, 19, 5000);
	vs_timer_destroy(tally.timer);
	vs_loop_destroy(tally.loop);
}

static void post_again(void *arg)
{
	struct tally *tally = arg;

	if (++tally->calls < tally->stop_at)
		vs_post(tally->loop, post_again, tally);
	else
		vs_loop_stop(tally->loop);
}

static void a_post_from_a_posted_call_comes_later_and_does_come(void **state)
{
	struct tally tally = {.loop = vs_loop_create(), .stop_at = 5};

	(void)state;
	vs_post(tally.loop, post_again, &tally);
	assert_int_equal(tally.calls, 0);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_int_equal(tally.calls, 5);
	vs_loop_destroy(tally.loop);
}

#define POSTS 2000

struct posted {
	struct poster *poster;
	unsigned number;
};

struct poster {
	struct vs_loop *loop;
	struct posted posts[POSTS];
	unsigned next;
	unsigned *ended;
};

static void check_order(void *arg)
{
	struct posted *posted = arg;

	assert_int_equal(posted->number, posted->poster->next++);
	if (posted->number == POSTS - 1 && ++*posted->poster->ended == 2)
		vs_loop_stop(posted->poster->loop);
}

static void *post_many(void *arg)
{
	struct poster *poster = arg;
	unsigned i;

	for (i = 0; i < POSTS; i++) {
		poster->posts[i] = (struct posted){.poster = poster, .number = i};
		vs_post(poster->loop, check_order, &poster->posts[i]);
	}
	return NULL;
}

static void posts_of_two_threads_all_come_each_in_its_order(void **state)
{
	static struct poster posters[2];
	struct vs_loop *loop = vs_loop_create();
	pthread_t threads[2];
	unsigned ended = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		posters[i].loop = loop;
		posters[i].ended = &ended;
		assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
	}
	assert_true(vs_loop_run_for(loop, 20000));
	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(posters[i].next, POSTS);
	}
	vs_loop_destroy(loop);
}

static void what_is_posted_at_the_end_is_called_by_destroy(void **state)
{
	struct tally tally = {.loop = vs_loop_create(), .stop_at = 4};

	(void)state;
	vs_post(tally.loop, post_again, &tally);
	vs_loop_destroy(tally.loop);
	assert_int_equal(tally.calls, 4);
}

static void on_caught(void *arg, int number)
{
	struct tally *tally = arg;

	tally->order[tally->calls++] = (unsigned)number;
	vs_loop_stop(tally->loop);
}

static void a_signal_arrives_on_the_loop(void **state)
{
	struct tally tally = {.loop = vs_loop_create()};
	struct vs_signal *caught = vs_signal_create(tally.loop, SIGTERM, on_caught, &tally);

	(void)state;
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(tally.calls, 0);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_int_equal(tally.calls, 1);
	assert_int_equal(tally.order[0], SIGTERM);
	vs_signal_destroy(caught);
	vs_loop_destroy(tally.loop);
}

static void a_write_to_a_pipe_without_reader_is_an_error_not_a_death(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(close(ends[1]), 0);
	vs_loop_destroy(loop);
}

/* A timer that is always due, and three who want their turn. */
struct greedy {
	struct vs_loop *loop;
	struct vs_timer *timer;
	uv_poll_t poll;
	int ends[2];
	unsigned fired;
	unsigned busy_ms; /* how long each firing takes */
	uint64_t delay_ms;
	bool posted;
	bool readable;
	bool signalled;
};

static void stop_when_all_had_their_turn(struct greedy *greedy)
{
	if (greedy->posted && greedy->readable && greedy->signalled)
		vs_loop_stop(greedy->loop);
}

static void on_greedy(void *arg)
{
	struct greedy *greedy = arg;

	assert_true(++greedy->fired < 1000); /* ... which only starving the others gets to */
	if (greedy->busy_ms > 0)
		usleep(greedy->busy_ms * 1000);
	vs_timer_start(greedy->timer, greedy->delay_ms);
}

static void on_greedy_post(void *arg)
{
	struct greedy *greedy = arg;

	greedy->posted = true;
	stop_when_all_had_their_turn(greedy);
}

static void on_greedy_readable(uv_poll_t *poll, int status, int events)
{
	struct greedy *greedy = poll->data;

	assert_int_equal(status, 0);
	assert_int_equal(events, UV_READABLE);
	greedy->readable = true;
	(void)uv_poll_stop(poll);
	stop_when_all_had_their_turn(greedy);
}

static void on_greedy_signal(void *arg, int number)
{
	struct greedy *greedy = arg;

	(void)number;
	greedy->signalled = true;
	stop_when_all_had_their_turn(greedy);
}

static void greedy_run(struct greedy *greedy)
{
	struct vs_signal *caught;

	greedy->loop = vs_loop_create();
	greedy->timer = vs_timer_create(greedy->loop, on_greedy, greedy);
	caught = vs_signal_create(greedy->loop, SIGUSR1, on_greedy_signal, greedy);
	assert_int_equal(pipe(greedy->ends), 0);
	assert_int_equal(uv_poll_init(vs_loop_uv(greedy->loop), &greedy->poll, greedy->ends[0]), 0);
	greedy->poll.data = greedy;
	assert_int_equal(uv_poll_start(&greedy->poll, UV_READABLE, on_greedy_readable), 0);
	assert_int_equal(write(greedy->ends[1], "x", 1), 1);
	vs_timer_start(greedy->timer, 0);
	vs_post(greedy->loop, on_greedy_post, greedy);
	assert_int_equal(raise(SIGUSR1), 0);
	vs_loop_run(greedy->loop);
	assert_true(greedy->posted && greedy->readable && greedy->signalled);
	assert_true(greedy->fired > 0);
	uv_close((uv_handle_t *)&greedy->poll, NULL);
	vs_timer_destroy(greedy->timer);
	vs_signal_destroy(caught);
	vs_loop_destroy(greedy->loop);
	assert_int_equal(close(greedy->ends[0]), 0);
	assert_int_equal(close(greedy->ends[1]), 0);
}

static void a_timer_that_is_always_due_again_leaves_the_others_their_turn(void **state)
{
	struct greedy greedy = {0};

	(void)state;
	greedy_run(&greedy);
}

static void a_timer_that_takes_longer_than_its_delay_leaves_the_others_their_turn(void **state)
{
	struct greedy greedy = {.busy_ms = 6, .delay_ms = 2};

	(void)state;
	greedy_run(&greedy);
	assert_in_range(greedy.fired, 1, 5);
}

static void a_held_signal_waits_for_its_handler_and_is_then_caught(void **state)
{
	struct tally tally = {.loop = vs_loop_create()};
	struct vs_signal *caught;

	(void)state;
	vs_signals_hold();
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(raise(SIGHUP), 0);
	caught = vs_signal_create(tally.loop, SIGTERM, on_caught, &tally);
	assert_true(vs_loop_run_for(tally.loop, 5000));
	assert_int_equal(tally.calls, 1);
	assert_int_equal(tally.order[0], SIGTERM);
	(void)signal(SIGHUP, SIG_IGN); /* drops the one that still waits */
	vs_signals_release();
	(void)signal(SIGHUP, SIG_DFL);
	vs_signal_destroy(caught);
	vs_loop_destroy(tally.loop);
}

static void a_timer_left_behind_ends_the_process_at_destroy(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	if (child == 0) {
		struct vs_loop *loop = vs_loop_create();

		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		(void)vs_timer_create(loop, count, NULL);
		vs_loop_destroy(loop);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void destroying_nothing_is_fine(void **state)
{
	(void)state;
	vs_loop_destroy(NULL);
	vs_timer_destroy(NULL);
	vs_signal_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_without_a_stop_ends_when_its_time_is_over),
		cmocka_unit_test(a_stop_before_the_run_ends_that_run_and_no_later_one),
		cmocka_unit_test(a_timer_fires_once_and_not_early),
		cmocka_unit_test(a_stopped_timer_does_not_fire),
		cmocka_unit_test(starting_a_timer_again_moves_it),
		cmocka_unit_test(a_timer_may_start_itself_again),
		cmocka_unit_test(a_timer_may_destroy_itself),
		cmocka_unit_test(a_timer_set_late_in_a_long_callback_is_not_early),
		cmocka_unit_test(a_post_from_a_posted_call_comes_later_and_does_come),
		cmocka_unit_test(posts_of_two_threads_all_come_each_in_its_order),
		cmocka_unit_test(what_is_posted_at_the_end_is_called_by_destroy),
		cmocka_unit_test(a_signal_arrives_on_the_loop),
		cmocka_unit_test(a_write_to_a_pipe_without_reader_is_an_error_not_a_death),
		cmocka_unit_test(a_timer_that_is_always_due_again_leaves_the_others_their_turn),
		cmocka_unit_test(a_timer_that_takes_longer_than_its_delay_leaves_the_others_their_turn),
		cmocka_unit_test(a_held_signal_waits_for_its_handler_and_is_then_caught),
		cmocka_unit_test(a_timer_left_behind_ends_the_process_at_destroy),
		cmocka_unit_test(destroying_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
