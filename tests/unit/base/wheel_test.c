#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "base/wheel.h"

#define TICK 100u
#define REVOLUTION (4096u * TICK)
#define COUNT 200

static void a_deadline_fires_at_its_time_not_before(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(1000, TICK);
	struct vs_deadline deadline = {0};
	(void)state;

	assert_false(vs_wheel_is_set(&deadline));
	vs_wheel_set(wheel, &deadline, 1500);
	assert_true(vs_wheel_is_set(&deadline));
	assert_int_equal(deadline.at_ms, 1500);
	assert_null(vs_wheel_next_due(wheel, 1499));
	assert_ptr_equal(vs_wheel_next_due(wheel, 1500), &deadline);
	assert_false(vs_wheel_is_set(&deadline));
	assert_null(vs_wheel_next_due(wheel, 1500));
	vs_wheel_destroy(wheel);
}

static void a_deadline_between_ticks_fires_on_the_next(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(1000, TICK);
	struct vs_deadline deadline = {0};
	(void)state;

	vs_wheel_set(wheel, &deadline, 1501);
	assert_null(vs_wheel_next_due(wheel, 1599));
	assert_ptr_equal(vs_wheel_next_due(wheel, 1600), &deadline);
	vs_wheel_destroy(wheel);
}

static void a_deadline_in_the_past_fires_on_the_next_tick(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(1000000, TICK);
	struct vs_deadline deadline = {0};
	(void)state;

	vs_wheel_set(wheel, &deadline, 5);
	assert_null(vs_wheel_next_due(wheel, 1000000));
	assert_ptr_equal(vs_wheel_next_due(wheel, 1000000 + TICK), &deadline);
	vs_wheel_destroy(wheel);
}

static void a_loop_that_rearms_at_once_comes_to_an_end(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(0, TICK);
	struct vs_deadline deadline = {0};
	int fired = 0;
	(void)state;

	vs_wheel_set(wheel, &deadline, TICK);
	while (vs_wheel_next_due(wheel, TICK)) {
		assert_true(++fired < 3);
		vs_wheel_set(wheel, &deadline, TICK);
	}
	assert_int_equal(fired, 1);
	assert_ptr_equal(vs_wheel_next_due(wheel, 2 * TICK), &deadline);
	vs_wheel_destroy(wheel);
}

static void setting_a_set_deadline_moves_it(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(0, TICK);
	struct vs_deadline deadline = {0};
	(void)state;

	vs_wheel_set(wheel, &deadline, 500);
	vs_wheel_set(wheel, &deadline, 900);
	assert_null(vs_wheel_next_due(wheel, 899));
	vs_wheel_set(wheel, &deadline, 1000);
	vs_wheel_set(wheel, &deadline, 950);
	assert_ptr_equal(vs_wheel_next_due(wheel, 1000), &deadline);
	assert_null(vs_wheel_next_due(wheel, 10 * REVOLUTION));
	vs_wheel_destroy(wheel);
}

static void a_dropped_deadline_never_fires(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(0, TICK);
	struct vs_deadline deadline = {0};
	(void)state;

	vs_wheel_drop(wheel, &deadline);
	vs_wheel_set(wheel, &deadline, 500);
	vs_wheel_drop(wheel, &deadline);
	vs_wheel_drop(wheel, &deadline);
	assert_false(vs_wheel_is_set(&deadline));
	assert_null(vs_wheel_next_due(wheel, 1000));
	vs_wheel_destroy(wheel);
}

static void deadlines_revolutions_ahead_wait_their_turn(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(0, TICK);
	struct vs_deadline near = {0};
	struct vs_deadline far = {0};
	struct vs_deadline never = {0};
	(void)state;

	vs_wheel_set(wheel, &never, UINT64_MAX);
	vs_wheel_set(wheel, &far, 500 + 3 * (uint64_t)REVOLUTION);
	vs_wheel_set(wheel, &near, 500);
	assert_ptr_equal(vs_wheel_next_due(wheel, 500), &near);
	for (uint64_t now = 500; now < 500 + 3 * (uint64_t)REVOLUTION; now += 7 * TICK)
		assert_null(vs_wheel_next_due(wheel, now));
	assert_ptr_equal(vs_wheel_next_due(wheel, 500 + 3 * (uint64_t)REVOLUTION), &far);
	assert_true(vs_wheel_is_set(&never));
	vs_wheel_destroy(wheel);
	assert_false(vs_wheel_is_set(&never));
}

static void what_is_due_may_drop_and_move_the_others(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(0, TICK);
	struct vs_deadline all[5] = {{0}};
	(void)state;

	for (size_t i = 0; i < 5; i++)
		vs_wheel_set(wheel, &all[i], 500);
	struct vs_deadline *first = vs_wheel_next_due(wheel, 500);
	assert_ptr_equal(first, &all[0]);
	vs_wheel_drop(wheel, &all[1]);
	vs_wheel_set(wheel, &all[2], 900);
	vs_wheel_drop(wheel, &all[4]);
	assert_ptr_equal(vs_wheel_next_due(wheel, 500), &all[3]);
	assert_null(vs_wheel_next_due(wheel, 500));
	assert_ptr_equal(vs_wheel_next_due(wheel, 900), &all[2]);
	vs_wheel_destroy(wheel);
}

