#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/poll.h"

#define LONG_MS 20000

struct seen {
	struct vs_loop *loop;
	struct vs_poll *poll;
	unsigned calls;
	unsigned events;
	bool ends_itself;
};

static void on_ready(void *arg, unsigned events)
{
	struct seen *seen = arg;

	seen->calls++;
	seen->events = events;
	if (seen->ends_itself) {
		vs_poll_destroy(seen->poll);
		seen->poll = NULL;
	}
	vs_loop_stop(seen->loop);
}

static void open_pair(struct seen *seen, int pair[2], unsigned events)
{
	*seen = (struct seen){.loop = vs_loop_create()};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	seen->poll = vs_poll_create(seen->loop, pair[0], events, on_ready, seen);
	assert_non_null(seen->poll);
	assert_int_equal(seen->calls, 0);
}

static void close_pair(struct seen *seen, const int pair[2])
{
	vs_poll_destroy(seen->poll);
	vs_loop_destroy(seen->loop);
	close(pair[0]);
	close(pair[1]);
}

static void a_descriptor_is_told_ready_as_long_as_it_is(void **state)
{
	struct seen seen;
	int pair[2];
	char byte;

	(void)state;
	open_pair(&seen, pair, VS_POLL_READ);
	assert_false(vs_loop_run_for(seen.loop, 10));
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(seen.events, VS_POLL_READ);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_true(seen.calls >= 2);
	assert_int_equal(read(pair[0], &byte, 1), 1);
	assert_false(vs_loop_run_for(seen.loop, 10));
	close_pair(&seen, pair);
}

static void a_changed_watch_tells_of_the_new_events_only(void **state)
{
	struct seen seen;
	int pair[2];

	(void)state;
	open_pair(&seen, pair, 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_false(vs_loop_run_for(seen.loop, 10));
	vs_poll_change(seen.poll, VS_POLL_WRITE);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(seen.events, VS_POLL_WRITE);
	close_pair(&seen, pair);
}

static void a_peer_that_leaves_makes_it_readable(void **state)
{
	struct seen seen;
	int pair[2];

	(void)state;
	open_pair(&seen, pair, VS_POLL_READ);
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(seen.events, VS_POLL_READ);
	close_pair(&seen, pair);
}

static void a_watch_may_end_itself(void **state)
{
	struct seen seen;
	int pair[2];

	(void)state;
	open_pair(&seen, pair, VS_POLL_WRITE);
	seen.ends_itself = true;
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_false(vs_loop_run_for(seen.loop, 10));
	assert_int_equal(seen.calls, 1);
	close_pair(&seen, pair);
}

static void a_pipe_without_readers_is_an_error_and_ends_the_watch(void **state)
{
	struct seen seen = {.loop = vs_loop_create()};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	seen.poll = vs_poll_create(seen.loop, ends[1], 0, on_ready, &seen);
	close(ends[0]);
	vs_poll_change(seen.poll, VS_POLL_WRITE);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(seen.events, VS_POLL_ERROR);
	vs_poll_change(seen.poll, VS_POLL_WRITE);
	assert_false(vs_loop_run_for(seen.loop, 10));
	assert_int_equal(seen.calls, 1);
	vs_poll_destroy(seen.poll);
	vs_loop_destroy(seen.loop);
	close(ends[1]);
}

static void what_cannot_be_watched_is_refused(void **state)
{
	struct seen seen;
	int pair[2];
	int file = open("/proc/self/status", O_RDONLY);
	int closed = dup(file);

	(void)state;
	close(closed);
	open_pair(&seen, pair, VS_POLL_READ);
	assert_null(vs_poll_create(seen.loop, -1, VS_POLL_READ, on_ready, &seen));
	assert_null(vs_poll_create(seen.loop, closed, VS_POLL_READ, on_ready, &seen));
	assert_null(vs_poll_create(seen.loop, pair[0], VS_POLL_READ, on_ready, &seen));
	close(file);
	file = open("/tmp", O_RDONLY | O_DIRECTORY);
	assert_null(vs_poll_create(seen.loop, file, VS_POLL_READ, on_ready, &seen));
	close(file);
	close_pair(&seen, pair);
}

static void a_blocking_descriptor_stays_blocking(void **state)
{
	struct seen seen;
	int pair[2];

	(void)state;
	open_pair(&seen, pair, VS_POLL_READ);
	assert_int_equal(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	close_pair(&seen, pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_told_ready_as_long_as_it_is),
		cmocka_unit_test(a_changed_watch_tells_of_the_new_events_only),
		cmocka_unit_test(a_peer_that_leaves_makes_it_readable),
		cmocka_unit_test(a_watch_may_end_itself),
		cmocka_unit_test(a_pipe_without_readers_is_an_error_and_ends_the_watch),
		cmocka_unit_test(what_cannot_be_watched_is_refused),
		cmocka_unit_test(a_blocking_descriptor_stays_blocking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
