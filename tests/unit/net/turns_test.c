/* Work of a loop's turns, by a clock that the work itself turns. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <uv.h>

#include "loop/loop.h"
#include "net/turns.h"

#define BUDGET_US 2000
#define COST_US 250
#define CROWD 1000

static uint64_t now_us;

struct job {
	struct vs_turn turn; /* first: a job is cast from it */
	struct world *world;
	uint64_t cost_us;
	bool again;
};

struct world {
	struct vs_loop *loop;
	struct vs_turns *turns;
	struct job jobs[CROWD];
	struct job *done[2 * CROWD];
	unsigned done_count;
};

static struct world world;

static uint64_t clock_us(void)
{
	return now_us;
}

static void run(struct vs_turn *turn)
{
	struct job *job = (struct job *)(void *)turn;

	now_us += job->cost_us;
	assert_true(world.done_count < 2 * CROWD);
	world.done[world.done_count++] = job;
	if (job->again)
		vs_turns_ask(world.turns, turn);
	job->again = false;
}

static void ask(unsigned i, uint64_t cost_us)
{
	world.jobs[i].turn.run = run;
	world.jobs[i].cost_us = cost_us;
	vs_turns_ask(world.turns, &world.jobs[i].turn);
}

static int begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.loop = vs_loop_create();
	world.turns = vs_turns_create(world.loop, BUDGET_US, clock_us);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vs_turns_destroy(world.turns);
	vs_loop_destroy(world.loop);
	return 0;
}

/* Returns how many jobs were done in it. */
static unsigned one_turn(void)
{
	unsigned before = world.done_count;

	(void)uv_run(vs_loop_uv(world.loop), UV_RUN_NOWAIT);
	return world.done_count - before;
}

static void nothing_is_run_from_inside_the_asking(void **state)
{
	(void)state;
	ask(0, COST_US);
	assert_int_equal(world.done_count, 0);
	assert_int_equal(one_turn(), 1);
	assert_int_equal(one_turn(), 0);
}

static void a_turn_takes_only_what_its_time_allows(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < CROWD; i++)
		ask(i, COST_US);
	for (i = 0; i < CROWD / (BUDGET_US / COST_US); i++)
		assert_int_equal(one_turn(), BUDGET_US / COST_US);
	assert_int_equal(one_turn(), 0);
}

static void who_asked_first_is_first(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		ask(i, COST_US);
	while (one_turn() > 0)
		;
	assert_int_equal(world.done_count, 100);
	for (i = 0; i < 100; i++)
		assert_ptr_equal(world.done[i], &world.jobs[i]);
}

static void work_beyond_all_budgets_is_done_one_a_turn(void **state)
{
	(void)state;
	ask(0, 10 * BUDGET_US);
	ask(1, 10 * BUDGET_US);
	assert_int_equal(one_turn(), 1);
	assert_int_equal(one_turn(), 1);
	assert_int_equal(one_turn(), 0);
}

static void who_asks_again_waits_behind_all_others_for_another_turn(void **state)
{
	(void)state;
	world.jobs[0].again = true;
	ask(0, 0);
	ask(1, 0);
	assert_int_equal(one_turn(), 2);
	assert_int_equal(one_turn(), 1);
	assert_ptr_equal(world.done[2], &world.jobs[0]);
}

static void asking_twice_is_asking_once(void **state)
{
	(void)state;
	ask(0, 0);
	ask(0, 0);
	assert_int_equal(one_turn(), 1);
	assert_int_equal(one_turn(), 0);
}

static void who_has_left_is_not_run(void **state)
{
	(void)state;
	ask(0, 0);
	ask(1, 0);
	vs_turns_drop(world.turns, &world.jobs[0].turn);
	vs_turns_drop(world.turns, &world.jobs[0].turn);
	assert_int_equal(one_turn(), 1);
	assert_ptr_equal(world.done[0], &world.jobs[1]);
}

static void on_other(uv_idle_t *idle)
{
	unsigned *count = idle->data;

	++*count;
}

static void others_come_between_two_turns_of_a_crowd(void **state)
{
	unsigned count = 0;
	uv_idle_t other;
	unsigned i;

	(void)state;
	assert_int_equal(uv_idle_init(vs_loop_uv(world.loop), &other), 0);
	other.data = &count;
	(void)uv_idle_start(&other, on_other);
	for (i = 0; i < 80; i++)
		ask(i, COST_US);
	for (i = 1; world.done_count < 80; i++) {
		(void)one_turn();
		assert_int_equal(count, i);
	}
	assert_int_equal(count, 80 / (BUDGET_US / COST_US));
	uv_close((uv_handle_t *)&other, NULL);
	(void)one_turn();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_run_from_inside_the_asking, begin, end),
		cmocka_unit_test_setup_teardown(a_turn_takes_only_what_its_time_allows, begin, end),
		cmocka_unit_test_setup_teardown(who_asked_first_is_first, begin, end),
		cmocka_unit_test_setup_teardown(work_beyond_all_budgets_is_done_one_a_turn, begin, end),
		cmocka_unit_test_setup_teardown(
			who_asks_again_waits_behind_all_others_for_another_turn, begin, end),
		cmocka_unit_test_setup_teardown(asking_twice_is_asking_once, begin, end),
		cmocka_unit_test_setup_teardown(who_has_left_is_not_run, begin, end),
		cmocka_unit_test_setup_teardown(others_come_between_two_turns_of_a_crowd, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