static void a_clock_that_goes_back_loses_nothing(void **state)
{
	struct vs_wheel *wheel = vs_wheel_create(10000, TICK);
	struct vs_deadline a = {0};
	struct vs_deadline b = {0};
	(void)state;

	vs_wheel_set(wheel, &a, 20000);
	vs_wheel_set(wheel, &b, 20000);
	assert_ptr_equal(vs_wheel_next_due(wheel, 20000), &a);
	assert_null(vs_wheel_next_due(wheel, 5000));
	assert_null(vs_wheel_next_due(wheel, 20000));
	assert_ptr_equal(vs_wheel_next_due(wheel, 20000 + TICK), &b);
	vs_wheel_destroy(wheel);
}

static void a_jump_to_the_end_of_time_fires_everything_once(void **state)
{
	static struct vs_deadline all[10000];
	struct vs_wheel *wheel = vs_wheel_create(0, 1);
	struct timespec before, after;
	(void)state;

	for (size_t i = 0; i < 10000; i++)
		vs_wheel_set(wheel, &all[i], (uint64_t)i * i * i * i * 1000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (size_t i = 0; i < 10000; i++)
		assert_non_null(vs_wheel_next_due(wheel, UINT64_MAX - 1));
	assert_null(vs_wheel_next_due(wheel, UINT64_MAX - 1));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	/* Walking every tick would take centuries: any bound tells the two apart. */
	assert_true(after.tv_sec - before.tv_sec < 30);
	vs_wheel_destroy(wheel);
}

static void none_at_all_may_be_destroyed(void **state)
{
	(void)state;
	vs_wheel_destroy(NULL);
}

/* What the wheel promises, kept in the simplest way there is. */
struct model {
	struct vs_deadline deadline;
	bool set;
	uint64_t at;
	uint64_t since; /* when it was set: it cannot be late before a tick after that */
};

static void take_all_due(struct vs_wheel *wheel, struct model *models, uint64_t now)
{
	struct vs_deadline *due;

	while ((due = vs_wheel_next_due(wheel, now))) {
		struct model *model = (struct model *)(void *)due;

		assert_true(model->set);
		assert_true(model->at <= now);
		model->set = false;
		/* Handlers re-arm now and then, also in the past. */
		if (rand() % 4 == 0) {
			model->set = true;
			model->at = now + (uint64_t)(rand() % (3 * TICK)) - TICK;
			model->since = now;
			vs_wheel_set(wheel, &model->deadline, model->at);
		}
	}
	for (size_t i = 0; i < COUNT; i++) {
		uint64_t from = models[i].at > models[i].since ? models[i].at : models[i].since;

		assert_int_equal(vs_wheel_is_set(&models[i].deadline), models[i].set);
		if (models[i].set && from + TICK <= now)
			fail_msg("a deadline of %lu is still set at %lu", (unsigned long)models[i].at,
				(unsigned long)now);
	}
}

static uint64_t random_distance(void)
{
	switch (rand() % 4) {
	case 0:
		return (uint64_t)(rand() % (2 * TICK));
	case 1:
		return (uint64_t)(rand() % (50 * TICK));
	case 2:
		return (uint64_t)(rand() % REVOLUTION);
	default:
		return (uint64_t)rand() % (5 * (uint64_t)REVOLUTION);
	}
}

static void ten_thousand_random_operations_agree_with_a_naive_model(void **state)
{
	static struct model models[COUNT];
	uint64_t now = 123456789;
	struct vs_wheel *wheel = vs_wheel_create(now, TICK);
	(void)state;

	srand(20261123);
	for (int i = 0; i < 10000; i++) {
		struct model *model = &models[rand() % COUNT];

		switch (rand() % 8) {
		case 0:
			vs_wheel_drop(wheel, &model->deadline);
			model->set = false;
			break;
		case 1:
		case 2:
			now += rand() % 50 == 0 ? random_distance() * 3 : (uint64_t)(rand() % (30 * TICK));
			take_all_due(wheel, models, now);
			break;
		default:
			model->set = true;
			model->since = now;
			model->at = now + random_distance();
			vs_wheel_set(wheel, &model->deadline, model->at);
			break;
		}
	}
	vs_wheel_destroy(wheel);
	for (size_t i = 0; i < COUNT; i++)
		assert_false(vs_wheel_is_set(&models[i].deadline));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_fires_at_its_time_not_before),
		cmocka_unit_test(a_deadline_between_ticks_fires_on_the_next),
		cmocka_unit_test(a_deadline_in_the_past_fires_on_the_next_tick),
		cmocka_unit_test(a_loop_that_rearms_at_once_comes_to_an_end),
		cmocka_unit_test(setting_a_set_deadline_moves_it),
		cmocka_unit_test(a_dropped_deadline_never_fires),
		cmocka_unit_test(deadlines_revolutions_ahead_wait_their_turn),
		cmocka_unit_test(what_is_due_may_drop_and_move_the_others),
		cmocka_unit_test(a_clock_that_goes_back_loses_nothing),
		cmocka_unit_test(a_jump_to_the_end_of_time_fires_everything_once),
		cmocka_unit_test(none_at_all_may_be_destroyed),
		cmocka_unit_test(ten_thousand_random_operations_agree_with_a_naive_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
