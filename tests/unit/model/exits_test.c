#include "model_test.h"

#include "model/exits.h"

#define WINDOW (15 * MINUTE)

/* A client that reports; what was told is remembered as the tracker does. */
struct walk {
	struct vs_exits *exits;
	struct vs_addr told;
	int64_t started_before;
	int64_t now;
};

static struct walk walk_from(const char *exit, int64_t started_at)
{
	return (struct walk){.told = addr(exit), .started_before = started_at, .now = NOON};
}

static bool report(struct walk *walk, const char *exit, int64_t started_at)
{
	struct vs_exit_turn turn = {.exit = addr(exit),
		.told = walk->told,
		.started_at = started_at,
		.started_before = walk->started_before,
		.window_ms = WINDOW,
		.now = walk->now};
	bool tell = vs_exits_take(&walk->exits, &turn);

	walk->started_before = started_at;
	if (tell)
		walk->told = turn.exit;
	return tell;
}

#define A "198.51.100.1"
#define B "198.51.100.2"
#define C "198.51.100.3"

static void an_exit_that_stays_costs_nothing(void **state)
{
	struct walk walk = walk_from(A, 1);

	(void)state;
	assert_false(report(&walk, A, 1));
	assert_null(walk.exits);
	assert_int_equal(vs_exits_size(walk.exits), 0);
	assert_false(vs_exits_are_shared(walk.exits));
	assert_true(report(&walk, B, 1));
	assert_true(vs_exits_size(walk.exits) > 0);
	walk.now += WINDOW;
	assert_false(report(&walk, B, 1));
	assert_null(walk.exits);
}

static void a_window_ends_to_the_millisecond_and_when_the_clock_jumps_back(void **state)
{
	struct walk walk = walk_from(A, 1);

	(void)state;
	assert_true(report(&walk, B, 1));
	walk.now += WINDOW - 1;
	assert_false(report(&walk, A, 1));
	assert_false(report(&walk, C, 1));
	walk.now++;
	assert_true(report(&walk, C, 1));
	walk.now -= 24 * HOUR;
	assert_true(report(&walk, A, 1));
	vs_exits_destroy(walk.exits);
}

static void a_start_that_comes_back_after_another_one_is_a_second_host(void **state)
{
	struct walk walk = walk_from(A, 1);

	(void)state;
	report(&walk, B, 2);
	assert_false(vs_exits_are_shared(walk.exits));
	report(&walk, A, 1);
	assert_true(vs_exits_are_shared(walk.exits));
	report(&walk, A, 3); /* started again: the proof stands as long as both exits do */
	report(&walk, B, 2);
	assert_true(vs_exits_are_shared(walk.exits));
	report(&walk, C, 2); /* somewhere else: nothing is known of it */
	assert_false(vs_exits_are_shared(walk.exits));
	vs_exits_destroy(walk.exits);
	vs_exits_destroy(NULL);
}

static void two_hosts_are_not_forgotten_while_they_take_turns(void **state)
{
	struct walk walk = walk_from(A, 1);

	(void)state;
	report(&walk, B, 2);
	for (int i = 0; i < 100; i++) { /* B is told, and B reports after the window */
		walk.now += WINDOW / 2;
		report(&walk, i % 2 == 0 ? A : B, i % 2 == 0 ? 1 : 2);
		assert_true(vs_exits_are_shared(walk.exits));
	}
	vs_exits_destroy(walk.exits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exit_that_stays_costs_nothing),
		cmocka_unit_test(a_window_ends_to_the_millisecond_and_when_the_clock_jumps_back),
		cmocka_unit_test(a_start_that_comes_back_after_another_one_is_a_second_host),
		cmocka_unit_test(two_hosts_are_not_forgotten_while_they_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
