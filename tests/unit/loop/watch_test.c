#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/watch.h"

/* What the log said between the two calls of enter and leave, with a sleep in between. */
static uint64_t watched_by(struct vs_watch *watch, useconds_t us, char *said, size_t size)
{
	uint64_t took;
	ssize_t got;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	vs_log_setup(VS_LOG_WARN, VS_LOG_HUMAN, ends[1]);
	vs_watch_enter(watch, "ipinfo@main");
	if (us > 0)
		assert_int_equal(usleep(us), 0);
	took = vs_watch_leave(watch);
	vs_log_setup(VS_LOG_WARN, VS_LOG_HUMAN, STDERR_FILENO);
	assert_int_equal(close(ends[1]), 0);
	got = read(ends[0], said, size - 1);
	assert_true(got >= 0);
	said[got] = '\0';
	assert_int_equal(close(ends[0]), 0);
	return took;
}

static uint64_t watched(useconds_t us, char *said, size_t size)
{
	struct vs_watch watch = {0};

	return watched_by(&watch, us, said, size);
}

static void a_slow_callback_is_named(void **state)
{
	char said[512];

	(void)state;
	assert_true(watched(7000, said, sizeof(said)) >= 7000);
	assert_non_null(strstr(said, "ipinfo@main held up everything else for"));
}

static void a_fast_callback_is_not_mentioned(void **state)
{
	char said[512];
	unsigned tries = 0;

	(void)state;
	/* A busy machine may take the processor away for 5 ms; hardly ten times in a row. */
	while (watched(0, said, sizeof(said)) >= VS_WATCH_SLOW_US && tries < 10)
		tries++;
	assert_string_equal(said, "");
}

static void who_is_slow_again_and_again_gets_a_line_now_and_then_that_counts(void **state)
{
	struct vs_watch watch = {0};
	char said[512];

	(void)state;
	(void)watched_by(&watch, 6000, said, sizeof(said));
	assert_non_null(strstr(said, "held up"));
	assert_null(strstr(said, "more times"));
	(void)watched_by(&watch, 9000, said, sizeof(said));
	assert_string_equal(said, "");
	(void)watched_by(&watch, 6000, said, sizeof(said));
	assert_string_equal(said, "");
	assert_true(watch.worst_us >= 9000);
	watch.told_us -= VS_WATCH_QUIET_US;
	(void)watched_by(&watch, 6000, said, sizeof(said));
	assert_non_null(strstr(said, "; 2 more times since the last such line, "));
	assert_int_equal(watch.untold, 0);
	(void)watched_by(&watch, 6000, said, sizeof(said));
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_callback_is_named),
		cmocka_unit_test(a_fast_callback_is_not_mentioned),
		cmocka_unit_test(who_is_slow_again_and_again_gets_a_line_now_and_then_that_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
